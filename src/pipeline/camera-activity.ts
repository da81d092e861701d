// What one camera's observations mean: falls and beds from the activity engine, visits and occupancy from presence.
// The same object runs live and offline; time comes with the observation.
import { AdlEngine, type AdlObservation, type SubjectStates } from "../adl/adl-engine.ts";
import type { AdlSettings } from "../adl/adl-settings.ts";
import { FloorMap, type FloorMapRecord, floorWithZones } from "../adl/floor-map.ts";
import type { Sleeper } from "../adl/sleepers.ts";
import type { Millis } from "../core/clock.ts";
import { isNight, type NightHours } from "../core/local-time.ts";
import type { ActivityFact, Posture } from "../domain/activity.ts";
import { areaOf, type Camera } from "../domain/camera.ts";
import type { EventDraft } from "../domain/events.ts";
import type { FrameObservation, Track } from "../domain/track.ts";
import {
  DEFAULT_OCCUPANCY_SETTINGS,
  EMPTY_ROOM,
  type OccupancyEffect,
  type OccupancySettings,
  type OccupancyState,
  stepOccupancy,
} from "../presence/occupancy-machine.ts";

export interface ActivitySettings {
  readonly adl: AdlSettings;
  readonly presence: { readonly personTimeoutS: number; readonly occupancyHoldS: number };
  readonly night: NightHours;
}

export interface RoomOccupancy {
  readonly occupied: boolean;
  readonly personCount: number;
  readonly bedOccupied: boolean | null;
}

export interface ActivityUpdate {
  /** All that is to be told, as of this camera alone. */
  readonly drafts: readonly EventDraft[];
  /** Of these: who came and went, and what was found out about falls, floor and beds. */
  readonly visits: readonly EventDraft[];
  readonly facts: readonly ActivityFact[];
  readonly room: RoomOccupancy;
  readonly postures: ReadonlyMap<number, Posture>;
  /** Tracks whose fall is suspected or confirmed right now. */
  readonly falls: ReadonlyMap<number, "suspected" | "confirmed">;
  /** Last known tracks of those in a drawn bed, seen or not. */
  readonly inBed: ReadonlySet<number>;
  /** Whether anybody lies or is about to, by those in sight; null when nobody is. */
  readonly lying: boolean | null;
}

export class CameraActivity {
  #camera: Camera;
  #occupancySettings: OccupancySettings;
  #settings: ActivitySettings;
  readonly #engine: AdlEngine;
  #occupancy: OccupancyState = EMPTY_ROOM;
  #floor = new FloorMap();
  /** The latest moment, on the camera's own clock and on the wall's. */
  #last: { readonly mediaTimeS: number; readonly at: Millis } | null = null;

  constructor(camera: Camera, settings: ActivitySettings) {
    this.#camera = camera;
    this.#settings = settings;
    this.#occupancySettings = occupancySettings(settings);
    this.#engine = new AdlEngine(this.#configuration());
  }

  /** Zones, names and settings may change while people are in view; what is under way goes on. */
  configure(camera: Camera, settings: ActivitySettings = this.#settings): void {
    this.#camera = camera;
    this.#settings = settings;
    this.#occupancySettings = occupancySettings(settings);
    this.#engine.configure(this.#configuration());
  }

  /** What was learned of the room's floor; null while that is nothing. */
  get floor(): FloorMapRecord | null {
    return this.#floor.record();
  }

  /** Goes on with a floor that was learned before; null begins anew, for instance when the camera was moved. */
  set floor(record: FloorMapRecord | null) {
    this.#floor = record === null ? new FloorMap() : FloorMap.restore(record);
    this.#engine.configure(this.#configuration());
  }

  /** Who is in a drawn bed, to be kept over a restart; to be set before the first frame. */
  get sleepers(): readonly Sleeper[] {
    return this.#engine.sleepers();
  }

  set sleepers(sleepers: readonly Sleeper[]) {
    this.#engine.restore(sleepers);
  }

  /** Where every person's machines stand, seen or not. */
  states(): readonly SubjectStates[] {
    return this.#engine.states();
  }

