// What the whole house tells beyond single cameras: nobody has moved for long, somebody wanders at night, an area cannot be
// watched, and what the day was like. A thin shell around pure machines; it keeps the latest of every camera and looks at
// all of them once a second.
import type { Millis } from "../core/clock.ts";
import { isNight, lastAt, type NightHours } from "../core/local-time.ts";
import type { Posture } from "../domain/activity.ts";
import { areaOf, type Camera } from "../domain/camera.ts";
import type { CameraStatus } from "../domain/camera-status.ts";
import type { DaySummary } from "../domain/care.ts";
import type { EventDraft, EventEvidence } from "../domain/events.ts";
import type { FrameObservation } from "../domain/track.ts";
import { OUTSIDE } from "../domain/zone.ts";
import type { AreaGlance, DoorFact, HouseGlance } from "./area-glance.ts";
import { type DayLedger, enterFact, enterGlance, newDay, summaryOf } from "./day-ledger.ts";
import { type DoorState, NOBODY_AT_DOORS, stepDoors } from "./door-watch.ts";
import { type HouseSnapshot, parseSnapshot, toSnapshot } from "./house-snapshot.ts";
import { type InactivityState, NOBODY_HOME, stepInactivity } from "./inactivity-machine.ts";
import { type MovementState, NOTHING_MOVED, stepMovement } from "./movement.ts";
import { type SightState, stepSight, WATCHED } from "./sight-machine.ts";
import { SETTLED, stepWandering, type WanderingState } from "./wandering-machine.ts";

/**
 * Where beds are drawn, somebody who has not been in one this night is still up from the evening for so long after the night
 * hours begin: nobody keeps them to the minute, and a household whose evenings are longer sets them later.
 */
const EVENING: Millis = 2 * 3_600_000;

export interface HouseFactsSettings {
  readonly night: NightHours;
  /** An IANA name; left out, the machine's. */
  readonly timeZone?: string;
  /** Milliseconds; 0 gives no notice. */
  readonly inactivityAfter: Millis;
  readonly wanderingAfter: Millis;
  /** Milliseconds an area cannot be watched before that is told. */
  readonly blindAfter: Millis;
}

/** What one frame of one camera showed. */
export interface CameraGlance {
  readonly observation: FrameObservation;
  readonly postures: ReadonlyMap<number, Posture>;
  /** People in the camera's room, those included who lie unseen. */
  readonly people: number;
  /** Those of them in a drawn bed. */
  readonly inBed: number;
}

export interface HouseTick {
  readonly drafts: readonly EventDraft[];
  /** The day so far. */
  readonly day: DaySummary;
  /** Days that have ended since the last tick: usually none, one at midnight. */
  readonly ended: readonly DaySummary[];
}

interface View {
  camera: Camera;
  status: CameraStatus | null;
  movement: MovementState;
  doors: DoorState;
  people: number;
  inBed: number;
  upright: number;
  /** Tracks that moved since the last tick. */
  readonly moved: Set<number>;
}

export class HouseFacts {
  #settings: HouseFactsSettings;
  readonly #views = new Map<string, View>();
  readonly #sights = new Map<string, SightState>();
  #inactivity: InactivityState = NOBODY_HOME;
  #wandering: WanderingState = SETTLED;
  #ledger: DayLedger;
  #doors: DoorFact[] = [];
  /** When the night began in which somebody was last seen in bed. */
  #nightInBed: Millis | null = null;

  /** `at` is wall time, as everywhere here. */
  constructor(settings: HouseFactsSettings, at: Millis) {
    this.#settings = settings;
    this.#ledger = newDay(at, settings.timeZone);
  }

