// What the panel knows of the home, and how each message of the daemon changes it. Pure.
import type { CareJson, DayJson } from "../../../src/api/care-contract.ts";
import type { AlarmJson, CameraJson, ServerMessage } from "../../../src/api/contract.ts";
import type { PresenceJson } from "../../../src/api/person-contract.ts";
import type { WireEvent } from "../../../src/domain/events.ts";

/** lost: was there before, or has been tried in vain; locked: the daemon asks for its token. */
export type ConnectionState = "connecting" | "online" | "lost" | "locked";

export interface HomeState {
  readonly connection: ConnectionState;
  /** Whether the daemon has ever told what there is: until then an empty list means nothing. */
  readonly known: boolean;
  readonly homeAssistant: boolean;
  readonly cameras: readonly CameraJson[];
  readonly alarms: readonly AlarmJson[];
  readonly care: CareJson;
  /** Today as far as it has come; null until its first minutes are over. */
  readonly day: DayJson | null;
  /** Who is where. */
  readonly presence: PresenceJson;
  /** Counts how often it was told that persons have changed, or may have while nobody was told. */
  readonly personsTold: number;
  /** Events heard of since the page was opened, newest first. */
  readonly fresh: readonly WireEvent[];
  readonly skeleton: readonly (readonly [number, number])[];
  readonly keypointFloor: number;
}

const NO_CARE: CareJson = {
  mode: "auto",
  effective_mode: "home",
  armed: [],
  snoozes: [],
  drill: null,
  snooze_max_minutes: 0,
  levels: [],
};

export const EMPTY_HOME: HomeState = {
  connection: "connecting",
  known: false,
  homeAssistant: false,
  cameras: [],
  alarms: [],
  care: NO_CARE,
  day: null,
  presence: { persons: [], areas: [] },
  personsTold: 0,
  fresh: [],
  skeleton: [],
  keypointFloor: 1,
};

const MAX_FRESH = 200;

export function told(home: HomeState, message: ServerMessage): HomeState {
  switch (message.kind) {
    case "hello":
      return {
        ...home,
        connection: "online",
        known: true,
        homeAssistant: message.home_assistant,
        cameras: message.cameras,
        alarms: message.alarms,
        care: message.care,
        day: message.day,
        presence: message.presence,
        personsTold: home.personsTold + 1,
        skeleton: message.skeleton,
        keypointFloor: message.keypoint_floor,
      };
    case "cameras":
      return { ...home, cameras: message.cameras };
    case "camera_status":
      return withCamera(home, message.status.camera_id, { status: message.status });
    case "room":
      return withCamera(home, message.room.camera_id, { room: message.room });
    case "alarms":
      return { ...home, alarms: message.alarms };
    case "care":
      return { ...home, care: message.care };
    case "day":
      return { ...home, day: message.day };
    case "persons":
      return { ...home, personsTold: home.personsTold + 1 };
    case "presence":
      return { ...home, presence: message.presence };
    case "event":
      return { ...home, fresh: [message.event, ...home.fresh].slice(0, MAX_FRESH) };
    default:
      // Heartbeats, and what a newer daemon may say to a page that is still open.
      return home;
  }
}

function withCamera(home: HomeState, id: string, change: Partial<CameraJson>): HomeState {
  return {
    ...home,
    cameras: home.cameras.map((camera) => (camera.id === id ? { ...camera, ...change } : camera)),
  };
}

/** The areas that cameras are in, each once. */
export function areasOf(home: HomeState): readonly string[] {
  // A camera without an area is one of its own.
  return [...new Set(home.cameras.map(({ area, name }) => area ?? name))];
}

export function cameraOf(home: HomeState, id: string | null): CameraJson | null {
  return home.cameras.find((camera) => camera.id === id) ?? null;
}

/** Whether what is known of persons may have changed from one state to the next: who there is, or where. */
export function personsMoved(before: HomeState | undefined, now: HomeState): boolean {
  return before !== undefined && (before.personsTold !== now.personsTold || before.presence !== now.presence);
}
