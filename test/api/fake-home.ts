import type {
  AlarmClip,
  ApiDeps,
  CameraPatch,
  CameraView,
  HomeNews,
  LiveFrame,
  TrackActivity,
} from "../../src/api/deps.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { AppError } from "../../src/core/errors.ts";
import { newId } from "../../src/core/ids.ts";
import { createLogger } from "../../src/core/logger.ts";
import type { Alarm } from "../../src/domain/alarm.ts";
import type { Camera } from "../../src/domain/camera.ts";
import type { CameraStatus, RoomState } from "../../src/domain/camera-status.ts";
import type { EventKind, EventOf, HavenEvent } from "../../src/domain/events.ts";
import type { TrackIdentity } from "../../src/domain/identity.ts";
import type { Keypoint } from "../../src/domain/pose.ts";
import type { Track } from "../../src/domain/track.ts";
import { FakeCare } from "./fake-care.ts";
import { FakePersons } from "./fake-persons.ts";

/** 32x24 pixels of one blue. */
export const JPEG: Uint8Array = Buffer.from(
  "/9j/4AAQSkZJRgABAgAAAQABAAD//gAQTGF2YzU5LjM3LjEwMAD/2wBDAAgoKC8oLzc3Nzc3N0E8QUNDQ0FBQUFDQ0NISEhVVVVISEhDQ0hIUFBV" +
    "VVxfXFdXVVdfX2RkZHh4c3OMjJGsrM//xABNAAEBAAAAAAAAAAAAAAAAAAAABgEBAQEAAAAAAAAAAAAAAAAAAAUGEAEAAAAAAAAAAAAAAAAAAAAA" +
    "EQEAAAAAAAAAAAAAAAAAAAAA/8AAEQgAGAAgAwEiAAIRAAMRAP/aAAwDAQACEQMRAD8AmwGiQQAAAAAH/9k=",
  "base64",
);

export const STARTED = Date.parse("2026-11-20T08:00:00Z");

export const STREAM = { width: 640, height: 384, fps: 25, codec: "h264", durationS: null };

/** Everything the api asks of the daemon, made up in memory: the far side of its interfaces. */
export class FakeHome implements ApiDeps {
  readonly clock: ManualClock;
  readonly log = createLogger({ level: "silent", pretty: false });
  readonly views = new Map<string, CameraView>();
  readonly written: HavenEvent[] = [];
  alarmList: Alarm[] = [];
  readonly acknowledgements: { id: string; by: string }[] = [];
  /** By the id of the alarm. */
  readonly clips = new Map<string, AlarmClip>();
  readonly tested: string[] = [];
  /** What the next test of an address answers; an error is thrown. */
  testAnswer: { stream: typeof STREAM; jpeg: Uint8Array } | Error = { stream: STREAM, jpeg: JPEG };
  snapshotAnswer: Uint8Array | Error = JPEG;
  healthy = true;
  readonly #news = new Set<(news: HomeNews) => void>();
  readonly #live = new Map<string, Set<(frame: LiveFrame) => void>>();
  #sequence = 0;

  readonly caring: FakeCare;
  readonly persons: FakePersons;
  readonly care: ApiDeps["care"];
  readonly days: ApiDeps["days"];
  readonly settings: ApiDeps["settings"];
  readonly sensitivity: ApiDeps["sensitivity"];

  constructor(now = STARTED) {
    this.clock = new ManualClock(now);
    this.caring = new FakeCare(this.clock, (news) => this.tell(news));
    this.persons = new FakePersons(this.clock, (news) => this.tell(news));
    const { care, days, settings, sensitivity } = this.caring;
    this.care = care;
    this.days = days;
    this.settings = settings;
    this.sensitivity = sensitivity;
  }

  readonly cameras: ApiDeps["cameras"] = {
    list: () => [...this.views.values()],
    get: (id) => this.views.get(id) ?? null,
    add: async (input) => {
      const id = input.name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
      if (this.views.has(id)) throw new AppError("conflict", "A camera of this name is there already.");
      const zones = input.zones.map((zone, index) => ({ ...zone, id: zone.id ?? `zone-${index}` }));
      return this.addCamera({ ...input, id, zones });
    },
    update: async (id, patch) => this.#update(id, patch),
    remove: async (id) => {
      this.views.delete(id);
      this.tell({ kind: "cameras" });
    },
    test: async (source) => {
      this.tested.push(source);
      if (this.testAnswer instanceof Error) throw this.testAnswer;
      return this.testAnswer;
    },
    snapshot: async () => {
      if (this.snapshotAnswer instanceof Error) throw this.snapshotAnswer;
      return this.snapshotAnswer;
    },
  };

