// Somebody on the floor, whatever the way down: off -> down -> notice (on_floor) -> alarm (long_lie) -> up again. It
// carries what speed cannot tell from lying down on purpose, the slow slide, the fall in two stages and whoever vanished on
// the way down, and asks after it by time: soon when the way down was doubtful, late when it was not. Pure.
import { assertNever } from "../core/assert-never.ts";
import { defineMachine, type Reachable } from "../core/transitions.ts";
import type { AdlSettings } from "./adl-settings.ts";
import { rulesOf } from "./fall-rules.ts";
import { patienceOf, tell } from "./floor-notice.ts";
import {
  type FloorEffect,
  type FloorInput,
  type FloorState,
  OFF_FLOOR,
  type OnFloor,
} from "./floor-state.ts";

/** Up for this long is having got up: the same patience as after a confirmed fall. */
const UP_HOLD_S = 1;
/**
 * Without a confirmed fall, somebody unseen for this long is not taken to lie there any more: they may have left. After a
 * confirmed fall, or with the background still covered, they are, until they are seen up. Once asked after, longer: a
 * question that is dropped and raised again wears.
 */
const UNSEEN_S = 10;
const UNSEEN_ASKED_S = 120;
/** Who stays on hands and knees for so long lowers the rest under control; somebody who collapses passes through. */
const CONTROLLED_S = 1;
const DUST_S = 1e-6;

export const FLOOR_MACHINE = defineMachine({
  name: "floor",
  about: "whether one person is on the floor, however they got there",
  initial: "off",
  transitions: [
    { from: "off", to: "down", when: "lies on the floor, sits on it, or has fallen" },
    {
      from: "off",
      to: "missing",
      when: "is lost from sight on a fast way down, in the middle of the picture",
    },
    { from: "missing", to: "off", when: "is found up" },
    { from: "missing", to: "down", when: "is found on the floor" },
    {
      from: "missing",
      to: "noticed",
      when: "is not found for 10 s, or the background is covered for 5 s",
      tells: ["on_floor"],
    },
    { from: "down", to: "off", when: "is up for 1 s, or out of sight for 10 s" },
    {
      from: "down",
      to: "noticed",
      when: "is there for 5 s after a doubtful way down (15 s seated, 10 s lost from sight), for on_floor_after otherwise",
      tells: ["on_floor"],
    },
    { from: "down", to: "long", when: "has fallen and is there for long_lie_after", tells: ["long_lie"] },
    { from: "noticed", to: "long", when: "is there for long_lie_after", tells: ["long_lie"] },
    {
      from: "noticed",
      to: "off",
      when: "is up for 1 s, or out of sight for 2 minutes",
      tells: ["fall_recovered"],
    },
    {
      from: "long",
      to: "off",
      when: "is up for 1 s, or out of sight for 2 minutes",
      tells: ["fall_recovered"],
    },
  ],
});

type State<K extends FloorState["kind"]> = Extract<FloorState, { readonly kind: K }>;

export interface FloorStep<Next extends FloorState = FloorState> {
  readonly state: Next;
  readonly effects: readonly FloorEffect[];
}

type StepFrom<K extends FloorState["kind"]> = FloorStep<State<Reachable<typeof FLOOR_MACHINE, K>>>;

export function stepFloor(state: FloorState, input: FloorInput, settings: AdlSettings): FloorStep {
  switch (state.kind) {
    case "off":
      return getDown(input);
    case "missing":
      return stayMissing(state, input, settings);
    case "down":
      return stayDown(state, input, settings);
    case "noticed":
      return stayNoticed(state, input, settings);
    case "long":
      return stayLong(state, input);
    default:
      return assertNever(state);
  }
}

function quiet<Next extends FloorState>(state: Next): FloorStep<Next> {
  return { state, effects: [] };
}

function getDown(input: FloorInput): StepFrom<"off"> {
  const { look, fallenSinceS, lost } = input;
  if (lost !== null && fallenSinceS === null) return quiet({ kind: "missing", ...lost, coveredS: null });
  const down = look !== null && look !== "up" && (look === "lying" || look === "sitting" || input.doubtful);
  if (!down && fallenSinceS === null) return quiet(OFF_FLOOR);
  return quiet({ kind: "down", ...arrive(input, down ? look : null) });
}

function arrive(input: FloorInput, look: OnFloor["look"]): OnFloor {
  const { timeS, way, doubtful, fallenSinceS, onFloor } = input;
  return {
    sinceS: fallenSinceS ?? timeS,
    way,
    doubtful,
    look,
    lookSinceS: timeS,
    lastSeenS: timeS,
    seen: look !== null,
    upSinceS: null,
    frames: 1,
    seenDown: look === null ? 0 : 1,
    covered: false,
    onFloor,
  };
}

