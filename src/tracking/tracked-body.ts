import type { Detection, Pose } from "../domain/pose.ts";
import type { Track, TrackState } from "../domain/track.ts";
import { BoxFilter } from "./box-filter.ts";
import { type CentredBox, fromCentred } from "./centred-box.ts";
import { Heading } from "./heading.ts";
import type { TrackerTuning } from "./tracker-tuning.ts";

/**
 * Seconds without a sighting after which a body's speed is no longer taken as it was. More than a frame at 10 frames/s,
 * and little enough that a fall seen in two frames only is not carried through the floor (2 more of 88 kept in sight).
 */
const COAST_AFTER_S = 0.15;

/** A detection of the current frame, in the tracker's coordinates. */
export interface Sighting {
  readonly box: CentredBox;
  readonly confidence: number;
  /** How many times less sure its place is than that of a detection that could start a track; 1 or more. */
  readonly doubt: number;
  readonly pose: Detection["pose"];
  /** What the body looks like, of unit length; null where nothing asked for it. */
  readonly look: Float32Array | null;
}

/** One track while it is alive: where the body should be, and what has become of it. */
export class TrackedBody {
  readonly id: number;
  readonly firstSeenS: number;
  readonly #filter: BoxFilter;
  readonly #heading: Heading;
  /** Where it should be by now, or is as far as the filter believes the detection of this frame. */
  box: CentredBox;
  state: TrackState = "tentative";
  /** How often it was seen. */
  sightings = 1;
  lastSeenS: number;
  /** What it looks like by and by; null where nothing asked for it. */
  look: Float32Array | null;
  /** The box it was last detected in. */
  #last: CentredBox;
  /** Seconds of each frame since then, this one included. */
  #stepsS: number[] = [];
  #confidence: number;
  #pose: Pose | null;
  #detected = true;

  constructor(id: number, first: Sighting, timeS: number, tuning: TrackerTuning) {
    this.id = id;
    this.firstSeenS = timeS;
    this.lastSeenS = timeS;
    this.look = first.look;
    this.#filter = new BoxFilter(first.box, tuning.noise);
    this.box = first.box;
    this.#heading = new Heading(tuning.headingS);
    this.#heading.add(timeS, first.box);
    this.#last = first.box;
    this.#confidence = first.confidence;
    this.#pose = first.pose;
  }

  /** The box it was last detected in. */
  get lastBox(): CentredBox {
    return this.#last;
  }

  /** Whether it was seen in this frame. */
  get detected(): boolean {
    return this.#detected;
  }

  get heading(): Heading {
    return this.#heading;
  }

  /** Goes on to the next frame, `dtS` seconds later, in which it has not been seen yet. */
  predict(dtS: number, timeS: number): void {
    this.#filter.predict(dtS, timeS - this.lastSeenS > COAST_AFTER_S);
    this.box = this.#filter.box;
    this.#stepsS.push(dtS);
    this.#detected = false;
    this.#pose = null;
  }

  see(sighting: Sighting, timeS: number): void {
    const { box, doubt } = sighting;
    if (this.#stepsS.length > 1) this.#filter.bridge(this.#last, box, this.#stepsS, doubt);
    else this.#filter.update(box, doubt);
    this.box = this.#filter.box;
    this.#stepsS = [];
    this.#last = sighting.box;
    this.#heading.add(timeS, sighting.box);
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
