// What is done with one frame of one camera once it is its turn: scale, detect, leave out what is to be ignored, give poses
// and looks to those who need them, follow, and look again for those who were lost.
import { type Box, boxCentre, isInside } from "../domain/geometry.ts";
import type { Detection } from "../domain/pose.ts";
import type { Track } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";
import type { Tracker } from "../tracking/tracker.ts";
import type { AppearanceEmbedder } from "../vision/appearance-embedder.ts";
import type { PersonDetector } from "../vision/person-detector.ts";
import type { PoseSupplier } from "../vision/pose-supplier.ts";
import type { SecondLook } from "../vision/second-look.ts";
import type { PipelineFrame } from "./pipeline-frame.ts";

export interface FrameAnalysisDeps {
  readonly detector: PersonDetector;
  readonly tracker: Tracker;
  /** For detectors that find people without their poses; null for the others. */
  readonly poses: Pick<PoseSupplier, "supply"> | null;
  /** For trackers that tell people apart by it; null for the others. */
  readonly appearance: Pick<AppearanceEmbedder, "embedDetections"> | null;
  /** Null: those who are lost are not looked for. */
  readonly secondLook: Pick<SecondLook, "look"> | null;
}

export interface FrameContext {
  /** Media time, seconds. */
  readonly timeS: number;
  /** Of the detector's input, pixels. */
  readonly longSide: number;
  readonly zones: readonly Zone[];
}

export class FrameAnalysis {
  readonly #deps: FrameAnalysisDeps;

  constructor(deps: FrameAnalysisDeps) {
    this.#deps = deps;
  }

  async analyse(frame: PipelineFrame, context: FrameContext): Promise<readonly Track[]> {
    const { detector, tracker, poses, appearance } = this.#deps;
    const fit = detector.fit(frame.width, frame.height, context.longSide);
    const found = await detector.detect(frame.toRgb(fit.contentWidth, fit.contentHeight));
    let people: readonly Detection[] = found.filter(({ box }) => !isIgnored(box, context.zones));
    people = (await poses?.supply(frame, people)) ?? people;
    people = (await appearance?.embedDetections(frame, people)) ?? people;
    const tracks = tracker.update(people, context.timeS, frame.width / frame.height);
    return await this.#lookAgain(frame, tracks, context);
  }

  /** A frame in which nobody can be: time goes on for whoever was followed. */
  rest(frame: PipelineFrame, timeS: number): readonly Track[] {
    return this.#deps.tracker.update([], timeS, frame.width / frame.height);
  }

  async #lookAgain(
    frame: PipelineFrame,
    tracks: readonly Track[],
    { timeS, zones }: FrameContext,
  ): Promise<readonly Track[]> {
    const found = (await this.#deps.secondLook?.look(frame, tracks, timeS)) ?? [];
    const detections = new Map(
      found
        .filter(({ detection }) => !isIgnored(detection.box, zones))
        .map(({ trackId, detection }) => [trackId, detection]),
    );
    if (detections.size === 0) return tracks;
    return tracks.map((track) => {
      const detection = detections.get(track.id);
      return detection === undefined ? track : this.#amend(track, detection, frame.width / frame.height);
    });
  }

  #amend(track: Track, detection: Detection, aspect: number): Track {
    const amended = this.#deps.tracker.amend(track.id, detection, aspect);
    if (amended !== null) return amended;
    // Hardly seen, they were looked at for a better pose than a weak detection has.
    return track.detected ? { ...track, pose: detection.pose } : track;
  }
}

function isIgnored(box: Box, zones: readonly Zone[]): boolean {
  return zones.some((zone) => zone.kind === "ignore" && isInside(boxCentre(box), zone.polygon));
}
