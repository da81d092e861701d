// The transitions a state machine may make, told once: the compiler holds its step functions to them, tests see that each
// is taken, and the pictures in the documentation are drawn from them.

export interface Transition<Kind extends string = string> {
  readonly from: Kind;
  readonly to: Kind;
  /** What has to be seen or done for it, as a phrase for people. */
  readonly when: string;
  /** The kinds of the effects that leave with it, if any. */
  readonly tells?: readonly string[];
}

export interface Machine<Table extends readonly Transition[] = readonly Transition[]> {
  readonly name: string;
  /** In a sentence: what the machine is about. */
  readonly about: string;
  readonly initial: Table[number]["from"];
  readonly transitions: Table;
}

/** What can be reached from a state in one step, itself included: the type of a step function's next state kind. */
export type Reachable<M extends Machine, From extends string> =
  | From
  | Extract<M["transitions"][number], { readonly from: From }>["to"];

/** States that occur in a machine's table. */
export type KindOf<M extends Machine> = M["transitions"][number]["from"] | M["transitions"][number]["to"];

/**
 * Declares a machine. With `State` a union on `kind`, a step out of state `K` returns
 * `Extract<State, { kind: Reachable<typeof MACHINE, K> }>`, and a transition that is not in the table does not compile.
 */
export function defineMachine<const Table extends readonly Transition[]>(
  machine: Machine<Table>,
): Machine<Table> {
  return machine;
}

/** Whether the table allows it; staying is always allowed. */
export function allows(machine: Machine, from: string, to: string): boolean {
  return from === to || machine.transitions.some((row) => row.from === from && row.to === to);
}
