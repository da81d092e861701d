// Who a track is: somebody known, somebody new, or not to be told. A false match joins two lives for good, a missed one can be
// mended: in doubt nobody is named. Pure, and every decision says what it rests on.
import type { DecisionReason, IdentityDecision } from "../domain/identity.ts";
import type { Cue } from "../domain/tracklet.ts";
import type { Candidate } from "./candidate.ts";
import { type Confidence, confidenceOf } from "./confidence.ts";
import type { DecisionSettings } from "./decision-settings.ts";
import type { TrackEvidence } from "./evidence.ts";
import { isRuledOut, leadOf, type Ranked, rankedBy, soundCandidates } from "./ranking.ts";
import { faceAgreement } from "./scoring.ts";
import { combinedScore, verdictsOf } from "./verdicts.ts";

/** Faces fit to become references that it takes to open an entry: for one like nobody, and for one somewhat like somebody. */
const FACES_OF_A_STRANGER = 1;
const FACES_IN_DOUBT = 3;
/** What it takes to open an entry by clothes: as many crops, or sides of the body. */
const CROPS_OF_A_STRANGER = 4;
const FACINGS_OF_A_STRANGER = 2;
/**
 * Whoever is missed in one camera's picture for no longer is followed on by their clothes: the specification's memory of those
 * seen in the last 30 s. Elsewhere and later the same likeness is only a supposition.
 */
const MISSED_FOR_S = 30;
/** The lead by gait at which it makes up all it may of a margin that the face lacks. */
const FULL_GAIT_LEAD = 0.3;
/** The most of the face's margin that gait may make up. */
const GAIT_SHARE = 0.5;

/** What is known and how it ranks: what all parts of a decision look at. */
interface Case {
  readonly evidence: TrackEvidence;
  readonly settings: DecisionSettings;
  /** Those whom nobody has ruled out by hand; those who are blocked are among them, as rivals. */
  readonly open: readonly Candidate[];
  readonly usable: ReadonlySet<Cue>;
  readonly face: readonly Ranked[];
  readonly gait: readonly Ranked[];
  readonly appearance: readonly Ranked[];
  /** What speaks against the likest, beside what is found on the way. */
  readonly notes: readonly DecisionReason[];
}

/** What a part of the decision says; null when it is up to the next one. */
interface Finding {
  readonly outcome: IdentityDecision["outcome"];
  readonly candidate: Candidate | null;
  readonly cue: Cue | null;
  readonly reasons: readonly DecisionReason[];
  readonly confidence: Confidence | null;
}

/**
 * `candidates` in any order; those who are left out are nobody's rivals, so the likest by every cue have to be among them.
 * Order of the specification: face, gait, appearance, else somebody new or unknown.
 */
export function decide(
  evidence: TrackEvidence,
  candidates: readonly Candidate[],
  settings: DecisionSettings,
): IdentityDecision {
  const known = soundCandidates(candidates, faceAgreement(evidence.faces));
  const usable = usableCues(evidence, settings);
  const open = known.filter((candidate) => !isRuledOut(candidate, settings.face));
  const ranked = (cue: Cue) => (usable.has(cue) ? rankedBy(cue, open) : []);
  const [face, gait, appearance] = [ranked("face"), ranked("gait"), ranked("appearance")];
  const notes = wasRuledOut(known, open, face, settings) ? (["not_them"] as const) : [];
  const it: Case = { evidence, settings, open, usable, face, gait, appearance, notes };
  const finding =
    lacking(it) ?? byFace(it) ?? byGait(it) ?? byAppearance(it) ?? asNew(it) ?? unknown(reasonsAgainst(it));
  const likest = finding.candidate ?? face[0]?.candidate ?? gait[0]?.candidate ?? appearance[0]?.candidate;
  const isNamed = finding.outcome === "matched" || finding.outcome === "tentative";
  return {
    outcome: finding.outcome,
    personId: isNamed ? (finding.candidate?.personId ?? null) : null,
    cue: finding.cue,
    confidence: confidenceOf(finding.confidence, isNamed ? finding.candidate : null),
    combined: likest === undefined ? null : combinedScore(likest, usable, settings),
    cues: verdictsOf(evidence, { face, gait, appearance }, settings),
    reasons: [...new Set([...finding.reasons, ...notes])],
  };
}

/** Cues that are switched on, seen well enough, and of a body that is large enough. */
function usableCues(evidence: TrackEvidence, settings: DecisionSettings): ReadonlySet<Cue> {
  const isLarge = evidence.heightPx >= settings.minHeightPx;
  const isGood = (vectors: readonly { readonly quality: number }[]) =>
    vectors.some(({ quality }) => quality >= settings.minQuality);
  const usable = new Set<Cue>();
  if (settings.face !== null && isGood(evidence.faces)) usable.add("face");
  if (settings.gait.mode !== "off" && isLarge && evidence.gait !== null && isGood([evidence.gait]))
    usable.add("gait");
  if (settings.appearance !== null && isLarge && isGood(evidence.appearances)) usable.add("appearance");
  return usable;
}

