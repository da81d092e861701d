// One person's fall and floor machines, stepped together: what the body and the room say is made into their inputs, and
// their effects into facts. Pure.
import type { ActivityFact } from "../domain/activity.ts";
import type { Box } from "../domain/geometry.ts";
import type { AdlSettings } from "./adl-settings.ts";
import { dropOf } from "./fall-descent.ts";
import { stepFall } from "./fall-machine.ts";
import { rulesOf } from "./fall-rules.ts";
import type { FallState } from "./fall-state.ts";
import { stepFloor } from "./floor-machine.ts";
import { type FloorInput, type FloorLook, OFF_FLOOR } from "./floor-state.ts";
import { sitsOnGround } from "./lying-shape.ts";
import type { BodyFeatures } from "./pose-features.ts";
import type { Subject } from "./subject.ts";

/** Not seen for this long on the way down is more than a dropped frame. */
const LOST_S = 0.5;
/** So near to the edge of the picture, whoever is lost has left it. */
const EDGE = 0.03;

/** What is known of somebody's surroundings in this frame. */
export interface GroundSight {
  readonly timeS: number;
  /** Null when the person is not seen in this frame. */
  readonly body: BodyFeatures | null;
  /** In a bed or on a sofa. */
  readonly resting: boolean;
  /** Has just got out of bed. */
  readonly leftBed: boolean;
  /** Not seen, but the fixed camera's background is covered where they were. */
  readonly stillThere: boolean;
  /** The camera is away: nobody could be seen. */
  readonly away: boolean;
  /** Whether they are where people walk; null where nobody knows. */
  readonly onFloor: boolean | null;
}

export function stepGround(
  subject: Subject,
  sight: GroundSight,
  settings: AdlSettings,
): { readonly subject: Subject; readonly facts: readonly ActivityFact[] } {
  const { timeS, body, resting, stillThere, onFloor } = sight;
  const { posture } = subject.posture;
  const base = { trackId: subject.trackId, mediaTimeS: timeS, zone: subject.zone };
  const rolledOut = sight.leftBed && posture === "lying" && !resting;
  const seen = { timeS, body, posture, box: subject.box, resting, rolledOut, stillThere, onFloor };
  const fall = stepFall(subject.fall, seen, settings);
  const facts: ActivityFact[] = fall.effects.map((effect) => ({ ...base, ...effect }));
  // Having recovered from the fall is being off the floor: it is told once.
  if (fall.effects.some((effect) => effect.kind === "fall_recovered")) {
    return { subject: { ...subject, fall: fall.state, floor: OFF_FLOOR }, facts };
  }
  const input = floorInput({ ...subject, fall: fall.state }, sight, settings);
  const floor = stepFloor(subject.floor, input, settings);
  for (const { kind, confidence, sinceS, way, signs } of floor.effects) {
    const times = { descentAtS: sinceS, groundAtS: sinceS, onGroundS: timeS - sinceS };
    const evidence = { ...way, posture, ...times, box: subject.box, signs };
    facts.push({ ...base, kind, confidence, evidence });
  }
  return { subject: { ...subject, fall: fall.state, floor: floor.state }, facts };
}

function floorInput(subject: Subject, sight: GroundSight, settings: AdlSettings): FloorInput {
  const { timeS, body, stillThere, away, onFloor } = sight;
  const { fall } = subject;
  const rules = rulesOf(settings);
  const way = { peakSpeed: body?.recentPeakSpeed ?? 0, drop: body?.recentDrop ?? 0 };
  const fast = way.peakSpeed >= rules.doubtSpeed * settings.fallSpeed && way.drop >= rules.doubtDrop;
  const direct = body !== null && body.recentPeakS !== null && timeS - body.recentPeakS <= rules.doubtWithinS;
  return {
    timeS,
    look: body === null ? null : lookOf(body, subject, sight.resting),
    way,
    // Where nobody walks stands a bed or sofa that nobody drew: people drop onto those.
    doubtful: fast && direct && onFloor !== false,
    lost: body === null && !away ? lostOnTheWay(subject, timeS, settings) : null,
    stillThere,
    away,
    mayHaveLeft: body === null && isAtEdge(subject.box),
    onFloor,
    fallenSinceS: fall.kind === "confirmed" ? fall.groundAtS : null,
  };
}

function lookOf(body: BodyFeatures, { posture: state }: Subject, resting: boolean): FloorLook {
  const { posture, standingHeight } = state;
  if (resting) return "up";
  if (posture === "lying") return "lying";
  if (posture === "standing" || posture === "walking") return "up";
  if (posture === "kneeling" || posture === "on_all_fours") return "kneeling";
  return standingHeight !== null && sitsOnGround(body, standingHeight) ? "sitting" : "up";
}

/** Since when, and how, somebody is out of sight who was on a fast way down in the middle of the picture. */
function lostOnTheWay(subject: Subject, timeS: number, settings: AdlSettings): FloorInput["lost"] {
  const { fall, lastSeenS, box } = subject;
  const rules = rulesOf(settings);
  if (fall.kind === "watching" || timeS - lastSeenS < LOST_S || isAtEdge(box)) return null;
  const way = { peakSpeed: fall.descent.peakSpeed, drop: dropOf(fall.descent) };
  if (way.peakSpeed < rules.doubtSpeed * settings.fallSpeed || way.drop < rules.doubtDrop) return null;
  return lookedDown(fall) ? { sinceS: lastSeenS, way } : null;
}

/** Lost while still coming down, or when last seen looking fallen; somebody who has sat down is often lost from sight. */
function lookedDown(fall: Exclude<FallState, { readonly kind: "watching" }>): boolean {
  if (fall.kind === "descending") return true;
  if (fall.upSinceS !== null) return false;
  const fallen = fall.frames.filter((frame) => frame.fallen);
  return fallen.length * 2 >= fall.frames.length;
}

function isAtEdge(box: Box): boolean {
  return box.x1 < EDGE || box.x2 > 1 - EDGE || box.y2 > 1 - EDGE;
}
