// What a camera's pictures are worth: whether anything moves before it, whether they show anything at all, how large
// people are in them, and what stands or lies in the room that does not belong there. Looks at small thumbnails of every due frame; holds no picture.
import { isDeepStrictEqual } from "node:util";
import { BackgroundWatch } from "../camera/background-watch.ts";
import { BlindWatch } from "../camera/blind-watch.ts";
import { InputSizePolicy } from "../camera/input-size-policy.ts";
import { type Motion, MotionDetector } from "../camera/motion-detector.ts";
import { SleepPolicy } from "../camera/sleep-policy.ts";
import { thumbnailSize } from "../camera/thumbnail-size.ts";
import { isUnexplained } from "../camera/unexplained-motion.ts";
import type { Blindness } from "../domain/camera-status.ts";
import { boxCentre, boxHeight, boxWidth, isInside } from "../domain/geometry.ts";
import type { ForegroundRegion, Track } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";
import type { PipelineFrame } from "./pipeline-frame.ts";

export interface SceneWatchOptions {
  /** Whether pictures without movement may be left out. */
  readonly motionGate: boolean;
  /** Whether to tell black, covered, frozen and turned-away pictures: of cameras, not of films. */
  readonly blindness: boolean;
  /** Long sides of its input that the detector may be run at, pixels, ascending. */
  readonly sizes: readonly number[];
  readonly zones: readonly Zone[];
}

/** Every second frame at ten a second. Half of what looking at thumbnails costs, which is 4 % of a frame's analysis. */
const FOLLOWING_EVERY_S = 0.15;
const STILL: Motion = { moving: false, share: 0, box: null };

export class SceneWatch {
  readonly #motionGate: boolean;
  readonly #motionDetector = new MotionDetector();
  readonly #sleep = new SleepPolicy();
  readonly #blindWatch: BlindWatch | null;
  readonly #background = new BackgroundWatch();
  readonly #inputSize: InputSizePolicy;
  #zones: readonly Zone[];
  #motion = STILL;
  #blind: Blindness | null = null;
  /** Of the last analysed frame, without those that ended. */
  #tracks: readonly Track[] = [];
  #lying = false;
  #examinedS = Number.NEGATIVE_INFINITY;

  constructor(options: SceneWatchOptions) {
    this.#motionGate = options.motionGate;
    this.#blindWatch = options.blindness ? new BlindWatch() : null;
    this.#inputSize = new InputSizePolicy(options.sizes);
    this.#zones = options.zones;
  }

  /** Nothing moves and nobody is followed: the pictures are not analysed. */
  get resting(): boolean {
    return this.#motionGate && this.#sleep.resting;
  }

  /** Long side of the detector's input for the next frame, pixels. */
  get inputSize(): number {
    return this.#inputSize.size;
  }

  /** Why the pictures show nothing of use; null while they do. */
  get blind(): Blindness | null {
    // Where nothing is drawn, nothing is in the wrong place.
    return this.#blind?.cause === "moved" && this.#zones.length === 0 ? null : this.#blind;
  }

  /** What covers a place of the room unexplained, outside ignored zones; null while the room is not known yet. */
  get foreground(): readonly ForegroundRegion[] | null {
    const ignored = this.#zones.filter((zone) => zone.kind === "ignore");
    const regions = this.#background.regions;
    if (ignored.length === 0 || regions === null) return regions;
    return regions.filter(({ box }) => !ignored.some(({ polygon }) => isInside(boxCentre(box), polygon)));
  }

  /** Takes every due frame in the order of their times; whether it is to be analysed. */
  examine(frame: PipelineFrame, timeS: number): boolean {
    // While somebody is followed nothing depends on whether this very frame shows movement.
    const isFollowing = this.#tracks.length > 0 || this.#lying;
    const sinceS = timeS - this.#examinedS;
    if (isFollowing && sinceS >= 0 && sinceS < FOLLOWING_EVERY_S) return true;
    this.#examinedS = timeS;
    const { width, height } = thumbnailSize(frame.width, frame.height);
    const luma = frame.toLuma(width, height);
    this.#motion = this.#motionDetector.observe(luma, timeS);
    this.#background.observe(luma, timeS, this.#tracks);
    const { moving } = this.#motion;
    if (this.#blindWatch !== null) {
      const people = this.#tracks.filter((track) => track.state === "confirmed").length;
      this.#blind = this.#blindWatch.observe(luma, timeS, { moving, people });
    }
    const awake = this.#sleep.awake({
      timeS,
      moving,
      tracked: this.#tracks.length > 0,
      lying: this.#lying,
    });
    return awake || !this.#motionGate;
  }

  /** Takes what was found in an analysed frame. */
  found(tracks: readonly Track[], aspect: number, timeS: number): void {
    this.#tracks = tracks.filter((track) => track.state !== "ended");
    const bodies = this.#tracks.map((track) => track.box);
    const seen = this.#tracks.filter((track) => track.detected);
    this.#inputSize.observe({
      timeS,
      aspect,
      heights: seen.map(({ box }) => Math.max(boxWidth(box) * aspect, boxHeight(box))),
      lying: this.#lying,
      unexplainedMotion: isUnexplained(this.#motion, bodies),
    });
  }

  /** Somebody lies, or was last seen lying, in this room. */
  attend(lying: boolean): void {
    this.#lying = lying;
  }

  /** Whoever draws zones has seen the picture as it is now. */
  setZones(zones: readonly Zone[]): void {
    if (isDeepStrictEqual(zones, this.#zones)) return;
    this.#zones = zones;
    this.#blindWatch?.accept();
  }
}
