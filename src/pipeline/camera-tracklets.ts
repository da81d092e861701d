// One camera's tracklets: looks at every frame's tracks, cuts out the few moments that are worth it while the frame is
// there, and sends what the models saw in them. Most frames cut nothing.
import { messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { FrameStamp } from "../domain/frame.ts";
import type { Track } from "../domain/track.ts";
import type { GaitSample, Tracklet, TrackletSample } from "../domain/tracklet.ts";
import { gaitOf } from "../reid/gait-features.ts";
import { type Checkpoint, TrackletBuilder, type Wish } from "../tracking/tracklet-builder.ts";
import { CROP_HEIGHT, CROP_WIDTH } from "../vision/appearance-descriptor.ts";
import { poseInCrop } from "../vision/appearance-embedder.ts";
import { HEAD_SIDE, headRegion } from "../vision/head-region.ts";
import { laplacianVariance } from "../vision/sharpness.ts";
import type { PipelineFrame } from "./pipeline-frame.ts";
import type { MomentCrop, SeenCues, TrackletLane } from "./tracklet-cues.ts";
import type { IdentifySettings } from "./vision-contract.ts";

export interface CameraTrackletsOptions {
  readonly cameraId: string;
  readonly settings: Pick<IdentifySettings, "samples" | "minFrames" | "minHeightPx" | "minFacePx" | "gait">;
  readonly lane: TrackletLane;
  /** Newest wins: moments are given up when too many wait. Files are looked at in full. */
  readonly live: boolean;
  readonly log: Logger;
  readonly send: (tracklet: Tracklet) => void;
}

/** Crops a second, in all, and as many at once after a quiet second: one costs under a millisecond of native time. */
const CUTS_PER_S = 6;
/** In one frame, of the most worthwhile: the next is a tenth of a second away. */
const CUTS_PER_FRAME = 2;
/** Bodies followed at a time; crowds are not what is told apart here. Bounds memory to about 45 MB a camera. */
const MOST_TRACKS = 32;
/** A face described at least this well tells who it is if anything does. */
const GOOD_FACE = 0.5;

export class CameraTracklets {
  readonly #options: CameraTrackletsOptions;
  readonly #builders = new Map<number, TrackletBuilder<MomentCrop>>();
  /** Those that are being looked at, in order. */
  #pending: Promise<void> = Promise.resolve();
  /** Raised when what was seen before must not be sent any more. */
  #era = 0;
  #allowance = CUTS_PER_S;
  #lastS: number | null = null;
  #aspect = 1;
  #isPrivate = false;
  #failing = false;

  constructor(options: CameraTrackletsOptions) {
    this.#options = options;
  }

  /** Takes in a frame that was looked at, and its tracks; the frame is only used until this returns. */
  observe(frame: PipelineFrame, stamp: FrameStamp, tracks: readonly Track[]): void {
    if (this.#isPrivate) return;
    const timeS = stamp.mediaTimeS;
    this.#aspect = frame.width / frame.height;
    this.#endUnknown(tracks);
    this.#earn(timeS);
    const detected = tracks.filter((track) => track.detected && track.state !== "ended");
    const wishes: Wish[] = [];
    for (const track of detected) {
      const others = detected.filter((other) => other !== track).map(({ box }) => box);
      const { width, height } = frame;
      const wish = this.#builderOf(track)?.see({
        capturedAt: stamp.capturedAt,
        timeS,
        track,
        width,
        height,
        others,
      });
      if (wish !== null && wish !== undefined) wishes.push(wish);
    }
    this.#cut(frame, wishes);
    for (const track of tracks) this.#checkpoint(track, timeS);
  }

  /** Resolves when everything seen so far has been looked at and sent. */
  settle(): Promise<void> {
    return this.#pending;
  }

  /** The camera's pictures have come to an end: so have its tracks. Resolves when everything has been sent. */
  end(): Promise<void> {
    for (const trackId of [...this.#builders.keys()]) this.#end(trackId);
    return this.#pending;
  }

  /** In privacy nothing is cut out or sent, not even what was seen before. */
  setPrivacy(isPrivate: boolean): void {
    this.#isPrivate = isPrivate;
    if (!isPrivate) return;
    this.#era += 1;
    this.#builders.clear();
  }

  #builderOf({ id }: Track): TrackletBuilder<MomentCrop> | null {
    const known = this.#builders.get(id);
    if (known !== undefined) return known;
    if (this.#builders.size >= MOST_TRACKS) return null;
    const builder = new TrackletBuilder<MomentCrop>(id, this.#options.settings);
    this.#builders.set(id, builder);
    return builder;
  }

  #endUnknown(tracks: readonly Track[]): void {
    const ids = new Set(tracks.map(({ id }) => id));
    for (const trackId of [...this.#builders.keys()]) if (!ids.has(trackId)) this.#end(trackId);
  }

  /** By media time, so that a file's result does not depend on the machine. */
  #earn(timeS: number): void {
    const passedS = Math.max(0, timeS - (this.#lastS ?? timeS));
    this.#lastS = timeS;
    this.#allowance = Math.min(CUTS_PER_S, this.#allowance + passedS * CUTS_PER_S);
  }

  #cut(frame: PipelineFrame, wishes: readonly Wish[]): void {
    const byGain = wishes.toSorted((a, b) => b.gain - a.gain || a.trackId - b.trackId);
    for (const wish of byGain.slice(0, CUTS_PER_FRAME)) {
      if (this.#allowance < 1) return;
      this.#allowance -= 1;
      this.#keep(frame, wish);
    }
  }

  /** Who somebody is may stay unknown; that somebody is there may not. */
  #keep(frame: PipelineFrame, wish: Wish): void {
    try {
      const image = frame.toRgbRegion(wish.box, CROP_WIDTH, CROP_HEIGHT);
      const { body: bodies } = this.#options.lane.cues;
      const pose = wish.pose === null ? null : poseInCrop(wish.pose, wish.box);
      const body = wish.body && bodies !== null ? { image, pose } : null;
      const crop: MomentCrop = { body, head: wish.face ? this.#cutHead(frame, wish) : null };
      this.#builders.get(wish.trackId)?.keep(wish, laplacianVariance(image), crop);
    } catch (error) {
      const reason = messageOf(error);
      if (!this.#failing) this.#options.log.warn({ reason }, "somebody could not be cut out of a picture");
      this.#failing = true;
    }
  }

  #cutHead(frame: PipelineFrame, { pose, box }: Wish): MomentCrop["head"] {
    const region = this.#options.lane.cues.face === null ? null : headRegion(box, pose, this.#aspect);
    if (region === null) return null;
    const image = frame.toRgbRegion(region, HEAD_SIDE, HEAD_SIDE);
    return { image, region, pictureWidth: frame.width, pictureHeight: frame.height };
  }

  #checkpoint(track: Track, timeS: number): void {
    if (track.state === "ended") {
      this.#end(track.id);
      return;
    }
    const builder = this.#builders.get(track.id);
    const checkpoint = builder?.checkpoint(timeS, track.state === "lost") ?? null;
    if (checkpoint !== null) this.#look(checkpoint);
  }

  #end(trackId: number): void {
    const checkpoint = this.#builders.get(trackId)?.end() ?? null;
    this.#builders.delete(trackId);
    if (checkpoint !== null) this.#look(checkpoint);
  }

  #look(checkpoint: Checkpoint<MomentCrop>): void {
    const { lane, live } = this.#options;
    const era = this.#era;
    const gait = this.#gaitOf(checkpoint);
    const crops = checkpoint.moments.map(({ crop }) => crop);
    const seen = lane.look(crops, { droppable: live });
    this.#pending = Promise.all([this.#pending, seen]).then(([, cues]) => {
      if (era === this.#era) this.#send(checkpoint, cues ?? [], gait);
    });
  }

  #gaitOf({ poses }: Checkpoint<MomentCrop>): GaitSample | null {
    return this.#options.settings.gait ? gaitOf(poses, this.#aspect) : null;
  }

  #send(
    { moments, poses: _, ...checkpoint }: Checkpoint<MomentCrop>,
    cues: readonly SeenCues[],
    gait: GaitSample | null,
  ): void {
    const samples = cues.flatMap((seen, index): readonly TrackletSample[] => {
      const moment = moments[index];
      if (moment === undefined || (seen.face === null && seen.appearance === null)) return [];
      const { capturedAt, timeS, box, quality, facing } = moment;
      return [{ capturedAt, mediaTimeS: timeS, box, quality, facing, ...seen }];
    });
    if (samples.some(({ face }) => (face?.quality ?? 0) >= GOOD_FACE))
      this.#builders.get(checkpoint.trackId)?.noteGoodFace();
    this.#options.send({ ...checkpoint, cameraId: this.#options.cameraId, samples, gait });
  }
}
