// ByteTrack (Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", ECCV 2022): sure
// detections are matched first, weak ones may then carry on what is left. BoT-SORT is the same with looks beside places.
// It departs from the papers where people fall and where a home machine drops frames: see TRACKER_TUNING.
import type { Detection } from "../domain/pose.ts";
import type { Track } from "../domain/track.ts";
import { type AppearanceRule, blendLooks, lookLikeness, usableLook } from "./appearance.ts";
import { assign } from "./assignment.ts";
import { bodyLength, bufferedIou, toCentred } from "./centred-box.ts";
import { type Sighting, TrackedBody } from "./tracked-body.ts";
import type { Tracker, TrackerSettings } from "./tracker.ts";
import { TRACKER_TUNING, type TrackerTuning } from "./tracker-tuning.ts";

/** One frame's detections that are still nobody's. */
interface Unclaimed {
  readonly sure: Set<Sighting>;
  readonly weak: Set<Sighting>;
}

/** How much a body and a sighting have in common, and how much that has to be. */
interface MatchRule {
  readonly likeness: (body: TrackedBody, sighting: Sighting) => number;
  readonly least: number;
  /** What chooses among the likely enough, beside likeness. */
  readonly preference: (body: TrackedBody, sighting: Sighting) => number;
}

const NO_PREFERENCE = () => 0;

export class ByteTracker implements Tracker {
  readonly #settings: TrackerSettings;
  readonly #appearance: AppearanceRule | null;
  readonly #tuning: TrackerTuning;
  /** Ordered by id; those that ended with the last frame are among them until the next. */
  #bodies: TrackedBody[] = [];
  #lastId = 0;
  #timeS: number | null = null;

  /** @param appearance how looks count; null: they do not */
  constructor(
    settings: TrackerSettings,
    appearance: AppearanceRule | null = null,
    tuning: TrackerTuning = TRACKER_TUNING,
  ) {
    this.#settings = settings;
    this.#appearance = appearance;
    this.#tuning = tuning;
  }

  update(detections: readonly Detection[], timeS: number, aspect: number): readonly Track[] {
    const dtS = this.#timeS === null ? 0 : timeS - this.#timeS;
    this.#timeS = timeS;
    this.#bodies = this.#bodies.filter((body) => body.state !== "ended");
    this.#predict(dtS, timeS);
    const unclaimed = this.#split(detections, aspect);
    this.#associate(unclaimed, Math.max(0, dtS), timeS);
    this.#giveUpUnseen();
    this.#endDoubles();
    this.#startTracks(unclaimed.sure, timeS);
    return this.#bodies.map((body) => body.toTrack(aspect));
  }

