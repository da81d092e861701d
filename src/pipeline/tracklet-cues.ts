// What the models see in a moment that was cut out, one after the other and behind everything else: in the time that
// detection leaves. Whoever waits for it are checkpoints, never frames.
import { type AppError, isAppError, messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { RgbImage } from "../domain/frame.ts";
import type { Pose } from "../domain/pose.ts";
import type { AppearanceSample, FaceSample } from "../domain/tracklet.ts";
import type { FaceDescriber, HeadCrop } from "../vision/face-describer.ts";

/** Describes bodies: from 128x256 pixels, which are only read, and the pose in them; null where it cannot. */
export interface BodyCue {
  readonly modelId: string;
  describe(image: RgbImage, pose: Pose | null): Promise<Float32Array | null>;
}

export interface TrackletCues {
  /** Null: the cue is not looked at. */
  readonly face: Pick<FaceDescriber, "describe"> | null;
  readonly body: BodyCue | null;
  /** A JPEG of a head; null where pictures are not kept. */
  readonly toPicture: ((head: RgbImage) => Promise<Uint8Array>) | null;
}

/** What was cut out of a frame of one moment. */
export interface MomentCrop {
  /** Null where clothes cannot be made out. `pose` is normalised to the crop. */
  readonly body: { readonly image: RgbImage; readonly pose: Pose | null } | null;
  readonly head: HeadCrop | null;
}

export interface SeenCues {
  readonly face: FaceSample | null;
  readonly appearance: AppearanceSample | null;
  readonly picture: Uint8Array | null;
}

const NOTHING: SeenCues = { face: null, appearance: null, picture: null };

interface Task {
  readonly crops: readonly MomentCrop[];
  /** Live: a newer one may be more worth than this. */
  readonly droppable: boolean;
  readonly dropped: boolean;
  readonly resolve: (seen: readonly SeenCues[] | null) => void;
}

/** Crops that wait, about 20 MB of them: whoever is behind by so much looks at newer ones instead. */
const MOST_WAITING = 64;

/**
 * One inference at a time for all cameras, first come, first served: at most one waits in the workers' queue before a
 * frame's, which is 1 to 9 ms. So it goes on under any load, and never holds frames up by more than that.
 */
export class TrackletLane {
  readonly #cues: TrackletCues;
  readonly #log: Logger;
  readonly #tasks: Task[] = [];
  #running = false;
  #dropped = 0;
  #failing = false;

  constructor(cues: TrackletCues, log: Logger) {
    this.#cues = cues;
    this.#log = log;
  }

  get cues(): TrackletCues {
    return this.#cues;
  }

  /** Crops that were given up unseen because too many waited, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * What is seen in each of the crops, in their order; null when they were given up for newer ones. Tasks end in the order
   * they were given in. Never rejects: a cue that cannot be seen is left out.
   */
  look(
    crops: readonly MomentCrop[],
    options: { readonly droppable: boolean },
  ): Promise<readonly SeenCues[] | null> {
    return new Promise((resolve) => {
      this.#tasks.push({ crops, droppable: options.droppable, dropped: false, resolve });
      this.#dropOldest();
      void this.#run();
    });
  }

  #dropOldest(): void {
    let waiting = this.#tasks.reduce((sum, { crops, dropped }) => sum + (dropped ? 0 : crops.length), 0);
    for (const [index, task] of this.#tasks.entries()) {
      if (waiting <= MOST_WAITING || index === this.#tasks.length - 1) return;
      if (!task.droppable || task.dropped || task.crops.length === 0) continue;
      waiting -= task.crops.length;
      if (this.#dropped === 0) this.#log.warn("people are seen faster than they can be told apart");
      this.#dropped += task.crops.length;
      // It keeps its place, so that checkpoints stay in order; its pixels go.
      this.#tasks[index] = { ...task, crops: [], dropped: true };
    }
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      if (task.dropped) {
        task.resolve(null);
        continue;
      }
      const seen: SeenCues[] = [];
      for (const crop of task.crops) seen.push(await this.#see(crop));
      task.resolve(seen);
    }
    this.#running = false;
  }

  async #see({ body, head }: MomentCrop): Promise<SeenCues> {
    const { face: faces, body: bodies } = this.#cues;
    const face = head === null || faces === null ? null : await this.#attempt(() => faces.describe(head));
    const picture = face === null || head === null ? null : await this.#picture(head.image);
    const descriptor =
      body === null || bodies === null
        ? null
        : await this.#attempt(() => bodies.describe(body.image, body.pose));
    if (face === null && descriptor === null) return NOTHING;
    return {
      face: face?.sample ?? null,
      picture,
      appearance: descriptor === null || bodies === null ? null : { modelId: bodies.modelId, descriptor },
    };
  }

  async #picture(image: RgbImage): Promise<Uint8Array | null> {
    const { toPicture } = this.#cues;
    return toPicture === null ? null : await this.#attempt(() => toPicture(image));
  }

  /** Models that do not answer at all stop the detector too, and are dealt with there. */
  async #attempt<T>(look: () => Promise<T | null>): Promise<T | null> {
    try {
      const seen = await look();
      this.#failing = false;
      return seen;
    } catch (error) {
      if (isInterrupted(error)) return null;
      if (!this.#failing)
        this.#log.warn({ reason: messageOf(error) }, "somebody could not be looked at closely");
      this.#failing = true;
      return null;
    }
  }
}

function isInterrupted(error: unknown): error is AppError {
  return isAppError(error, "interrupted");
}
