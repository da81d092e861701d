// One person and one drawn bed: out -> entering -> in bed (or sitting on its edge) -> leaving -> out. Both changes must
// last before they are told, so that turning over or a lost pose is neither. Who is not seen any more (a blanket, the
// dark) stays where they were. Pure.
import { assertNever } from "../core/assert-never.ts";
import type { AdlSettings } from "./adl-settings.ts";

/** Sums of frame times carry binary dust. */
const DUST_S = 1e-6;

/** How a seen body stands to the bed. Between "in" and "away" lies a gap on purpose: within it nothing changes. */
export type BedRelation = "in" | "edge" | "between" | "away";

/** `sinceS` is null where the beginning was not seen. */
export type BedState =
  | { readonly kind: "out"; readonly sinceS: number | null }
  | { readonly kind: "entering"; readonly outSinceS: number | null; readonly sinceS: number }
  | { readonly kind: "in"; readonly sinceS: number | null; readonly onEdge: boolean }
  | { readonly kind: "leaving"; readonly inSinceS: number | null; readonly sinceS: number };

export interface BedEffect {
  readonly kind: "bed_entry" | "bed_exit";
  /** Seconds the state before had lasted; null when its beginning was not seen. */
  readonly previousS: number | null;
}

export interface BedStep {
  readonly state: BedState;
  readonly effects: readonly BedEffect[];
}

/** Nothing seen of this person yet. */
export const OUT_OF_BED: BedState = { kind: "out", sinceS: null };

export function isInBed(state: BedState): boolean {
  return state.kind === "in" || state.kind === "leaving";
}

/** `relation` is null when the person is not seen in this frame. */
export function stepBed(
  state: BedState,
  relation: BedRelation | null,
  timeS: number,
  settings: Pick<AdlSettings, "bedDwellS">,
): BedStep {
  if (relation === null) return { state, effects: [] };
  const dwelt = (sinceS: number) => timeS - sinceS >= settings.bedDwellS - DUST_S;
  switch (state.kind) {
    case "out": {
      if (relation === "in") {
        return { state: { kind: "entering", outSinceS: state.sinceS, sinceS: timeS }, effects: [] };
      }
      return { state: { kind: "out", sinceS: state.sinceS ?? timeS }, effects: [] };
    }
    case "entering": {
      if (relation === "away" || relation === "edge") {
        return { state: { kind: "out", sinceS: state.outSinceS ?? timeS }, effects: [] };
      }
      if (relation !== "in" || !dwelt(state.sinceS)) return { state, effects: [] };
      const { outSinceS } = state;
      const previousS = outSinceS === null ? null : state.sinceS - outSinceS;
      // Lying there when first seen, the time in bed began before.
      const sinceS = outSinceS === null ? null : state.sinceS;
      return { state: { kind: "in", sinceS, onEdge: false }, effects: [{ kind: "bed_entry", previousS }] };
    }
    case "in": {
      if (relation === "away") {
        return { state: { kind: "leaving", inSinceS: state.sinceS, sinceS: timeS }, effects: [] };
      }
      const onEdge = relation === "between" ? state.onEdge : relation === "edge";
      return { state: { ...state, onEdge }, effects: [] };
    }
    case "leaving": {
      if (relation === "in" || relation === "edge") {
        const onEdge = relation === "edge";
        return { state: { kind: "in", sinceS: state.inSinceS, onEdge }, effects: [] };
      }
      if (!dwelt(state.sinceS)) return { state, effects: [] };
      const previousS = state.inSinceS === null ? null : state.sinceS - state.inSinceS;
      return { state: { kind: "out", sinceS: state.sinceS }, effects: [{ kind: "bed_exit", previousS }] };
    }
    default:
      return assertNever(state);
  }
}
