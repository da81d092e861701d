// ByteTrack (Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", ECCV 2022): sure
// detections are matched first, weak ones may then carry on what is left. It departs from the paper where people fall
// and where a home machine drops frames: see BYTETRACK_TUNING.
import type { Detection } from "../domain/pose.ts";
import type { Track } from "../domain/track.ts";
import { assign } from "./assignment.ts";
import type { FilterNoise } from "./box-filter.ts";
import { bodyLength, bufferedIou, toCentred } from "./centred-box.ts";
import { type Sighting, TrackedBody } from "./tracked-body.ts";
import type { Tracker, TrackerSettings } from "./tracker.ts";

/**
 * What was weighed up, beside the settings. Every value lies on a plateau of two measurements: six MOT15 / MOT17
 * sequences on their public detections, and 88 labelled falls seen by MultiPose at 10, 5, 3.3, 2 and 1 frames/s.
 */
export interface ByteTrackTuning {
  readonly noise: FilterNoise;
  /** Least likeness of a sure detection to a track it carries on. ByteTrack's .1 (its match threshold of .9). */
  readonly sureLikeness: number;
  /**
   * Least IoU of a weak detection with a track it carries on. The paper asks .5, and no track that is lost; but whoever
   * lies on the floor is found weakly and late: .3, lost or not, keeps 3 more of 88 falls in sight, 6 at 5 frames/s.
   */
  readonly weakIou: number;
  /** Least likeness of a sure detection to a tentative track that it bears out. ByteTrack's .3. */
  readonly tentativeLikeness: number;
  /**
   * How far from its expected place a body may have got, body lengths per second since the last frame; 1 is about
   * 1.7 m/s. At 0, 1 fall of 85 changes its track at 10 frames/s and 18 of 57 at 1 frame/s; from .5 to 3 none does.
   */
  readonly reachRate: number;
  /** The most a body may be off its expected place after a gap, body lengths: more only mixes people up. */
  readonly maxReach: number;
  /**
   * What likeness to a lost track counts for beside likeness to one in sight: whoever is there has precedence. From
   * .6 to .9 it makes no odds; 1 brings a fifth more switches in crowds, at .5 falls change their track.
   */
  readonly lostWeight: number;
  /** A lost and a later track that overlap more than this are one body: the shorter one ends. ByteTrack's .85. */
  readonly sameBodyIou: number;
  /** Sightings in a row that make a tentative track a confirmed one. ByteTrack's 2. */
  readonly confirmSightings: number;
}

export const BYTETRACK_TUNING: ByteTrackTuning = {
  noise: {
    // The family's 1/20 of a body (SORT, DeepSORT, ByteTrack).
    measurement: 0.05,
    // .7 to 1.5 are alike. DeepSORT's 1/160 a frame comes to 1.03 a second at 30 frames/s.
    acceleration: 1,
    // Slow, for boxes of walkers swing with their legs. A fall is followed through its place, not through its size.
    resizing: 0.1,
    // Whoever comes into the picture walks or runs.
    firstSpeed: 2,
    coastingS: 1,
    // A free fall of half a metre, which is what the middle of a body has, takes .32 s. From .5 on, bodies that were
    // lost while falling are looked for below the floor.
    fallingS: 0.3,
  },
  sureLikeness: 0.1,
  weakIou: 0.3,
  tentativeLikeness: 0.3,
  reachRate: 1.5,
  maxReach: 0.5,
  lostWeight: 0.75,
  sameBodyIou: 0.85,
  confirmSightings: 2,
};

/** One frame's detections that are still nobody's. */
interface Unclaimed {
  readonly sure: Set<Sighting>;
  readonly weak: Set<Sighting>;
}

export class ByteTracker implements Tracker {
  readonly #settings: TrackerSettings;
  readonly #tuning: ByteTrackTuning;
  #bodies: TrackedBody[] = [];
  #lastId = 0;
  #timeS: number | null = null;

