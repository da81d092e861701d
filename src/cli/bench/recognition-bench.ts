// `haven bench recognition`: what telling people apart costs beside watching, and how long it takes from the frame that makes
// a tracklet stable to the identity on the daemon's bus, with the real models in the real vision process.

import { ModelStore } from "../../../models/model-store.ts";
import { HouseIdentity } from "../../app-identity.ts";
import { identityModelsOf } from "../../app-models.ts";
import { spreadOf } from "../../bench/spread.ts";
import { loadConfig } from "../../config/load-config.ts";
import { systemClock, wait } from "../../core/clock.ts";
import { silentLogger } from "../../core/logger.ts";
import type { Camera } from "../../domain/camera.ts";
import { FROM_THE_START } from "../../pipeline/vision-contract.ts";
import { VisionSupervisor } from "../../pipeline/vision-supervisor.ts";
import { IN_MEMORY, openStore } from "../../store/store.ts";
import { cameraForFile } from "../offline-session.ts";
import { type BenchContext, type BenchReport, rounded } from "./bench-report.ts";
import { type BenchSetup, prepareBench } from "./bench-setup.ts";
import { LiveVision } from "./live-vision.ts";

/** Milliseconds from the tracklet's last frame to what it makes of it, at most. */
const LIMIT_MS = 200;
/** Somebody is looked at closely after 2, 4 and 8 seconds: three times a camera. */
const VISIT_S = 9;
const CAMERAS = [1, 2] as const;

interface Delays {
  readonly cameras: number;
  /** From the observation of a checkpoint's last frame to the decision, milliseconds. */
  readonly delays: readonly number[];
  /** Of them, those of the first checkpoint: when the tracklet has become stable. */
  readonly first: readonly number[];
  readonly faces: number;
}

export async function benchRecognition(context: BenchContext): Promise<BenchReport> {
  const { flags, progress, signal } = context;
  const setup = await prepareBench(context, 0.02);
  const { watching, telling } = await costs(setup, context);
  const measured: Delays[] = [];
  for (const [at, cameras] of (flags.cameras ?? CAMERAS).entries()) {
    progress(0.5 + (0.5 * at) / CAMERAS.length, `${cameras} ${cameras === 1 ? "camera" : "cameras"}`);
    measured.push(await delaysOf(setup, cameras, { rounds: flags.rounds, signal }));
  }
  progress(1, "done");
  return report(watching, telling, measured);
}

/** CPU milliseconds per analysed frame of one camera, without and with telling people apart, by turns. */
async function costs(
  { video, settings, identify }: BenchSetup,
  { flags, progress, signal }: BenchContext,
): Promise<{ readonly watching: number[]; readonly telling: number[] }> {
  const watching: number[] = [];
  const telling: number[] = [];
  for (let round = 0; round < flags.rounds; round += 1) {
    for (const [into, told] of [
      [watching, null],
      [telling, identify],
    ] as const) {
      progress(0.02 + (0.48 * round) / flags.rounds, told === null ? "watching" : "telling apart");
      await using vision = await LiveVision.start({ ...settings, identify: told }, signal);
      const work = await vision.play(video, 1, flags.seconds);
      into.push(work.cpuMs / work.analysed);
    }
  }
  return { watching, telling };
}

/** Lets somebody come in before so many cameras, `rounds` times, and times every checkpoint. */
async function delaysOf(
  { video, settings, identify }: BenchSetup,
  cameras: number,
  { rounds, signal }: { readonly rounds: number; readonly signal: AbortSignal },
): Promise<Delays> {
  using store = openStore({ path: IN_MEMORY, clock: systemClock, log: silentLogger });
  const config = loadConfig("", { file: "/haven.yaml", env: {} });
  const models = await identityModelsOf(new ModelStore({ log: silentLogger }), config.reid);
  const supervisor = new VisionSupervisor({
    clock: systemClock,
    log: silentLogger,
    settings: { ...settings, identify },
    random: Math.random,
    logLevel: "warn",
  });
  let decided = 0;
  const house = new HouseIdentity({
    store,
    clock: systemClock,
    log: silentLogger,
    config,
    models,
    cameras: [],
    record: () => {},
    onIdentity: () => {
      decided += 1;
    },
    describePhoto: (photo) => supervisor.questions.describePhoto(photo),
  });
  const observedAt = new Map<string, number>();
  const delays: number[] = [];
  const first: number[] = [];
  let faces = 0;
  supervisor.events.on("observation", (observation) => {
    const { cameraId, capturedAt } = observation.stamp;
    observedAt.set(`${cameraId} ${capturedAt}`, performance.now());
    house.service.seen(observation);
  });
  supervisor.events.on("tracklet", (tracklet) => {
    house.service.observe(tracklet);
    faces += tracklet.samples.filter(({ face }) => face !== null).length;
    const since = observedAt.get(`${tracklet.cameraId} ${tracklet.lastSeenAt}`);
    if (since === undefined || tracklet.samples.length === 0) return;
    const delay = performance.now() - since;
    delays.push(delay);
    if (tracklet.checkpoint === 0) first.push(delay);
  });
  await house.start();
  await supervisor.start();
  try {
    for (let round = 0; round < rounds; round += 1) {
      const jobs = Array.from({ length: cameras }, (_, at) => cameraOf(video, round, at));
      house.configure(config, models, jobs);
      supervisor.configure(
        jobs.map((camera) => ({ camera, playback: { kind: "live", loop: true }, resume: FROM_THE_START })),
      );
      await wait(systemClock, (round === 0 ? 4 + VISIT_S : VISIT_S) * 1000, signal);
    }
  } finally {
    await supervisor.stop();
    await house.stop();
  }
  return decided === 0 ? { cameras, delays: [], first: [], faces } : { cameras, delays, first, faces };
}

/** Another one each time: whoever stands before it has just come in. */
function cameraOf(video: string, round: number, at: number): Camera {
  return { ...cameraForFile(video, at), id: `round_${round}_camera_${at}` };
}

function report(
  watching: readonly number[],
  telling: readonly number[],
  measured: readonly Delays[],
): BenchReport {
  const [without, withIt] = [spreadOf(watching), spreadOf(telling)];
  const ratio = spreadOf(telling.map((cost, round) => cost / (watching[round] ?? Number.NaN))).median;
  const rows = measured.map(({ cameras, delays, first, faces }) => {
    const sorted = delays.toSorted((a, b) => a - b);
    return {
      cameras,
      checkpoints: delays.length,
      faces,
      median_ms: rounded(spreadOf(sorted).median, 1),
      p95_ms: rounded(sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN, 1),
      first_median_ms: rounded(spreadOf(first).median, 1),
      limit_ms: LIMIT_MS,
    };
  });
  return {
    lines: [
      `  one camera: ${without.median.toFixed(1)} ms of CPU per analysed picture without, ${withIt.median.toFixed(1)} ms with: ${ratio.toFixed(3)} times`,
      ...rows.map(
        (row) =>
          `  ${row.cameras} ${row.cameras === 1 ? "camera " : "cameras"}: from the frame to the identity ${row.median_ms} ms, 95 % below ${row.p95_ms} ms, when a tracklet becomes stable ${row.first_median_ms} ms (${row.checkpoints} checkpoints, ${row.faces} faces; at most ${LIMIT_MS} ms)`,
      ),
    ],
    figures: {
      cpu_ms_without: rounded(without.median, 2),
      cpu_ms_with: rounded(withIt.median, 2),
      delays: rows,
    },
    ratio: rounded(ratio, 3),
  };
}
