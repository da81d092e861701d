// What happens to the people in one camera's view: every track's posture, and the facts of falls, floor and beds. A thin
// shell around pure machines: it keeps one set of states per person, hands it on when a person's track changes its id,
// and keeps it when the track ends while the person lies on the floor or in bed.
import type { ActivityFact, Posture } from "../domain/activity.ts";
import type { FrameObservation, Track } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";
import { type AdlSettings, DEFAULT_ADL_SETTINGS } from "./adl-settings.ts";
import { type BedEffect, type BedState, isInBed, OUT_OF_BED, stepBed } from "./bed-machine.ts";
import { stepFall } from "./fall-machine.ts";
import { OFF_FLOOR, stepFloor } from "./floor-machine.ts";
import { type BodyFeatures, observeBody } from "./pose-features.ts";
import { stepPosture } from "./posture.ts";
import { bedRelation, restingZone } from "./resting-place.ts";
import { isExpected, isHeld, newSubject, type Subject } from "./subject.ts";
import { findPredecessor } from "./succession.ts";

export interface AdlConfiguration {
  readonly zones: readonly Zone[];
  readonly settings: AdlSettings;
}

export interface AdlObservation {
  /** What was found out in this frame, by track id. */
  readonly facts: readonly ActivityFact[];
  /** Of every track in the observation. */
  readonly postures: ReadonlyMap<number, Posture>;
  /** Last known tracks of those who lie on the floor or in bed, seen or not: they are still in the room. */
  readonly held: ReadonlySet<number>;
  /** Tracks whose fall is suspected or confirmed right now. */
  readonly falls: ReadonlyMap<number, "suspected" | "confirmed">;
  /** Whether anybody is in any of the drawn beds. */
  readonly bedOccupied: boolean;
}

/** A person whose track has ended, and of whom nothing is expected, is kept this long: for a successor to inherit their last movements. */
const KEEP_S = 1;

/** Longer than any night: whoever is in bed and has not been seen for so long has left it unseen. */
const NIGHT_S = 14 * 3600;

/**
 * Whether the track carries this person. After a restart of vision its ids begin anew: a track that was first seen after
 * its namesake was last seen is another one.
 */
function isOf(track: Track, subject: Subject): boolean {
  return track.id === subject.trackId && track.firstSeenS <= subject.lastSeenS;
}

export class AdlEngine {
  #zones: readonly Zone[];
  #settings: AdlSettings;
  #subjects: readonly Subject[] = [];
  #lastS = Number.NEGATIVE_INFINITY;

  constructor(configuration: AdlConfiguration = { zones: [], settings: DEFAULT_ADL_SETTINGS }) {
    this.#zones = configuration.zones;
    this.#settings = configuration.settings;
  }

  /** Takes effect from the next frame; what is under way goes on. */
  configure(configuration: AdlConfiguration): void {
    this.#zones = configuration.zones;
    this.#settings = configuration.settings;
  }