  amend(trackId: number, detection: Detection, aspect: number): Track | null {
    const body = this.#bodies.find(({ id }) => id === trackId);
    const sighting = toSighting(detection, aspect, 1);
    if (body === undefined || sighting === null || this.#timeS === null) return null;
    if (body.detected || !this.#isLookedFor(body, this.#timeS) || this.#isSomebodyElse(sighting)) return null;
    body.see(sighting, this.#timeS);
    body.state = "confirmed";
    return body.toTrack(aspect);
  }

  /** Lost, or given up in this very frame after a first sight: what a second look may still bear out. */
  #isLookedFor(body: TrackedBody, timeS: number): boolean {
    if (body.state === "lost") return true;
    const goneS = timeS - body.lastSeenS;
    if (goneS < 0 || goneS > this.#settings.lostS) return false;
    return body.state === "ended" && body.sightings < this.#tuning.confirmSightings;
  }

  #isSomebodyElse(sighting: Sighting): boolean {
    return this.#bodies.some(
      (body) => body.detected && bufferedIou(body.lastBox, sighting.box, 0) > this.#tuning.sameBodyIou,
    );
  }

  #predict(dtS: number, timeS: number): void {
    for (const body of this.#bodies) {
      // A step back in time is another recording: nobody in it is known from before.
      if (dtS < 0 || timeS - body.lastSeenS > this.#settings.lostS) body.state = "ended";
      body.predict(Math.max(0, dtS), timeS);
    }
  }

  #split(detections: readonly Detection[], aspect: number): Unclaimed {
    const sure = new Set<Sighting>();
    const weak = new Set<Sighting>();
    const { high, newTrack } = this.#settings;
    for (const detection of detections) {
      // A box is as sure as its detection (as in GIAOTracker and StrongSORT, on the detector's own scale instead of 0..1).
      const doubt = Math.max(1, Math.max(high, newTrack) / detection.confidence);
      const sighting = toSighting(detection, aspect, doubt);
      if (sighting === null) continue;
      if (sighting.confidence >= high) sure.add(sighting);
      else if (sighting.confidence >= this.#settings.low) weak.add(sighting);
    }
    return { sure, weak };
  }

  #associate({ sure, weak }: Unclaimed, dtS: number, timeS: number): void {
    const { sureLikeness, weakOverlap, reachRate, maxReach, headingWorth } = this.#tuning;
    const reach = Math.min(maxReach, reachRate * dtS);
    const bySight: MatchRule = {
      likeness: (body, sighting) => this.#likeness(body, sighting, reach),
      least: sureLikeness,
      preference: (body, sighting) => headingWorth * body.heading.agreement(sighting.box),
    };
    const byPlace: MatchRule = {
      likeness: (body, sighting) => bufferedIou(body.box, sighting.box, reach),
      least: weakOverlap,
      preference: NO_PREFERENCE,
    };
    for (const [body, sighting] of this.#match(["confirmed", "lost"], sure, bySight))
      this.#see(body, sighting, timeS, true);
    for (const [body, sighting] of this.#match(["confirmed", "lost"], weak, byPlace))
      this.#see(body, sighting, timeS, false);
    for (const [body, sighting] of this.#match(["tentative"], sure, bySight))
      this.#see(body, sighting, timeS, true);
  }

  /**
   * Buffered IoU, less for bodies of another length (a fall turns a body but does not shorten it, unlike its height)
   * and for those out of sight; or the likeness of looks where that is more.
   */
  #likeness(body: TrackedBody, sighting: Sighting, reach: number): number {
    const overlap = bufferedIou(body.box, sighting.box, reach);
    if (overlap === 0) return 0;
    const before = bodyLength(body.box);
    const now = bodyLength(sighting.box);
    const sameLength = Math.min(before, now) / Math.max(before, now);
    const weight = body.state === "lost" ? this.#tuning.lostWeight : 1;
    const place = overlap * sameLength * weight;
    if (this.#appearance === null) return place;
    return Math.max(place, lookLikeness(body.look, sighting.look, overlap, this.#appearance));
  }

  /** Pairs bodies not seen yet with sightings, and takes those sightings out of the set. */
  #match(
    states: readonly Track["state"][],
    sightings: Set<Sighting>,
    rule: MatchRule,
  ): readonly [TrackedBody, Sighting][] {
    const unseen = this.#bodies.filter((body) => !body.detected && states.includes(body.state));
    const forbidden = 1 - rule.least;
    const cost = (body: TrackedBody, sighting: Sighting) => {
      const likeness = rule.likeness(body, sighting);
      return likeness > rule.least ? 1 - likeness - rule.preference(body, sighting) : forbidden;
    };
    const pairs = assign(unseen, [...sightings], cost, forbidden);
    for (const [, sighting] of pairs) sightings.delete(sighting);
    return pairs;
  }

  /** @param sure weak detections show half a body: nothing is learned of its look from them */
  #see(body: TrackedBody, sighting: Sighting, timeS: number, sure: boolean): void {
    body.see(sighting, timeS);
    if (body.state !== "tentative" || body.sightings >= this.#tuning.confirmSightings)
      body.state = "confirmed";
    if (sure && this.#appearance !== null)
      body.look = blendLooks(body.look, sighting.look, this.#appearance.kept);
  }

  #giveUpUnseen(): void {
    for (const body of this.#bodies) {
      if (body.detected) continue;
      if (body.state === "tentative") body.state = "ended";
      if (body.state === "confirmed") body.state = "lost";
    }
  }

  /**
   * A body that was lost and found again as somebody new would be there twice. Who was seen before the other got lost
   * is another body, and may well pass before it.
   */
  #endDoubles(): void {
    for (const lost of this.#bodies) {
      if (lost.state !== "lost") continue;
      const double = this.#bodies.find(
        (other) =>
          other.state === "confirmed" &&
          other.firstSeenS > lost.lastSeenS &&
          bufferedIou(other.box, lost.box, 0) > this.#tuning.sameBodyIou,
      );
      if (double === undefined) continue;
      const isYounger = double.lastSeenS - double.firstSeenS < lost.lastSeenS - lost.firstSeenS;
      (isYounger ? double : lost).state = "ended";
    }
  }

  #startTracks(sure: Set<Sighting>, timeS: number): void {
    for (const sighting of sure) {
      if (sighting.confidence < this.#settings.newTrack) continue;
      this.#lastId += 1;
      this.#bodies.push(new TrackedBody(this.#lastId, sighting, timeS, this.#tuning));
    }
  }
}

/** Null where the box is no box: one that is not a number would stay in a filter for good. */
function toSighting(detection: Detection, aspect: number, doubt: number): Sighting | null {
  const { box, confidence, pose, appearance } = detection;
  const centred = toCentred(box, aspect);
  const { cx, cy, w, h } = centred;
  if (!Number.isFinite(cx + cy + w + h) || w <= 0 || h <= 0) return null;
  return { box: centred, confidence, doubt, pose, look: usableLook(appearance) };
}
