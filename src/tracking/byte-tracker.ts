// ByteTrack (Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection Box", 2022): sure detections
// are matched first, then the weak ones may carry on what is left. Departures from the paper, each for falls or for
// frames that a home machine drops: time in seconds, a buffered IoU, no mixing of the score into the cost.
import type { Detection } from "../domain/pose.ts";
import type { Track } from "../domain/track.ts";
import { assign } from "./assignment.ts";
import type { FilterNoise } from "./box-filter.ts";
import { bufferedIou, toCentred } from "./centred-box.ts";
import { type Sighting, TrackedBody } from "./tracked-body.ts";
import type { Tracker, TrackerSettings } from "./tracker.ts";

export interface ByteTrackTuning {
  readonly noise: FilterNoise;
  /** Least buffered IoU by which a sure detection carries on a track. */
  readonly sureIou: number;
  /** Least IoU by which a weak detection carries on a track. */
  readonly weakIou: number;
  /** Least buffered IoU by which a sure detection bears out a tentative track. */
  readonly tentativeIou: number;
  /** How far past its place a body may have got, body lengths per second since the last frame. */
  readonly reachRate: number;
  /** Two tracks that overlap more than this follow one body: the younger one ends. */
  readonly sameBodyIou: number;
  /** Sightings that make a tentative track a confirmed one. */
  readonly confirmSightings: number;
}

export const BYTETRACK_TUNING: ByteTrackTuning = {
  noise: { measurement: 0.05, acceleration: 1, resizing: 0.1, firstSpeed: 2, coastingS: 1 },
  sureIou: 0.1,
  weakIou: 0.5,
  tentativeIou: 0.3,
  reachRate: 1,
  sameBodyIou: 0.85,
  confirmSightings: 2,
};

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
    const { sure, weak } = this.#sort(detections, aspect);
    this.#associate(sure, weak, dtS, timeS);
    this.#settle();
    for (const sighting of sure) {
      if (sighting.confidence < this.#settings.newTrack) continue;
      this.#lastId += 1;
      this.#bodies.push(new TrackedBody(this.#lastId, sighting, timeS, this.#tuning.noise));
    }
    const tracks = this.#bodies.map((body) => body.toTrack(aspect));
    this.#bodies = this.#bodies.filter((body) => body.state !== "ended");
    return tracks;
  }

  #predict(dtS: number, timeS: number): void {
    for (const body of this.#bodies) {
      // A step back in time is another recording: nobody in it is anybody from before.
      if (dtS < 0 || timeS - body.lastSeenS > this.#settings.lostS) body.state = "ended";
      body.predict(Math.max(0, dtS));
    }
  }

  #sort(detections: readonly Detection[], aspect: number): { sure: Set<Sighting>; weak: Set<Sighting> } {
    const sure = new Set<Sighting>();
    const weak = new Set<Sighting>();
    for (const { box, confidence, pose } of detections) {
      // One box that is not a number would stay in its filter for good.
      if (!(box.x2 - box.x1 > 0 && box.y2 - box.y1 > 0 && box.x2 - box.x1 < Infinity)) continue;
      const sighting = { box: toCentred(box, aspect), confidence, pose };
      if (confidence >= this.#settings.high) sure.add(sighting);
      else if (confidence >= this.#settings.low) weak.add(sighting);
    }
    return { sure, weak };
  }

  #associate(sure: Set<Sighting>, weak: Set<Sighting>, dtS: number, timeS: number): void {
    const { sureIou, weakIou, tentativeIou, reachRate } = this.#tuning;
    const reach = Math.max(0, dtS) * reachRate;
    const match = (who: TrackedBody[], from: Set<Sighting>, margin: number, leastIou: number) => {
      const cost = (body: TrackedBody, sighting: Sighting) => 1 - bufferedIou(body.box, sighting.box, margin);
      for (const [body, sighting] of assign(who, [...from], cost, 1 - leastIou)) {
        body.see(sighting, timeS);
        from.delete(sighting);
        if (body.state !== "tentative" || body.sightings >= this.#tuning.confirmSightings)
          body.state = "confirmed";
      }
    };
    const unseen = (...states: Track["state"][]) =>
      this.#bodies.filter((body) => !body.detected && states.includes(body.state));
    match(unseen("confirmed", "lost"), sure, reach, sureIou);
    match(unseen("confirmed"), weak, 0, weakIou);
    match(unseen("tentative"), sure, reach, tentativeIou);
  }

  #settle(): void {
    for (const body of this.#bodies) {
      if (body.detected) continue;
      if (body.state === "tentative") body.state = "ended";
      if (body.state === "confirmed") body.state = "lost";
    }
  }
}
