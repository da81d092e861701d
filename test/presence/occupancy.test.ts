import { describe, expect, it } from "vitest";
import type { Box } from "../../src/domain/geometry.ts";
import {
  DEFAULT_OCCUPANCY_SETTINGS,
  EMPTY_ROOM,
  type OccupancyEffect,
  type OccupancyState,
  type Sighting,
  stepOccupancy,
} from "../../src/presence/occupancy-machine.ts";

const LEFT: Box = { x1: 0.1, y1: 0.2, x2: 0.2, y2: 0.8 };
const RIGHT: Box = { x1: 0.7, y1: 0.2, x2: 0.8, y2: 0.8 };

type Told = OccupancyEffect & { readonly at: number };

/** Ten frames a second; each entry names who is seen, for how long. */
class Room {
  state: OccupancyState = EMPTY_ROOM;
  readonly told: Told[] = [];
  readonly #first = new Map<number, number>();
  #frame = 0;

  see(people: Readonly<Record<number, Box>>, seconds: number, held: readonly number[] = []): this {
    for (let n = 0; n < Math.round(seconds * 10); n += 1, this.#frame += 1) {
      const timeS = this.#frame / 10;
      const seen = Object.entries(people).map(([id, box]): Sighting => {
        const trackId = Number(id);
        const firstSeenS = this.#first.get(trackId) ?? timeS;
        this.#first.set(trackId, firstSeenS);
        return { trackId, box, firstSeenS };
      });
      const { state, effects } = stepOccupancy(this.state, { timeS, seen, held: new Set(held) });
      this.state = state;
      this.told.push(...effects.map((effect) => ({ ...effect, at: timeS })));
    }
    return this;
  }

  of<K extends OccupancyEffect["kind"]>(kind: K) {
    return this.told.filter((effect): effect is Told & { kind: K } => effect.kind === kind);
  }
}

describe("a visit", () => {
  it("begins with the first sighting and ends when nobody has been seen for more than two seconds", () => {
    const room = new Room().see({}, 1).see({ 1: LEFT }, 4).see({}, 4);
    expect(room.of("person_in")).toMatchObject([{ trackId: 1, atS: 1, at: 1, box: LEFT }]);
    expect(room.of("person_out")).toMatchObject([{ trackId: 1, atS: 4.9, lastBox: LEFT }]);
    const [out] = room.of("person_out");
    expect(out?.durationS).toBeCloseTo(3.9);
    expect(out?.at).toBeCloseTo(7, 5);
  });

  it("began with the track's first detection, not with its confirmation", () => {
    const { effects } = stepOccupancy(EMPTY_ROOM, {
      timeS: 10.3,
      seen: [{ trackId: 1, box: LEFT, firstSeenS: 10 }],
      held: new Set(),
    });
    expect(effects).toMatchObject([{ kind: "person_in", atS: 10 }]);
  });

  it("goes on through gaps of up to two seconds", () => {
    const room = new Room();
    for (let n = 0; n < 5; n += 1) room.see({ 1: LEFT }, 1).see({}, 2);
    expect(room.of("person_in")).toHaveLength(1);
    expect(room.of("person_out")).toHaveLength(0);
  });

  it("goes on when the track changes its id on the spot", () => {
    const room = new Room().see({ 1: LEFT }, 3).see({}, 0.5).see({ 2: LEFT }, 3).see({}, 3);
    expect(room.of("person_in")).toHaveLength(1);
    expect(room.of("continued")).toMatchObject([{ trackId: 2, previousTrackId: 1 }]);
    const [out] = room.of("person_out");
    expect(out).toMatchObject({ trackId: 2 });
    expect(out?.durationS).toBeCloseTo(6.4);
  });

  it("is not continued by somebody who appears elsewhere, or was there before", () => {
    const elsewhere = new Room().see({ 1: LEFT }, 3).see({ 2: RIGHT }, 3);
    expect(elsewhere.of("person_in").map((effect) => effect.trackId)).toEqual([1, 2]);
    expect(elsewhere.of("person_out").map((effect) => effect.trackId)).toEqual([1]);
    const both = new Room().see({ 1: LEFT, 2: RIGHT }, 3).see({ 2: LEFT }, 3);
    expect(both.of("continued")).toEqual([]);
    expect(both.of("person_out").map((effect) => effect.trackId)).toEqual([1]);
  });

  it("is not continued by somebody who was about before it was interrupted", () => {
    const first = stepOccupancy(EMPTY_ROOM, {
      timeS: 10,
      seen: [{ trackId: 1, box: LEFT, firstSeenS: 10 }],
      held: new Set(),
    });
    const second = stepOccupancy(first.state, {
      timeS: 11,
      seen: [{ trackId: 2, box: LEFT, firstSeenS: 5 }],
      held: new Set(),
    });
    expect(second.effects[0]).toMatchObject({ kind: "person_in", trackId: 2 });
  });

  it("is not taken over by a namesake after vision has begun to count anew", () => {
    const room = new Room().see({ 1: LEFT }, 3).see({}, 5, [1]);
    const step = stepOccupancy(room.state, {
      timeS: 8,
      seen: [{ trackId: 1, box: RIGHT, firstSeenS: 8 }],
      held: new Set([1]),
    });
    expect(step.effects).toMatchObject([{ kind: "person_in", trackId: 1, box: RIGHT }]);
    expect(step.state.visits).toHaveLength(2);
  });

  it("lasts while the person lies there unseen", () => {
    const room = new Room().see({ 1: LEFT }, 3).see({}, 120, [1]);
    expect(room.of("person_out")).toEqual([]);
    expect(room.state.occupied).toBe(true);
    room.see({}, 10);
    expect(room.of("person_out")).toHaveLength(1);
    expect(room.state).toMatchObject({ occupied: false, count: 0 });
  });

  it("of two people is two visits, each in and out once", () => {
    const room = new Room().see({ 1: LEFT }, 2).see({ 1: LEFT, 2: RIGHT }, 2).see({ 2: RIGHT }, 4).see({}, 4);
    expect(room.of("person_in").map((effect) => effect.trackId)).toEqual([1, 2]);
    expect(room.of("person_out").map((effect) => effect.trackId)).toEqual([1, 2]);
  });
});

