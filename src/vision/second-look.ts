// Looks again, more closely, where somebody was lost in the middle of the picture: people who lie are what detectors miss.
// A square around the place is enlarged and searched upright, then turned to either side; whoever is found there gets a
// pose from a second model and goes on being followed. One per camera.
import { messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { RgbImage } from "../domain/frame.ts";
import { type Box, boxCentre } from "../domain/geometry.ts";
import type { Detection } from "../domain/pose.ts";
import type { Track } from "../domain/track.ts";
import { type QuarterTurns, turnRgb } from "../domain/turn-rgb.ts";
import type { LookAllowance } from "./look-budget.ts";
import { LookMemory } from "./look-memory.ts";
import type { PersonDetector } from "./person-detector.ts";
import type { PoseEstimator } from "./pose-estimator.ts";
import { deservesSecondLook, type Missed, pickLost } from "./second-look-rules.ts";
import { detectionToPicture, poseToPicture, squareAround, squareOf } from "./square-region.ts";
import { poseConfidence } from "./thunder.ts";

/** What a second look needs of a decoded picture; `VideoFrame` is one. */
export interface LookFrame {
  readonly width: number;
  readonly height: number;
  toRgbRegion(box: Box, width: number, height: number): RgbImage;
}

export interface SecondLookDeps {
  /** MultiPose, whatever the camera's detector is: it alone finds hardly anybody where nobody is (1 of 85 empty squares). */
  readonly finder: PersonDetector;
  readonly pose: PoseEstimator;
  readonly allowance: LookAllowance;
  readonly log: Logger;
}

/** Somebody who was lost and is there. */
export interface FoundAgain {
  readonly trackId: number;
  readonly detection: Detection;
}

/** Side of the square that is searched, body lengths: whoever stood in its middle may lie anywhere around. */
const SEARCH_LENGTHS = 2;
/** Side of the finder's input, pixels: the body then takes up half of it, which is what MultiPose sees best. */
const SEARCH_SIDE = 256;
/** Side of the pose model's square, times the found box. */
const POSE_MARGIN = 1.3;
/** Most people are found upright, so this comes first; then lying to either side. */
const TURNS: readonly QuarterTurns[] = [0, 1, 3];

export class SecondLook {
  readonly #deps: SecondLookDeps;
  readonly #memories = new Map<number, LookMemory>();
  #failing = false;

  constructor(deps: SecondLookDeps) {
    this.#deps = deps;
  }

  /**
   * To be called once for every analysed frame, with what the tracker made of it; `timeS` is the frame's media time. Gives
   * those that were found, to be handed to `Tracker.amend`. Failures are logged, not thrown: the frame is worth something
   * without a second look.
   */
  async look(frame: LookFrame, tracks: readonly Track[], timeS: number): Promise<readonly FoundAgain[]> {
    this.#deps.allowance.earn();
    const aspect = frame.width / frame.height;
    const missed = this.#remember(tracks, timeS, aspect).filter((one) =>
      deservesSecondLook(one, timeS, aspect),
    );
    if (missed.length === 0) return [];
    const seen = tracks.filter((track) => track.detected).map((track) => track.box);
    const found: FoundAgain[] = [];
    try {
      // Who has waited longest goes first, for the allowance may not be enough for all.
      for (const one of missed.sort((a, b) => (a.memory.lastLookS ?? -1) - (b.memory.lastLookS ?? -1))) {
        const detection = await this.#search(frame, one, seen, timeS);
        if (detection === null) continue;
        found.push({ trackId: one.track.id, detection });
        seen.push(detection.box);
      }
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#deps.log.warn({ reason: messageOf(error) }, "a second look failed");
      this.#failing = true;
    }
    return found;
  }

  #remember(tracks: readonly Track[], timeS: number, aspect: number): Missed[] {
    const alive = new Set<number>();
    const known: Missed[] = [];
    for (const track of tracks) {
      if (track.state === "ended") continue;
      alive.add(track.id);
      let memory = this.#memories.get(track.id);
      if (memory === undefined) {
        memory = new LookMemory(track, timeS);
        this.#memories.set(track.id, memory);
      }
      if (track.detected) memory.detected(track, timeS, aspect);
      known.push({ track, memory });
    }
    for (const id of this.#memories.keys()) if (!alive.has(id)) this.#memories.delete(id);
    return known;
  }

  async #search(
    frame: LookFrame,
    missed: Missed,
    seen: readonly Box[],
    timeS: number,
  ): Promise<Detection | null> {
    const { finder, allowance } = this.#deps;
    const { memory } = missed;
    const aspect = frame.width / frame.height;
    const square = squareAround(boxCentre(memory.lastBox), SEARCH_LENGTHS * memory.length, aspect);
    let crop: RgbImage | null = null;
    for (const turns of [memory.turns, ...TURNS.filter((other) => other !== memory.turns)]) {
      if (!allowance.take()) return null;
      memory.lastLookS = timeS;
      crop ??= frame.toRgbRegion(square, SEARCH_SIDE, SEARCH_SIDE);
      const detections = await finder.detect(turnRgb(crop, turns));
      const inPicture = detections.map((detection) => detectionToPicture(detection, square, turns));
      const found = pickLost(inPicture, missed, seen, aspect);
      if (found === null) continue;
      memory.found(found.box, turns);
      return await this.#refine(frame, found, turns);
    }
    memory.misses += 1;
    return null;
  }

  /** The same body with the better of two poses. */
  async #refine(frame: LookFrame, found: Detection, turns: QuarterTurns): Promise<Detection> {
    const { pose: estimator, allowance } = this.#deps;
    if (!allowance.take()) return found;
    const square = squareOf(found.box, POSE_MARGIN, frame.width / frame.height);
    const crop = frame.toRgbRegion(square, estimator.inputSide, estimator.inputSide);
    const pose = await estimator.estimate(turnRgb(crop, turns));
    if (found.pose !== null && poseConfidence(found.pose) >= poseConfidence(pose)) return found;
    return { ...found, pose: poseToPicture(pose, square, turns) };
  }
}