/** Whether somebody would have been the likest, had it not been said that this is not them. */
function wasRuledOut(
  known: readonly Candidate[],
  open: readonly Candidate[],
  face: readonly Ranked[],
  settings: DecisionSettings,
): boolean {
  const best = Math.max(
    face[0]?.score ?? -1,
    settings.face === null ? -1 : settings.face.accept - settings.face.band,
  );
  return known.some(
    (candidate) => !open.includes(candidate) && (candidate.scores.face ?? candidate.negative ?? -1) >= best,
  );
}

function lacking(it: Case): Finding | null {
  const { evidence, settings, usable } = it;
  if (evidence.frames < settings.minFrames) return unknown(["too_few_frames"]);
  if (usable.size > 0) return null;
  const seen = evidence.faces.length + evidence.appearances.length > 0 || evidence.gait !== null;
  const isSmall = evidence.heightPx < settings.minHeightPx;
  return unknown([
    ...(isSmall ? (["too_small"] as const) : []),
    ...(seen && !(isSmall && evidence.faces.length === 0) ? (["low_quality"] as const) : []),
    ...(evidence.faces.length === 0 ? (["no_face"] as const) : []),
  ]);
}

function byFace(it: Case): Finding | null {
  const { face, settings } = it;
  const [best] = face;
  if (best === undefined || settings.face === null || best.score < settings.face.accept) return null;
  const { accept, margin } = settings.face;
  if (best.candidate.blocked !== null) return unknown([best.candidate.blocked]);
  const lead = leadOf(face);
  const clear = { level: "high", above: best.score - accept, lead, quality: qualityOf(it, "face") } as const;
  if (lead >= margin) return found(best.candidate, "face", ["face", ...support(it, best.candidate)], clear);
  if (lead + gaitLead(it, face) >= margin)
    return found(best.candidate, "face", ["face", "gait_tie_break"], { ...clear, level: "medium" });
  return byAppearance(it) ?? unknown(["face_margin"]);
}

/**
 * What gait adds to the face's lead of the first over the second: at most half of the margin, and nothing unless the first's gait
 * is called alike. Gait can so never put the second before the first.
 */
function gaitLead({ settings, usable }: Case, [first, second]: readonly Ranked[]): number {
  const ahead = first?.candidate.scores.gait;
  const behind = second?.candidate.scores.gait;
  if (!usable.has("gait") || settings.face === null || ahead === undefined || behind === undefined) return 0;
  if (ahead < settings.gait.accept) return 0;
  const share = Math.max(0, Math.min(1, (ahead - behind) / FULL_GAIT_LEAD));
  return share * GAIT_SHARE * settings.face.margin;
}

/** The specification's second rule; only for a household that trusts gait more than was measured. */
function byGait(it: Case): Finding | null {
  const { gait, settings, usable } = it;
  const [best] = gait;
  if (settings.gait.mode !== "full" || best === undefined || best.score < settings.gait.accept) return null;
  const { candidate, score } = best;
  if (leadOf(gait) < settings.gait.margin || faceContradicts(it, candidate)) return null;
  if (candidate.blocked !== null) return unknown([candidate.blocked]);
  const clothes = usable.has("appearance") ? candidate.scores.appearance : undefined;
  if (clothes !== undefined && settings.appearance !== null && clothes < settings.appearance.contradicts)
    return unknown(["appearance_contradicts"]);
  const lead = leadOf(gait);
  const clear = {
    level: "medium",
    above: score - settings.gait.accept,
    lead,
    quality: qualityOf(it, "gait"),
  } as const;
  return found(candidate, "gait", ["gait", ...support(it, candidate)], clear);
}

function byAppearance(it: Case): Finding | null {
  const { appearance, settings } = it;
  const [best] = appearance;
  if (best === undefined || settings.appearance === null) return null;
  const { alone, margin } = settings.appearance;
  const { candidate, score } = best;
  const lead = leadOf(appearance);
  if (score < alone || lead < margin || faceContradicts(it, candidate)) return null;
  // A stranger's face that is seen well enough opens an entry of its own: clothes cannot say it is somebody without a face.
  if (candidate.scores.face === undefined && asNewFace(it) !== null) return null;
  if (candidate.blocked !== null) return unknown([candidate.blocked]);
  const since = candidate.sinceSeenHereS;
  const isBack = since !== null && since >= 0 && since <= MISSED_FOR_S;
  return {
    outcome: isBack ? "matched" : "tentative",
    candidate,
    cue: "appearance",
    reasons: ["appearance", isBack ? "seen_just_now" : "appearance_alone", ...faceReasons(it)],
    confidence: { level: "low", above: score - alone, lead, quality: qualityOf(it, "appearance") },
  };
}