  readonly events: ApiDeps["events"] = {
    list: async ({ kinds, cameraId, personId, before, limit }) =>
      this.written
        .filter((event) => kinds === null || kinds.includes(event.kind))
        .filter((event) => cameraId === null || event.cameraId === cameraId)
        .filter((event) => personId === null || event.personId === personId)
        .filter((event) => before === null || event.eventId < before)
        .sort((a, b) => (a.eventId < b.eventId ? 1 : -1))
        .slice(0, limit),
  };

  readonly alarms: ApiDeps["alarms"] = {
    list: () => this.alarmList.filter(({ state }) => state !== "cleared"),
    recent: async (limit) => this.alarmList.slice(0, limit),
    acknowledge: async (id, by) => {
      const alarm = this.#alarm(id);
      this.acknowledgements.push({ id, by });
      if (alarm.state !== "raised") return alarm;
      const at = this.clock.now();
      return this.#replace({ ...alarm, state: "acknowledged", acknowledgedAt: at, acknowledgedBy: by });
    },
    answer: async (id, answer, by) => {
      const alarm = this.#alarm(id);
      const at = this.clock.now();
      const acknowledged: Partial<Alarm> =
        alarm.state === "raised" ? { state: "acknowledged", acknowledgedAt: at, acknowledgedBy: by } : {};
      return this.#replace({ ...alarm, ...acknowledged, answer, answeredAt: at, answeredBy: by });
    },
    clip: async (id) => {
      this.#alarm(id);
      return this.clips.get(id) ?? null;
    },
  };

  readonly live: ApiDeps["live"] = {
    subscribe: (cameraId, listener) => {
      const listeners = this.#live.get(cameraId) ?? new Set();
      this.#live.set(cameraId, listeners);
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
  };

  readonly news: ApiDeps["news"] = {
    subscribe: (listener) => {
      this.#news.add(listener);
      return { [Symbol.dispose]: () => void this.#news.delete(listener) };
    },
  };

  readonly system: ApiDeps["system"] = {
    info: () => ({
      startedAt: STARTED,
      vision: {
        state: "running",
        provider: "cpu",
        providerReason: "webgpu: there is no adapter",
        providerSince: 1_763_625_600_000,
        workers: 1,
      },
      mqtt: { state: "connected", broker: "mqtt://haven:hunter2@broker:1883" },
      databaseBytes: 4096,
      problems: [],
    }),
  };

  readonly config: ApiDeps["config"] = {
    current: () => ({ api: { port: 8099 } }),
    schema: () => ({ type: "object", properties: { api: { type: "object" } } }),
  };

  readonly health: ApiDeps["health"] = { check: () => this.healthy };

  get newsListeners(): number {
    return this.#news.size;
  }

  watchers(cameraId: string): number {
    return this.#live.get(cameraId)?.size ?? 0;
  }

  tell(news: HomeNews): void {
    for (const listener of this.#news) listener(news);
  }

  addCamera(camera: Partial<Camera> & { id: string }, status: Partial<CameraStatus> = {}): CameraView {
    const cameraId = camera.id;
    const view: CameraView = {
      camera: {
        name: "Bedroom",
        area: "Bedroom",
        source: "rtsp://viewer:s3cret@192.168.1.20/stream1?key=abc",
        substream: null,
        transport: "auto",
        enabled: true,
        privacy: false,
        zones: [],
        overlaps: [],
        ...camera,
      },
      status: {
        cameraId,
        availability: "online",
        reason: null,
        since: STARTED,
        stream: STREAM,
        analysedFps: 9.96,
        dropped: 0,
        blind: null,
        pace: "full",
        inputSize: 256,
        decoder: "software",
        damagedPackets: 0,
        ...status,
      },
      room: { cameraId, occupied: false, personCount: 0, fall: false, bedOccupied: null },
    };
    this.views.set(cameraId, view);
    this.tell({ kind: "cameras" });
    return view;
  }

  setRoom(cameraId: string, change: Partial<RoomState>): void {
    const view = this.#view(cameraId);
    const room = { ...view.room, ...change };
    this.views.set(cameraId, { ...view, room });
    this.tell({ kind: "room", room });
  }

  setStatus(cameraId: string, change: Partial<CameraStatus>): void {
    const view = this.#view(cameraId);
    const status = { ...view.status, ...change };
    this.views.set(cameraId, { ...view, status });
    this.tell({ kind: "camera_status", status });
  }

  raise(change: Partial<Alarm> = {}): Alarm {
    const now = this.clock.now();
    const alarm: Alarm = {
      id: newId(now),
      state: "raised",
      cause: "fall_confirmed",
      causeEventId: newId(now),
      cameraId: "bedroom",
      area: "Bedroom",
      personName: null,
      raisedAt: now,
      acknowledgedAt: null,
      acknowledgedBy: null,
      recoveredAt: null,
      clearedAt: null,
      level: 0,
      escalatedAt: null,
      answer: null,
      answeredAt: null,
      answeredBy: null,
      test: false,
      ...change,
    };
    this.alarmList = [alarm, ...this.alarmList];
    this.tell({ kind: "alarms" });
    return alarm;
  }

  happen(event: HavenEvent): void {
    this.written.push(event);
    this.tell({ kind: "event", event });
  }

  /** One frame of one person; the sequence counts on. */
  show(
    cameraId: string,
    options: {
      tracks?: readonly Track[];
      activity?: TrackActivity;
      identities?: readonly TrackIdentity[];
      jpeg?: Uint8Array;
    } = {},
  ): void {
    const sequence = this.#sequence++;
    const tracks = options.tracks ?? [aTrack()];
    const activity = new Map(
      options.activity === undefined ? [] : tracks.map((t) => [t.id, options.activity as TrackActivity]),
    );
    const stamp = { cameraId, sequence, capturedAt: this.clock.now(), mediaTimeS: sequence / 10 };
    const identities = new Map((options.identities ?? []).map((known) => [known.trackId, known]));
    const observation = { stamp, aspect: 640 / 384, tracks };
    const frame = { observation, activity, identities, jpeg: options.jpeg ?? JPEG };
    for (const listener of this.#live.get(cameraId) ?? []) listener(frame);
  }

  #update(id: string, { zones, ...patch }: CameraPatch): CameraView {
    const view = this.#view(id);
    const named = zones?.map((zone, index) => ({ ...zone, id: zone.id ?? `zone-${index}` }));
    const camera = { ...view.camera, ...patch, ...(named === undefined ? {} : { zones: named }) };
    const updated = { ...view, camera };
    this.views.set(id, updated);
    this.tell({ kind: "cameras" });
    return updated;
  }

  #alarm(id: string): Alarm {
    const alarm = this.alarmList.find((other) => other.id === id);
    if (alarm === undefined) throw new AppError("not-found", "There is no such alarm.");
    return alarm;
  }

  #replace(alarm: Alarm): Alarm {
    this.alarmList = this.alarmList.map((other) => (other.id === alarm.id ? alarm : other));
    this.tell({ kind: "alarms" });
    return alarm;
  }

  #view(id: string): CameraView {
    const view = this.views.get(id);
    if (view === undefined) throw new AppError("not-found", "There is no such camera.");
    return view;
  }
}

