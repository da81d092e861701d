// One track's way to its tracklet: which moments are worth a closer look, which of those are kept, and when what is kept
// is handed on. It decides alone; whoever owns the frames cuts, and describes what was handed on in their own time.
import type { Millis } from "../core/clock.ts";
import { type Box, boxArea, boxHeight, boxWidth } from "../domain/geometry.ts";
import type { Pose } from "../domain/pose.ts";
import type { Track } from "../domain/track.ts";
import type { Facing, Tracklet } from "../domain/tracklet.ts";
import { BestMoments, type RatedMoment } from "./best-moments.ts";
import {
  coveredShare,
  faceWidth,
  facingOf,
  isCutOff,
  isUpright,
  showsFace,
  uprightStance,
} from "./body-view.ts";
import { type MomentView, momentQuality, sharpnessShare } from "./moment-quality.ts";
import { PoseTrail, type TimedPose } from "./pose-trail.ts";

export interface TrackletSettings {
  /** Moments kept at a time. */
  readonly samples: number;
  /** Frames in which a body is seen, and pixels it is long on average, before anything is handed on. */
  readonly minFrames: number;
  readonly minHeightPx: number;
  /** Pixels a face is wide before it is cut out. */
  readonly minFacePx: number;
}

/** One track in one frame. */
export interface TrackSight {
  readonly capturedAt: Millis;
  readonly timeS: number;
  readonly track: Track;
  /** Of the frame, pixels. */
  readonly width: number;
  readonly height: number;
  /** Boxes of the others who are seen in it. */
  readonly others: readonly Box[];
}

/** A moment that is worth being cut out of its frame. */
export interface Wish {
  readonly trackId: number;
  readonly capturedAt: Millis;
  readonly timeS: number;
  readonly box: Box;
  readonly pose: Pose | null;
  /** What there is to gain by it: the larger, the sooner its turn. */
  readonly gain: number;
  readonly view: MomentView;
  /** It says something new, rather than the same once more. */
  readonly isNews: boolean;
  /** Whether its clothes, and its face, can be made out. */
  readonly body: boolean;
  readonly face: boolean;
}

/** A moment that is kept, with what was cut out of its frame. */
export interface Moment<C> extends RatedMoment {
  readonly capturedAt: Millis;
  readonly box: Box;
  readonly isNews: boolean;
  readonly face: boolean;
  readonly crop: C;
}

export interface Checkpoint<C> extends Omit<Tracklet, "cameraId" | "samples" | "gait"> {
  /** Best first. */
  readonly moments: readonly Moment<C>[];
  /** Of the last seconds, oldest first. */
  readonly poses: readonly TimedPose[];
}

/** The first crops are for finding out who it is: twice as many as are kept at a time. */
const GATHERED = 2;
/** Moments from one side until it is known. */
const PER_FACING = 2;
/** What is better than the best before from its side by this is news. */
const CLEARLY_BETTER = 0.15;
/** A moment may be sharper than the last one by this: enough for another try while crops are blurred, none once they are not. */
const SHARPER = 0.2;
/** Between two crops of one track, seconds: five a second at most. */
const CUT_EVERY_S = 0.2;
/** Between two checkpoints: so long while there is news, twice as long each time there was none, up to that. Seconds. */
const PAUSE_S = { first: 2, longest: 30, longestWithoutFace: 8 } as const;
/** Estimated from a few points, a face's width may be off by this. */
const FACE_WIDTH_DOUBT = 0.75;

export class TrackletBuilder<C> {
  readonly #trackId: number;
  readonly #settings: TrackletSettings;
  readonly #moments: BestMoments<Moment<C>>;
  readonly #poses = new PoseTrail();
  readonly #facings = new Map<Facing | null, { count: number; best: number }>();
  #first: Millis | null = null;
  #last: Millis = 0;
  #frames = 0;
  #widthSum = 0;
  #heightSum = 0;
  #lengthSum = 0;
  #upright: Tracklet["upright"] = null;
  #sharpness = 1;
  #lastCutS = Number.NEGATIVE_INFINITY;
  #checkpoints = 0;
  #lastCheckpointS = Number.NEGATIVE_INFINITY;
  #pauseS: number = PAUSE_S.first;
  #handedOn = 0;
  #facesHandedOn = 0;
  #hasGoodFace = false;
  #ended = false;

  constructor(trackId: number, settings: TrackletSettings) {
    this.#trackId = trackId;
    this.#settings = settings;
    this.#moments = new BestMoments(settings.samples);
  }

  /** Seen in enough frames, and large enough, for something to be said about it. */
  get stable(): boolean {
    const { minFrames, minHeightPx } = this.#settings;
    return this.#frames >= minFrames && this.#lengthSum >= minHeightPx * this.#frames;
  }

  /** A face of it could be described well: what is still missing is no longer urgent. */
  noteGoodFace(): void {
    this.#hasGoodFace = true;
  }