  /** Frames of one camera, in the order of their media time; a step back in it is another recording. */
  observe(observation: FrameObservation): AdlObservation {
    const { aspect, tracks } = observation;
    const timeS = observation.stamp.mediaTimeS;
    if (timeS < this.#lastS) this.#subjects = [];
    this.#lastS = timeS;
    const seen = tracks.filter((track) => track.detected);
    const owners = new Map(
      seen.map((track) => [track, this.#subjects.find((subject) => isOf(track, subject))] as const),
    );
    const matched = new Set(owners.values());
    let missing = this.#subjects.filter((subject) => !matched.has(subject));
    const facts: ActivityFact[] = [];
    const next: Subject[] = [];
    for (const track of seen) {
      const known = owners.get(track) ?? findPredecessor(missing, track, timeS, aspect);
      missing = missing.filter((subject) => subject !== known);
      const subject = known === undefined ? newSubject(track, timeS) : { ...known, trackId: track.id };
      next.push(this.#see(subject, track, timeS, aspect, facts));
    }
    for (const subject of missing) {
      const waited = this.#miss(subject, timeS, facts);
      const followed = tracks.some((track) => track.state !== "ended" && isOf(track, waited));
      if (followed || isExpected(waited) || timeS - waited.lastSeenS <= KEEP_S) next.push(waited);
    }
    this.#subjects = withoutGhosts(next, facts).sort((a, b) => a.trackId - b.trackId);
    const postures = new Map(next.map((subject) => [subject.trackId, subject.posture.posture]));
    return {
      facts: facts.sort((a, b) => a.trackId - b.trackId),
      postures: new Map(tracks.map((track) => [track.id, postures.get(track.id) ?? "unknown"])),
      falls: new Map(this.#subjects.flatMap(fallStage)),
      held: new Set(this.#subjects.filter(isHeld).map((subject) => subject.trackId)),
      bedOccupied: this.#subjects.some((subject) => [...subject.beds.values()].some(isInBed)),
    };
  }

  #see(subject: Subject, track: Track, timeS: number, aspect: number, facts: ActivityFact[]): Subject {
    const { memory, features: body } = observeBody(subject.memory, track, timeS, aspect);
    if (body === null) return subject;
    const posture = stepPosture(subject.posture, body, timeS);
    const zone = restingZone(this.#zones, track.box, track.pose);
    const here: Subject = {
      ...subject,
      memory,
      posture,
      box: track.box,
      bodyLength: body.bodyLength,
      lastSeenS: timeS,
      zone: zone?.name ?? null,
    };
    const { beds, left } = this.#stepBeds(here, track, timeS, facts);
    const resting = zone?.kind === "bed" || zone?.kind === "sofa";
    return this.#stepGround({ ...here, beds }, { timeS, body, resting, left }, facts);
  }

  #miss(subject: Subject, timeS: number, facts: ActivityFact[]): Subject {
    const posture = stepPosture(subject.posture, null, timeS);
    const forgotten = timeS - subject.lastSeenS > NIGHT_S;
    const beds = new Map(
      [...subject.beds].filter(([id]) => !forgotten && this.#zones.some((zone) => zone.id === id)),
    );
    const unseen = { timeS, body: null, resting: false, left: false };
    return this.#stepGround({ ...subject, posture, beds }, unseen, facts);
  }

  #stepGround(
    subject: Subject,
    now: { timeS: number; body: BodyFeatures | null; resting: boolean; left: boolean },
    facts: ActivityFact[],
  ): Subject {
    const { timeS, body, resting } = now;
    const { posture } = subject.posture;
    const base = { trackId: subject.trackId, mediaTimeS: timeS, zone: subject.zone };
    const lying = posture === "lying" && !resting;
    const fall = stepFall(
      subject.fall,
      { timeS, body, posture, box: subject.box, resting, rolledOut: now.left && lying },
      this.#settings,
    );
    for (const { kind, confidence, evidence } of fall.effects) {
      facts.push({ ...base, kind, confidence, evidence });
    }
    // Having recovered from the fall is being off the floor: it is told once.
    const recovered = fall.effects.some((effect) => effect.kind === "fall_recovered");
    const input = {
      timeS,
      lying: body === null ? null : lying,
      way: { peakSpeed: body?.recentPeakSpeed ?? 0, drop: body?.recentDrop ?? 0 },
      fallenSinceS: fall.state.kind === "confirmed" ? fall.state.groundAtS : null,
    };
    const floor = recovered
      ? { state: OFF_FLOOR, effects: [] }
      : stepFloor(subject.floor, input, this.#settings);
    for (const { kind, confidence, sinceS, way } of floor.effects) {
      const times = { descentAtS: sinceS, groundAtS: sinceS, onGroundS: timeS - sinceS };
      facts.push({ ...base, kind, confidence, evidence: { ...way, posture, ...times, box: subject.box } });
    }
    return { ...subject, fall: fall.state, floor: floor.state };
  }

  #stepBeds(
    subject: Subject,
    track: Track,
    timeS: number,
    facts: ActivityFact[],
  ): { readonly beds: ReadonlyMap<string, BedState>; readonly left: boolean } {
    const beds = new Map<string, BedState>();
    const told: BedEffect[] = [];
    for (const zone of this.#zones.filter((other) => other.kind === "bed")) {
      const relation = bedRelation(zone, track.box, track.pose, subject.posture.posture);
      const before = subject.beds.get(zone.id) ?? OUT_OF_BED;
      const { state, effects } = stepBed(before, relation, timeS, this.#settings);
      beds.set(zone.id, state);
      told.push(...effects);
      for (const { kind, previousS } of effects) {
        const evidence = { box: track.box, previousS };
        const base = { trackId: track.id, mediaTimeS: timeS, zone: zone.name };
        facts.push({ ...base, kind, confidence: track.confidence, evidence });
      }
    }
    return { beds, left: told.some((effect) => effect.kind === "bed_exit") };
  }
}

function fallStage({ trackId, fall }: Subject): readonly (readonly [number, "suspected" | "confirmed"])[] {
  if (fall.kind === "confirmed") return [[trackId, "confirmed"]];
  return fall.kind === "down" && fall.suspected ? [[trackId, "suspected"]] : [];
}

/**
 * Whoever lay in a bed unseen when somebody got into it is taken for that person, who had left it unseen. In a double bed
 * the sleeper is found again with the next look at them.
 */
function withoutGhosts(subjects: readonly Subject[], facts: readonly ActivityFact[]): Subject[] {
  const entered = facts.filter((fact) => fact.kind === "bed_entry");
  if (entered.length === 0) return [...subjects];
  const newcomers = new Set(entered.map((fact) => fact.trackId));
  const now = Math.max(...subjects.map((subject) => subject.lastSeenS));
  return subjects.map((subject) => {
    if (newcomers.has(subject.trackId) || subject.lastSeenS === now) return subject;
    const taken = subjects
      .filter((other) => newcomers.has(other.trackId))
      .flatMap((other) => [...other.beds].filter(([, state]) => isInBed(state)).map(([id]) => id));
    return { ...subject, beds: new Map([...subject.beds].filter(([id]) => !taken.includes(id))) };
  });
}
