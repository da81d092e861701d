// Somebody on the floor, whatever the way down: off -> lying -> notice (on_floor) -> alarm (long_lie) -> up again. It
// carries what speed cannot tell from lying down on purpose, the slow slide and the fall in two stages, and asks after it
// by time. Pure.
import type { AdlSettings } from "./adl-settings.ts";

/** Up for this long is having got up: the same patience as after a confirmed fall. */
const UP_HOLD_S = 1;
/**
 * Without a confirmed fall, somebody unseen for this long is not taken to lie there any more: they may have left. After a
 * confirmed fall they are, until they are seen up.
 */
const UNSEEN_S = 10;
const DUST_S = 1e-6;

/** How somebody got to the floor, as far as it was seen: L/s and L. */
export interface WayDown {
  readonly peakSpeed: number;
  readonly drop: number;
}

export type FloorState =
  | { readonly kind: "off" }
  | {
      readonly kind: "on";
      readonly sinceS: number;
      readonly way: WayDown;
      readonly lastSeenS: number;
      readonly upSinceS: number | null;
      /** Frames since then, and those of them in which the person was seen lying. */
      readonly frames: number;
      readonly seenLying: number;
      readonly noticed: boolean;
      readonly longLie: boolean;
    };

export interface FloorInput {
  readonly timeS: number;
  /** Lies on the floor, outside beds and sofas. Null when the person is not seen in this frame. */
  readonly lying: boolean | null;
  readonly way: WayDown;
  /** Since when on the ground, if a fall of this person has been confirmed. */
  readonly fallenSinceS: number | null;
}

export interface FloorEffect {
  readonly kind: "on_floor" | "long_lie" | "fall_recovered";
  /** Share of the frames in which the person was seen lying, 0..1. */
  readonly confidence: number;
  readonly sinceS: number;
  readonly way: WayDown;
}

export interface FloorStep {
  readonly state: FloorState;
  readonly effects: readonly FloorEffect[];
}

export const OFF_FLOOR: FloorState = { kind: "off" };

export function stepFloor(state: FloorState, input: FloorInput, settings: AdlSettings): FloorStep {
  const { timeS, lying, fallenSinceS, way } = input;
  const fallen = fallenSinceS !== null;
  if (state.kind === "off") {
    if (lying !== true && !fallen) return { state, effects: [] };
    const fresh = { upSinceS: null, frames: 1, seenLying: lying === true ? 1 : 0 };
    const sinceS = fallenSinceS ?? timeS;
    const told = { noticed: false, longLie: false };
    return { state: { kind: "on", sinceS, way, lastSeenS: timeS, ...fresh, ...told }, effects: [] };
  }
  const upSinceS = lying === null ? state.upSinceS : lying || fallen ? null : (state.upSinceS ?? timeS);
  const next = {
    ...state,
    upSinceS,
    lastSeenS: lying === null ? state.lastSeenS : timeS,
    frames: state.frames + 1,
    seenLying: state.seenLying + (lying === true ? 1 : 0),
  };
  const tell = (kind: FloorEffect["kind"]): FloorEffect => ({
    kind,
    confidence: next.seenLying / next.frames,
    sinceS: state.sinceS,
    way: state.way,
  });
  if (!fallen && timeS - next.lastSeenS > UNSEEN_S) return { state: OFF_FLOOR, effects: [] };
  if (upSinceS !== null && timeS - upSinceS >= UP_HOLD_S - DUST_S) {
    return { state: OFF_FLOOR, effects: state.noticed || state.longLie ? [tell("fall_recovered")] : [] };
  }
  const onS = timeS - state.sinceS;
  const lies = lying === true || fallen;
  const notice = lies && !fallen && !state.noticed && onS >= settings.onFloorAfterS - DUST_S;
  const alarm = lies && !state.longLie && onS >= settings.longLieAfterS - DUST_S;
  return {
    state: { ...next, noticed: state.noticed || notice, longLie: state.longLie || alarm },
    effects: [...(notice ? [tell("on_floor")] : []), ...(alarm ? [tell("long_lie")] : [])],
  };
}
