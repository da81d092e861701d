// `haven bench alarm`: from the frame that confirms a fall to the message in an MQTT client. The daemon is the real one, with
// its database on the disk and a broker on TCP; only vision is acted, so that falls happen when they are wanted.
import { spawn } from "node:child_process";
import { closeSync, existsSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { machineBusyMs } from "../../bench/process-usage.ts";
import { randomNumbers } from "../../bench/random-numbers.ts";
import { FALL_TAKES, machineTime, type ScriptedLife } from "../../bench/scripted-life.ts";
import { systemClock, wait } from "../../core/clock.ts";
import { AlarmClient } from "./alarm-client.ts";
import { type AlarmRun, alarmReport } from "./alarm-report.ts";
import type { AlarmTrace } from "./alarm-stages.ts";
import type { BenchContext, BenchReport } from "./bench-report.ts";
import { freePort } from "./measured-daemon.ts";
import { ScriptedDaemon } from "./scripted-daemon.ts";

const CAMERAS = 50;
/** One person's stay in a room, milliseconds: walks, falls, is found, gets up, goes; somebody else is there throughout. */
const STAY = { walks: 3_000, lies: 3_500, stands: 3_000, away: 1_000 };
const ROUND = STAY.walks + FALL_TAKES + STAY.lies + STAY.stands + STAY.away;
/** Until the program has been compiled where it runs often. */
const WARM_UP = 6_000;
/** What would come twice, or late, comes by then. */
const FINISH = 3_000;
const PROBES = 100;

interface Broker extends AsyncDisposable {
  readonly name: string;
  /** null: the daemon's own. */
  readonly url: string | null;
}

export async function benchAlarm(context: BenchContext): Promise<BenchReport> {
  const { flags, signal } = context;
  const numbers = flags.cameras ?? [CAMERAS];
  const runs: AlarmRun[] = [];
  const brokers = [embedded, ...(mosquittoPath() === null ? [] : [startMosquitto])];
  const total = numbers.length * brokers.length;
  for (const cameras of numbers) {
    for (const start of brokers) {
      await using broker = await start();
      const label = `${cameras} cameras, ${broker.name}`;
      const progress = (share: number) => context.progress((runs.length + share) / total, label);
      runs.push(await measure(broker, { cameras, alarms: flags.alarms, progress, signal }));
    }
  }
  return alarmReport(runs);
}

interface RunOptions {
  readonly cameras: number;
  readonly alarms: number;
  readonly progress: (share: number) => void;
  readonly signal: AbortSignal;
}

async function measure(broker: Broker, options: RunOptions): Promise<AlarmRun> {
  const { cameras, alarms, progress, signal } = options;
  const traces: AlarmTrace[] = [];
  const ids = Array.from({ length: cameras }, (_, index) => `bench_${index + 1}`);
  const resident: ScriptedLife = { entersAt: machineTime(), fallsAt: null, risesAt: null, leavesAt: null };
  progress(0);
  await using daemon = await ScriptedDaemon.start({
    scenes: new Map(ids.map((id) => [id, { lives: [resident] }])),
    brokerUrl: broker.url,
    onTrace: (trace) => traces.push(trace),
    signal,
  });
  await using client = await AlarmClient.connect(daemon.broker, signal);
  const rounds = Math.ceil(alarms / cameras);
  const from = machineTime() + WARM_UP;
  for (const [index, id] of ids.entries()) {
    // Cameras take turns; the last round is cut where there have been alarms enough.
    const stays = index < alarms - (rounds - 1) * cameras ? rounds : rounds - 1;
    await daemon.play(id, { lives: [resident, ...staysOf({ index, of: cameras, stays, from })] });
  }
  const length = WARM_UP + (rounds + 1) * ROUND;
  // Until the last alarm is known to everybody, or cannot be expected any more.
  const began = { at: machineTime(), busyMs: machineBusyMs() };
  const known = () => client.heard.raised.size >= alarms && traces.length >= alarms;
  for (let waited = 0; waited < length && !known(); waited += 500) {
    await wait(systemClock, 500, signal);
    progress(waited / length);
  }
  await wait(systemClock, FINISH, signal);
  const busyCores = (machineBusyMs() - began.busyMs) / (machineTime() - began.at);
  const probes: number[] = [];
  for (let count = 0; count < PROBES; count += 1) probes.push(await client.probe());
  return {
    broker: broker.name,
    cameras,
    wanted: alarms,
    busy: busyCores / availableParallelism(),
    traces,
    heard: client.heard,
    bare: { syncMs: await bareSyncs(), mqttMs: probes },
  };
}

function staysOf({ index, of, stays, from }: { index: number; of: number; stays: number; from: number }) {
  const random = randomNumbers(index + 1);
  return Array.from({ length: stays }, (_, round): ScriptedLife => {
    // Spread over the round, but not evenly: now and then two fall at once.
    const entersAt = from + round * ROUND + ((index + random()) / of) * ROUND;
    const fallsAt = entersAt + STAY.walks;
    const risesAt = fallsAt + FALL_TAKES + STAY.lies;
    return { entersAt, fallsAt, risesAt, leavesAt: risesAt + STAY.stands };
  });
}

/** What the disk alone takes to secure a page that was appended, milliseconds. */
async function bareSyncs(): Promise<readonly number[]> {
  const folder = await mkdtemp(join(tmpdir(), "haven-bench-"));
  const file = openSync(join(folder, "log"), "w");
  try {
    const page = Buffer.alloc(4096, 1);
    return Array.from({ length: PROBES }, () => {
      const at = machineTime();
      writeSync(file, page);
      fdatasyncSync(file);
      return machineTime() - at;
    });
  } finally {
    closeSync(file);
    await rm(folder, { recursive: true, force: true });
  }
}

async function embedded(): Promise<Broker> {
  return { name: "embedded broker", url: null, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Debian puts it into /usr/sbin, which is not everybody's path. */
function mosquittoPath(): string | null {
  const places = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  return places.map((place) => join(place, "mosquitto")).find((path) => existsSync(path)) ?? null;
}

async function startMosquitto(): Promise<Broker> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "haven-bench-"));
  const config = join(folder, "mosquitto.conf");
  await writeFile(config, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
  const child = spawn(mosquittoPath() ?? "mosquitto", ["-c", config], { stdio: "ignore" });
  const closed = new Promise((resolve) => child.once("close", resolve));
  child.on("error", () => {});
  return {
    name: "mosquitto",
    url: `mqtt://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await closed;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
