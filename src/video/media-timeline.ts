// Media time: seconds from a stream's first frame, strictly increasing whatever the container's timestamps do. Files
// are judged by their timestamps alone, so that the same file gives the same times on every machine; live streams are
// judged against the arrival of their frames too.

/** A frame cannot be ahead of its arrival; what is further ahead than this is a jump of the camera's clock. Seconds. */
const LIVE_JUMP_S = 1;
/** Stalled transport may deliver this much late and then catch up in a burst. Seconds. */
const MAX_LAG_S = 10;
/** A lag that lasts this long will not be caught up: timestamps stood still while time passed. Seconds. */
const LAG_PATIENCE_S = 5;
/** Clocks of cheap cameras run up to about this much slow; such drift is not counted as lag. */
const CLOCK_DRIFT = 0.01;
/** After so many lasting lags, each this soon after the one before, the timestamps have the wrong rate: arrival is used. */
const LAGS_UNTIL_DISTRUST = 3;
const LAGS_WITHIN_S = 60;
/** A forward gap in a file above this is a broken timestamp (ffmpeg's dts_delta_threshold has the same 10 s). */
const FILE_JUMP_S = 10;

export interface FrameTiming {
  /** Presentation time by the container, seconds; null when it gives none. */
  readonly ptsS: number | null;
  /** Monotonic time at which the frame came in, seconds. Read for live streams only. */
  readonly arrivalS: number;
  /** How long a frame lasts nominally, seconds, > 0. */
  readonly nominalS: number;
}

export class MediaTimeline {
  readonly #live: boolean;
  #mediaS: number | null = null;
  /** Where the container's clock stood at the last frame; carried on by the nominal duration where it says nothing. */
  #ptsS: number | null = null;
  #arrivalS = 0;
  #lagS = 0;
  #lagSinceS: number | null = null;
  #lags = 0;
  #lastLagS = Number.NEGATIVE_INFINITY;

  constructor(options: { readonly live: boolean }) {
    this.#live = options.live;
  }

  /** Media time of the next frame, seconds; the first frame's is 0. */
  stamp(timing: FrameTiming): number {
    if (this.#mediaS === null) {
      this.#mediaS = 0;
      this.#ptsS = timing.ptsS;
    } else {
      this.#mediaS += this.#live ? this.#liveStep(timing) : this.#fileStep(timing);
    }
    this.#arrivalS = timing.arrivalS;
    return this.#mediaS;
  }

  #fileStep({ ptsS, nominalS }: FrameTiming): number {
    const last = this.#ptsS;
    this.#ptsS = ptsS ?? (last === null ? null : last + nominalS);
    if (ptsS === null || last === null) return nominalS;
    const step = ptsS - last;
    return step > 0 && step <= Math.max(FILE_JUMP_S, 4 * nominalS) ? step : nominalS;
  }

  #liveStep({ ptsS, arrivalS, nominalS }: FrameTiming): number {
    const last = this.#ptsS;
    const waited = Math.max(0, arrivalS - this.#arrivalS);
    this.#ptsS = ptsS;
    // Arrival times of a burst coincide; a thousandth of a second keeps the order.
    const byArrival = Math.max(waited, 0.001);
    if (ptsS === null || last === null || this.#lags >= LAGS_UNTIL_DISTRUST) return byArrival;
    const step = ptsS - last;
    if (step <= 0 || step > waited + this.#lagS + LIVE_JUMP_S) {
      this.#lagS = 0;
      this.#lagSinceS = null;
      return Math.max(waited, nominalS);
    }
    return step + this.#settleLag(waited, step, arrivalS);
  }

  /** Seconds to add because the timestamps fell behind for good; 0 as long as they may still catch up. */
  #settleLag(waited: number, step: number, arrivalS: number): number {
    this.#lagS = Math.min(MAX_LAG_S, Math.max(0, this.#lagS + waited * (1 - CLOCK_DRIFT) - step));
    if (this.#lagS <= LIVE_JUMP_S) {
      this.#lagSinceS = null;
      return 0;
    }
    this.#lagSinceS ??= arrivalS;
    if (arrivalS - this.#lagSinceS < LAG_PATIENCE_S) return 0;
    const lag = this.#lagS;
    this.#lagS = 0;
    this.#lagSinceS = null;
    this.#lags = arrivalS - this.#lastLagS > LAGS_WITHIN_S ? 1 : this.#lags + 1;
    this.#lastLagS = arrivalS;
    return lag;
  }
}
