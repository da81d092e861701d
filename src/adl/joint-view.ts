// Cameras that see the same place tell of the same people. What they find out about falls is put together here, so that
// one fall is one alarm, two fallen people are two, a fall half seen by one camera is confirmed by another, and nobody is
// told to be up while another camera still sees them lie. Pure; time comes with the frames.
import type { Millis } from "../core/clock.ts";
import type { ActivityFact } from "../domain/activity.ts";
import { type CameraMemory, type CameraView, FLICKER, remember } from "./joint-camera.ts";
import {
  beginIncident,
  type GroundFact,
  groundAtOf,
  type Incident,
  isTold,
  type Member,
  memberOf,
  withMember,
  withTold,
} from "./joint-incident.ts";

/** What is to be told, as of which camera. */
export interface ToldFact {
  readonly cameraId: string;
  readonly fact: ActivityFact;
  /** Every camera that has told of it so far. */
  readonly seenBy: readonly string[];
}

/** What is not repeated: another camera has told of it. */
export interface AttachedFact {
  readonly cameraId: string;
  readonly fact: ActivityFact;
  readonly to: { readonly cameraId: string; readonly trackId: number };
}

export interface JointState {
  readonly cameras: ReadonlyMap<string, CameraMemory>;
  readonly incidents: readonly Incident[];
}

export interface JointStep {
  readonly state: JointState;
  readonly told: readonly ToldFact[];
  readonly attached: readonly AttachedFact[];
}

/** Whether two cameras see some of the same place; asked both ways round. */
export type Overlap = (one: string, other: string) => boolean;

export const NO_JOINT_VIEW: JointState = { cameras: new Map(), incidents: [] };

/**
 * Two cameras time the same landing so far apart at the most: each sees another part of the body come to rest, analyses
 * other frames, and its pictures are up to a second old when they come.
 */
const SAME_FALL = 3000;
/** Lying down unseen is timed more coarsely than a fall. */
const SAME_LYING = 5000;
/** Somebody who lies since so long before a suspected landing, or since so long after it, lies there because of it. */
const NEWLY_BEFORE = 3000;
const NEWLY_AFTER = 4000;
/** Lying for so long is not one wrong pose. */
const LIES = 1000;
/** A camera that has not seen them lying for so long does not see them lying. */
const LOOKED_AWAY = 3000;
/** Suspected by no camera any more for so long, it was none. */
const IDLE = 10_000;
/** What is told is remembered for the cameras that tell of it late: longer than any of them holds a fall unseen (10 min). */
const REMEMBER = 900_000;

/** @param rules.minGround what a fall must last before it is confirmed, as for one camera */
export function stepJoint(
  state: JointState,
  view: CameraView,
  rules: { readonly overlap: Overlap; readonly minGround: Millis },
): JointStep {
  const joint = new Joint(state, view, rules.overlap);
  for (const fact of view.facts) joint.take(fact);
  joint.follow();
  joint.confirmBySight(rules.minGround);
  joint.settle();
  return { state: joint.state(), told: joint.told, attached: joint.attached };
}

/** The work of one step: changed nowhere else, and gone after it. */
class Joint {
  readonly told: ToldFact[] = [];
  readonly attached: AttachedFact[] = [];
  readonly #view: CameraView;
  readonly #overlap: Overlap;
  readonly #cameras: ReadonlyMap<string, CameraMemory>;
  #incidents: readonly Incident[];

