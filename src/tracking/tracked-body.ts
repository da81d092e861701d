import type { Detection, Pose } from "../domain/pose.ts";
import type { Track, TrackState } from "../domain/track.ts";
import { BoxFilter, type FilterNoise } from "./box-filter.ts";
import { type CentredBox, fromCentred } from "./centred-box.ts";

/**
 * Seconds without a sighting after which a body's speed is no longer taken as it was. More than a frame at 10 frames/s,
 * and little enough that a fall seen in two frames only is not carried through the floor (2 more of 88 kept in sight).
 */
const COAST_AFTER_S = 0.15;

/** A detection of the current frame, in the tracker's coordinates. */
export interface Sighting {
  readonly box: CentredBox;
  readonly confidence: number;
  readonly pose: Detection["pose"];
}

/** One track while it is alive: where the body should be, and what has become of it. */
export class TrackedBody {
  readonly id: number;
  readonly firstSeenS: number;
  readonly #filter: BoxFilter;
  state: TrackState = "tentative";
  /** How often it was seen. */
  sightings = 1;
  lastSeenS: number;
  #confidence: number;
  #pose: Pose | null;
  #detected = true;

  constructor(id: number, first: Sighting, timeS: number, noise: FilterNoise) {
    this.id = id;
    this.firstSeenS = timeS;
    this.lastSeenS = timeS;
    this.#filter = new BoxFilter(first.box, noise);
    this.#confidence = first.confidence;
    this.#pose = first.pose;
  }

  /** Where it should be by now, or is as far as the filter believes the detection of this frame. */
  get box(): CentredBox {
    return this.#filter.box;
  }

  /** Whether it was seen in this frame. */
  get detected(): boolean {
    return this.#detected;
  }

  /** Goes on to the next frame, `dtS` seconds later, in which it has not been seen yet. */
  predict(dtS: number, timeS: number): void {
    this.#filter.predict(dtS, timeS - this.lastSeenS > COAST_AFTER_S);
    this.#detected = false;
    this.#pose = null;
  }

  see(sighting: Sighting, timeS: number): void {
    this.#filter.update(sighting.box);
    this.#confidence = sighting.confidence;
    this.#pose = sighting.pose;
    this.#detected = true;
    this.sightings += 1;
    this.lastSeenS = timeS;
  }

  toTrack(aspect: number): Track {
    return {
      id: this.id,
      state: this.state,
      box: fromCentred(this.box, aspect),
      confidence: this.#confidence,
      pose: this.#pose,
      detected: this.#detected,
      firstSeenS: this.firstSeenS,
      lastSeenS: this.lastSeenS,
    };
  }
}
