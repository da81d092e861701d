// One person and one drawn bed: out -> entering -> in bed -> sitting on its edge -> leaving -> out. Every change must last
// before it is told, so that turning over, a lost pose or a carer's hand is none. Who is not seen any more (a blanket, the
// dark) stays where they were, unless they were seen on their way. Pure.
import { assertNever } from "../core/assert-never.ts";
import { defineMachine, type Reachable } from "../core/transitions.ts";
import type { AdlSettings } from "./adl-settings.ts";

/** Sums of frame times carry binary dust. */
const DUST_S = 1e-6;
/** Somebody who lies there when first seen has nobody seen getting in, and may be a heap of blankets: looked at longer. */
const FOUND_DWELL_S = 5;
/**
 * Somebody who sits there with the legs up reads in bed, against a raised backrest, or folds the laundry. Somebody who lies
 * along the line of sight and is taken to sit or stand is in bed after this as well.
 */
const RECLINING_DWELL_S = 30;
/** Of the frames since then, the share that must have shown them in it: postures flicker, a blanket flickers more. */
const SEEN_IN_SHARE = 0.5;
/** Seen out of the bed this long before they vanished, they went out of sight. A posture takes half a second to change. */
const OUT_OF_SIGHT_S = 0.5;
/** Sat on the edge, and has been unseen in a doorway for so long: a pose that is lost comes back within 2 or 3 s. */
const THROUGH_DOOR_S = 5;
/** Unseen for so long after sitting on the edge: under the blanket again. Nobody who sits there is overlooked for that long. */
const UNDER_BLANKET_S = 30;
/** Longer than any night: whoever is in bed and has not been seen for so long has left it unseen. */
const NIGHT_S = 14 * 3600;

/**
 * How a seen body stands to the bed. `in`: lies in it. `reclining`: sits in it with the legs up, or seems to. `upon`: rests on it, which
 * may be sitting there by day. `edge`: sits on it, feet outside. `between`: nothing that could be said. `away`: not on it.
 */
export const BED_RELATIONS = ["in", "reclining", "upon", "edge", "between", "away"] as const;
export type BedRelation = (typeof BED_RELATIONS)[number];

export const BED_MACHINE = defineMachine({
  name: "bed",
  about: "whether one person is in one drawn bed",
  initial: "out",
  transitions: [
    { from: "out", to: "entering", when: "lies in it, or sits in it with the legs up" },
    {
      from: "entering",
      to: "out",
      when: "is out of it or on its edge, or vanishes without having been seen getting in",
    },
    {
      from: "entering",
      to: "in",
      when: "has lain in it for bed_dwell or sat in it for 30 s, or vanishes there after having been seen getting in",
      tells: ["bed_entry"],
    },
    { from: "in", to: "edge", when: "sits on its edge" },
    { from: "in", to: "leaving", when: "is seen out of it" },
    { from: "in", to: "doubted", when: "has not been seen, and somebody else gets in" },
    { from: "in", to: "out", when: "has not been seen for 14 hours" },
    { from: "edge", to: "edge", when: "has sat there for bed_edge_after", tells: ["bed_edge"] },
    { from: "edge", to: "in", when: "has been back in it for bed_dwell, or unseen for 30 s" },
    { from: "edge", to: "leaving", when: "is seen out of it" },
    { from: "edge", to: "out", when: "was last seen in a doorway and not for 5 s", tells: ["bed_exit"] },
    { from: "leaving", to: "in", when: "is seen in it again, or was hardly seen out of it" },
    { from: "leaving", to: "edge", when: "sits on its edge again" },
    {
      from: "leaving",
      to: "out",
      when: "has been out of it, or out of sight, for bed_dwell",
      tells: ["bed_exit"],
    },
    { from: "doubted", to: "in", when: "is seen in it again" },
    { from: "doubted", to: "edge", when: "is seen on its edge" },
    { from: "doubted", to: "leaving", when: "is seen beside it" },
    { from: "doubted", to: "out", when: "has not been seen for 14 hours" },
  ],
});

/** When a state began is null where that was not seen. */
export type BedState =
  | { readonly kind: "out"; readonly sinceS: number | null }
  | {
      readonly kind: "entering";
      readonly outSinceS: number | null;
      readonly sinceS: number;
      /** Frames since then that count, those of them in which the person lay in the bed, and those lying or reclining. */
      readonly frames: number;
      readonly framesLying: number;
      readonly framesIn: number;
    }
  | { readonly kind: "in"; readonly sinceS: number | null }
  | {
      readonly kind: "edge";
      readonly inSinceS: number | null;
      readonly sinceS: number;
      readonly told: boolean;
      /** Since when they look as if they were back in it. */
      readonly backSinceS: number | null;
    }
  | {
      readonly kind: "leaving";
      readonly inSinceS: number | null;
      readonly sinceS: number;
      /** When they were last seen out of it. */
      readonly awayAtS: number;
      /** The sitting on the edge they rose from: who sits down again goes on with it. */
      readonly edge: { readonly sinceS: number; readonly told: boolean } | null;
    }
  /** Somebody else got in while this person had not been seen: they may be that somebody, or sleep on beside them. */
  | { readonly kind: "doubted"; readonly inSinceS: number | null };

