// Every topic Haven speaks or listens to, in one place. Camera ids are slugs of [a-z0-9_-], so they need no escaping.

const BASE = "haven";

/** Home Assistant's default discovery prefix; its birth message lies beside it. */
const DISCOVERY = "homeassistant";

export const TOPICS = {
  /** online | offline (last will), retained. */
  status: `${BASE}/status`,
  /** idle | raised | acknowledged, retained. */
  alarmState: `${BASE}/alarm/state`,
  /** JSON, retained: the open alarms. */
  alarmAttributes: `${BASE}/alarm/attributes`,
  /** Command: PRESS, or {"by":"...","alarm_id":"..."}. */
  alarmAcknowledge: `${BASE}/alarm/acknowledge`,
  /** Command: {"alarm_id":"...","answer":"real|false_alarm|test","by":"..."}. */
  alarmAnswer: `${BASE}/alarm/answer`,
  /** auto | home | night | away, retained. */
  mode: `${BASE}/mode`,
  /** JSON, retained: what the mode amounts to. */
  modeAttributes: `${BASE}/mode/attributes`,
  /** Command: one of the modes. */
  modeCommand: `${BASE}/mode/set`,
  /** ON while alarms of any area are held back, else OFF, retained. */
  snooze: `${BASE}/snooze`,
  /** JSON, retained: what is snoozed, by whom and until when. */
  snoozeAttributes: `${BASE}/snooze/attributes`,
  /** Command: minutes, 0 to end it, or {"minutes":30,"area":"...","by":"..."}. */
  snoozeCommand: `${BASE}/snooze/set`,
  /** ON | OFF, retained. */
  drill: `${BASE}/drill`,
  /** JSON, retained: the stages of the drill under way, or of the last one. */
  drillAttributes: `${BASE}/drill/attributes`,
  /** Command: ON | OFF, or {"on":true,"camera_id":"...","by":"..."}. */
  drillCommand: `${BASE}/drill/set`,
  /** How many of the persons who have a name are at home, retained. */
  peopleHome: `${BASE}/people_home`,
  /** JSON, retained: who they are. */
  peopleHomeAttributes: `${BASE}/people_home/attributes`,
  /** JSON, retained: diagnostics. */
  stats: `${BASE}/stats`,
  /** JSON event of no particular camera, never retained. */
  event: `${BASE}/event`,
  /** Home Assistant says `online` here when it has (re)started. */
  homeAssistantStatus: `${DISCOVERY}/status`,
  daemonDiscovery: `${DISCOVERY}/device/haven/config`,
} as const;

/** Retained latest values of one camera. */
export const CAMERA_STATES = [
  "status",
  "status_attributes",
  "occupancy",
  "person_count",
  // Before `fall`: whoever acts on the change finds the attributes already there.
  "fall_attributes",
  "fall",
  "bed",
  "privacy",
  "fps",
  "false_alarms_attributes",
  "false_alarms",
] as const;
export type CameraState = (typeof CAMERA_STATES)[number];

export function cameraStateTopic(cameraId: string, state: CameraState): string {
  return `${BASE}/camera/${cameraId}/${state}`;
}

/** JSON events of one camera, never retained. */
export function cameraEventTopic(cameraId: string): string {
  return `${BASE}/camera/${cameraId}/event`;
}

/** Retained latest values of one person who has a name; ids are opaque, [a-z0-9_]. */
export const PERSON_STATES = ["attributes", "area", "last_seen", "presence"] as const;
export type PersonState = (typeof PERSON_STATES)[number];

export function personStateTopic(personId: string, state: PersonState): string {
  return `${BASE}/person/${personId}/${state}`;
}

/** JSON events of one person, never retained. */
export function personEventTopic(personId: string): string {
  return `${BASE}/person/${personId}/event`;
}

export function personDiscoveryTopic(personId: string): string {
  return `${DISCOVERY}/device/haven_person_${personId}/config`;
}

/** Command: ON | OFF. */
export function privacyCommandTopic(cameraId: string): string {
  return `${BASE}/camera/${cameraId}/privacy/set`;
}

export function cameraDiscoveryTopic(cameraId: string): string {
  return `${DISCOVERY}/device/haven_cam_${cameraId}/config`;
}

/** A fact about an area, of now or of today, or about what lies behind a door: retained. */
export function placeTopic(kind: "area" | "door", slug: string, fact: string): string {
  return `${BASE}/${kind}/${slug}/${fact}`;
}

/**
 * What the daemon subscribes to. The discovery topics tell which cameras and persons earlier runs had announced, the facts
 * which areas and doors there were.
 */
export const SUBSCRIPTIONS = [
  TOPICS.status,
  TOPICS.homeAssistantStatus,
  TOPICS.alarmAcknowledge,
  TOPICS.alarmAnswer,
  TOPICS.modeCommand,
  TOPICS.snoozeCommand,
  TOPICS.drillCommand,
  privacyCommandTopic("+"),
  `${DISCOVERY}/device/+/config`,
  placeTopic("area", "+", "+"),
  placeTopic("door", "+", "+"),
  `${BASE}/person/+/+`,
] as const;

const PRIVACY_COMMAND = new RegExp(`^${BASE}/camera/([a-z0-9_-]+)/privacy/set$`);
const PLACE_FACT = new RegExp(`^${BASE}/(area|door)/([a-z0-9_]+)/([a-z0-9_]+)$`);
const CAMERA_DISCOVERY = new RegExp(`^${DISCOVERY}/device/haven_cam_([a-z0-9_-]+)/config$`);

const PERSON = new RegExp(
  `^(?:${BASE}/person/([a-z0-9_-]+)/[a-z0-9_]+|${DISCOVERY}/device/haven_person_([a-z0-9_-]+)/config)$`,
);

/** The camera a privacy command is for; null for every other topic. */
export function cameraOfPrivacyCommand(topic: string): string | null {
  return PRIVACY_COMMAND.exec(topic)?.[1] ?? null;
}

/** The camera a discovery topic announces; null for every other topic. */
export function cameraOfDiscovery(topic: string): string | null {
  return CAMERA_DISCOVERY.exec(topic)?.[1] ?? null;
}

/** The person whose state, known to this version or not, or whose discovery the topic holds; null for every other topic. */
export function personOfTopic(topic: string): string | null {
  const [, state, discovery] = PERSON.exec(topic) ?? [];
  return state ?? discovery ?? null;
}

/** Whether the topic holds a fact of an area or door, known to this version or not. */
export function isPlaceTopic(topic: string): boolean {
  return PLACE_FACT.test(topic);
}

/** The id of the component that shows this fact on the daemon's device. */
export function placeComponent(topic: string): string {
  return topic.slice(BASE.length + 1).replaceAll("/", "_");
}

/** Whether it is there for others to write, known to this version or not. */
export function isCommandTopic(topic: string): boolean {
  if (topic === TOPICS.alarmAcknowledge || topic === TOPICS.alarmAnswer) return true;
  return topic.startsWith(`${BASE}/`) && topic.endsWith("/set");
}

/** Whether only the daemon may write it: everything below `haven/` but commands, and its own discovery. */
export function isOwnTopic(topic: string): boolean {
  if (topic === TOPICS.daemonDiscovery || cameraOfDiscovery(topic) !== null || personOfTopic(topic) !== null)
    return true;
  return topic.startsWith(`${BASE}/`) && !isCommandTopic(topic);
}
