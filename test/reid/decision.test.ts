import { describe, expect, it } from "vitest";
import type { Candidate } from "../../src/reid/candidate.ts";
import { decide } from "../../src/reid/decision.ts";
import { type DecisionSettings, decisionSettings } from "../../src/reid/decision-settings.ts";
import type { TrackEvidence } from "../../src/reid/evidence.ts";
import { randomFrom } from "../support/seeded-random.ts";
import { at, candidate, crop, evidence, face, MODELS, RULES, SETTINGS } from "./bodies.ts";

const gait = { modelId: "gait", vector: at(0), quality: 0.9 };
const clothes = evidence({ faces: [], appearances: [crop("front"), crop("back")] });

describe("by the face", () => {
  it("somebody is known above the threshold with the margin, and it says how", () => {
    const decision = decide(
      evidence(),
      [candidate("anna", { face: 0.62 }), candidate("bert", { face: 0.2 })],
      SETTINGS,
    );
    expect(decision).toMatchObject({ outcome: "matched", personId: "anna", cue: "face", reasons: ["face"] });
    expect(decision.cues).toEqual([
      {
        cue: "face",
        personId: "anna",
        score: 0.62,
        runnerUpId: "bert",
        runnerUpScore: 0.2,
        threshold: 0.42,
        quality: 0.8,
      },
    ]);
    expect(decision.confidence).toBeGreaterThan(0.6);
    expect(decision.combined).toBeCloseTo(0.62, 9);
  });

  it.each([
    ["at the threshold", 0.42, 0, "matched"],
    ["just below it", 0.4199, 0, "unknown"],
    ["with just the margin", 0.5, 0.42, "matched"],
    ["with a little less", 0.5, 0.4201, "unknown"],
  ])("%s the answer is as it should be", (_, score, rival, outcome) => {
    const two = [candidate("anna", { face: score }), candidate("bert", { face: rival })];
    expect(decide(evidence(), two, SETTINGS).outcome).toBe(outcome);
  });

  it("two who look alike are neither, and nobody new", () => {
    const two = [candidate("anna", { face: 0.7 }), candidate("bert", { face: 0.66 })];
    const decision = decide(evidence({ faces: [face(), face(), face()] }), two, SETTINGS);
    expect(decision).toMatchObject({
      outcome: "unknown",
      personId: null,
      reasons: ["face_margin"],
      confidence: 0,
    });
  });

  it("other clothes do not matter: the specification's change of shirts", () => {
    const both = evidence({ appearances: [crop()] });
    const decision = decide(both, [candidate("anna", { face: 0.92, appearance: -0.3 })], SETTINGS);
    expect(decision).toMatchObject({ outcome: "matched", personId: "anna", cue: "face" });
  });

  it("counts as much as the faces have on average, for a mean of unlike ones is like everybody", () => {
    const known = [candidate("anna", { face: 0.55 })];
    const alike = evidence({ faces: [face(), face(0.8, true, 20)] });
    expect(decide(alike, known, SETTINGS).outcome).toBe("matched");
    // At right angles they agree by .71: .55 is .39 on average.
    const apart = evidence({ faces: [face(), face(0.8, true, 90)] });
    const decision = decide(apart, known, SETTINGS);
    expect(decision.outcome).toBe("unknown");
    expect(decision.cues[0]?.score).toBeCloseTo(0.55 * Math.SQRT1_2, 6);
  });

  it("one that is seen badly decides nothing", () => {
    const decision = decide(evidence({ faces: [face(0.49)] }), [candidate("anna", { face: 0.9 })], SETTINGS);
    expect(decision).toMatchObject({ outcome: "unknown", reasons: ["low_quality"] });
  });
});

