import { describe, expect, it } from "vitest";
import { DEFAULT_ADL_SETTINGS } from "../../src/adl/adl-settings.ts";
import { stepFall } from "../../src/adl/fall-machine.ts";
import { type FallEffect, type FallState, WATCHING } from "../../src/adl/fall-state.ts";
import type { BodyFeatures } from "../../src/adl/pose-features.ts";
import type { Posture } from "../../src/domain/activity.ts";

/** A body of half a picture height, head and shoulders `down` body lengths below their place while standing. */
interface Moment {
  readonly down: number;
  readonly posture?: Posture;
  readonly x?: number;
  readonly resting?: boolean;
  /** Shape: standing upright, bent on its feet, lying across the picture, or flat but gathered up. */
  readonly shape?: "upright" | "bent" | "flat" | "huddled";
  readonly onFloor?: boolean;
}

const L = 0.5;

function bodyAt(timeS: number, moment: Moment, speed: number): BodyFeatures {
  const { down, x = 1, shape = down > 0.3 ? "flat" : "upright" } = moment;
  const flat = shape === "flat" || shape === "huddled";
  const height = shape === "huddled" ? 0.25 : flat ? 0.15 : 0.5 * (1 - 0.4 * down);
  const width = shape === "huddled" ? 0.3 : flat ? 0.5 : 0.15;
  const y = 0.3 + down * L;
  const upright = { torsoAngle: 3, axisAngle: 3, legAngle: 2, torsoRise: 0.29, legDrop: 0.42 };
  const bent = { ...upright, torsoAngle: 80, torsoRise: 0.02 };
  const lying = { torsoAngle: 85, axisAngle: 85, legAngle: 85, torsoRise: 0.02, legDrop: 0.02 };
  return {
    timeS,
    bodyLength: L,
    box: { x1: x - width / 2, x2: x + width / 2, y1: y - 0.05, y2: Math.min(0.95, y - 0.05 + height) },
    points: null,
    confidence: 0.5,
    certainty: 0.7,
    head: { x, y },
    hips: null,
    headSpeed: speed,
    hipSpeed: null,
    travelSpeed: 0,
    motion: 0,
    hipDrop: null,
    thighRise: null,
    shinRise: null,
    armRise: null,
    handsDown: null,
    kneesDown: null,
    recentPeakSpeed: speed,
    recentPeakS: timeS,
    recentDrop: down,
    ...(flat ? lying : shape === "bent" ? bent : upright),
    thighDrop: 0.85,
    widthOverHeight: width / height,
    spread: flat ? 3 : 0.3,
    tallest: 0.5,
  };
}

/** Plays ten moments a second; null is a frame without the person. */
function play(moments: readonly (Moment | null)[]) {
  let state: FallState = WATCHING;
  let last: Moment | null = null;
  const told: (FallEffect & { readonly atS: number })[] = [];
  for (const [n, moment] of moments.entries()) {
    const timeS = n / 10;
    const speed = moment !== null && last !== null ? (moment.down - last.down) / 0.1 : 0;
    const step = stepFall(
      state,
      {
        timeS,
        body: moment === null ? null : bodyAt(timeS, moment, speed),
        posture: moment?.posture ?? "standing",
        box: { x1: 0, y1: 0, x2: 1, y2: 1 },
        resting: moment?.resting ?? false,
        rolledOut: false,
        stillThere: false,
        onFloor: moment?.onFloor ?? null,
      },
      DEFAULT_ADL_SETTINGS,
    );
    state = step.state;
    told.push(...step.effects.map((effect) => ({ ...effect, atS: timeS })));
    last = moment;
  }
  return { state, told, kinds: told.map((effect) => effect.kind) };
}

function times<T>(count: number, value: T): T[] {
  return Array.from({ length: count }, () => value);
}

