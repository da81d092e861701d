import { describe, expect, it } from "vitest";
import { NOTHING_SENT, type ThrottleState, throttle } from "../../src/alarms/event-throttle.ts";
import type { EventDraft, Severity } from "../../src/domain/events.ts";
import { areaBlind, bedExit, cameraOffline, fall, personIn } from "../support/event-drafts.ts";
import { randomFrom } from "../support/seeded-random.ts";

const QUIET_MS = 20_000;

/** Whether each of the events passes, one after the other. */
function passes(...events: (EventDraft | readonly [EventDraft, Severity])[]): boolean[] {
  let state: ThrottleState = NOTHING_SENT;
  return events.map((item) => {
    const [event, severity] = "kind" in item ? [item] : item;
    const step = throttle(state, event, {
      quietMs: QUIET_MS,
      ...(severity === undefined ? {} : { severity }),
    });
    state = step.state;
    return step.passes;
  });
}

const at = (s: number) => ({ capturedAt: 1_000_000 + s * 1000 });

describe("the throttle", () => {
  it("lets the same event through once in 20 s", () => {
    expect(
      passes(fall("fall_confirmed", at(0)), fall("fall_confirmed", at(19.9)), fall("fall_confirmed", at(20))),
    ).toEqual([true, false, true]);
  });

  it("counts from the last that was sent, not from the last that was held back", () => {
    const events = [0, 10, 19, 21, 30, 41].map((s) => personIn(at(s)));
    expect(passes(...events)).toEqual([true, false, false, true, false, true]);
  });

  it("keeps kinds, cameras and known persons apart", () => {
    expect(
      passes(
        fall("fall_suspected", at(0)),
        fall("fall_confirmed", at(1)),
        fall("long_lie", at(2)),
        fall("fall_confirmed", { ...at(3), cameraId: "hall" }),
        fall("fall_confirmed", { ...at(4), personId: "p_1" }),
        fall("fall_confirmed", { ...at(5), personId: "p_2" }),
        fall("fall_confirmed", { ...at(6), personId: "p_1", trackId: 99 }),
      ),
    ).toEqual([true, true, true, true, true, true, false]);
  });

  it("lets two unknown people fall within a second", () => {
    expect(
      passes(
        fall("fall_confirmed", { ...at(0), trackId: 1 }),
        fall("fall_confirmed", { ...at(1), trackId: 2 }),
      ),
    ).toEqual([true, true]);
    expect(passes(bedExit({ ...at(0), trackId: 1 }), bedExit({ ...at(1), trackId: 2 }))).toEqual([
      true,
      true,
    ]);
  });

  it("takes a flickering track's comings for one", () => {
    const events = [1, 2, 3, 4].map((trackId) => personIn({ ...at(trackId), trackId }));
    expect(passes(...events)).toEqual([true, false, false, false]);
    expect(passes(cameraOffline(at(0)), cameraOffline(at(5)))).toEqual([true, false]);
  });

  it("keeps areas apart where there is no camera", () => {
    expect(passes(areaBlind("area_blind", 1000, "Hall"), areaBlind("area_blind", 1001, "Kitchen"))).toEqual([
      true,
      true,
    ]);
    expect(passes(areaBlind("area_blind", 1000), areaBlind("area_blind", 1001))).toEqual([true, false]);
  });

  it("takes a body whose track breaks at every frame for a few people, and its alarms for as many as there are", () => {
    const flicker = (kind: "fall_suspected" | "fall_confirmed") =>
      Array.from({ length: 21 }, (_, index) => fall(kind, { ...at(index * 0.7), trackId: index }));
    expect(passes(...flicker("fall_suspected")).filter(Boolean)).toHaveLength(4);
    expect(passes(...flicker("fall_confirmed")).filter(Boolean)).toHaveLength(21);
    const named = fall("fall_suspected", { ...at(15), trackId: 99, personId: "p_1" });
    expect(passes(...flicker("fall_suspected"), named).at(-1)).toBe(true);
  });

  it("lets no more through however things flicker, and never nothing (fuzzed)", () => {
    const random = randomFrom(11);
    let state: ThrottleState = NOTHING_SENT;
    const sent: { key: string; place: string; at: number }[] = [];
    const last = new Map<string, number>();
    let now = 0;
    for (let count = 0; count < 5000; count += 1) {
      now += random() * (random() < 0.9 ? 300 : 30_000);
      const kind = random() < 0.5 ? "fall_suspected" : "on_floor";
      const cameraId = random() < 0.5 ? "hall" : "bedroom";
      const trackId = Math.floor(random() * 30);
      const event = fall(kind, { capturedAt: now, cameraId, trackId });
      const step = throttle(state, event, { quietMs: QUIET_MS });
      state = step.state;
      const place = `${kind} ${cameraId}`;
      const key = `${place} ${trackId}`;
      if (step.passes) {
        sent.push({ key, place, at: now });
        last.set(place, now);
      } else if (now - (last.get(place) ?? Number.NEGATIVE_INFINITY) >= QUIET_MS)
        throw new Error("something was held back although nothing like it had been sent");
    }
    expect(sent.length).toBeGreaterThan(300);
    for (const [index, one] of sent.entries()) {
      const soon = sent.slice(index).filter(({ at: later }) => later - one.at < QUIET_MS);
      expect(soon.filter(({ key }) => key === one.key)).toHaveLength(1);
      expect(soon.filter(({ place }) => place === one.place).length).toBeLessThanOrEqual(4);
    }
  });

  it("never holds back a rise in severity", () => {
    expect(passes([cameraOffline(at(0)), 1], [cameraOffline(at(1)), 2], [cameraOffline(at(2)), 2])).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("never holds back a step in the life of an alarm", () => {
    const evidence = {
      alarmId: "a",
      cause: "fall_confirmed",
      causeEventId: "e",
      raisedAt: 0,
      by: null,
      level: 0,
      test: false,
    } as const;
    const raised: EventDraft = { ...personIn(at(0)), kind: "alarm_raised", evidence };
    expect(passes(raised, raised)).toEqual([true, true]);
  });

  it("does not go silent when the clock is set back", () => {
    expect(passes(personIn(at(1000)), personIn(at(0)), personIn(at(1)))).toEqual([true, true, false]);
  });

  it("remembers no more than the quiet time needs", () => {
    let state: ThrottleState = NOTHING_SENT;
    for (let track = 0; track < 500; track += 1) {
      state = throttle(state, fall("fall_confirmed", { ...at(track), trackId: track }), {
        quietMs: QUIET_MS,
      }).state;
    }
    expect(state.size).toBe(20);
  });
});