type State<K extends BedState["kind"]> = Extract<BedState, { readonly kind: K }>;

export interface BedInput {
  readonly timeS: number;
  /** Null when the person is not seen in this frame. */
  readonly relation: BedRelation | null;
  /** Seconds since they were last seen; 0 when they are. */
  readonly unseenS: number;
  /** Where they were last seen, people leave the room. */
  readonly atDoor: boolean;
  /** Somebody else was just seen getting in. */
  readonly othersEntered: boolean;
}

export interface BedEffect {
  readonly kind: "bed_entry" | "bed_edge" | "bed_exit";
  /**
   * Seconds the state before had lasted: out of bed before an entry, in bed before sitting on the edge or leaving. Null when
   * its beginning was not seen.
   */
  readonly previousS: number | null;
}

interface Stepped<S extends BedState> {
  readonly state: S;
  readonly effects: readonly BedEffect[];
}
export type BedStep = Stepped<BedState>;
/** A step out of `From`, as the table allows it. */
type StepOf<From extends BedState["kind"]> = Stepped<State<Reachable<typeof BED_MACHINE, From>>>;

type Settings = Pick<AdlSettings, "bedDwellS" | "bedEdgeAfterS">;

/** Nothing seen of this person yet. */
export const OUT_OF_BED: State<"out"> = { kind: "out", sinceS: null };

/** Whether the person is taken to be in the bed; who is doubted is not. */
export function isInBed(state: BedState): boolean {
  return state.kind === "in" || state.kind === "edge" || state.kind === "leaving";
}

/** Whether a body that is found in the bed may be this person's. */
export function mayBeInBed(state: BedState): boolean {
  return state.kind !== "out";
}

export function stepBed(state: BedState, input: BedInput, settings: Settings): BedStep {
  switch (state.kind) {
    case "out":
      return stepOut(state, input);
    case "entering":
      return stepEntering(state, input, settings);
    case "in":
      return stepIn(state, input);
    case "edge":
      return stepEdge(state, input, settings);
    case "leaving":
      return stepLeaving(state, input, settings);
    case "doubted":
      return stepDoubted(state, input);
    default:
      return assertNever(state);
  }
}

function stepOut(state: State<"out">, { relation, timeS }: BedInput): StepOf<"out"> {
  if (relation === null) return stay(state);
  if (relation === "in" || relation === "reclining") {
    const frames = { frames: 1, framesLying: relation === "in" ? 1 : 0, framesIn: 1 };
    return stay({ kind: "entering", outSinceS: state.sinceS, sinceS: timeS, ...frames });
  }
  // Only who has been seen out of it was: of somebody found on it nobody knows since when they have been there.
  const seenOut = relation === "away" || relation === "edge";
  return stay({ kind: "out", sinceS: state.sinceS ?? (seenOut ? timeS : null) });
}

function stepEntering(state: State<"entering">, input: BedInput, settings: Settings): StepOf<"entering"> {
  const { timeS, relation } = input;
  const { outSinceS } = state;
  if (relation === "away" || relation === "edge") return stay({ kind: "out", sinceS: outSinceS ?? timeS });
  const walkedIn = outSinceS !== null;
  // Where nobody was seen getting in, not being seen speaks against there being anybody.
  const frames = state.frames + (relation === null && walkedIn ? 0 : 1);
  const framesLying = state.framesLying + (relation === "in" ? 1 : 0);
  const framesIn = state.framesIn + (relation === "in" || relation === "reclining" ? 1 : 0);
  const lies = framesLying >= frames * SEEN_IN_SHARE;
  const lyingDwellS = walkedIn ? settings.bedDwellS : Math.max(FOUND_DWELL_S, settings.bedDwellS);
  const dwellS = lies ? lyingDwellS : Math.max(RECLINING_DWELL_S, settings.bedDwellS);
  const dwelt = lasted(state.sinceS, timeS, dwellS) && framesIn >= frames * SEEN_IN_SHARE;
  // A blanket may be over them before the dwell is; a ghost on the pillow that came from nowhere goes nowhere.
  const hidden = relation === null && walkedIn && lies && !input.atDoor;
  if (dwelt && (relation === "in" || relation === "reclining" || hidden)) {
    const previousS = walkedIn ? state.sinceS - outSinceS : null;
    // Lying there when first seen, the time in bed began before.
    const sinceS = walkedIn ? state.sinceS : null;
    return { state: { kind: "in", sinceS }, effects: [{ kind: "bed_entry", previousS }] };
  }
  const gone = relation === null && input.unseenS >= lyingDwellS - DUST_S;
  return gone ? stay({ kind: "out", sinceS: outSinceS }) : stay({ ...state, frames, framesLying, framesIn });
}

