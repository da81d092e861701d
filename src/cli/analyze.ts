// `haven analyze`: the daemon's pipeline on files. Media time is the clock, each file is a camera, and what is found goes
// through the same recorder and alarm rules as live; with --data it is kept.
import { resolve } from "node:path";
import { ModelStore } from "../../models/model-store.ts";
import { identityModels } from "../app-identity.ts";
import { Recording } from "../app-recording.ts";
import { activitySettings } from "../app-settings.ts";
import { ManualClock, systemClock } from "../core/clock.ts";
import { AppError, isAppError } from "../core/errors.ts";
import { redactUrl } from "../core/logger.ts";
import type { Camera } from "../domain/camera.ts";
import {
  type EventDraft,
  type EventKind,
  type HavenEvent,
  SEVERITY,
  toWire,
  type WireEvent,
} from "../domain/events.ts";
import type { FrameObservation } from "../domain/track.ts";
import type { Tracklet } from "../domain/tracklet.ts";
import { CameraActivity } from "../pipeline/camera-activity.ts";
import type { FileOutcome, FileSink } from "../pipeline/offline-run.ts";
import type { VisionSettings } from "../pipeline/vision-contract.ts";
import { IN_MEMORY, openStore, type Store } from "../store/store.ts";
import {
  FileSightings,
  type FileToIdentify,
  type Identified,
  identifyFiles,
} from "./identity/identify-files.ts";
import { cameraForFile, OfflineSession } from "./offline-session.ts";
import { databasePath, makeDataDir } from "./places.ts";

export interface AnalyzeFlags {
  readonly config?: string;
  readonly data?: string;
  readonly json: boolean;
  /** Seconds. */
  readonly holdLast: number;
}

/** Each visit is told in and out, however soon after the last: whose they are is known only in the end. */
const VISITS: ReadonlySet<EventKind> = new Set(["person_in", "person_out"]);

interface Analysis {
  readonly events: HavenEvent[];
  readonly tracks: Set<number>;
  readonly sightings: FileSightings;
}

/** 0, or 2 when a file could not be played; the others are analysed all the same. */
export async function analyze(
  files: readonly string[],
  flags: AnalyzeFlags,
  signal: AbortSignal,
): Promise<number> {
  await using session = await OfflineSession.open(flags, signal, withoutPictures);
  const configured = session.config.cameras;
  const cameras = files.map((file, index) => {
    const source = /^[a-z][a-z0-9+.-]*:\/\//i.test(file) ? file : resolve(file);
    const known = configured.find((camera) => camera.source === source);
    return known === undefined
      ? cameraForFile(source, index)
      : { ...known, substream: null, enabled: true, privacy: false };
  });
  refuseTwins(cameras);
  const found = new Map<string, Analysis>();
  const outcomes = await session.play(cameras, {
    title: "files",
    holdLastS: flags.holdLast,
    signal,
    begin: (camera) => {
      const analysis: Analysis = { events: [], tracks: new Set(), sightings: new FileSightings() };
      found.set(camera.id, analysis);
      return new FileAnalysis(camera, analysis, session);
    },
  });
  // In the order of the files, whichever was done first: the answer does not depend on the machine's speed.
  const played = outcomes.flatMap(({ camera, failure }) => {
    const analysis = failure === null ? found.get(camera.id) : undefined;
    return analysis === undefined ? [] : [{ camera, ...analysis }];
  });
  const identified = await identify(played, session);
  const events = played.flatMap(({ camera, events: own }) => {
    const all = [...own.map(identified.named), ...recorded(identified.drafts.get(camera.id) ?? [], session)];
    return all.toSorted((a, b) => a.capturedAt - b.capturedAt);
  });
  if (flags.data !== undefined) keep(events, flags.data, session);
  report(outcomes, { found, persons: identified.persons, events: events.map(toWire) }, flags.json);
  return outcomes.some((outcome) => outcome.failure !== null) ? 2 : 0;
}

/** Pictures are for a household's gallery; an analysis keeps none. */
function withoutPictures(settings: VisionSettings): VisionSettings {
  const { identify } = settings;
  return { ...settings, identify: identify === null ? null : { ...identify, keepPictures: false } };
}

async function identify(
  files: readonly FileToIdentify[],
  { config, log }: OfflineSession,
): Promise<Pick<Identified, "persons" | "drafts" | "named">> {
  if (!config.reid.enabled) return { persons: 0, drafts: new Map(), named: (event) => event };
  const store = new ModelStore({ log });
  const entry = async (reference: string) => {
    try {
      return await store.resolve(reference);
    } catch (error) {
      // Vision has said so; nothing of that model is there to be judged.
      if (!isAppError(error)) throw error;
      return null;
    }
  };
  const { faceModel, appearanceModel } = config.reid;
  const models = identityModels(await entry(faceModel), await entry(appearanceModel));
  return await identifyFiles(files, { config, models, log });
}

/** What is said of identities goes through the same throttle as everything else. */
function recorded(drafts: readonly EventDraft[], { config, log: sessionLog }: OfflineSession): HavenEvent[] {
  const clock = new ManualClock();
  const log = sessionLog.child({}, { level: "error" });
  const events: HavenEvent[] = [];
  using store = openStore({ path: IN_MEMORY, clock, log });
  const recording = new Recording({
    store,
    clock,
    log,
    random: () => 0.5,
    alarms: config.alarms,
    announce: ({ event, delivery }) => {
      if (delivery !== "logged") events.push(event);
    },
  });
  let startedAt: number | null = null;
  for (const draft of drafts) {
    if (startedAt === null) clock.jumpTo(draft.capturedAt);
    else clock.advance(Math.max(0, draft.capturedAt - clock.now()));
    startedAt ??= draft.capturedAt;
    recording.record(draft);
  }
  return events;
}

