// The poses around every alarm: who moved how from half a minute before to ten seconds after. No pictures. They show a
// carer what happened, and they let the household's own settings be checked against what the household said.
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { gunzipSync, gzip } from "node:zlib";
import type { Clock, Millis } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import { ALARM_ANSWERS, type Alarm, type AlarmAnswer } from "../domain/alarm.ts";
import { decodeRecording, encodedParts, type ObservationRecording } from "../domain/observation-recording.ts";
import type { FrameObservation } from "../domain/track.ts";
import type { Zone } from "../domain/zone.ts";
import type { AlarmClipRow } from "../store/alarm-clip-repository.ts";
import type { Store } from "../store/store.ts";

export interface AlarmClip {
  readonly alarmId: string;
  readonly cameraId: string;
  readonly raisedAt: Millis;
  readonly answer: AlarmAnswer | null;
  readonly recording: ObservationRecording;
  /** As they were drawn at the time. */
  readonly zones: readonly Zone[];
  /** What falls and beds were judged by at the time, as the configuration names it; whoever uses it checks it. */
  readonly settings: unknown;
}

export interface AlarmClipsOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
}

const BEFORE_MS = 30_000;
const AFTER_MS = 10_000;
/** Where a camera stops sending, the clip ends without it. */
const PATIENCE_MS = AFTER_MS + 2000;
/** Frames kept of one camera: 30 s at 30 a second and the time after; more are thinned out by nobody. */
const FRAMES = 1200;

/** Some 2 ms of encoding. */
const FRAMES_AT_A_TIME = 20;

const pack = promisify(gzip);

/** The last frames of one camera, and the alarms whose ten seconds are still running. */
interface Reel {
  frames: FrameObservation[];
  readonly open: Set<OpenClip>;
}

interface OpenClip {
  readonly alarm: Alarm;
  /** Wall time of the frames it takes. */
  readonly from: Millis;
  readonly until: Millis;
  readonly zones: readonly Zone[];
  readonly settings: unknown;
  readonly frames: FrameObservation[];
  readonly patience: Disposable;
}