/** Their face is known, this one is seen well, and they are not alike. */
function faceContradicts({ settings, usable }: Case, { scores }: Candidate): boolean {
  if (settings.face === null || !usable.has("face") || scores.face === undefined) return false;
  return scores.face < settings.face.accept - settings.face.band;
}

function asNew(it: Case): Finding | null {
  return it.usable.has("face") ? asNewFace(it) : asNewClothes(it);
}

/**
 * A stranger's face. One that is somewhat like somebody may be them at a bad angle: it takes more faces then, so that a
 * resident does not become ten visitors.
 */
function asNewFace(it: Case): Finding | null {
  const { evidence, face, settings, usable } = it;
  if (settings.face === null || !usable.has("face")) return null;
  const { accept, band } = settings.face;
  const nearest = face[0]?.score ?? -1;
  const isDoubtful = nearest >= accept - band;
  const references = evidence.faces.filter(
    ({ reference, quality }) => reference && quality >= settings.minQuality,
  );
  if (nearest >= accept || references.length < (isDoubtful ? FACES_IN_DOUBT : FACES_OF_A_STRANGER))
    return null;
  return {
    outcome: "new",
    candidate: null,
    cue: "face",
    reasons: isDoubtful ? ["face_below_threshold"] : ["below_unknown"],
    confidence: {
      level: isDoubtful ? "low" : "medium",
      above: accept - band - nearest,
      lead: 2,
      quality: qualityOf(it, "face"),
    },
  };
}

/** Somebody without a face to go by, seen from enough sides, whose clothes nobody near wears. */
function asNewClothes(it: Case): Finding | null {
  const { evidence, appearance, settings, usable } = it;
  if (settings.appearance === null || !usable.has("appearance")) return null;
  const good = evidence.appearances.filter(({ quality }) => quality >= settings.minQuality);
  const facings = new Set(good.flatMap(({ facing }) => facing ?? []));
  if (good.length < CROPS_OF_A_STRANGER && facings.size < FACINGS_OF_A_STRANGER) return null;
  const nearest = appearance[0]?.score ?? -1;
  if (nearest >= settings.appearance.contradicts) return null;
  return {
    outcome: "new",
    candidate: null,
    cue: "appearance",
    reasons: ["below_unknown", ...faceReasons(it)],
    confidence: {
      level: "low",
      above: settings.appearance.contradicts - nearest,
      lead: 2,
      quality: qualityOf(it, "appearance"),
    },
  };
}

function reasonsAgainst(it: Case): DecisionReason[] {
  const { settings, appearance, open, usable } = it;
  const against = faceReasons(it);
  const [clothes] = appearance;
  if (settings.appearance !== null && clothes !== undefined && clothes.score >= settings.appearance.supports)
    against.push("appearance_alone");
  const likest = it.face[0]?.candidate ?? clothes?.candidate;
  const combined = likest === undefined ? null : combinedScore(likest, usable, settings);
  if (open.length === 0 || (combined !== null && combined < settings.unknownBelow))
    against.push("below_unknown");
  return against;
}

function faceReasons({ evidence, usable }: Case): DecisionReason[] {
  if (usable.has("face")) return ["face_below_threshold"];
  return [evidence.faces.length === 0 ? "no_face" : "low_quality"];
}

/** What else speaks for whom the decision is for. */
function support({ settings, usable }: Case, { scores, sinceSeenHereS }: Candidate): DecisionReason[] {
  const reasons: DecisionReason[] = [];
  const clothes = usable.has("appearance") ? scores.appearance : undefined;
  if (settings.appearance !== null && clothes !== undefined && clothes >= settings.appearance.supports)
    reasons.push("appearance");
  if (sinceSeenHereS !== null && sinceSeenHereS >= 0 && sinceSeenHereS <= 1) reasons.push("seen_just_now");
  return reasons;
}

function qualityOf({ evidence }: Case, cue: Cue): number {
  const vectors = {
    face: evidence.faces,
    gait: evidence.gait === null ? [] : [evidence.gait],
    appearance: evidence.appearances,
  };
  return vectors[cue].reduce((best, { quality }) => Math.max(best, quality), 0);
}

function found(
  candidate: Candidate,
  cue: Cue,
  reasons: readonly DecisionReason[],
  confidence: Confidence,
): Finding {
  return { outcome: "matched", candidate, cue, reasons, confidence };
}

function unknown(reasons: readonly DecisionReason[]): Finding {
  return { outcome: "unknown", candidate: null, cue: null, reasons, confidence: null };
}