  /** Cameras and settings as they are now; what is under way goes on. */
  configure(cameras: readonly Camera[], settings: HouseFactsSettings): void {
    this.#settings = settings;
    for (const id of this.#views.keys()) {
      if (!cameras.some((camera) => camera.id === id && camera.enabled)) this.#views.delete(id);
    }
    for (const camera of cameras.filter((other) => other.enabled)) {
      const view = this.#views.get(camera.id);
      if (view === undefined) this.#views.set(camera.id, newView(camera));
      else view.camera = camera;
    }
    const areas = new Set([...this.#views.values()].map(areaOfView));
    for (const area of this.#sights.keys()) if (!areas.has(area)) this.#sights.delete(area);
  }

  /** `at` is when the frame was captured. Frames of cameras that are not configured or switched off are not looked at. */
  observe({ observation, postures, people, inBed }: CameraGlance, at: Millis): void {
    const view = this.#views.get(observation.stamp.cameraId);
    if (view === undefined) return;
    const { tracks, aspect } = observation;
    const timeS = observation.stamp.mediaTimeS;
    const movement = stepMovement(view.movement, { timeS, aspect, tracks });
    view.movement = movement.state;
    for (const id of movement.moving) view.moved.add(id);
    const doors = stepDoors(view.doors, { timeS, tracks, zones: view.camera.zones });
    view.doors = doors.state;
    for (const { kind, zone, atS } of doors.passages) {
      const moment = at - (timeS - atS) * 1000;
      this.#doors.push({ kind, area: areaOf(view.camera), leadsTo: zone.leadsTo ?? zone.name, at: moment });
    }
    view.people = people;
    view.inBed = inBed;
    view.upright = tracks.filter(
      (track) => track.detected && track.state === "confirmed" && isUpright(postures.get(track.id)),
    ).length;
  }

  status(status: CameraStatus): void {
    const view = this.#views.get(status.cameraId);
    if (view === undefined) return;
    view.status = status;
    if (status.availability === "online") return;
    view.upright = 0;
    view.movement = NOTHING_MOVED;
    view.doors = NOBODY_AT_DOORS;
    // Whoever is in bed in the dark is in bed; of a room nobody looks into, nothing is said.
    if (status.availability === "blind") return;
    view.people = 0;
    view.inBed = 0;
  }

  /** Something that happened, for the day's account: give it every draft or event, once. */
  fact(fact: EventDraft): void {
    const view = fact.cameraId === null ? undefined : this.#views.get(fact.cameraId);
    this.#ledger = enterFact(this.#ledger, fact, view === undefined ? fact.area : areaOf(view.camera));
  }

  /** About once a second. */
  tick(at: Millis): HouseTick {
    const areas = this.#areas();
    const glance: HouseGlance = { at, areas, doors: this.#doors };
    const drafts = [...this.#stepSights(at), ...this.#stepInactivity(glance), ...this.#stepWandering(glance)];
    const { ledger, ended } = enterGlance(this.#ledger, glance, this.#settings.timeZone);
    this.#ledger = ledger;
    this.#doors = [];
    for (const view of this.#views.values()) view.moved.clear();
    return { drafts, day: this.day(), ended };
  }

  day(): DaySummary {
    return summaryOf(this.#ledger);
  }

  /** As JSON, to be kept every few minutes and when the daemon ends. */
  snapshot(): HouseSnapshot {
    const sights = [...this.#sights].map(([area, state]) => ({ area, state }));
    return toSnapshot({ day: this.#ledger, inactivity: this.#inactivity, sights });
  }

  /**
   * Goes on from a snapshot, once, before the first tick; the time since then counts as blind. Whether it was one: false for
   * anything else, and nothing has changed then.
   */
  restore(value: unknown): boolean {
    const snapshot = parseSnapshot(value);
    if (snapshot === null) return false;
    this.#ledger = snapshot.day;
    this.#inactivity = snapshot.inactivity;
    for (const { area, state } of snapshot.sights) this.#sights.set(area, state);
    return true;
  }

  #stepSights(at: Millis): readonly EventDraft[] {
    const drafts: EventDraft[] = [];
    for (const [area, views] of this.#byArea()) {
      const before = this.#sights.get(area) ?? WATCHED;
      const { state, effects } = stepSight(before, { at, blind: blindnessOf(views) }, this.#settings);
      this.#sights.set(area, state);
      for (const effect of effects) {
        drafts.push(
          effect.kind === "area_blind"
            ? draft("area_blind", area, at, { reason: effect.reason })
            : draft("area_watched", area, at, { blindS: effect.blindS }),
        );
      }
    }
    return drafts;
  }

  #stepInactivity(glance: HouseGlance): readonly EventDraft[] {
    const { night, timeZone } = this.#settings;
    const outsideDrawn = this.#zones().some((zone) => zone.kind === "door" && zone.leadsTo === OUTSIDE);
    const input = { ...glance, night: isNight(glance.at, night, timeZone), outsideDrawn };
    const { state, effects } = stepInactivity(this.#inactivity, input, this.#settings);
    this.#inactivity = state;
    return effects.map(({ area, lastMovedAt, quietS }) =>
      draft("inactivity", area, glance.at, { lastMovedAt, quietS }),
    );
  }

  #stepWandering(glance: HouseGlance): readonly EventDraft[] {
    const input = { ...glance, night: this.#isNightForWandering(glance) };
    const { state, effects } = stepWandering(this.#wandering, input, this.#settings);
    this.#wandering = state;
    return effects.map(({ upSince, upS, areas }) =>
      draft("wandering", areas.at(-1) ?? null, glance.at, { upSince, upS, areas }),
    );
  }

  #isNightForWandering({ at, areas }: HouseGlance): boolean {
    const { night, timeZone } = this.#settings;
    if (!isNight(at, night, timeZone)) return false;
    const began = lastAt(night.from, at, timeZone);
    if (areas.some(({ inBed }) => inBed !== null && inBed > 0)) this.#nightInBed = began;
    const bedsDrawn = areas.some(({ inBed }) => inBed !== null);
    return !bedsDrawn || this.#nightInBed === began || at - began >= EVENING;
  }

  #areas(): readonly AreaGlance[] {
    return [...this.#byArea()].map(([area, views]) => {
      // Cameras in one room see the same people: the one that sees most is right.
      const most = (count: (view: View) => number) => Math.max(0, ...views.map(count));
      const bedDrawn = views.some(({ camera }) => camera.zones.some((zone) => zone.kind === "bed"));
      return {
        area,
        watched: blindnessOf(views) === null,
        people: most(({ people }) => people),
        moving: most(({ moved }) => moved.size),
        upright: most(({ upright }) => upright),
        inBed: bedDrawn ? most(({ inBed }) => inBed) : null,
      };
    });
  }

  #byArea(): ReadonlyMap<string, readonly View[]> {
    const areas = new Map<string, View[]>();
    for (const view of this.#views.values()) {
      const area = areaOf(view.camera);
      areas.set(area, [...(areas.get(area) ?? []), view]);
    }
    return areas;
  }

  #zones() {
    return [...this.#views.values()].flatMap(({ camera }) => camera.zones);
  }
}

function newView(camera: Camera): View {
  return {
    camera,
    status: null,
    movement: NOTHING_MOVED,
    doors: NOBODY_AT_DOORS,
    people: 0,
    inBed: 0,
    upright: 0,
    moved: new Set(),
  };
}

function areaOfView({ camera }: View): string {
  return areaOf(camera);
}

/** Why none of an area's cameras can see anybody: the reason of the one that saw last; null when one can. */
function blindnessOf(views: readonly View[]): string | null {
  if (views.some(({ status }) => status?.availability === "online")) return null;
  const since = (view: View) => view.status?.since ?? 0;
  const last = [...views].sort((a, b) => since(b) - since(a))[0];
  return last?.status?.reason ?? "no camera has been connected yet";
}

function isUpright(posture: Posture | undefined): boolean {
  return posture === "standing" || posture === "walking";
}

function draft<K extends "area_blind" | "area_watched" | "inactivity" | "wandering">(
  kind: K,
  area: string | null,
  at: Millis,
  evidence: EventEvidence[K],
) {
  return {
    kind,
    evidence,
    cameraId: null,
    area,
    zone: null,
    trackId: null,
    personId: null,
    personName: null,
    identityCue: null,
    capturedAt: at,
    mediaTimeS: null,
    confidence: null,
  };
}