export class AlarmClips implements Service {
  readonly #options: AlarmClipsOptions;
  readonly #reels = new Map<string, Reel>();
  /** Alarms that have a clip or are getting one. */
  readonly #known = new Set<string>();
  #zones: ReadonlyMap<string, readonly Zone[]> = new Map();
  #settings: unknown = null;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: AlarmClipsOptions) {
    this.#options = options;
  }

  /** Alarms of before the restart have their clips, or lost them with it. Throws AppError store.*. */
  async start(): Promise<void> {
    for (const { id } of this.#options.store.alarms.open()) this.#known.add(id);
  }

  /** What is being recorded ends here, and is kept. */
  async stop(): Promise<void> {
    for (const reel of this.#reels.values()) for (const clip of [...reel.open]) this.#close(reel, clip);
    await this.#writing;
  }

  /** What is stored beside the next clips. A camera that is gone, or wants privacy, is forgotten at once. */
  configure(
    cameras: readonly { readonly id: string; readonly privacy: boolean; readonly zones: readonly Zone[] }[],
    settings: unknown,
  ): void {
    this.#zones = new Map(cameras.map(({ id, zones }) => [id, zones]));
    this.#settings = settings;
    const watching = new Set(cameras.filter(({ privacy }) => !privacy).map(({ id }) => id));
    for (const cameraId of this.#reels.keys()) if (!watching.has(cameraId)) this.#turnAway(cameraId);
  }

  /** Every frame that was analysed. */
  observe(observation: FrameObservation): void {
    const { cameraId, capturedAt } = observation.stamp;
    const reel = this.#reels.get(cameraId) ?? this.#newReel(cameraId);
    const last = reel.frames.at(-1)?.stamp;
    // The clock was set, or the camera began anew: what was before does not belong to what comes.
    if (
      last !== undefined &&
      (capturedAt < last.capturedAt || observation.stamp.mediaTimeS < last.mediaTimeS)
    )
      reel.frames = [];
    reel.frames.push(observation);
    const old = reel.frames.findIndex(({ stamp }) => stamp.capturedAt >= capturedAt - BEFORE_MS);
    const tooMany = Math.max(old, reel.frames.length - FRAMES);
    if (tooMany > 0) reel.frames.splice(0, tooMany);
    for (const clip of [...reel.open]) {
      if (capturedAt <= clip.until && capturedAt >= clip.from) clip.frames.push(observation);
      if (capturedAt >= clip.until || capturedAt < clip.from) this.#close(reel, clip);
    }
  }

  /** Alarms as they stand: a new one begins a clip. */
  alarms(open: readonly Alarm[]): void {
    for (const alarm of open) {
      const { id, cameraId, raisedAt } = alarm;
      const reel = cameraId === null ? undefined : this.#reels.get(cameraId);
      if (cameraId === null || reel === undefined || this.#known.has(id)) continue;
      this.#known.add(id);
      const from = raisedAt - BEFORE_MS;
      const clip: OpenClip = {
        alarm,
        from,
        until: raisedAt + AFTER_MS,
        zones: this.#zones.get(cameraId) ?? [],
        settings: this.#settings,
        frames: reel.frames.filter(({ stamp }) => stamp.capturedAt >= from),
        patience: this.#options.clock.schedule(PATIENCE_MS, () => this.#close(reel, clip)),
      };
      reel.open.add(clip);
    }
    const ids = new Set(open.map(({ id }) => id));
    for (const id of this.#known) if (!ids.has(id)) this.#known.delete(id);
  }

  /** Deletes everything recorded of a camera. Throws AppError store.*. */
  forget(cameraId: string): void {
    this.#turnAway(cameraId);
    this.#options.store.alarmClips.forgetCamera(cameraId);
  }

  /**
   * What has been recorded so far; null where nothing was. Throws AppError store.*, and input.invalid for one that is
   * damaged.
   */
  find(alarmId: string): AlarmClip | null {
    const open = [...this.#reels.values()]
      .flatMap((reel) => [...reel.open])
      .find(({ alarm }) => alarm.id === alarmId);
    if (open !== undefined && open.alarm.cameraId !== null) {
      const { alarm, zones, settings, frames } = open;
      const { cameraId, raisedAt } = open.alarm;
      const recording = { about: aboutOf(alarm), observations: [...frames] };
      return { alarmId, cameraId, raisedAt, answer: alarm.answer, recording, zones, settings };
    }
    const row = this.#options.store.alarmClips.find(alarmId);
    return row === null ? null : clipOf(row);
  }

  #newReel(cameraId: string): Reel {
    const reel: Reel = { frames: [], open: new Set() };
    this.#reels.set(cameraId, reel);
    return reel;
  }

  /** What was seen before is not kept any longer; what belongs to an alarm already is its evidence, and ends here. */
  #turnAway(cameraId: string): void {
    const reel = this.#reels.get(cameraId);
    this.#reels.delete(cameraId);
    if (reel !== undefined) for (const clip of [...reel.open]) this.#close(reel, clip);
  }

  #close(reel: Reel, clip: OpenClip): void {
    if (!reel.open.delete(clip)) return;
    clip.patience[Symbol.dispose]();
    this.#writing = this.#writing.then(() => this.#write(clip));
  }

  /** A clip that cannot be written is lost: an alarm's own record does not depend on it. */
  async #write({ alarm, zones, settings, frames }: OpenClip): Promise<void> {
    const { store, log } = this.#options;
    const { id, cameraId, raisedAt, answer } = alarm;
    if (cameraId === null || frames.length === 0) return;
    try {
      const parts: string[] = [];
      // The daemon has other things to do meanwhile: the next alarm, for one.
      for (const part of encodedParts({ about: aboutOf(alarm), observations: frames }))
        if (parts.push(part) % FRAMES_AT_A_TIME === 0) await setImmediate();
      const recording = await pack(parts.join(""));
      store.alarmClips.insert({ alarmId: id, cameraId, raisedAt, answer, zones, settings, recording });
    } catch (error) {
      log.warn({ err: error, alarmId: id }, "the moments around an alarm could not be kept");
    }
  }
}

function aboutOf({ id, cause }: Alarm): ObservationRecording["about"] {
  return { alarm_id: id, cause };
}

function clipOf({ recording, zones, answer, ...row }: AlarmClipRow): AlarmClip {
  const source = `the clip of alarm ${row.alarmId}`;
  return {
    ...row,
    answer: ALARM_ANSWERS.find((known) => known === answer) ?? null,
    recording: decodeRecording(unpacked(recording, source), source),
    // Only this room writes clips, and their zones are those of the configuration.
    zones: zones as readonly Zone[],
  };
}

function unpacked(recording: Uint8Array, source: string): string {
  try {
    return gunzipSync(recording).toString("utf8");
  } catch (error) {
    throw new AppError("input.invalid", `${source} is damaged; delete it or leave it out`, { cause: error });
  }
}
