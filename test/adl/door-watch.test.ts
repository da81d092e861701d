import { describe, expect, it } from "vitest";
import { type DoorState, NOBODY_AT_DOORS, stepDoors } from "../../src/adl/door-watch.ts";
import type { Zone } from "../../src/domain/zone.ts";
import { type Actor, film, hold, walk } from "../support/stick-figure.ts";

const DOOR: Zone = {
  id: "d1",
  name: "Bathroom door",
  kind: "door",
  leadsTo: "Bathroom",
  polygon: [
    { x: 0.6, y: 0.2 },
    { x: 0.78, y: 0.2 },
    { x: 0.78, y: 0.8 },
    { x: 0.6, y: 0.8 },
  ],
};
/** Before the door, and in the middle of the room, metres. */
const THRESHOLD = [1, 4] as const;
const MIDDLE = [-1, 4] as const;

function passages(actors: readonly Actor[], zones: readonly Zone[] = [DOOR]) {
  let state: DoorState = NOBODY_AT_DOORS;
  return film(actors).flatMap(({ stamp, tracks }) => {
    const step = stepDoors(state, { timeS: stamp.mediaTimeS, tracks, zones });
    state = step.state;
    return step.passages.map(({ kind, zone, atS }) => `${kind} ${zone.leadsTo} ${atS.toFixed(0)}`);
  });
}

describe("a door", () => {
  it("is gone through by whose track ends there, and come through by whose track begins there", () => {
    expect(
      passages([
        {
          at: MIDDLE,
          script: [hold(2), walk(THRESHOLD, 3), hold(15), walk(MIDDLE, 3), hold(2)],
          hidden: (timeS) => timeS > 5 && timeS < 20,
          id: (timeS) => (timeS < 10 ? 1 : 2),
        },
      ]),
    ).toEqual(["went Bathroom 5", "came Bathroom 20"]);
  });

  it("is not gone through by who stands there, walks past, or vanishes elsewhere", () => {
    expect(
      passages([{ at: MIDDLE, script: [walk(THRESHOLD, 3), hold(10), walk(MIDDLE, 3), hold(5)] }]),
    ).toEqual([]);
    const vanishes = {
      at: THRESHOLD,
      script: [walk(MIDDLE, 3), hold(10)],
      hidden: (timeS: number) => timeS > 5,
    };
    expect(passages([{ ...vanishes, at: MIDDLE, script: [hold(15)] }])).toEqual([]);
  });

  it("is not gone through by who is lost there for a moment", () => {
    const lost = (timeS: number) => timeS > 4 && timeS < 6;
    expect(
      passages([{ at: MIDDLE, script: [walk(THRESHOLD, 3), hold(10), walk(MIDDLE, 3)], hidden: lost }]),
    ).toEqual([]);
  });

  it("is neither come nor gone through by a box that flashes up in it", () => {
    const flash = (timeS: number) => timeS < 5 || timeS > 5.3;
    expect(passages([{ at: THRESHOLD, script: [hold(15)], hidden: flash }])).toEqual([]);
  });

  it("says nothing where nobody cares where it leads", () => {
    const script = [hold(2), walk(THRESHOLD, 3), hold(10)];
    expect(
      passages([{ at: MIDDLE, script, hidden: (timeS) => timeS > 5 }], [{ ...DOOR, leadsTo: null }]),
    ).toEqual([]);
  });
});
