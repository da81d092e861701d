import type { SystemInfo } from "./api/deps.ts";
import type { ConnectionState } from "./mqtt/mqtt-connection.ts";
import type { VisionState } from "./pipeline/vision-supervisor.ts";
import type { Store } from "./store/store.ts";

/** How the daemon is, for the panel: what is not well is a sentence. */
export function systemInfo(parts: {
  readonly startedAt: number;
  readonly vision: VisionState;
  /** When the vision process began to use its provider; null when it does not run. */
  readonly providerSince: number | null;
  /** Names of the cameras that are closed for a while because they kept killing vision. */
  readonly quarantined: readonly string[];
  readonly mqtt: ConnectionState;
  /** Where the broker is, without credentials. */
  readonly broker: string;
  /** Events in memory that the database has not taken. */
  readonly unwritten: number;
  readonly store: Store;
}): SystemInfo {
  const { startedAt, vision, providerSince, quarantined, mqtt, broker, unwritten, store } = parts;
  const problems: string[] = [];
  if (vision.kind === "down" || vision.kind === "fatal") problems.push(vision.reason);
  if (vision.kind === "ready" && vision.modelProblem !== null) problems.push(vision.modelProblem);
  for (const camera of quarantined)
    problems.push(`${camera} is closed: it keeps crashing the video decoder.`);
  if (mqtt.kind === "connecting" && mqtt.error !== null) problems.push(mqtt.error.message);
  if (unwritten > 0) problems.push("The database cannot be written; events wait in memory.");
  const running = vision.kind === "ready" ? vision : null;
  return {
    startedAt,
    vision: {
      state: running !== null ? "running" : vision.kind === "starting" ? "starting" : "down",
      provider: running?.provider ?? null,
      providerReason: running?.providerReason ?? null,
      providerSince: running === null ? null : providerSince,
      workers: running?.workers ?? null,
    },
    mqtt: { state: mqtt.kind === "stopped" ? "off" : mqtt.kind, broker },
    databaseBytes: databaseBytes(store),
    problems,
  };
}

function databaseBytes(store: Store): number | null {
  try {
    return store.size().fileBytes;
  } catch {
    return null;
  }
}