describe("somebody new", () => {
  it("is a face like nobody's at once, the first one of all too", () => {
    expect(decide(evidence(), [], SETTINGS)).toMatchObject({
      outcome: "new",
      personId: null,
      cue: "face",
      reasons: ["below_unknown"],
    });
    const like = [candidate("anna", { face: 0.25 })];
    expect(decide(evidence(), like, SETTINGS)).toMatchObject({ outcome: "new", cue: "face" });
  });

  it("is not made of a bad angle of somebody known, only of three good faces that are not theirs", () => {
    const like = [candidate("anna", { face: 0.36 })];
    expect(decide(evidence(), like, SETTINGS)).toMatchObject({
      outcome: "unknown",
      reasons: ["face_below_threshold", "below_unknown"],
    });
    const seen = evidence({ faces: [face(), face(0.7), face(0.6)] });
    expect(decide(seen, like, SETTINGS)).toMatchObject({ outcome: "new", reasons: ["face_below_threshold"] });
  });

  it("takes a face good enough to be a reference", () => {
    const turned = evidence({ faces: [face(0.9, false), face(0.9, false), face(0.9, false)] });
    expect(decide(turned, [], SETTINGS).outcome).toBe("unknown");
  });

  it("is made by clothes when seen from two sides or four times and nobody near wears the like", () => {
    expect(decide(clothes, [], SETTINGS)).toMatchObject({
      outcome: "new",
      cue: "appearance",
      reasons: ["below_unknown", "no_face"],
    });
    expect(decide(clothes, [candidate("anna", { appearance: 0.39 })], SETTINGS).outcome).toBe("new");
    expect(decide(clothes, [candidate("anna", { appearance: 0.41 })], SETTINGS).outcome).toBe("unknown");
    const once = { ...clothes, appearances: [crop("back"), crop("back")] };
    expect(decide(once, [], SETTINGS).outcome).toBe("unknown");
  });
});

describe("by clothes alone", () => {
  const alike = [candidate("anna", { appearance: 0.64 }), candidate("bert", { appearance: 0.4 })];

  it("somebody who was missed in this picture for half a minute at most is followed on", () => {
    const back = (sinceSeenHereS: number | null, score = 0.64) =>
      decide(clothes, [candidate("anna", { appearance: score }, { sinceSeenHereS })], SETTINGS);
    expect(back(5)).toMatchObject({
      outcome: "matched",
      personId: "anna",
      cue: "appearance",
      reasons: ["appearance", "seen_just_now", "no_face"],
    });
    expect(back(30).outcome).toBe("matched");
    expect([back(31), back(null), back(-1)].map(({ outcome }) => outcome)).toEqual(
      Array(3).fill("tentative"),
    );
    expect(back(5, 0.59).outcome).toBe("unknown");
    expect(back(5).confidence).toBeLessThan(0.5);
    const taken = candidate("anna", { appearance: 0.9 }, { sinceSeenHereS: 5, blocked: "same_camera" });
    expect(decide(clothes, [taken], SETTINGS).outcome).toBe("unknown");
  });

  it("somebody is tentative elsewhere or later, never more", () => {
    const decision = decide(clothes, alike, SETTINGS);
    expect(decision).toMatchObject({
      outcome: "tentative",
      personId: "anna",
      cue: "appearance",
      reasons: ["appearance", "appearance_alone", "no_face"],
    });
    expect(decision.confidence).toBeLessThan(0.5);
  });

  it("less like, or nearly as like somebody else, is unknown", () => {
    expect(decide(clothes, [candidate("anna", { appearance: 0.59 })], SETTINGS).outcome).toBe("unknown");
    const near = [candidate("anna", { appearance: 0.7 }), candidate("bert", { appearance: 0.56 })];
    expect(decide(clothes, near, SETTINGS)).toMatchObject({ outcome: "unknown", personId: null });
  });

  it("what the site has taught raises the bar and never lowers it", () => {
    expect(decide(clothes, alike, decisionSettings(RULES, MODELS, 0.7)).outcome).toBe("unknown");
    expect(decide(clothes, alike, decisionSettings(RULES, MODELS, 0.1)).outcome).toBe("tentative");
    expect(decide(clothes, alike, decisionSettings(RULES, MODELS, Number.NaN)).outcome).toBe("unknown");
  });

  it("nobody is taken for somebody whose face is another", () => {
    const both = { ...clothes, faces: [face()] };
    const decision = decide(both, [candidate("anna", { appearance: 0.9, face: 0.1 })], SETTINGS);
    expect(decision).toMatchObject({ outcome: "new", cue: "face" });
  });

  it("a small body's clothes do not count", () => {
    const small = { ...clothes, heightPx: 79 };
    expect(decide(small, alike, SETTINGS)).toMatchObject({
      outcome: "unknown",
      reasons: ["too_small", "no_face"],
    });
  });
});

