// Gives poses to people whom the detector found without: plug-in detectors that know boxes alone. One per camera.
import { type Box, boxHeight, boxWidth, iou } from "../domain/geometry.ts";
import type { Detection, Pose } from "../domain/pose.ts";
import type { QuarterTurns } from "../domain/turn-rgb.ts";
import { type LookFrame, poseIn } from "./pose-crop.ts";
import { type PoseEstimator, poseConfidence } from "./pose-estimator.ts";

export interface PoseSupplierOptions {
  readonly estimator: PoseEstimator;
  /** Inferences for one frame, at least 1. */
  readonly perFrame: number;
}

/**
 * A pose that Thunder is as sure of as this needs no second opinion: 95 % of 79 people upright are at .57 or more, a quarter
 * of 59 who lay across at .57 or more as they were and at .64 turned the right way.
 */
const GOOD_POSE = 0.55;
/** A box that overlaps one of the frame before by this is the same person. */
const SAME_PERSON_IOU = 0.3;

/** What was made out of somebody in a frame before. */
interface Known {
  readonly box: Box;
  readonly turns: QuarterTurns;
  /** Frames since they got a pose. */
  readonly waited: number;
}

/** Who is there in this frame: the detection's place in the list, and what is known of them. */
interface Person {
  readonly index: number;
  readonly detection: Detection;
  readonly turns: QuarterTurns;
  readonly waited: number;
}

export class PoseSupplier {
  readonly #estimator: PoseEstimator;
  readonly #perFrame: number;
  #known: readonly Known[] = [];

  constructor({ estimator, perFrame }: PoseSupplierOptions) {
    this.#estimator = estimator;
    this.#perFrame = Math.max(1, Math.floor(perFrame));
  }

  /**
   * The same detections in the same order; those without a pose get one, as far as this frame's inferences go. When they do
   * not go round, people take turns, so that nobody is left without for good. Throws AppError `inference.failed`.
   */
  async supply(frame: LookFrame, detections: readonly Detection[]): Promise<readonly Detection[]> {
    const people = detections.flatMap((detection, index) =>
      detection.pose === null ? [this.#recognise(detection, index)] : [],
    );
    const supplied = [...detections];
    const known: Known[] = [];
    let left = this.#perFrame;
    for (const person of people.sort((a, b) => b.waited - a.waited)) {
      const { detection, index } = person;
      if (left === 0) {
        known.push({ box: detection.box, turns: person.turns, waited: person.waited + 1 });
        continue;
      }
      const best = await this.#bestPose(frame, person, left);
      left -= best.inferences;
      supplied[index] = { ...detection, pose: best.pose };
      known.push({ box: detection.box, turns: best.turns, waited: 0 });
    }
    this.#known = known;
    return supplied;
  }

  /** Whoever is new goes first: nothing is known of them yet. */
  #recognise(detection: Detection, index: number): Person {
    let best: Known | null = null;
    let overlap = SAME_PERSON_IOU;
    for (const known of this.#known) {
      const share = iou(known.box, detection.box);
      if (share < overlap) continue;
      best = known;
      overlap = share;
    }
    return {
      index,
      detection,
      turns: best?.turns ?? 0,
      waited: best?.waited ?? Number.MAX_SAFE_INTEGER,
    };
  }

  /** Turned as it was best before; where that gives no good pose of somebody who lies across, the other ways, too. */
  async #bestPose(
    frame: LookFrame,
    { detection: { box }, turns: first }: Person,
    left: number,
  ): Promise<{ readonly pose: Pose; readonly turns: QuarterTurns; readonly inferences: number }> {
    let best = { pose: await poseIn(frame, box, this.#estimator, first), turns: first, inferences: 1 };
    const liesAcross = boxWidth(box) * (frame.width / frame.height) > boxHeight(box);
    // Whoever was turned before and stands by now is looked at upright again.
    const others = ([0, 1, 3] as const).filter((turns) => turns !== first && (turns === 0 || liesAcross));
    let inferences = 1;
    for (const turns of others) {
      if (poseConfidence(best.pose) >= GOOD_POSE || inferences === left) break;
      const pose = await poseIn(frame, box, this.#estimator, turns);
      inferences += 1;
      if (poseConfidence(pose) > poseConfidence(best.pose)) best = { pose, turns, inferences };
    }
    return { ...best, inferences };
  }
}
