// What the panel knows of the home, and how each message of the daemon changes it. Pure.
import type { AlarmJson, CameraJson, ServerMessage } from "../../../src/api/contract.ts";
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
  /** Events heard of since the page was opened, newest first. */
  readonly fresh: readonly WireEvent[];
  readonly skeleton: readonly (readonly [number, number])[];
  readonly keypointFloor: number;
}

export const EMPTY_HOME: HomeState = {
  connection: "connecting",
  known: false,
  homeAssistant: false,
  cameras: [],
  alarms: [],
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

export function cameraOf(home: HomeState, id: string | null): CameraJson | null {
  return home.cameras.find((camera) => camera.id === id) ?? null;
}
