import { describe, expect, it } from "vitest";
import type { CentredBox } from "../../src/tracking/centred-box.ts";
import { Heading } from "../../src/tracking/heading.ts";

const at = (cx: number, cy: number): CentredBox => ({ cx, cy, w: 0.4, h: 1 });

function walked(...places: readonly (readonly [timeS: number, cx: number, cy: number])[]): Heading {
  const heading = new Heading(0.6);
  for (const [timeS, cx, cy] of places) heading.add(timeS, at(cx, cy));
  return heading;
}

describe("a heading", () => {
  const right = walked([0, 0, 0], [0.1, 0.1, 0], [0.2, 0.2, 0]);

  it("agrees with what lies straight on, half with what lies aside, not at all with what lies back", () => {
    expect(right.agreement(at(0.3, 0))).toBeCloseTo(1);
    expect(right.agreement(at(0.2, 0.1))).toBeCloseTo(0.5);
    expect(right.agreement(at(0.2, -0.1))).toBeCloseTo(0.5);
    expect(right.agreement(at(0.1, 0))).toBeCloseTo(0);
    expect(right.agreement(at(0.3, 0.1))).toBeCloseTo(0.75);
  });

  it("says nothing of who was seen once, stands, or hardly moves", () => {
    expect(walked([0, 0, 0]).agreement(at(0.5, 0))).toBe(0.5);
    expect(walked([0, 0, 0], [0.1, 0.02, 0.02]).agreement(at(0.5, 0))).toBe(0.5);
    expect(right.agreement(at(0.21, 0.01))).toBe(0.5);
  });

  it("forgets the way of long ago, but never the last step", () => {
    const turned = walked([0, 0, 0], [0.3, 1, 0], [0.9, 1, 0.3], [1, 1, 0.4]);
    expect(turned.agreement(at(1, 0.6))).toBeCloseTo(1);
    const slow = walked([0, 0, 0], [5, 1, 0]);
    expect(slow.agreement(at(2, 0))).toBeCloseTo(1);
  });
});
