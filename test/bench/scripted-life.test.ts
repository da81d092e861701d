// Acted falls have to be falls, and nothing else may be: what the benchmark of alarms and the trials rest on.
import { describe, expect, it } from "vitest";
import { AdlEngine } from "../../src/adl/adl-engine.ts";
import { FALL_TAKES_S, FIGURE_ASPECT, leanOfFall } from "../../src/bench/falling-figure.ts";
import { FALL_TAKES, figureAt, type ScriptedLife } from "../../src/bench/scripted-life.ts";

/** `kind at seconds after balance was lost`, over the first half minute at ten pictures a second. */
function factsOf(life: ScriptedLife, seed = 0): string[] {
  const engine = new AdlEngine();
  const facts: string[] = [];
  for (let frame = 0; frame <= 300; frame += 1) {
    const at = frame * 100;
    const figure = figureAt(life, at, seed);
    const mediaTimeS = at / 1000;
    const seen = {
      id: 1,
      state: "confirmed",
      confidence: 0.8,
      detected: true,
      firstSeenS: 0,
      lastSeenS: mediaTimeS,
    } as const;
    const observed = engine.observe({
      stamp: { cameraId: "room", sequence: frame, capturedAt: at, mediaTimeS },
      aspect: FIGURE_ASPECT,
      tracks: figure === null ? [] : [{ ...seen, ...figure }],
    });
    for (const { kind, mediaTimeS: timeS } of observed.facts)
      facts.push(`${kind} ${(timeS - (life.fallsAt ?? 0) / 1000).toFixed(0)}`);
  }
  return facts;
}

describe("an acted life", () => {
  it("falls like a stick: slowly at first, 1.4 s in all, flat at the end", () => {
    expect(FALL_TAKES_S).toBeGreaterThan(1.2);
    expect(FALL_TAKES_S).toBeLessThan(1.6);
    expect(leanOfFall(FALL_TAKES_S / 2)).toBeLessThan(0.3);
    expect(leanOfFall(60)).toBe(Math.PI / 2);
  });

  it.each([1, 2, 3, 4, 5, 6])(
    "is told as one fall, confirmed and recovered from, whatever the noise (%i)",
    (seed) => {
      const fallsAt = 3_000 + 250 * seed;
      const risesAt = fallsAt + FALL_TAKES + 5_000;
      const facts = factsOf({ entersAt: 0, fallsAt, risesAt, leavesAt: null }, seed);
      expect(facts.map((fact) => fact.split(" ")[0])).toEqual([
        "fall_suspected",
        "fall_confirmed",
        "fall_recovered",
      ]);
      // On the ground for two seconds: 3.0 to 3.9 s after balance was lost.
      expect(facts[1]).toMatch(/ [34]$/);
    },
  );

  it("is told as nothing while somebody only strolls", () => {
    expect(factsOf({ entersAt: 0, fallsAt: null, risesAt: null, leavesAt: null })).toEqual([]);
  });
});
