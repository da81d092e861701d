// What happens to the people in one camera's view: every track's posture, and the facts of falls, floor and beds. A thin
// shell around pure machines: it keeps one set of states per person, hands it on when a person's track changes its id,
// and keeps it when the track ends while the person lies on the floor or in bed.
import type { ActivityFact, Posture } from "../domain/activity.ts";
import { type Box, boxHeight, type Point } from "../domain/geometry.ts";
import type { ForegroundRegion, FrameObservation, Track } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";
import { type AdlSettings, DEFAULT_ADL_SETTINGS } from "./adl-settings.ts";
import { type BedState, isInBed } from "./bed-machine.ts";
import { heirsOf, stepBeds } from "./beds.ts";
import { isCovered } from "./covered-place.ts";
import type { FallState } from "./fall-state.ts";
import type { FloorState } from "./floor-state.ts";
import { type GroundSight, stepGround } from "./ground-step.ts";
import { observeBody } from "./pose-features.ts";
import { stepPosture } from "./posture.ts";
import { restingZone } from "./resting-place.ts";
import { type Sleeper, sleepersOf, subjectsOf } from "./sleepers.ts";
import { isExpected, isHeld, newSubject, type Subject } from "./subject.ts";
import { findPredecessor } from "./succession.ts";

/** What is known of the room's floor: drawn, or learned from feet. */
export interface FloorKnowledge {
  /** Whether people walk here: null where nobody knows. The point is normalised. */
  isFloor(point: Point): boolean | null;
}

export interface AdlConfiguration {
  readonly zones: readonly Zone[];
  readonly settings: AdlSettings;
  readonly floor?: FloorKnowledge | null;
}

/** Where one person's machines stand. */
export interface SubjectStates {
  readonly trackId: number;
  readonly posture: Posture;
  readonly fall: FallState["kind"];
  readonly floor: FloorState["kind"];
  /** By the bed's zone id. */
  readonly beds: ReadonlyMap<string, BedState["kind"]>;
  /** Last known, normalised, and when; media time. */
  readonly box: Box;
  readonly lastSeenS: number;
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
  /** Last known tracks of those who are in a drawn bed, seen or not. */
  readonly inBed: ReadonlySet<number>;
  /** Whether anybody is in any of the drawn beds. */
  readonly bedOccupied: boolean;
}

/** A person whose track has ended, and of whom nothing is expected, is kept this long: for a successor to inherit their last movements. */
const KEEP_S = 1;

/**
 * Whether the track carries this person. After a restart of vision its ids begin anew: a track that was first seen after
 * its namesake was last seen is another one.
 */
function isOf(track: Track, subject: Subject): boolean {
  return track.id === subject.trackId && track.firstSeenS <= subject.lastSeenS;
}

/** Why somebody is not seen: what time it is, and what else there is to go by. */
interface Absence {
  readonly timeS: number;
  readonly aspect: number;
  readonly away: boolean;
  readonly foreground: readonly ForegroundRegion[];
}

const UNSEEN: Omit<GroundSight, "timeS"> = {
  body: null,
  resting: false,
  leftBed: false,
  stillThere: false,
  away: false,
  onFloor: null,
};

export class AdlEngine {
  #zones: readonly Zone[];
  #settings: AdlSettings;
  #subjects: readonly Subject[] = [];
  #floor: FloorKnowledge | null;
  /** Media time of the latest frame, and that of the latest step, ticks included. */
  #lastS = Number.NEGATIVE_INFINITY;
  #steppedS = Number.NEGATIVE_INFINITY;
  #aspect = 1;

  constructor(configuration: AdlConfiguration = { zones: [], settings: DEFAULT_ADL_SETTINGS }) {
    this.#zones = configuration.zones;
    this.#settings = configuration.settings;
    this.#floor = configuration.floor ?? null;
  }

  /** Takes effect from the next frame; what is under way goes on. */
  configure(configuration: AdlConfiguration): void {
    this.#zones = configuration.zones;
    this.#settings = configuration.settings;
    this.#floor = configuration.floor ?? null;
  }

