import { describe, expect, it } from "vitest";
import type { DecisionReason, IdentityDecision } from "../../src/domain/identity.ts";
import { revise, type Standing } from "../../src/identity/track-revision.ts";

function decision(
  outcome: IdentityDecision["outcome"],
  personId: string | null,
  cue: IdentityDecision["cue"],
  reasons: readonly DecisionReason[] = [],
): IdentityDecision {
  return { outcome, personId, cue, confidence: 0.8, combined: null, cues: [], reasons };
}

const NOBODY: Standing = { personId: null, decision: null, byHand: false, ownVisitor: false };
const byFace = (id: string) => decision("matched", id, "face", ["face"]);
const byGait = (id: string) => decision("matched", id, "gait", ["gait"]);
const byTieBreak = (id: string) => decision("matched", id, "face", ["face", "gait_tie_break"]);
const taken = (by: IdentityDecision, more: Partial<Standing> = {}): Standing => {
  return { ...NOBODY, personId: by.personId, decision: by, ...more };
};

describe("a second thought about a track", () => {
  it.each([
    ["a stranger becomes an entry", NOBODY, decision("new", null, "face"), { kind: "create" }],
    ["somebody known is taken", NOBODY, byGait("a"), { kind: "take", personId: "a" }],
    [
      "clothes are only supposed",
      NOBODY,
      decision("tentative", "a", "appearance"),
      { kind: "suppose", personId: "a" },
    ],
    ["what cannot be told stays open", NOBODY, decision("unknown", null, null), { kind: "keep" }],
    ["nothing found is no reason", taken(byGait("a")), decision("unknown", null, null), { kind: "keep" }],
    [
      "clothes overturn nothing",
      taken(byGait("a")),
      decision("tentative", "b", "appearance"),
      { kind: "keep" },
    ],
    ["a person is not made new", taken(byGait("a")), decision("new", null, "face"), { kind: "keep" }],
    ["the same by more is confirmed", taken(byGait("a")), byFace("a"), { kind: "confirm" }],
    ["the same by less is not", taken(byFace("a")), byGait("a"), { kind: "keep" }],
    ["a face overturns gait", taken(byGait("a")), byFace("b"), { kind: "change", personId: "b" }],
    ["a face overturns a tie-break", taken(byTieBreak("a")), byFace("b"), { kind: "change", personId: "b" }],
    ["a tie-break overturns nothing", taken(byGait("a")), byTieBreak("b"), { kind: "keep" }],
    ["a face does not overturn a face", taken(byFace("a")), byFace("b"), { kind: "doubt", personId: "b" }],
    ["nobody overturns a person", taken(byGait("a"), { byHand: true }), byFace("b"), { kind: "keep" }],
    [
      "its own entry goes into the person",
      taken(decision("new", "v", "face"), { ownVisitor: true }),
      byFace("b"),
      { kind: "absorb", personId: "b" },
    ],
    [
      "its own entry does not go by gait",
      taken(decision("new", "v", "face"), { ownVisitor: true }),
      byGait("b"),
      { kind: "keep" },
    ],
  ] as const)("%s", (_, standing, next, expected) => {
    expect(revise(standing, next)).toEqual(expected);
  });
});
