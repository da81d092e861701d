// When somebody on the floor is asked after, and what the notice says.
import { assertNever } from "../core/assert-never.ts";
import type { FallSign } from "../domain/activity.ts";
import type { AdlSettings } from "./adl-settings.ts";
import { rulesOf } from "./fall-rules.ts";
import type { FloorEffect, OnFloor } from "./floor-state.ts";

/** Seconds on the floor before the notice. */
export function patienceOf({ look: how, doubtful }: OnFloor, settings: AdlSettings): number {
  const rules = rulesOf(settings);
  const { onFloorAfterS, longLieAfterS } = settings;
  switch (how) {
    case "lying":
    case null:
      return doubtful ? Math.min(rules.doubtAfterS, onFloorAfterS) : onFloorAfterS;
    case "sitting":
      // Who sat down on the floor calmly is at home there; a minute without getting up is worth a look.
      return doubtful ? Math.min(rules.seatedDoubtAfterS, onFloorAfterS) : longLieAfterS;
    case "kneeling":
      return onFloorAfterS;
    default:
      return assertNever(how);
  }
}

export function tell(kind: FloorEffect["kind"], state: OnFloor, settings: AdlSettings | null): FloorEffect {
  const { sinceS, way, frames, seenDown } = state;
  return { kind, confidence: seenDown / frames, sinceS, way, signs: signsOf(state, settings) };
}

function signsOf(state: OnFloor, settings: AdlSettings | null): readonly FallSign[] {
  const fast = settings !== null && state.way.peakSpeed >= settings.fallSpeed;
  const signs: readonly (readonly [FallSign, boolean])[] = [
    ["fast", fast],
    ["looks_fallen", state.look === "lying"],
    ["seated", state.look === "sitting"],
    ["vanished", !state.seen],
    ["still_there", state.covered],
    ["on_known_floor", state.onFloor === true],
  ];
  return signs.filter(([, holds]) => holds).map(([sign]) => sign);
}
