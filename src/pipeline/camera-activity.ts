// What one camera's observations mean: falls and beds from the activity engine, visits and occupancy from presence.
// The same object runs live and offline; time comes with the observation.
import { AdlEngine } from "../adl/adl-engine.ts";
import type { AdlSettings } from "../adl/adl-settings.ts";
import type { ActivityFact, Posture } from "../domain/activity.ts";
import type { Camera } from "../domain/camera.ts";
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
}

export interface RoomOccupancy {
  readonly occupied: boolean;
  readonly personCount: number;
  readonly bedOccupied: boolean | null;
}

export interface ActivityUpdate {
  readonly drafts: readonly EventDraft[];
  readonly room: RoomOccupancy;
  readonly postures: ReadonlyMap<number, Posture>;
  /** Tracks whose fall is suspected or confirmed right now. */
  readonly falls: ReadonlyMap<number, "suspected" | "confirmed">;
  /** Whether anybody lies or is about to, by those in sight; null when nobody is. */
  readonly lying: boolean | null;
}

export class CameraActivity {
  #camera: Camera;
  #occupancySettings: OccupancySettings;
  #settings: ActivitySettings;
  readonly #engine: AdlEngine;
  #occupancy: OccupancyState = EMPTY_ROOM;
  #lastS = 0;

  constructor(camera: Camera, settings: ActivitySettings) {
    this.#camera = camera;
    this.#settings = settings;
    this.#occupancySettings = occupancySettings(settings);
    this.#engine = new AdlEngine({ zones: camera.zones, settings: settings.adl });
  }

  /** Zones, names and settings may change while people are in view; what is under way goes on. */
  configure(camera: Camera, settings: ActivitySettings = this.#settings): void {
    this.#camera = camera;
    this.#settings = settings;
    this.#occupancySettings = occupancySettings(settings);
    this.#engine.configure({ zones: camera.zones, settings: settings.adl });
  }

  observe(observation: FrameObservation): ActivityUpdate {
    const { stamp, tracks } = observation;
    this.#lastS = stamp.mediaTimeS;
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
    const at = (mediaTimeS: number) => stamp.capturedAt - (stamp.mediaTimeS - mediaTimeS) * 1000;
    const drafts = [
      ...step.effects.flatMap((effect) => this.#visitDraft(effect, at)),
      ...adl.facts.map((fact) => this.#factDraft(fact, at)),
    ];
    return {
      drafts,
      room: {
        occupied: step.state.occupied,
        personCount: step.state.count,
        bedOccupied: this.#camera.zones.some((zone) => zone.kind === "bed") ? adl.bedOccupied : null,
      },
      postures: adl.postures,
      falls: adl.falls,
      lying: isLying(tracks, adl),
    };
  }

  /**
   * Nobody has been seen for a long while because nothing could be seen (camera away, privacy) or because the
   * recording is over: every visit ends. `capturedAt` is the wall time of that decision.
   */
  close(capturedAt: number): ActivityUpdate {
    const { visits } = this.#occupancy;
    this.#occupancy = EMPTY_ROOM;
    return {
      drafts: visits.flatMap((visit) =>
        this.#visitDraft(
          {
            kind: "person_out",
            trackId: visit.trackId,
            atS: visit.lastSeenS,
            durationS: visit.lastSeenS - visit.sinceS,
            lastBox: visit.lastBox,
          },
          (mediaTimeS) => capturedAt - Math.max(0, this.#lastS - mediaTimeS) * 1000,
        ),
      ),
      room: { occupied: false, personCount: 0, bedOccupied: null },
      postures: new Map(),
      falls: new Map(),
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

  #factDraft(fact: ActivityFact, at: (mediaTimeS: number) => number): EventDraft {
    const base = {
      ...this.#where(),
      zone: fact.zone,
      trackId: fact.trackId,
      capturedAt: at(fact.mediaTimeS),
      mediaTimeS: fact.mediaTimeS,
      confidence: fact.confidence,
    };
    switch (fact.kind) {
      case "bed_entry":
      case "bed_exit":
        return { ...base, kind: fact.kind, evidence: fact.evidence };
      default:
        return { ...base, kind: fact.kind, evidence: fact.evidence };
    }
  }

  #where() {
    return {
      cameraId: this.#camera.id,
      area: this.#camera.area,
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