describe("occupancy", () => {
  it("comes on after half a second and goes off five seconds after the visit is over", () => {
    const room = new Room().see({}, 1).see({ 1: LEFT }, 3).see({}, 10);
    const [on, empty, off] = room.of("occupancy");
    expect(on).toMatchObject({ occupied: true, count: 1 });
    expect(on?.at).toBeCloseTo(1.5, 5);
    expect(empty).toMatchObject({ occupied: true, count: 0 });
    expect(off).toMatchObject({ occupied: false, count: 0 });
    expect(off?.at).toBeCloseTo(3.9 + 2.1 + 5, 1);
    expect(room.of("occupancy")).toHaveLength(3);
  });

  it("is not moved by a reflection that lasts a frame or two", () => {
    const settings = { ...DEFAULT_OCCUPANCY_SETTINGS, outAfterS: 0.2 };
    let state = EMPTY_ROOM;
    const effects: OccupancyEffect[] = [];
    for (let n = 0; n < 20; n += 1) {
      const seen = n < 2 ? [{ trackId: 1, box: LEFT, firstSeenS: 0 }] : [];
      const step = stepOccupancy(state, { timeS: n / 10, seen, held: new Set() }, settings);
      state = step.state;
      effects.push(...step.effects);
    }
    expect(effects.filter((effect) => effect.kind === "occupancy")).toEqual([]);
  });

  it("stays on while one leaves and another comes", () => {
    const room = new Room().see({ 1: LEFT }, 3).see({}, 4).see({ 2: RIGHT }, 3);
    expect(room.of("occupancy").every((effect) => effect.occupied)).toBe(true);
  });
});

describe("the number of people", () => {
  it("never changes twice within half a second, however the tracks flicker", () => {
    const room = new Room();
    for (let n = 0; n < 60; n += 1) {
      const extra = n % 3 === 0 ? { [100 + n]: RIGHT } : {};
      room.see({ 1: LEFT, ...extra }, 0.1 + (n % 4) / 10);
    }
    const at = room.of("occupancy").map((effect) => effect.at);
    const gaps = at.slice(1).map((time, n) => time - (at[n] ?? 0));
    expect(Math.min(...gaps, 1)).toBeGreaterThanOrEqual(0.5 - 1e-9);
  });

  it("follows people who come and go", () => {
    const room = new Room().see({ 1: LEFT }, 2).see({ 1: LEFT, 2: RIGHT }, 2).see({ 2: RIGHT }, 4);
    expect(room.of("occupancy").map((effect) => effect.count)).toEqual([1, 2, 1]);
  });
});
