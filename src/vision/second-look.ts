// Looks again, more closely, where somebody was lost in the middle of the picture: people who lie are what detectors miss.
// A square around the place is enlarged and searched upright, then turned to either side; whoever is found there gets a
// pose from a second model and goes on being followed. One per camera.
import { messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { type Box, boxCentre } from "../domain/geometry.ts";
import type { Detection } from "../domain/pose.ts";
import type { Track } from "../domain/track.ts";
import { type QuarterTurns, turnRgb } from "../domain/turn-rgb.ts";
import type { LookAllowance } from "./look-budget.ts";
import { LookMemory, type MomentAndShape, type View } from "./look-memory.ts";
import type { PersonDetector } from "./person-detector.ts";
import { type LookFrame, poseIn, turnsToHeadUp } from "./pose-crop.ts";
import { type PoseEstimator, poseConfidence } from "./pose-estimator.ts";
import { deservesSecondLook, type Missed, pickMissed, SURE_CONFIDENCE } from "./second-look-rules.ts";
import { detectionToPicture, squareAround } from "./square-region.ts";

export interface SecondLookDeps {
  /** MultiPose, whatever the camera's detector is: it alone finds hardly anybody where nobody is (1 of 85 empty squares). */
  readonly finder: PersonDetector;
  readonly pose: PoseEstimator;
  readonly allowance: LookAllowance;
  readonly log: Logger;
}

/** Somebody who was lost, or hardly seen any more, and is there. */
export interface FoundAgain {
  readonly trackId: number;
  /** In the picture's coordinates. Its confidence may be below what the tracker asks of a detection of its own. */
  readonly detection: Detection;
}

/**
 * Whoever stood in the middle of two lengths may lie anywhere in them, and takes up half of the finder's input, which is
 * what MultiPose sees best; less shows more of who is cut off by the picture's edge. Most people are found upright, so that
 * comes first. When all these show nobody, the next look takes the others: weak sightings come and go with the view, and the
 * picture of somebody who lies still does not change.
 */
const VIEWS: readonly [readonly View[], readonly View[]] = [
  [
    { lengths: 2, turns: 0 },
    { lengths: 1.4, turns: 0 },
    { lengths: 2, turns: 1 },
    { lengths: 2, turns: 3 },
  ],
  [
    { lengths: 1.7, turns: 0 },
    { lengths: 1.2, turns: 0 },
    { lengths: 1.4, turns: 1 },
    { lengths: 1.4, turns: 3 },
  ],
];
/** Side of the finder's input, pixels. */
const SEARCH_SIDE = 256;

export class SecondLook {
  readonly #deps: SecondLookDeps;
  readonly #memories = new Map<number, LookMemory>();
  #failing = false;

  constructor(deps: SecondLookDeps) {
    this.#deps = deps;
  }

  /**
   * To be called once for every analysed frame, with what the tracker made of it; `timeS` is the frame's media time. Gives
   * those that were found: who was lost is to be handed to `Tracker.amend`; of who was detected in this frame, but hardly,
   * the pose is the better one. Failures are logged, not thrown: the frame is worth something without a second look.
   */
  async look(frame: LookFrame, tracks: readonly Track[], timeS: number): Promise<readonly FoundAgain[]> {
    this.#deps.allowance.earn();
    const now = { timeS, aspect: frame.width / frame.height };
    const missed = this.#remember(tracks, now).filter((one) => deservesSecondLook(one, now) !== null);
    if (missed.length === 0) return [];
    const seen = new Map(tracks.filter((track) => track.detected).map((track) => [track.id, track.box]));
    const found: FoundAgain[] = [];
    try {
      // Who has waited longest goes first, for the allowance may not be enough for all.
      for (const one of missed.sort((a, b) => (a.memory.lastLookS ?? -1) - (b.memory.lastLookS ?? -1))) {
        const others = [...seen].filter(([id]) => id !== one.track.id).map(([, box]) => box);
        const detection = await this.#search(frame, one, others, now);
        if (detection === null) continue;
        found.push({ trackId: one.track.id, detection });
        seen.set(one.track.id, detection.box);
      }
      this.#failing = false;
    } catch (error) {
      this.#failed(error);
    }
    return found;
  }

  #failed(error: unknown): void {
    if (!this.#failing) this.#deps.log.warn({ reason: messageOf(error) }, "a second look failed");
    this.#failing = true;
  }

  #remember(tracks: readonly Track[], now: MomentAndShape): Missed[] {
    const alive = new Set<number>();
    const known: Missed[] = [];
    for (const track of tracks) {
      if (track.state === "ended") continue;
      alive.add(track.id);
      let memory = this.#memories.get(track.id);
      if (memory === undefined) {
        memory = new LookMemory(track, now.timeS);
        this.#memories.set(track.id, memory);
      }
      if (track.detected) memory.detected(track, track.confidence >= SURE_CONFIDENCE, now);
      known.push({ track, memory });
    }
    for (const id of this.#memories.keys()) if (!alive.has(id)) this.#memories.delete(id);
    return known;
  }

  async #search(
    frame: LookFrame,
    missed: Missed,
    others: readonly Box[],
    now: MomentAndShape,
  ): Promise<Detection | null> {
    const { finder, allowance } = this.#deps;
    const { memory } = missed;
    const centre = boxCentre(memory.lastBox);
    for (const view of viewsOf(memory)) {
      if (!allowance.take()) return null;
      memory.lastLookS = now.timeS;
      const square = squareAround(centre, view.lengths * memory.length, now.aspect);
      const crop = turnRgb(frame.toRgbRegion(square, SEARCH_SIDE, SEARCH_SIDE), view.turns);
      const detections = await finder.detect(crop);
      const inPicture = detections.map((detection) => detectionToPicture(detection, square, view.turns));
      const found = pickMissed(inPicture, missed, others, now);
      if (found === null) continue;
      memory.found(found, view, !missed.track.detected && found.confidence >= SURE_CONFIDENCE);
      return await this.#refine(frame, found, view.turns);
    }
    memory.misses += 1;
    return null;
  }

  /** The same body with the better of two poses. Somebody who was found is not lost again because the pose model fails. */
  async #refine(frame: LookFrame, found: Detection, turns: QuarterTurns): Promise<Detection> {
    const { pose: estimator, allowance } = this.#deps;
    if (!allowance.take()) return found;
    const aspect = frame.width / frame.height;
    const headUp = found.pose === null ? null : turnsToHeadUp(found.box, found.pose, aspect);
    const pose = await poseIn(frame, found.box, estimator, headUp ?? turns).catch((error: unknown) => {
      this.#failed(error);
      return null;
    });
    if (pose === null) return found;
    if (found.pose !== null && poseConfidence(found.pose) >= poseConfidence(pose)) return found;
    return { ...found, pose };
  }
}

/** What showed it last comes first. */
function viewsOf({ view, misses }: LookMemory): readonly View[] {
  const turn = misses % 2 === 0 ? VIEWS[0] : VIEWS[1];
  return view === null ? turn : [view, ...turn.filter((other) => other !== view)];
}