function stepIn(state: State<"in">, { timeS, relation, ...input }: BedInput): StepOf<"in"> {
  if (relation === null) {
    if (input.unseenS > NIGHT_S) return stay(OUT_OF_BED);
    return input.othersEntered ? stay({ kind: "doubted", inSinceS: state.sinceS }) : stay(state);
  }
  if (relation === "away") return stay(leaving(state.sinceS, timeS));
  if (relation === "edge") return stay(onEdge(state.sinceS, timeS));
  return stay(state);
}

function stepEdge(state: State<"edge">, input: BedInput, settings: Settings): StepOf<"edge"> {
  const { timeS, relation } = input;
  const { inSinceS, sinceS, told } = state;
  if (relation === null) {
    if (input.atDoor && input.unseenS >= THROUGH_DOOR_S - DUST_S) {
      return exit(inSinceS, timeS - input.unseenS);
    }
    return input.unseenS >= UNDER_BLANKET_S - DUST_S ? stay({ kind: "in", sinceS: inSinceS }) : stay(state);
  }
  if (relation === "away") return stay(leaving(inSinceS, timeS, { sinceS, told }));
  if (relation === "in" || relation === "reclining" || relation === "upon") {
    const backSinceS = state.backSinceS ?? timeS;
    if (lasted(backSinceS, timeS, settings.bedDwellS)) return stay({ kind: "in", sinceS: inSinceS });
    return stay({ ...state, backSinceS });
  }
  const sits = { ...state, backSinceS: relation === "edge" ? null : state.backSinceS };
  const wanted = settings.bedEdgeAfterS > 0 && !told && relation === "edge";
  if (!wanted || !lasted(sinceS, timeS, settings.bedEdgeAfterS)) return stay(sits);
  const previousS = inSinceS === null ? null : sinceS - inSinceS;
  return { state: { ...sits, told: true }, effects: [{ kind: "bed_edge", previousS }] };
}

function stepLeaving(state: State<"leaving">, input: BedInput, settings: Settings): StepOf<"leaving"> {
  const { timeS, relation } = input;
  const { inSinceS, sinceS, awayAtS, edge } = state;
  const back = (): StepOf<"leaving"> =>
    stay(
      edge === null
        ? { kind: "in", sinceS: inSinceS }
        : { kind: "edge", inSinceS, ...edge, backSinceS: null },
    );
  if (relation === "in" || relation === "reclining" || relation === "upon") {
    return stay({ kind: "in", sinceS: inSinceS });
  }
  if (relation === "edge") return stay(onEdge(inSinceS, timeS, edge));
  const dwelt = lasted(sinceS, timeS, settings.bedDwellS);
  if (relation === "away") return dwelt ? exit(inSinceS, sinceS) : stay({ ...state, awayAtS: timeS });
  // Unseen, or seen so that nothing can be said: what was seen before decides.
  const wentOut = awayAtS - sinceS >= OUT_OF_SIGHT_S - DUST_S;
  if (relation === null && wentOut && dwelt) return exit(inSinceS, sinceS);
  const doubtful = relation === "between" || !wentOut;
  return doubtful && lasted(awayAtS, timeS, settings.bedDwellS) ? back() : stay(state);
}

function stepDoubted(state: State<"doubted">, { timeS, relation, unseenS }: BedInput): StepOf<"doubted"> {
  if (relation === null) return unseenS > NIGHT_S ? stay(OUT_OF_BED) : stay(state);
  if (relation === "away") return stay(leaving(state.inSinceS, timeS));
  if (relation === "edge") return stay(onEdge(state.inSinceS, timeS));
  return stay({ kind: "in", sinceS: state.inSinceS });
}

function stay<S extends BedState>(state: S): Stepped<S> {
  return { state, effects: [] };
}

function exit(inSinceS: number | null, sinceS: number): Stepped<State<"out">> {
  const previousS = inSinceS === null ? null : sinceS - inSinceS;
  return { state: { kind: "out", sinceS }, effects: [{ kind: "bed_exit", previousS }] };
}

function leaving(
  inSinceS: number | null,
  timeS: number,
  edge: State<"leaving">["edge"] = null,
): State<"leaving"> {
  return { kind: "leaving", inSinceS, sinceS: timeS, awayAtS: timeS, edge };
}

function onEdge(
  inSinceS: number | null,
  timeS: number,
  before: State<"leaving">["edge"] = null,
): State<"edge"> {
  return {
    kind: "edge",
    inSinceS,
    sinceS: before?.sinceS ?? timeS,
    told: before?.told ?? false,
    backSinceS: null,
  };
}

function lasted(sinceS: number, timeS: number, forS: number): boolean {
  return timeS - sinceS >= forS - DUST_S;
}