  constructor(state: JointState, view: CameraView, overlap: Overlap) {
    this.#view = view;
    this.#overlap = (one, other) => overlap(one, other) || overlap(other, one);
    this.#cameras = new Map([
      ...state.cameras,
      [view.cameraId, remember(state.cameras.get(view.cameraId), view)],
    ]);
    this.#incidents = state.incidents;
  }

  state(): JointState {
    return { cameras: this.#cameras, incidents: this.#incidents };
  }

  take(fact: ActivityFact): void {
    if (!isGroundFact(fact)) {
      this.told.push({ cameraId: this.#view.cameraId, fact, seenBy: [this.#view.cameraId] });
    } else if (fact.kind === "fall_recovered") this.#recover(fact);
    else this.#place(fact);
  }

  /** A track's id may change while its person lies there. */
  follow(): void {
    const { cameraId, falls, at } = this.#view;
    this.#incidents = this.#incidents.map((incident) => {
      const member = memberOf(incident, cameraId);
      if (incident.kind === "over" || member === undefined || member.up) return incident;
      if (falls.has(member.trackId)) return { ...incident, activeAt: at };
      const heirs = [...falls.keys()].filter((id) => !this.#isMember(id));
      const [heir] = heirs;
      if (heir === undefined || heirs.length > 1) return incident;
      return { ...withMember(incident, { ...member, trackId: heir }), activeAt: at };
    });
  }

  /** Suspected by one camera, and another sees somebody who has lain there since: confirmed. */
  confirmBySight(minGround: Millis): void {
    const { at } = this.#view;
    for (const incident of this.#incidents) {
      const [first] = incident.members;
      if (incident.kind !== "suspected" || at - first.groundAt < minGround) continue;
      const isSuspected = incident.members.some(
        ({ cameraId, trackId, up }) => !up && this.#cameras.get(cameraId)?.falls.has(trackId) === true,
      );
      const witness = isSuspected ? this.#witnessOf(incident) : null;
      if (witness === null) continue;
      const seen = withMember(incident, witness);
      this.#tell(incident, { ...withTold(seen, "fall_confirmed"), activeAt: at }, "fall_confirmed");
    }
  }

  /** What waits for another camera, or for nobody any more. */
  settle(): void {
    const { at } = this.#view;
    for (const incident of this.#incidents) {
      if (incident.kind === "doubted" && !this.#isSeenLying(incident)) {
        this.#tell(incident, withTold(incident, "fall_recovered"), "fall_recovered");
      } else if (incident.kind !== "over" && this.#isIdle(incident)) {
        this.#replace(incident, { ...incident, kind: "over" });
      }
    }
    this.#incidents = this.#incidents.filter(
      ({ kind, activeAt }) => kind !== "over" || at - activeAt < REMEMBER,
    );
  }

  #place(fact: GroundFact): void {
    const { cameraId, at } = this.#view;
    const groundAt = groundAtOf(fact, at);
    const member: Member = { cameraId, trackId: fact.trackId, groundAt, up: false };
    const known = this.#ownIncident(fact, groundAt) ?? this.#othersIncident(fact, groundAt);
    if (known === undefined) {
      this.#incidents = [...this.#incidents, beginIncident(member, fact, at)];
      this.told.push({ cameraId, fact, seenBy: [cameraId] });
      return;
    }
    const joined = { ...withMember(known, member), activeAt: at };
    if (!isTold(known, fact.kind)) {
      const isOwn = known.members[0].cameraId === cameraId;
      this.#tell(known, { ...withTold(joined, fact.kind), ...(isOwn && { fact }) }, fact.kind);
      return;
    }
    this.#replace(known, joined);
    const [{ cameraId: first, trackId }] = known.members;
    this.attached.push({ cameraId, fact, to: { cameraId: first, trackId } });
  }

  #recover(fact: GroundFact): void {
    const { cameraId, at } = this.#view;
    const isTheirs = (incident: Incident) => memberOf(incident, cameraId)?.trackId === fact.trackId;
    const known =
      this.#incidents.find(
        (incident) =>
          incident.kind !== "over" && isTheirs(incident) && memberOf(incident, cameraId)?.up === false,
      ) ??
      this.#orphan() ??
      this.#incidents.findLast(isTheirs);
    const member = known && memberOf(known, cameraId);
    if (known === undefined || member === undefined) {
      // Nobody else has told of it: never held back.
      this.told.push({ cameraId, fact, seenBy: [cameraId] });
      return;
    }
    const risen = { ...withMember(known, { ...member, up: true }), activeAt: at };
    if (known.kind === "over" && !known.told.includes("fall_recovered")) {
      this.#tell(known, withTold(risen, "fall_recovered"), "fall_recovered");
    } else if (known.kind === "over") {
      this.#replace(known, risen);
      const [{ cameraId: first, trackId }] = known.members;
      this.attached.push({ cameraId, fact, to: { cameraId: first, trackId } });
    } else if (this.#isSeenLying(risen)) this.#replace(known, { ...risen, kind: "doubted" });
    else this.#tell(known, withTold(risen, "fall_recovered"), "fall_recovered");
  }

  /** Of this camera's own person. A second fall of theirs is another one. */
  #ownIncident(fact: GroundFact, groundAt: Millis): Incident | undefined {
    const { cameraId } = this.#view;
    const isFall = fact.kind === "fall_suspected" || fact.kind === "fall_confirmed";
    const isTheirs = (incident: Incident) => {
      const member = memberOf(incident, cameraId);
      if (incident.kind === "over" || member === undefined || member.up) return false;
      return !isFall || Math.abs(member.groundAt - groundAt) <= SAME_FALL;
    };
    const exact = this.#incidents.find(
      (incident) => isTheirs(incident) && memberOf(incident, cameraId)?.trackId === fact.trackId,
    );
    if (exact !== undefined) return exact;
    const orphan = this.#orphan();
    const lost = orphan && memberOf(orphan, cameraId);
    const isSame = lost !== undefined && Math.abs(lost.groundAt - groundAt) <= SAME_LYING;
    return orphan !== undefined && isSame && isTheirs(orphan) ? orphan : undefined;
  }

  /** The only one of this camera's whose track has gone: its person has another id by now. */
  #orphan(): Incident | undefined {
    const { cameraId, falls, people, facts } = this.#view;
    const isThere = (id: number) =>
      falls.has(id) || [...people, ...facts].some(({ trackId }) => trackId === id);
    const orphans = this.#incidents.filter((incident) => {
      const member = memberOf(incident, cameraId);
      if (incident.kind === "over" || member === undefined || member.up) return false;
      return !isThere(member.trackId);
    });
    return orphans.length === 1 ? orphans[0] : undefined;
  }

  /**
   * What another camera has told of at the same time and this one has not: each camera has one person in it, so that as
   * many falls are told as the camera that sees the most of them does.
   */
  #othersIncident(fact: GroundFact, groundAt: Millis): Incident | undefined {
    const { cameraId } = this.#view;
    const within = fact.kind === "fall_suspected" || fact.kind === "fall_confirmed" ? SAME_FALL : SAME_LYING;
    let best: Incident | undefined;
    let least = within;
    for (const incident of this.#incidents) {
      if (incident.kind === "over" || memberOf(incident, cameraId) !== undefined) continue;
      for (const member of incident.members) {
        const apart = Math.abs(member.groundAt - groundAt);
        if (member.up || apart > least || !this.#overlap(member.cameraId, cameraId)) continue;
        best = incident;
        least = apart;
      }
    }
    return best;
  }

  #witnessOf(incident: Incident): Member | null {
    const [{ groundAt }] = incident.members;
    for (const [cameraId, { lying, at }] of this.#cameras) {
      if (memberOf(incident, cameraId) !== undefined) continue;
      if (!incident.members.some((member) => this.#overlap(member.cameraId, cameraId))) continue;
      for (const [trackId, { since, last }] of lying) {
        const isNew = since >= groundAt - NEWLY_BEFORE && since <= groundAt + NEWLY_AFTER;
        const isNow = at - last <= FLICKER && this.#view.at - last <= LOOKED_AWAY;
        if (!isNew || !isNow || last - since < LIES || this.#isMember(trackId, cameraId)) continue;
        return { cameraId, trackId, groundAt: since, up: false };
      }
    }
    return null;
  }

  #isMember(trackId: number, cameraId = this.#view.cameraId): boolean {
    return this.#incidents.some((incident) => {
      const member = memberOf(incident, cameraId);
      return incident.kind !== "over" && member?.trackId === trackId && !member.up;
    });
  }

  /** Whether any of its cameras still sees its person lying; where their track was lost, anybody. */
  #isSeenLying({ members }: Incident): boolean {
    return members.some(({ cameraId, trackId, up }) => {
      const camera = this.#cameras.get(cameraId);
      if (up || camera === undefined) return false;
      const own = camera.lying.get(trackId);
      const seen = own === undefined ? [...camera.lying.values()] : [own];
      return seen.some(({ last }) => this.#view.at - last <= LOOKED_AWAY);
    });
  }

  /** Held for fallen by no camera any more. */
  #isIdle({ kind, activeAt, members }: Incident): boolean {
    const { at } = this.#view;
    const isHeld = members.some(({ cameraId, trackId, up }) => {
      const camera = this.#cameras.get(cameraId);
      return !up && camera?.falls.has(trackId) === true && at - camera.at < REMEMBER;
    });
    return !isHeld && at - activeAt > (kind === "suspected" ? IDLE : REMEMBER);
  }

  #replace(before: Incident, after: Incident): void {
    this.#incidents = this.#incidents.map((incident) => (incident === before ? after : incident));
  }

  /** As of the first camera that told of it, so that it stays one alarm. */
  #tell(before: Incident, after: Incident, kind: GroundFact["kind"]): void {
    this.#replace(before, after);
    const { members, fact } = after;
    const [{ cameraId, trackId, groundAt }] = members;
    const { at } = this.#view;
    const camera = this.#cameras.get(cameraId);
    const mediaTimeS = camera === undefined ? fact.mediaTimeS : camera.mediaTimeS + (at - camera.at) / 1000;
    const seenBy = members.map((member) => member.cameraId);
    const signs = fact.evidence.signs.filter((sign) => sign !== "second_camera");
    const evidence = {
      ...fact.evidence,
      onGroundS: (at - groundAt) / 1000,
      signs: seenBy.length > 1 ? [...signs, "second_camera" as const] : signs,
    };
    this.told.push({ cameraId, fact: { ...fact, kind, trackId, mediaTimeS, evidence }, seenBy });
  }
}

function isGroundFact(fact: ActivityFact): fact is GroundFact {
  return "signs" in fact.evidence;
}