/** One file's way from observations to recorded events. */
class FileAnalysis implements FileSink {
  readonly #analysis: Analysis;
  readonly #activity: CameraActivity;
  readonly #clock = new ManualClock();
  readonly #store: Store;
  readonly #recording: Recording;
  #nowMs: number | null = null;

  constructor(camera: Camera, analysis: Analysis, session: OfflineSession) {
    this.#analysis = analysis;
    this.#activity = new CameraActivity(camera, activitySettings(session.config));
    // An alarm of old footage is a line of the answer, not a warning.
    const log = session.log.child({}, { level: "error" });
    this.#store = openStore({ path: IN_MEMORY, clock: this.#clock, log });
    this.#recording = new Recording({
      store: this.#store,
      clock: this.#clock,
      log,
      random: () => 0.5,
      alarms: session.config.alarms,
      announce: ({ event, delivery }) => {
        if (delivery !== "logged" || VISITS.has(event.kind)) analysis.events.push(event);
      },
    });
  }

  readonly observe = (observation: FrameObservation): void => {
    const { capturedAt } = observation.stamp;
    if (this.#nowMs === null) this.#clock.jumpTo(capturedAt);
    else this.#clock.advance(capturedAt - this.#nowMs);
    this.#nowMs = capturedAt;
    for (const track of observation.tracks)
      if (track.state === "confirmed") this.#analysis.tracks.add(track.id);
    for (const draft of this.#activity.observe(observation).drafts) this.#recording.record(draft);
    this.#analysis.sightings.frame(observation);
  };

  readonly identify = (tracklet: Tracklet): void => this.#analysis.sightings.tracklet(tracklet);

  readonly end = (): void => {
    for (const draft of this.#activity.close(this.#nowMs ?? 0).drafts) this.#recording.record(draft);
    this.#store[Symbol.dispose]();
  };
}

/** Two files that are configured as one camera, or one file named twice, would be one camera with two pictures. */
function refuseTwins(cameras: readonly Camera[]): void {
  const seen = new Set<string>();
  for (const camera of cameras) {
    if (seen.has(camera.id))
      throw new AppError("input.invalid", `${redactUrl(camera.source)} is named twice; name each file once`);
    seen.add(camera.id);
  }
}

/** Whom the analysis made up for itself: the household knows other people, by other ids. */
const NOBODY = { personId: null, personName: null, identityCue: null } as const;

/** Events only: alarms and messages of old footage are nobody's business now. */
function keep(events: readonly HavenEvent[], dataDir: string, session: OfflineSession): void {
  const folder = resolve(dataDir);
  makeDataDir(folder);
  using store = openStore({
    path: databasePath(session.config, folder),
    clock: systemClock,
    log: session.log,
  });
  const recordedAt = systemClock.now();
  store.transaction(() => {
    for (const event of events)
      store.events.insert({ ...event, ...NOBODY }, { severity: SEVERITY[event.kind], recordedAt });
  }, "power");
}

interface Findings {
  readonly found: ReadonlyMap<string, Analysis>;
  readonly persons: number;
  readonly events: readonly WireEvent[];
}

function report(outcomes: readonly FileOutcome[], { found, persons, events }: Findings, json: boolean): void {
  const counts: Partial<Record<EventKind, number>> = {};
  for (const { kind } of events) counts[kind] = (counts[kind] ?? 0) + 1;
  const failed = outcomes.flatMap(({ camera, failure }) =>
    failure === null ? [] : [{ file: redactUrl(camera.source), reason: failure }],
  );
  const summary = {
    kind: "summary",
    files: outcomes.length,
    failed,
    frames_analysed: outcomes.reduce((sum, outcome) => sum + outcome.frames, 0),
    tracks: [...found.values()].reduce((sum, analysis) => sum + analysis.tracks.size, 0),
    persons,
    events: counts,
  };
  const lines = json
    ? [...events, summary].map((line) => JSON.stringify(line))
    : [...events.map((event) => sentence(event, outcomes)), summaryLine(summary)];
  process.stdout.write(`${lines.join("\n")}\n`);
  for (const { reason } of failed) process.stderr.write(`haven: ${reason}\n`);
}

function sentence(event: WireEvent, outcomes: readonly FileOutcome[]): string {
  const camera = outcomes.find((outcome) => outcome.camera.id === event.camera_id)?.camera;
  const time = event.media_time_s === null ? "" : `${event.media_time_s.toFixed(1).padStart(7)} s`;
  const confidence = event.confidence === null ? "" : `  confidence ${event.confidence.toFixed(2)}`;
  const person = event.person_name === null ? "" : `  ${event.person_name}`;
  return `${camera?.name ?? ""} ${time}  ${event.kind}${event.track_id === null ? "" : `  track ${event.track_id}`}${person}${confidence}`;
}

function summaryLine(summary: {
  files: number;
  failed: readonly object[];
  frames_analysed: number;
  tracks: number;
  persons: number;
}): string {
  return `${summary.files} files (${summary.failed.length} failed), ${summary.frames_analysed} frames analysed, ${summary.tracks} tracks, ${summary.persons} persons`;
}