describe("gait", () => {
  const two = (lead: number, gaits: readonly [number, number]) => [
    candidate("anna", { face: 0.6 + lead, gait: gaits[0] }),
    candidate("bert", { face: 0.6, gait: gaits[1] }),
  ];
  const walking = evidence({ gait });

  it("decides for the first of two whom the face nearly told apart", () => {
    expect(decide(walking, two(0.05, [0.9, 0.3]), SETTINGS)).toMatchObject({
      outcome: "matched",
      personId: "anna",
      reasons: ["face", "gait_tie_break"],
    });
  });

  it("makes up half of the margin at most, and never speaks for the second", () => {
    expect(decide(walking, two(0.03, [1, -1]), SETTINGS).outcome).toBe("unknown");
    expect(decide(walking, two(0.05, [0.3, 0.95]), SETTINGS).outcome).toBe("unknown");
    expect(decide(walking, two(0.05, [0.69, 0.1]), SETTINGS).outcome).toBe("unknown");
  });

  it("never accepts by itself, unless a household trusts it fully and clothes do not contradict", () => {
    const seen = evidence({ faces: [], gait, appearances: [crop()] });
    const like = (appearance: number) => [candidate("anna", { gait: 0.9, appearance })];
    expect(decide(seen, like(0.5), SETTINGS).outcome).toBe("unknown");
    const full: DecisionSettings = { ...SETTINGS, gait: { ...SETTINGS.gait, mode: "full" } };
    expect(decide(seen, like(0.5), full)).toMatchObject({ outcome: "matched", cue: "gait" });
    expect(decide(seen, like(0.1), full)).toMatchObject({
      outcome: "unknown",
      reasons: ["appearance_contradicts"],
    });
    const off = decisionSettings({ ...RULES, gait: false }, MODELS);
    expect(decide(walking, two(0.05, [0.9, 0.3]), off)).toMatchObject({ outcome: "unknown" });
  });
});

describe("what cannot be", () => {
  it.each(["same_camera", "elsewhere"] as const)("is not, however like: %s", (blocked) => {
    const twin = candidate("anna", { face: 0.9 }, { blocked });
    expect(decide(evidence(), [twin], SETTINGS)).toMatchObject({
      outcome: "unknown",
      personId: null,
      reasons: [blocked],
    });
    // Nor is it the next likest, or somebody new: it is more like anna than like anybody.
    const others = [twin, candidate("bert", { face: 0.5 })];
    expect(decide(evidence({ faces: [face(), face(), face()] }), others, SETTINGS).outcome).toBe("unknown");
  });

  it("a face that somebody said is not theirs is not, unless it is clearly more like them", () => {
    const not = candidate("anna", { face: 0.6 }, { negative: 0.55 });
    expect(decide(evidence(), [not], SETTINGS)).toMatchObject({
      outcome: "new",
      reasons: ["below_unknown", "not_them"],
    });
    const clear = candidate("anna", { face: 0.8 }, { negative: 0.5 });
    expect(decide(evidence(), [clear], SETTINGS)).toMatchObject({ outcome: "matched", personId: "anna" });
    const unseen = candidate("anna", { appearance: 0.9 }, { negative: 0.5 });
    expect(decide({ ...clothes, faces: [face(0.6, false)] }, [unseen], SETTINGS).outcome).not.toBe(
      "tentative",
    );
    const broken = candidate("anna", { face: 0.9 }, { negative: Number.NaN });
    expect(decide(evidence(), [broken], SETTINGS).personId).toBeNull();
  });

  it("leaves the next likest free when it was said that it is not the likest", () => {
    const two = [candidate("anna", { face: 0.6 }, { negative: 0.7 }), candidate("bert", { face: 0.58 })];
    expect(decide(evidence(), two, SETTINGS)).toMatchObject({
      outcome: "matched",
      personId: "bert",
      reasons: ["face", "not_them"],
    });
  });
});

