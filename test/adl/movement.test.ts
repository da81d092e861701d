import { describe, expect, it } from "vitest";
import { type MovementState, NOTHING_MOVED, stepMovement } from "../../src/adl/movement.ts";
import { type Actor, type FilmOptions, film, hold, move, walk } from "../support/stick-figure.ts";

/** Seconds of media time at which somebody was seen to move. */
function movedAt(actor: Actor, options: FilmOptions = {}): readonly number[] {
  let state: MovementState = NOTHING_MOVED;
  const times: number[] = [];
  for (const { stamp, aspect, tracks } of film([actor], options)) {
    const step = stepMovement(state, { timeS: stamp.mediaTimeS, aspect, tracks });
    state = step.state;
    if (step.moving.size > 0) times.push(stamp.mediaTimeS);
  }
  return times;
}

const PLACE = { at: [0, 4], facing: 30 } as const;

describe("movement", () => {
  it("is a walk, leaning forward in a chair, turning over", () => {
    const times = movedAt({ ...PLACE, script: [hold(5), walk([1, 4], 3), hold(5)] });
    expect(times[0]).toBeGreaterThan(5);
    expect(times[0]).toBeLessThan(7.5);
    expect(times.at(-1)).toBeLessThan(10.5);
    expect(movedAt({ ...PLACE, pose: "sit", script: [hold(5), move("stand", 2), hold(3)] })).not.toEqual([]);
    expect(movedAt({ ...PLACE, pose: "sit", script: [hold(5), move("bend", 2), hold(3)] })).not.toEqual([]);
    const over = [hold(5), move("lieSideways", 2), hold(3)];
    expect(movedAt({ ...PLACE, pose: "lieForward", script: over })).not.toEqual([]);
  });

  it("is not sitting or lying still, with twice the jitter a pose has", () => {
    for (const pose of ["sit", "lieBackward", "stand"] as const) {
      expect(movedAt({ ...PLACE, pose, script: [hold(120)] }, { noise: 0.01 })).toEqual([]);
    }
  });

  it("is not a head or an arm whose place is guessed anew, nor being lost and found again", () => {
    const still: Actor = { ...PLACE, pose: "sit", script: [hold(30)] };
    const hands = (timeS: number) => (Math.floor(timeS) % 2 === 0 ? [0, 1, 2, 3, 4, 9, 10] : []);
    expect(movedAt({ ...still, occluded: hands })).toEqual([]);
    expect(movedAt({ ...still, hidden: (timeS) => timeS % 7 > 4 })).toEqual([]);
  });
});
