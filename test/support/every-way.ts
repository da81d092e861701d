// A test for every transition of a machine's table: scripts that take it, told by their last step.
import { expect, it } from "vitest";
import type { Machine } from "../../src/core/transitions.ts";

export interface Taken {
  readonly row: string;
  readonly tells: readonly string[];
}

/** Ways by "from > to", in the order of the table; `play` returns the transitions a script takes, oldest first. */
export function everyWay<Script>(
  machine: Machine,
  ways: Readonly<Record<string, readonly Script[]>>,
  play: (script: Script) => readonly Taken[],
): void {
  const rowOf = ({ from, to }: { from: string; to: string }) => `${from} > ${to}`;

  it("is scripted", () => {
    expect(Object.keys(ways)).toEqual(machine.transitions.map(rowOf));
  });

  for (const transition of machine.transitions) {
    const row = rowOf(transition);
    it(`${row}: ${transition.when}`, () => {
      expect(ways[row]?.length).toBeGreaterThan(0);
      for (const script of ways[row] ?? []) {
        expect(play(script).at(-1)).toEqual({ row, tells: transition.tells ?? [] });
      }
    });
  }
}

/** What one step took of the table: nothing when the state stays and nothing is told. */
export function takenBy(
  before: { readonly kind: string },
  step: { readonly state: { readonly kind: string }; readonly effects: readonly { readonly kind: string }[] },
): readonly Taken[] {
  const tells = step.effects.map(({ kind }) => kind);
  const stays = before.kind === step.state.kind && tells.length === 0;
  return stays ? [] : [{ row: `${before.kind} > ${step.state.kind}`, tells }];
}
