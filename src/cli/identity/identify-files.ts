// Who was in the files that were analysed. Files are looked through one after the other, in the order they were given, as if
// each had been filmed after the one before: the same person in two of them is one person, and no two are in one's way.
import { HouseIdentity, type IdentityModels } from "../../app-identity.ts";
import type { Config } from "../../config/config.ts";
import { ManualClock, type Millis } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import type { Logger } from "../../core/logger.ts";
import type { Camera } from "../../domain/camera.ts";
import type { EventDraft, HavenEvent } from "../../domain/events.ts";
import type { TrackIdentity } from "../../domain/identity.ts";
import { displayName } from "../../domain/person.ts";
import type { FrameObservation, Track } from "../../domain/track.ts";
import { CUES, type Tracklet } from "../../domain/tracklet.ts";
import type { TrackletRow } from "../../store/person-rows.ts";
import { IN_MEMORY, openStore, type Store } from "../../store/store.ts";

type Seen =
  | { readonly kind: "frame"; readonly observation: FrameObservation }
  | { readonly kind: "tracklet"; readonly tracklet: Tracklet };

/** What identity takes from one file, in order: where bodies were, without their poses, and what is known of them. */
export class FileSightings {
  readonly #seen: Seen[] = [];

  get seen(): readonly Seen[] {
    return this.#seen;
  }

  frame({ stamp, aspect, tracks }: FrameObservation): void {
    if (tracks.length === 0) return;
    const bare = tracks.map((track): Track => ({ ...track, pose: null }));
    this.#seen.push({ kind: "frame", observation: { stamp, aspect, tracks: bare } });
  }

  tracklet(tracklet: Tracklet): void {
    this.#seen.push({ kind: "tracklet", tracklet });
  }
}

export interface FileToIdentify {
  readonly camera: Camera;
  readonly sightings: FileSightings;
}

export interface Identified {
  /** Entries that any track was taken for in the end. */
  readonly persons: number;
  /** What is said of identities in each file, by camera; times are the file's own. */
  readonly drafts: ReadonlyMap<string, readonly EventDraft[]>;
  /** The event with whoever its track was in the end. */
  readonly named: (event: HavenEvent) => HavenEvent;
}

export interface IdentifyOptions {
  readonly config: Config;
  readonly models: IdentityModels;
  readonly log: Logger;
}

/** Between two files: more than anybody's way, and another visit. */
const GAP_MS: Millis = 3600_000;
const MOST_TRACKLETS = 1_000_000;

export async function identifyFiles(
  files: readonly FileToIdentify[],
  { config, models, log }: IdentifyOptions,
): Promise<Identified> {
  const clock = new ManualClock(0);
  const drafts = new Map<string, EventDraft[]>();
  /** From a file's own time to the time it is looked at. */
  const shifts = new Map<string, Millis>();
  using store = openStore({ path: IN_MEMORY, clock, log });
  const house = new HouseIdentity({
    store,
    clock,
    log,
    config,
    models,
    cameras: files.map(({ camera }) => camera),
    record: (draft) => {
      const id = draft.cameraId ?? "";
      const own = { ...draft, capturedAt: draft.capturedAt - (shifts.get(id) ?? 0) };
      drafts.set(id, [...(drafts.get(id) ?? []), own]);
    },
    onIdentity: () => {},
    describePhoto: () => Promise.reject(new AppError("input.invalid", "nobody is enrolled in an analysis")),
  });
  await house.start();
  for (const { camera, sightings } of files) {
    const startsAt = startOf(sightings);
    const shift = clock.now() + GAP_MS - startsAt;
    shifts.set(camera.id, shift);
    for (const one of sightings.seen) {
      const later = shifted(one, shift);
      clock.advance(Math.max(0, timeOf(later) - clock.now()));
      if (later.kind === "frame") house.service.seen(later.observation);
      else house.service.observe(later.tracklet);
    }
  }
  await house.stop();
  const owners = ownersIn(store, house, shifts);
  return {
    persons: new Set(owners.flatMap(({ identity }) => identity.personId ?? [])).size,
    drafts,
    named: (event) => withOwner(event, owners),
  };
}

interface Owner {
  readonly row: TrackletRow;
  readonly from: Millis;
  readonly identity: Pick<TrackIdentity, "personId" | "personName" | "cue">;
}

/** Who each tracklet was in the end, in the file's own time; the latest first. */
function ownersIn(
  store: Store,
  { gallery }: HouseIdentity,
  shifts: ReadonlyMap<string, Millis>,
): readonly Owner[] {
  return store.tracklets.recent(MOST_TRACKLETS).map((row) => {
    const person = row.personId === null ? null : gallery.person(row.personId);
    return {
      row,
      from: row.firstAt - (shifts.get(row.cameraId) ?? 0),
      identity: {
        personId: person?.id ?? null,
        personName: person === null ? null : displayName(person),
        cue: person === null ? null : (CUES.find((cue) => cue === row.cue) ?? null),
      },
    };
  });
}

/** A track that went over from one body to another is the one of that time. */
function withOwner(event: HavenEvent, owners: readonly Owner[]): HavenEvent {
  if (event.trackId === null || event.personId !== null) return event;
  const own = owners.filter(({ row }) => row.cameraId === event.cameraId && row.trackId === event.trackId);
  const owner = own.find(({ from }) => from <= event.capturedAt) ?? own.at(-1);
  if (owner === undefined || owner.identity.personId === null) return event;
  const { personId, personName, cue } = owner.identity;
  return { ...event, personId, personName, identityCue: cue };
}

function startOf({ seen }: FileSightings): Millis {
  const [first] = seen;
  return first === undefined ? 0 : first.kind === "frame" ? timeOf(first) : first.tracklet.firstSeenAt;
}

function timeOf(one: Seen): Millis {
  return one.kind === "frame" ? one.observation.stamp.capturedAt : one.tracklet.lastSeenAt;
}

function shifted(one: Seen, by: Millis): Seen {
  if (one.kind === "frame") {
    const { stamp } = one.observation;
    const later = { ...stamp, capturedAt: stamp.capturedAt + by };
    return { kind: "frame", observation: { ...one.observation, stamp: later } };
  }
  const { tracklet } = one;
  return {
    kind: "tracklet",
    tracklet: {
      ...tracklet,
      firstSeenAt: tracklet.firstSeenAt + by,
      lastSeenAt: tracklet.lastSeenAt + by,
      samples: tracklet.samples.map((sample) => ({ ...sample, capturedAt: sample.capturedAt + by })),
    },
  };
}