function stayMissing(state: State<"missing">, input: FloorInput, settings: AdlSettings): StepFrom<"missing"> {
  const { timeS, look, fallenSinceS } = input;
  const { sinceS, way } = state;
  const rules = rulesOf(settings);
  const on = { ...arrive({ ...input, way }, null), sinceS, doubtful: true };
  if (fallenSinceS !== null) return quiet({ kind: "down", ...on, sinceS: fallenSinceS });
  if (look === "up") return quiet(OFF_FLOOR);
  if (look !== null) return quiet({ kind: "down", ...on, look, seenDown: 1 });
  const coveredS = input.stillThere ? (state.coveredS ?? timeS) : null;
  const covered = coveredS !== null && timeS - coveredS >= rules.doubtAfterS - DUST_S;
  if (!covered && timeS - sinceS < rules.vanishedAfterS - DUST_S) return quiet({ ...state, coveredS });
  const noticed = { kind: "noticed" as const, ...on, covered };
  return { state: noticed, effects: [tell("on_floor", noticed, settings)] };
}

/** The state with what this frame shows of it. */
function look(state: OnFloor, input: FloorInput): OnFloor {
  const { timeS, fallenSinceS } = input;
  const fallen = fallenSinceS !== null;
  const frames = state.frames + 1;
  if (input.look === null) {
    const there = input.stillThere || input.away;
    return {
      ...state,
      frames,
      seen: false,
      lastSeenS: there ? timeS : state.lastSeenS,
      covered: state.covered || input.stillThere,
    };
  }
  const down = input.look !== "up";
  const now = input.look === "up" ? state.look : input.look;
  const changed = now !== state.look;
  const knelt = state.look === "kneeling" && timeS - state.lookSinceS >= CONTROLLED_S - DUST_S;
  return {
    ...state,
    frames,
    look: now,
    lookSinceS: changed ? timeS : state.lookSinceS,
    doubtful: state.doubtful && !(changed && knelt && now === "lying"),
    upSinceS: down || fallen ? null : (state.upSinceS ?? timeS),
    lastSeenS: timeS,
    seen: true,
    seenDown: state.seenDown + (down ? 1 : 0),
    covered: false,
    onFloor: input.onFloor ?? state.onFloor,
  };
}

function isUp({ upSinceS }: OnFloor, timeS: number): boolean {
  return upSinceS !== null && timeS - upSinceS >= UP_HOLD_S - DUST_S;
}

/** Whether they are on the floor as far as anybody can know: seen there, covered there, fallen, or nobody could look. */
function isThere(state: OnFloor, input: FloorInput): boolean {
  if (input.fallenSinceS !== null || input.stillThere || input.away) return true;
  // Whoever came down doubtfully and is lost from sight is asked after all the same.
  return input.look === null ? state.doubtful && !input.mayHaveLeft : input.look !== "up";
}

function stayDown(state: State<"down">, input: FloorInput, settings: AdlSettings): StepFrom<"down"> {
  const { timeS, fallenSinceS } = input;
  const next = { ...state, ...look(state, input) };
  const fallen = fallenSinceS !== null;
  if (isUp(next, timeS)) return quiet(OFF_FLOOR);
  const goneS = timeS - next.lastSeenS;
  if (!isThere(next, input)) return quiet(goneS > UNSEEN_S ? OFF_FLOOR : next);
  const onS = timeS - next.sinceS + DUST_S;
  if (onS >= settings.longLieAfterS && (fallen || next.look === "lying")) {
    const long = { ...next, kind: "long" as const };
    return { state: long, effects: [tell("long_lie", long, settings)] };
  }
  const vanished = goneS >= rulesOf(settings).vanishedAfterS - DUST_S;
  if (!fallen && (vanished || onS >= patienceOf(next, settings))) {
    const noticed = { ...next, kind: "noticed" as const };
    return { state: noticed, effects: [tell("on_floor", noticed, settings)] };
  }
  return quiet(next);
}

function stayNoticed(state: State<"noticed">, input: FloorInput, settings: AdlSettings): StepFrom<"noticed"> {
  const { timeS } = input;
  const next = { ...state, ...look(state, input) };
  const over = isOver(next, input, settings);
  if (over !== null) return over;
  const onS = timeS - next.sinceS + DUST_S;
  // Sitting or kneeling calmly is no emergency; after a doubtful way down not getting up is one.
  const serious = next.look === "lying" || next.doubtful;
  const sure = input.look !== null || input.fallenSinceS !== null || input.stillThere || input.away;
  if (onS < settings.longLieAfterS || !serious || !sure || !isThere(next, input)) return quiet(next);
  const long = { ...next, kind: "long" as const };
  return { state: long, effects: [tell("long_lie", long, settings)] };
}

function stayLong(state: State<"long">, input: FloorInput): StepFrom<"long"> {
  const next = { ...state, ...look(state, input) };
  return isOver(next, input, null) ?? quiet(next);
}

function isOver(
  next: OnFloor,
  { timeS, fallenSinceS }: FloorInput,
  settings: AdlSettings | null,
): FloorStep<State<"off">> | null {
  if (isUp(next, timeS)) return { state: OFF_FLOOR, effects: [tell("fall_recovered", next, settings)] };
  return fallenSinceS === null && timeS - next.lastSeenS > UNSEEN_ASKED_S ? quiet(OFF_FLOOR) : null;
}