const up: Moment = { down: 0 };
/** Down within half a second, in steps no larger than a fall's. */
function falling(to: number, shape?: Moment["shape"]): Moment[] {
  return [0.06, 0.25, 0.5, 0.78, 1].map((share) => ({ down: share * to, ...(shape && { shape }) }));
}
const FALL = ["fall_suspected", "fall_confirmed"];

describe("the fall machine", () => {
  it("confirms a fall, once", () => {
    expect(play([...times(20, up), ...falling(0.8), ...times(60, { down: 0.8 })]).kinds).toEqual(FALL);
  });

  it("asks for a descent of more than a nod", () => {
    const nod: Moment = { down: 0.25, shape: "flat" };
    expect(play([...times(20, up), ...falling(0.25, "flat"), ...times(60, nod)]).kinds).toEqual([]);
  });

  it("believes no descent of which one frame is nearly all", () => {
    expect(play([...times(20, up), ...times(60, { down: 0.8 })]).kinds).toEqual([]);
  });

  it("but does where the frames are too far apart to tell", () => {
    const moments = [
      ...times(20, up),
      { down: 0.08 },
      { down: 0.25 },
      null,
      null,
      ...times(60, { down: 0.8 }),
    ];
    expect(play(moments).kinds).toEqual(FALL);
  });

  it("waits for somebody lost early on the way down, and judges by where they are found", () => {
    const lost = [...times(20, up), { down: 0.06 }, { down: 0.15 }, ...times(30, null)];
    expect(play([...lost, ...times(40, { down: 0.8 })]).kinds).toEqual(FALL);
    expect(play([...lost, ...times(40, up)]).kinds).toEqual([]);
  });

  it("lets nobody fall who lay before", () => {
    const lay: Moment = { down: 0, posture: "lying", shape: "flat" };
    const slipped = falling(0.4, "flat").map((moment) => ({ ...moment, posture: "lying" as const }));
    expect(
      play([...times(20, lay), ...slipped, ...times(60, { down: 0.4, posture: "lying" as const })]).kinds,
    ).toEqual([]);
  });

  it("takes whoever moves on by more than their length for a passer-by", () => {
    const drifting = times(60, 0).map((_, n): Moment => ({ down: 0.8, x: 1 + n * 0.06 }));
    expect(play([...times(20, up), ...falling(0.8), ...drifting]).kinds).not.toContain("fall_confirmed");
  });

  /** Half a body length a second: three quarters of the falling speed. */
  const sinking = (to: number, more: Partial<Moment> = {}): Moment[] =>
    Array.from({ length: Math.round(to * 20) }, (_, n) => ({ down: (n + 1) / 20, ...more }));

  it("confirms a slow fall that ends flat on the ground at once", () => {
    const huddled: Moment = { down: 0.5, shape: "huddled" };
    const { told, kinds } = play([
      ...times(20, up),
      ...sinking(0.5, { shape: "huddled" }),
      ...times(60, huddled),
    ]);
    expect(kinds).toEqual(FALL);
    expect(told[1]?.evidence.signs).toEqual(["deep", "looks_fallen"]);
  });

  it("but not one that goes on, slower, from hands and knees: that is lying down", () => {
    const lowering = Array.from({ length: 20 }, (_, n): Moment => ({ down: 0.5 + n / 60, shape: "huddled" }));
    const end: Moment = { down: 0.82, shape: "huddled" };
    expect(
      play([...times(20, up), ...sinking(0.5, { shape: "huddled" }), ...lowering, ...times(60, end)]).kinds,
    ).toEqual([]);
  });

  it("nor one onto something that nobody walks on", () => {
    const soft: Moment = { down: 0.5, shape: "huddled", onFloor: false };
    expect(play([...times(20, up), ...sinking(0.5, { shape: "huddled" }), ...times(60, soft)]).kinds).toEqual(
      [],
    );
  });

  it("nor one that is slower still", () => {
    const slow = Array.from({ length: 17 }, (_, n): Moment => ({ down: (n + 1) * 0.03, shape: "huddled" }));
    expect(
      play([...times(20, up), ...slow, ...times(60, { down: 0.51, shape: "huddled" } as const)]).kinds,
    ).toEqual([]);
  });

  it("finds the fall of somebody who had just sat down", () => {
    const seated: Moment = { down: 0.4, shape: "upright" };
    const onward = [0.47, 0.6, 0.76, 0.9].map((down): Moment => ({ down }));
    const { kinds, told } = play([
      ...times(20, up),
      ...sinking(0.4, { shape: "upright" }),
      ...times(10, seated),
      ...onward,
      ...times(40, { down: 0.9 }),
    ]);
    expect(kinds).toEqual(FALL);
    expect(told[1]?.evidence.signs).toEqual(["fast", "deep", "looks_fallen", "two_stages"]);
  });

  it("tells the suspicion with the confirmation where both come at once", () => {
    const unsure: Moment = { down: 0.6, shape: "upright", posture: "unknown" };
    const { told } = play([
      ...times(20, up),
      ...falling(0.6, "upright"),
      ...times(19, unsure),
      null,
      null,
      null,
      ...times(12, { down: 0.6, shape: "flat" } as const),
    ]);
    const kinds = told.map(({ kind }) => kind);
    expect(kinds.indexOf("fall_suspected")).toBeLessThanOrEqual(Math.max(0, kinds.indexOf("fall_confirmed")));
  });

  it("needs no look of lying where nothing but the ground stops a body, unless it stands there", () => {
    const behindTable: Moment = { down: 0.75, shape: "upright", posture: "unknown" };
    expect(
      play([...times(20, up), ...falling(0.75), ...times(3, { down: 0.75 }), ...times(60, behindTable)])
        .kinds,
    ).not.toContain("fall_confirmed");
  });

  it("takes bending for bending, however fast", () => {
    const bent: Moment = { down: 0.7, shape: "bent" };
    expect(play([...times(20, up), ...falling(0.7, "bent"), ...times(60, bent)]).kinds).toEqual([]);
  });

  it("takes a suspicion back as soon as somebody is up again", () => {
    const { told } = play([...times(20, up), ...falling(0.8), ...times(10, { down: 0.8 }), ...times(30, up)]);
    expect(told.map(({ kind }) => kind)).toEqual(["fall_suspected", "fall_recovered"]);
    expect(told[1]?.atS).toBeCloseTo(4, 1);
  });

  it("calls a fall off only when somebody is up for a second, and does not look like lying", () => {
    const fall = [...times(20, up), ...falling(0.8), ...times(40, { down: 0.8 })];
    const risen = (seconds: number, posture: Posture) => [
      ...fall,
      ...times(seconds * 10, { ...up, posture }),
    ];
    expect(play(risen(0.9, "standing")).kinds).toEqual(FALL);
    expect(play(risen(1.2, "standing")).kinds).toEqual([...FALL, "fall_recovered"]);
    expect(play(risen(5, "lying")).kinds).toEqual(FALL);
  });

  it("calls a fall off for somebody who rests in bed again, after a while", () => {
    const fall = [...times(20, up), ...falling(0.8), ...times(40, { down: 0.8 })];
    const inBed = (seconds: number) => play([...fall, ...times(seconds * 10, { down: 0.6, resting: true })]);
    expect(inBed(4).kinds).toEqual(FALL);
    expect(inBed(6).kinds).toEqual([...FALL, "fall_recovered"]);
  });

  it("is surer of a fast deep fall than of a slow shallow one", () => {
    const confidence = (to: number) =>
      play([...times(20, up), ...falling(to), ...times(40, { down: to })]).told.at(-1)?.confidence ?? 0;
    expect(confidence(0.9)).toBeGreaterThan(confidence(0.35));
    expect(confidence(0.35)).toBeGreaterThan(0.5);
    expect(confidence(0.9)).toBeLessThanOrEqual(1);
  });
});