describe("too little", () => {
  it.each([
    ["frames", evidence({ frames: 4 }), ["too_few_frames"]],
    ["of everything", evidence({ faces: [] }), ["no_face"]],
    ["quality", evidence({ faces: [face(0.2)], appearances: [crop("front", 0.3)] }), ["low_quality"]],
  ])("%s is unknown and says so", (_, seen, reasons) => {
    expect(decide(seen, [candidate("anna", { face: 0.9 })], SETTINGS)).toMatchObject({
      outcome: "unknown",
      reasons,
    });
  });

  it("a score that is no number is none", () => {
    const decision = decide(evidence(), [candidate("anna", { face: Number.NaN })], SETTINGS);
    expect(decision).toMatchObject({ outcome: "new", personId: null });
    const rival = [candidate("anna", { face: 0.6 }), candidate("bert", { face: Number.POSITIVE_INFINITY })];
    expect(decide(evidence(), rival, SETTINGS).personId).toBe("anna");
  });
});

describe("confidence", () => {
  const of = (sinceSeenHereS: number | null) =>
    decide(
      evidence({ faces: [face(0.5)] }),
      [candidate("anna", { face: 0.5 }, { sinceSeenHereS }), candidate("bert", { face: 0.41 })],
      SETTINGS,
    ).confidence;

  it("gains .25 within half a second of having been seen here, .15 within one, and is never above 1", () => {
    const plain = of(null);
    expect(of(0.9) - plain).toBeCloseTo(0.15, 9);
    expect(of(0.4) - plain).toBeCloseTo(0.25, 9);
    expect(of(1.1)).toBe(plain);
    expect(of(Number.NaN)).toBe(plain);
    const sure = [candidate("anna", { face: 0.99 }, { sinceSeenHereS: 0 })];
    expect(decide(evidence(), sure, SETTINGS).confidence).toBe(1);
  });

  it("of clothes gains nothing from having been seen more than half a second ago", () => {
    const seen = (sinceSeenHereS: number | null) =>
      decide(clothes, [candidate("anna", { appearance: 0.7 }, { sinceSeenHereS })], SETTINGS).confidence;
    expect(seen(0.9)).toBe(seen(null));
    expect(seen(0.4) - seen(null)).toBeCloseTo(0.1, 9);
  });

  it("of what clothes alone say is below that of any face, even of somebody seen just now", () => {
    const seen = [candidate("anna", { appearance: 1 }, { sinceSeenHereS: 0 })];
    const least = decide(evidence({ faces: [face(0.5)] }), [candidate("anna", { face: 0.42 })], SETTINGS);
    expect(decide(clothes, seen, SETTINGS).confidence).toBeLessThan(least.confidence);
  });
});

