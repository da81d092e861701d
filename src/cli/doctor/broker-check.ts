import { connect as connectSocket } from "node:net";
import { chooseBroker, readSupervisorOptions } from "../../app-broker.ts";
import { systemClock, wait } from "../../core/clock.ts";
import { messageOf } from "../../core/errors.ts";
import { newId } from "../../core/ids.ts";
import { MqttConnection } from "../../mqtt/mqtt-connection.ts";
import type { DoctorContext, Finding } from "./finding.ts";

const LIMIT = 8_000;
const check = "broker";

/** Connects to the broker that would be used. The embedded one is not started: its port is tried instead. */
export async function checkBroker({ config, places, log, signal }: DoctorContext): Promise<Finding[]> {
  const supervisor =
    places.supervisor === null
      ? null
      : {
          token: places.supervisor.token,
          options: await readSupervisorOptions(places.supervisor.optionsFile),
        };
  const choice = chooseBroker(config, supervisor, { dataDir: places.dataDir, log });
  if (choice.embedded !== null) return [await checkEmbedded(config.mqtt.embedded)];
  let succeed = () => {};
  const connected = new Promise<void>((resolve) => {
    succeed = resolve;
  });
  const connection = new MqttConnection({
    credentials: choice.credentials,
    clientId: `haven-doctor-${newId(systemClock.now())}`,
    // Not the daemon's own status topic: a look must not declare a running Haven offline.
    statusTopic: "haven/doctor/status",
    subscriptions: [],
    clock: systemClock,
    random: Math.random,
    log,
    onConnected: () => succeed(),
    onMessage: () => {},
  });
  await connection.start();
  try {
    await Promise.race([connected, wait(systemClock, LIMIT, signal).then(() => Promise.reject(new Error()))]);
    return [{ check, state: "ok", detail: `connected to ${choice.describe()}`, remedy: null }];
  } catch {
    signal.throwIfAborted();
    const { state } = connection;
    const why = state.kind === "connecting" && state.error !== null ? state.error.message : "no answer";
    return [
      {
        check,
        state: "failed",
        detail: `${choice.describe()}: ${why}`,
        remedy: "check mqtt.url, user and password; alarms wait on disk until the broker is back",
      },
    ];
  } finally {
    await connection.stop();
  }
}

async function checkEmbedded({
  host,
  port,
}: {
  readonly host: string;
  readonly port: number;
}): Promise<Finding> {
  const reachable = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const taken = await new Promise<boolean>((resolve, reject) => {
    const socket = connectSocket({ host: reachable, port, timeout: 2_000 });
    socket.once("connect", () => resolve(true));
    socket.once("timeout", () => resolve(false));
    socket.once("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNREFUSED" ? resolve(false) : reject(new Error(messageOf(error))),
    );
    socket.once("connect", () => socket.destroy());
    socket.once("timeout", () => socket.destroy());
  });
  return taken
    ? {
        check,
        state: "warning",
        detail: `something listens on port ${port}, where the embedded broker would`,
        remedy:
          "fine when that is a running Haven; else set mqtt.url to that broker, or mqtt.embedded.port to a free port",
      }
    : { check, state: "ok", detail: `embedded; port ${port} is free`, remedy: null };
}