export function aTrack(change: Partial<Track> = {}): Track {
  return {
    id: 7,
    state: "confirmed",
    box: { x1: 0.4, y1: 0.2, x2: 0.6, y2: 0.9 },
    confidence: 0.87654,
    pose: standingPose(),
    detected: true,
    firstSeenS: 0,
    lastSeenS: 1,
    ...change,
  };
}

export function anEvent<K extends EventKind>(
  kind: K,
  evidence: EventOf<K>["evidence"],
  change: Partial<EventOf<K>> = {},
): HavenEvent {
  const capturedAt = change.capturedAt ?? STARTED;
  return {
    kind,
    eventId: newId(capturedAt),
    cameraId: "bedroom",
    area: "Bedroom",
    zone: null,
    trackId: 7,
    personId: null,
    personName: null,
    identityCue: null,
    capturedAt,
    mediaTimeS: 12.3456,
    confidence: 0.93,
    evidence,
    ...change,
  } as HavenEvent;
}

/** Somebody upright in the middle of the picture, in COCO's order. */
function standingPose(): readonly Keypoint[] {
  const points: readonly (readonly [number, number])[] = [
    [0.5, 0.25],
    [0.49, 0.24],
    [0.51, 0.24],
    [0.48, 0.25],
    [0.52, 0.25],
    [0.45, 0.35],
    [0.55, 0.35],
    [0.43, 0.47],
    [0.57, 0.47],
    [0.43, 0.57],
    [0.57, 0.57],
    [0.47, 0.58],
    [0.53, 0.58],
    [0.47, 0.72],
    [0.53, 0.72],
    [0.47, 0.87],
    [0.53, 0.87],
  ];
  return points.map(([x, y]) => ({ x, y, confidence: 0.8 }));
}

/** Somebody whom a face told. */
export function anIdentity(change: Partial<TrackIdentity> = {}): TrackIdentity {
  const { trackId = 7, personId = "p_rosa", cue = "face" } = change;
  return {
    cameraId: "bedroom",
    trackId,
    personId,
    personName: "Rosa",
    kind: "resident",
    cue,
    tentativeId: null,
    decision: {
      outcome: "matched",
      personId,
      cue,
      confidence: 0.87654,
      combined: 0.7,
      cues: [],
      reasons: ["face"],
    },
    since: STARTED,
    ...change,
  };
}