describe("whatever is compared", () => {
  const ROUNDS = 3000;
  const random = randomFrom(7);
  const cosine = () => Math.round((random() * 1.3 - 0.3) * 100) / 100;
  const randomCandidates = (): Candidate[] =>
    Array.from({ length: Math.floor(random() * 5) }, (_, index) =>
      candidate(
        `p${index}`,
        {
          ...(random() < 0.8 ? { face: cosine() } : {}),
          ...(random() < 0.6 ? { appearance: cosine() } : {}),
          ...(random() < 0.5 ? { gait: cosine() } : {}),
        },
        {
          negative: random() < 0.2 ? cosine() : null,
          blocked: random() < 0.2 ? (random() < 0.5 ? "same_camera" : "elsewhere") : null,
          sinceSeenHereS: random() < 0.3 ? random() * 2 : null,
        },
      ),
    );
  const randomEvidence = (): TrackEvidence => ({
    faces: Array.from({ length: Math.floor(random() * 4) }, () => face(random(), random() < 0.6)).sort(
      (a, b) => b.quality - a.quality,
    ),
    appearances: Array.from({ length: Math.floor(random() * 5) }, () =>
      crop(random() < 0.5 ? "front" : "back", random()),
    ),
    gait: random() < 0.5 ? { ...gait, quality: random() } : null,
    frames: Math.floor(random() * 30),
    heightPx: random() * 200,
  });
  const cases = Array.from({ length: ROUNDS }, () => ({ seen: randomEvidence(), known: randomCandidates() }));

  it("the order of candidates changes nothing", () => {
    for (const { seen, known } of cases)
      expect(decide(seen, known.toReversed(), SETTINGS)).toEqual(decide(seen, known, SETTINGS));
  });

  it("a likelier rival never brings a match about, nor one more rival", () => {
    for (const { seen, known } of cases) {
      const before = decide(seen, known, SETTINGS);
      for (const rival of known) {
        const scores = Object.fromEntries(
          Object.entries(rival.scores).map(([cue, score]) => [cue, score + 0.2]),
        );
        const raised = known.map((one) => (one === rival ? { ...one, scores } : one));
        const after = decide(seen, raised, SETTINGS);
        const named = after.outcome === "matched" && after.personId !== rival.personId;
        if (named) expect(before.personId).toBe(after.personId);
      }
      const more = decide(
        seen,
        [...known, candidate("z", { face: cosine(), appearance: cosine() })],
        SETTINGS,
      );
      if (more.outcome === "matched" && more.personId !== "z") expect(before.personId).toBe(more.personId);
    }
  });

  it("nobody is named who is blocked, ruled out, or not told of", () => {
    for (const { seen, known } of cases) {
      const { personId, outcome } = decide(seen, known, SETTINGS);
      if (personId === null) continue;
      const named = known.find((one) => one.personId === personId);
      expect(named?.blocked).toBeNull();
      const own = named?.scores.face ?? 0.42;
      if (named?.negative !== null && named?.negative !== undefined)
        expect(own).toBeGreaterThan(named.negative);
      expect(["matched", "tentative"]).toContain(outcome);
    }
  });

  it("a face less never makes the same match clearer, and no face no match but of who was here just now", () => {
    for (const { seen, known } of cases) {
      const before = decide(seen, known, SETTINGS);
      const after = decide({ ...seen, faces: seen.faces.slice(1) }, known, SETTINGS);
      if (before.outcome === "matched" && after.personId === before.personId)
        expect(after.confidence).toBeLessThanOrEqual(before.confidence);
      const elsewhere = known.map((one) => ({ ...one, sinceSeenHereS: null }));
      expect(decide({ ...seen, faces: [] }, elsewhere, SETTINGS).outcome).not.toBe("matched");
    }
  });

  it("confidence is a share, and every decision says why", () => {
    const outcomes = new Set<string>();
    for (const { seen, known } of cases) {
      const decision = decide(seen, known, SETTINGS);
      outcomes.add(decision.outcome);
      expect(decision.confidence).toBeGreaterThanOrEqual(0);
      expect(decision.confidence).toBeLessThanOrEqual(1);
      expect(decision.reasons.length).toBeGreaterThan(0);
      expect(new Set(decision.reasons).size).toBe(decision.reasons.length);
    }
    expect(outcomes).toEqual(new Set(["matched", "tentative", "new", "unknown"]));
  });
});