  constructor(settings: TrackerSettings, tuning: ByteTrackTuning = BYTETRACK_TUNING) {
    this.#settings = settings;
    this.#tuning = tuning;
  }

  update(detections: readonly Detection[], timeS: number, aspect: number): readonly Track[] {
    const dtS = this.#timeS === null ? 0 : timeS - this.#timeS;
    this.#timeS = timeS;
    this.#predict(dtS, timeS);
    const unclaimed = this.#split(detections, aspect);
    this.#associate(unclaimed, Math.max(0, dtS), timeS);
    this.#giveUpUnseen();
    this.#endDoubles();
    this.#startTracks(unclaimed.sure, timeS);
    const tracks = this.#bodies.map((body) => body.toTrack(aspect));
    this.#bodies = this.#bodies.filter((body) => body.state !== "ended");
    return tracks;
  }

  amend(trackId: number, detection: Detection, aspect: number): Track | null {
    const body = this.#bodies.find(({ id }) => id === trackId);
    const [sighting] = this.#split([detection], aspect).sure;
    if (body === undefined || body.detected || sighting === undefined || this.#timeS === null) return null;
    body.see(sighting, this.#timeS);
    body.state = "confirmed";
    return body.toTrack(aspect);
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
    for (const { box, confidence, pose } of detections) {
      const sighting = { box: toCentred(box, aspect), confidence, pose };
      // A box that is not a number would stay in a filter for good.
      if (!Object.values(sighting.box).every(Number.isFinite)) continue;
      if (sighting.box.w <= 0 || sighting.box.h <= 0) continue;
      if (confidence >= this.#settings.high) sure.add(sighting);
      else if (confidence >= this.#settings.low) weak.add(sighting);
    }
    return { sure, weak };
  }

  #associate({ sure, weak }: Unclaimed, dtS: number, timeS: number): void {
    const { sureLikeness, weakIou, tentativeLikeness, reachRate, maxReach } = this.#tuning;
    const reach = Math.min(maxReach, reachRate * dtS);
    const likeness = (body: TrackedBody, sighting: Sighting) => this.#likeness(body, sighting, reach);
    const overlap = (body: TrackedBody, sighting: Sighting) => bufferedIou(body.box, sighting.box, 0);
    this.#match(["confirmed", "lost"], sure, { likeness, least: sureLikeness, timeS });
    this.#match(["confirmed", "lost"], weak, { likeness: overlap, least: weakIou, timeS });
    this.#match(["tentative"], sure, { likeness, least: tentativeLikeness, timeS });
  }

  /**
   * Buffered IoU, less for bodies of another length (a fall turns a body but does not shorten it, unlike its height)
   * and for those out of sight.
   */
  #likeness(body: TrackedBody, sighting: Sighting, reach: number): number {
    const before = bodyLength(body.box);
    const now = bodyLength(sighting.box);
    const sameLength = Math.min(before, now) / Math.max(before, now);
    const weight = body.state === "lost" ? this.#tuning.lostWeight : 1;
    return bufferedIou(body.box, sighting.box, reach) * sameLength * weight;
  }

  #match(
    states: readonly Track["state"][],
    sightings: Set<Sighting>,
    rule: { likeness: (body: TrackedBody, sighting: Sighting) => number; least: number; timeS: number },
  ): void {
    const unseen = this.#bodies.filter((body) => !body.detected && states.includes(body.state));
    const cost = (body: TrackedBody, sighting: Sighting) => 1 - rule.likeness(body, sighting);
    for (const [body, sighting] of assign(unseen, [...sightings], cost, 1 - rule.least)) {
      body.see(sighting, rule.timeS);
      sightings.delete(sighting);
      const known = body.state !== "tentative" || body.sightings >= this.#tuning.confirmSightings;
      if (known) body.state = "confirmed";
    }
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
      this.#bodies.push(new TrackedBody(this.#lastId, sighting, timeS, this.#tuning.noise));
    }
  }
}