  /** Who is in a drawn bed, to be kept over a restart. */
  sleepers(): readonly Sleeper[] {
    return sleepersOf(this.#subjects, this.#steppedS);
  }

  /** Before the first frame: those who were in bed before the restart are there still, seen or not. */
  restore(sleepers: readonly Sleeper[]): void {
    const known = sleepers.filter(({ zoneId }) => this.#zones.some(({ id }) => id === zoneId));
    this.#subjects = subjectsOf(known, 0);
  }

  /** Frames of one camera, in the order of their media time; a step back in it is another recording. */
  observe(observation: FrameObservation): AdlObservation {
    const { aspect, tracks } = observation;
    const mediaTimeS = observation.stamp.mediaTimeS;
    if (mediaTimeS < this.#lastS) {
      this.#subjects = [];
      this.#steppedS = Number.NEGATIVE_INFINITY;
    }
    this.#lastS = mediaTimeS;
    this.#aspect = aspect;
    // Ticks may have run a little ahead of the frames: time never goes back for a person.
    const timeS = Math.max(mediaTimeS, this.#steppedS);
    this.#steppedS = timeS;
    const absence = { timeS, aspect, away: false, foreground: observation.foreground ?? [] };
    const seen = tracks.filter((track) => track.detected);
    const owners = new Map(
      seen.map((track) => [track, this.#subjects.find((subject) => isOf(track, subject))] as const),
    );
    const matched = new Set(owners.values());
    let missing = this.#subjects.filter((subject) => !matched.has(subject));
    const facts: ActivityFact[] = [];
    const next: Subject[] = [];
    for (const track of seen) {
      const known = owners.get(track) ?? this.#predecessor(missing, track, timeS, aspect);
      missing = missing.filter((subject) => subject !== known);
      const subject = known === undefined ? newSubject(track, timeS) : { ...known, trackId: track.id };
      next.push(this.#see(subject, track, timeS, aspect, facts));
    }
    for (const subject of missing) {
      const waited = this.#miss(subject, absence, facts);
      const followed = tracks.some((track) => track.state !== "ended" && isOf(track, waited));
      if (followed || isExpected(waited) || timeS - waited.lastSeenS <= KEEP_S) next.push(waited);
    }
    this.#subjects = next.sort((a, b) => a.trackId - b.trackId);
    return this.#told(facts, tracks);
  }

  /**
   * Time passes and nobody can be seen: the camera is away, blind or not analysed. What was convincing before is
   * confirmed, and whoever lay on the floor goes on lying there.
   * @param timeS on the clock of the frames' media time, which may run on from the last frame
   */
  tick(timeS: number): AdlObservation {
    const facts: ActivityFact[] = [];
    if (timeS > this.#steppedS) {
      this.#steppedS = timeS;
      const absence = { timeS, aspect: this.#aspect, away: true, foreground: [] };
      this.#subjects = this.#subjects.map((subject) => this.#miss(subject, absence, facts));
    }
    return this.#told(facts, []);
  }

  /** Where every person's machines stand, seen or not: for drawing. */
  states(): readonly SubjectStates[] {
    return this.#subjects.map(({ trackId, posture, fall, floor, box, lastSeenS, beds }) => ({
      trackId,
      posture: posture.posture,
      fall: fall.kind,
      floor: floor.kind,
      beds: new Map([...beds].map(([zoneId, bed]) => [zoneId, bed.kind])),
      box,
      lastSeenS,
    }));
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
    const { beds, facts: bedFacts } = stepBeds(
      here,
      { timeS, aspect, zones: this.#zones, track, facts },
      this.#settings,
    );
    facts.push(...bedFacts);
    const left = bedFacts.some((fact) => fact.kind === "bed_exit");
    const resting = zone?.kind === "bed" || zone?.kind === "sofa";
    const onFloor = this.#onFloor(track);
    const sight = { ...UNSEEN, timeS, body, resting, leftBed: left, onFloor };
    return this.#stepGround({ ...here, beds }, sight, facts);
  }

  #predecessor(
    missing: readonly Subject[],
    track: Track,
    timeS: number,
    aspect: number,
  ): Subject | undefined {
    for (const candidates of heirsOf(missing, track, { timeS, zones: this.#zones })) {
      const found = findPredecessor(candidates, track, timeS, aspect);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #miss(subject: Subject, { timeS, aspect, away, foreground }: Absence, facts: ActivityFact[]): Subject {
    const posture = stepPosture(subject.posture, null, timeS);
    const inBeds = { timeS, aspect, zones: this.#zones, track: null, facts };
    const { beds, facts: bedFacts } = stepBeds({ ...subject, posture }, inBeds, this.#settings);
    facts.push(...bedFacts);
    const stillThere = foreground.some((region) => isCovered(subject, region));
    return this.#stepGround({ ...subject, posture, beds }, { ...UNSEEN, timeS, away, stillThere }, facts);
  }

  #stepGround(subject: Subject, sight: GroundSight, facts: ActivityFact[]): Subject {
    const step = stepGround(subject, sight, this.#settings);
    facts.push(...step.facts);
    return step.subject;
  }

  /** Whether a body rests where people walk, as far as that is drawn or learned. */
  #onFloor({ box }: Track): boolean | null {
    return this.#floor?.isFloor({ x: (box.x1 + box.x2) / 2, y: box.y2 - 0.15 * boxHeight(box) }) ?? null;
  }

  #told(facts: ActivityFact[], tracks: readonly Track[]): AdlObservation {
    const abed = this.#subjects.filter((subject) => [...subject.beds.values()].some(isInBed));
    const inBed = new Set(abed.map((subject) => subject.trackId));
    const postures = new Map(this.#subjects.map((subject) => [subject.trackId, subject.posture.posture]));
    return {
      facts: facts.sort((a, b) => a.trackId - b.trackId),
      postures: new Map(tracks.map((track) => [track.id, postures.get(track.id) ?? "unknown"])),
      falls: new Map(this.#subjects.flatMap(fallStage)),
      held: new Set(this.#subjects.filter(isHeld).map((subject) => subject.trackId)),
      inBed,
      bedOccupied: inBed.size > 0,
    };
  }
}

function fallStage({ trackId, fall }: Subject): readonly (readonly [number, "suspected" | "confirmed"])[] {
  if (fall.kind === "confirmed") return [[trackId, "confirmed"]];
  return fall.kind === "suspected" ? [[trackId, "suspected"]] : [];
}