  /** Takes in a frame; whether it is worth being cut out, if its turn comes. */
  see(sight: TrackSight): Wish | null {
    const { track, timeS, width, height } = sight;
    if (this.#ended) return null;
    // A step back is another recording.
    if (timeS < this.#lastCheckpointS) this.#lastCheckpointS = timeS;
    if (timeS < this.#lastCutS) this.#lastCutS = Number.NEGATIVE_INFINITY;
    const { box, pose } = track;
    if (!track.detected || !(boxArea(box) > 0)) return null;
    this.#measure(sight);
    const aspect = width / height;
    if (pose !== null && isUpright(box, pose, aspect)) this.#poses.add(timeS, pose);
    if (timeS - this.#lastCutS < CUT_EVERY_S - 1e-3) return null;
    const view: MomentView = {
      confidence: track.confidence,
      widthPx: boxWidth(box) * width,
      heightPx: boxHeight(box) * height,
      facing: pose === null ? null : facingOf(pose, aspect),
      showsFace: pose !== null && showsFace(pose, aspect),
      covered: coveredShare(box, sight.others),
      cutOff: isCutOff(box),
    };
    const facePx = pose === null || !view.showsFace ? 0 : (faceWidth(pose, aspect) ?? 0) * height;
    const face = facePx >= FACE_WIDTH_DOUBT * this.#settings.minFacePx;
    const body = view.heightPx >= this.#settings.minHeightPx && isUpright(box, pose, aspect);
    if (!face && !body) return null;
    const quality = momentQuality(view, Math.min(1, this.#sharpness + SHARPER));
    const isNews = this.#isNews(view.facing, quality, face);
    if (!isNews && timeS - this.#lastCheckpointS < this.#pauseS) return null;
    const gain = this.#moments.gain({ timeS, facing: view.facing, quality });
    if (gain === 0) return null;
    const { capturedAt } = sight;
    return { trackId: this.#trackId, capturedAt, timeS, box, pose, gain, view, isNews, body, face };
  }

  /** @param variance of the Laplacian of the moment's crop */
  keep(wish: Wish, variance: number, crop: C): void {
    const { timeS, capturedAt, box, view, isNews, face } = wish;
    this.#lastCutS = timeS;
    this.#sharpness = sharpnessShare(variance);
    const quality = momentQuality(view, this.#sharpness);
    this.#moments.offer({ timeS, capturedAt, box, facing: view.facing, quality, isNews, face, crop });
  }

  /** What is to be handed on now; null while it is not time yet. `lost`: nobody is seen, so nothing better comes soon. */
  checkpoint(timeS: number, lost: boolean): Checkpoint<C> | null {
    if (this.#ended || !this.stable || this.#moments.size === 0) return null;
    const isFirst = this.#checkpoints === 0;
    const isDue = timeS - this.#lastCheckpointS >= this.#pauseS;
    if (!isFirst && !isDue && !lost && !this.#bringsFirstFace()) return null;
    return this.#handOn(timeS, false);
  }

  /** The last checkpoint; null for a track of which nothing was ever said, nor can be. Nothing comes after it. */
  end(): Checkpoint<C> | null {
    if (this.#ended) return null;
    this.#ended = true;
    if (this.#checkpoints === 0 && !this.stable) {
      this.#moments.take();
      return null;
    }
    return this.#handOn(this.#lastCheckpointS, true);
  }

  #measure({ track, capturedAt, width, height }: TrackSight): void {
    const widthPx = boxWidth(track.box) * width;
    const heightPx = boxHeight(track.box) * height;
    this.#first ??= capturedAt;
    this.#last = capturedAt;
    this.#frames += 1;
    this.#widthSum += widthPx;
    this.#heightSum += heightPx;
    // Whoever lies is as large as whoever stands.
    this.#lengthSum += Math.max(widthPx, heightPx);
    this.#upright = uprightStance(track.box, track.pose, width / height) ?? this.#upright;
  }

  #isNews(facing: Facing | null, quality: number, face: boolean): boolean {
    const { samples } = this.#settings;
    if (this.#handedOn + this.#moments.size < GATHERED * samples) return true;
    if (face && this.#facesHandedOn < samples) return true;
    const known = this.#facings.get(facing);
    if (facing !== null && (known?.count ?? 0) < PER_FACING) return true;
    return known !== undefined && quality >= known.best + CLEARLY_BETTER;
  }

  #bringsFirstFace(): boolean {
    return this.#facesHandedOn === 0 && this.#moments.some(({ face }) => face);
  }

  #handOn(timeS: number, ended: boolean): Checkpoint<C> {
    const moments = this.#moments.take();
    const hasNews = moments.some(({ isNews }) => isNews);
    const longest = this.#hasGoodFace ? PAUSE_S.longest : PAUSE_S.longestWithoutFace;
    this.#pauseS = hasNews ? PAUSE_S.first : Math.min(longest, 2 * this.#pauseS);
    this.#handedOn += moments.length;
    this.#facesHandedOn += moments.filter(({ face }) => face).length;
    for (const { facing, quality } of moments) {
      const known = this.#facings.get(facing);
      this.#facings.set(facing, {
        count: (known?.count ?? 0) + 1,
        best: Math.max(known?.best ?? 0, quality),
      });
    }
    this.#lastCheckpointS = timeS;
    const checkpoint = this.#checkpoints;
    this.#checkpoints += 1;
    return {
      trackId: this.#trackId,
      checkpoint,
      ended,
      firstSeenAt: this.#first ?? 0,
      lastSeenAt: this.#last,
      frames: this.#frames,
      widthPx: this.#widthSum / this.#frames,
      heightPx: this.#heightSum / this.#frames,
      upright: this.#upright,
      moments,
      poses: this.#poses.all,
    };
  }
}
