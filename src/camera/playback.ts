/** How a source is played. Live: paced by its own time. Offline: every due picture, as fast as it is consumed. */
export type Playback =
  /** `loop`: a file begins again at its end. */
  | { readonly kind: "live"; readonly loop: boolean }
  /** `holdLastS`: how long the last picture goes on after the end, seconds of media time; `offsetS` shifts the frames that are picked. */
  | { readonly kind: "offline"; readonly holdLastS: number; readonly offsetS?: number };
