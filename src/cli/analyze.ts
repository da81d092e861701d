// `haven analyze`: the daemon's pipeline on files. Media time is the clock, each file is a camera, and what is found goes
// through the same recorder and alarm rules as live; with --data it is kept.
import { resolve } from "node:path";
import { Recording } from "../app-recording.ts";
import { activitySettings } from "../app-settings.ts";
import { ManualClock, systemClock } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import { redactUrl } from "../core/logger.ts";
import type { Camera } from "../domain/camera.ts";
import { type EventKind, type HavenEvent, SEVERITY, toWire, type WireEvent } from "../domain/events.ts";
import type { FrameObservation } from "../domain/track.ts";
import { CameraActivity } from "../pipeline/camera-activity.ts";
import type { FileOutcome, FileSink } from "../pipeline/offline-run.ts";
import { IN_MEMORY, openStore, type Store } from "../store/store.ts";
import { cameraForFile, OfflineSession } from "./offline-session.ts";
import { databasePath, makeDataDir } from "./places.ts";

export interface AnalyzeFlags {
  readonly config?: string;
  readonly data?: string;
  readonly json: boolean;
  /** Seconds. */
  readonly holdLast: number;
}

interface Analysis {
  readonly events: HavenEvent[];
  readonly tracks: Set<number>;
}

/** 0, or 2 when a file could not be played; the others are analysed all the same. */
export async function analyze(
  files: readonly string[],
  flags: AnalyzeFlags,
  signal: AbortSignal,
): Promise<number> {
  await using session = await OfflineSession.open(flags, signal);
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
      const analysis: Analysis = { events: [], tracks: new Set() };
      found.set(camera.id, analysis);
      return new FileAnalysis(camera, analysis, session);
    },
  });
  // In the order of the files, whichever was done first: the answer does not depend on the machine's speed.
  const events = outcomes.flatMap(({ camera, failure }) =>
    failure === null ? (found.get(camera.id)?.events ?? []) : [],
  );
  if (flags.data !== undefined) keep(events, flags.data, session);
  report(outcomes, found, events.map(toWire), flags.json);
  return outcomes.some((outcome) => outcome.failure !== null) ? 2 : 0;
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
        if (delivery !== "logged") analysis.events.push(event);
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
  };

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
    for (const event of events) store.events.insert(event, { severity: SEVERITY[event.kind], recordedAt });
  }, "power");
}

function report(
  outcomes: readonly FileOutcome[],
  found: ReadonlyMap<string, Analysis>,
  events: readonly WireEvent[],
  json: boolean,
): void {
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
    // Identity comes later; nobody is known by name or face yet.
    persons: 0,
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
  return `${camera?.name ?? ""} ${time}  ${event.kind}${event.track_id === null ? "" : `  track ${event.track_id}`}${confidence}`;
}

function summaryLine(summary: {
  files: number;
  failed: readonly object[];
  frames_analysed: number;
  tracks: number;
}): string {
  return `${summary.files} files (${summary.failed.length} failed), ${summary.frames_analysed} frames analysed, ${summary.tracks} tracks`;
}