  observe(observation: FrameObservation): ActivityUpdate {
    const { stamp, tracks } = observation;
    this.#last = { mediaTimeS: stamp.mediaTimeS, at: stamp.capturedAt };
    const adl = this.#engine.observe(observation);
    const step = stepOccupancy(
      this.#occupancy,
      {
        timeS: stamp.mediaTimeS,
        seen: tracks
          .filter((track) => track.detected && track.state === "confirmed")
          .map((track) => ({ trackId: track.id, box: track.box, firstSeenS: track.firstSeenS })),
        held: adl.held,
      },
      this.#occupancySettings,
    );
    this.#occupancy = step.state;
    for (const track of tracks)
      this.#floor.learn(track, adl.postures.get(track.id) ?? "unknown", observation.aspect, stamp.mediaTimeS);
    const visits = step.effects.flatMap((effect) => this.#visitDraft(effect, (atS) => this.#wallTime(atS)));
    return this.#update(adl, visits, isLying(tracks, adl));
  }

  /**
   * Time passes without a picture, for instance while the camera is away: whoever went down stays down. Null before the
   * first frame, and when nothing came of it. `at` is wall time.
   */
  tick(at: Millis): ActivityUpdate | null {
    const last = this.#last;
    if (last === null || at <= last.at) return null;
    const adl = this.#engine.tick(last.mediaTimeS + (at - last.at) / 1000);
    return adl.facts.length === 0 ? null : this.#update(adl, [], adl.falls.size > 0 ? true : null);
  }

  #update(adl: AdlObservation, visits: readonly EventDraft[], lying: boolean | null): ActivityUpdate {
    // Whoever is in bed is there, whether or not they were seen to come in: before a restart, for instance.
    const abed = adl.inBed.size;
    const occupied = this.#occupancy.occupied || abed > 0;
    const count = Math.max(this.#occupancy.count, abed);
    const hasBed = this.#camera.zones.some((zone) => zone.kind === "bed");
    return {
      drafts: [...visits, ...adl.facts.map((fact) => this.draftOf(fact))],
      visits,
      facts: adl.facts,
      room: { occupied, personCount: count, bedOccupied: hasBed ? adl.bedOccupied : null },
      postures: adl.postures,
      falls: adl.falls,
      inBed: adl.inBed,
      lying,
    };
  }

  #configuration() {
    const { zones } = this.#camera;
    return { zones, settings: this.#settings.adl, floor: floorWithZones(this.#floor, zones) };
  }

  /** Of a moment on the camera's own clock. */
  #wallTime(mediaTimeS: number): Millis {
    const last = this.#last ?? { mediaTimeS, at: 0 };
    return last.at - (last.mediaTimeS - mediaTimeS) * 1000;
  }

  /**
   * Nobody has been seen for a long while because nothing could be seen (camera away, privacy) or because the
   * recording is over: every visit ends. `capturedAt` is the wall time of that decision.
   */
  close(capturedAt: number): ActivityUpdate {
    const { visits } = this.#occupancy;
    this.#occupancy = EMPTY_ROOM;
    const lastS = this.#last?.mediaTimeS ?? 0;
    const drafts = visits.flatMap((visit) =>
      this.#visitDraft(
        {
          kind: "person_out",
          trackId: visit.trackId,
          atS: visit.lastSeenS,
          durationS: visit.lastSeenS - visit.sinceS,
          lastBox: visit.lastBox,
        },
        (mediaTimeS) => capturedAt - Math.max(0, lastS - mediaTimeS) * 1000,
      ),
    );
    return {
      drafts,
      visits: drafts,
      room: { occupied: false, personCount: 0, bedOccupied: null },
      facts: [],
      postures: new Map(),
      falls: new Map(),
      inBed: new Set(),
      lying: null,
    };
  }

  #visitDraft(effect: OccupancyEffect, at: (mediaTimeS: number) => number): readonly EventDraft[] {
    if (effect.kind !== "person_in" && effect.kind !== "person_out") return [];
    const base = {
      ...this.#where(),
      zone: null,
      trackId: effect.trackId,
      capturedAt: at(effect.atS),
      mediaTimeS: effect.atS,
      confidence: null,
    };
    return effect.kind === "person_in"
      ? [{ ...base, kind: "person_in", evidence: { box: effect.box } }]
      : [{ ...base, kind: "person_out", evidence: { durationS: effect.durationS, lastBox: effect.lastBox } }];
  }

  /** The event of something that was found out about this camera's view. */
  draftOf(fact: ActivityFact): EventDraft {
    const capturedAt = this.#wallTime(fact.mediaTimeS);
    const base = {
      ...this.#where(),
      zone: fact.zone,
      // Below 0: somebody from before a restart, whom no track has carried on yet.
      trackId: fact.trackId < 0 ? null : fact.trackId,
      capturedAt,
      mediaTimeS: fact.mediaTimeS,
      confidence: fact.confidence,
    };
    switch (fact.kind) {
      case "bed_entry":
      case "bed_edge":
      case "bed_exit":
        return {
          ...base,
          kind: fact.kind,
          evidence: { ...fact.evidence, night: isNight(capturedAt, this.#settings.night) },
        };
      default:
        return { ...base, kind: fact.kind, evidence: fact.evidence };
    }
  }

  #where() {
    return {
      cameraId: this.#camera.id,
      area: areaOf(this.#camera),
      // Nobody is named before identity can name them.
      personId: null,
      personName: null,
      identityCue: null,
    };
  }
}

/** A fall under way counts from its suspicion, in sight or not. */
function isLying(
  tracks: readonly Track[],
  { postures, falls }: Pick<ActivityUpdate, "postures" | "falls">,
): boolean | null {
  if (falls.size > 0) return true;
  const seen = tracks.filter((track) => track.detected && track.state === "confirmed");
  if (seen.length === 0) return null;
  return seen.some((track) => postures.get(track.id) === "lying");
}

function occupancySettings({ presence }: ActivitySettings): OccupancySettings {
  return {
    ...DEFAULT_OCCUPANCY_SETTINGS,
    outAfterS: presence.personTimeoutS,
    emptyAfterS: presence.occupancyHoldS,
  };
}
