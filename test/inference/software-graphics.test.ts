// The whole way over graphics without a graphics card: Chromium brings a driver that computes on the CPU. In a process of
// its own, since the driver is chosen by the environment that a process starts with, and may crash.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { softwareGraphics } from "../support/software-graphics.ts";
import { tinyModels } from "./tiny-models.ts";

const driver = softwareGraphics();
const models = tinyModels();

const built = fileURLToPath(new URL("../../dist/src", import.meta.url));
const SCRIPT = `
  const { InferencePool } = await import("${built}/inference/inference-pool.js");
  const { ManualClock } = await import("${built}/core/clock.js");
  const { silentLogger: log } = await import("${built}/core/logger.js");
  const threads = [];
  process.on("worker", (thread) => threads.push(thread));
  const clock = new ManualClock();
  const told = [];
  const open = (provider) => InferencePool.create({
    workers: 2, provider, clock, log,
    modelPath: (id) => id === "blur" ? process.env.BLUR : process.env.ABSOLUTE,
    onProvider: (provider, reason) => told.push([provider, reason]),
  });
  const picture = () => ({ x: {
    type: "float32", dims: [1, 32, 32, 3], data: Float32Array.from({ length: 3072 }, (_, i) => (i * 7919) % 255),
  } });
  const blur = async (pool) => Array.from((await pool.run("blur", picture())).y.data);
  const largest = (a, b) => a.reduce((max, value, i) => Math.max(max, Math.abs(value - b[i])), 0);
  const state = (pool) => {
    const { provider, runs } = pool.stats().get("blur");
    return { provider: pool.provider, workers: pool.workers, blur: { provider, runs }, reason: pool.providerReason };
  };
  const report = {};

  const onCpu = await open("cpu");
  await onCpu.load("blur");
  const right = await blur(onCpu);
  await onCpu.close();

  const hanging = await open("webgpu");
  await hanging.load("blur");
  await hanging.load("absolute");
  // More at once than may run at once.
  const many = await Promise.all(Array.from({ length: 8 }, () => blur(hanging)));
  report.onGraphics = { ...state(hanging), difference: Math.max(...many.map((one) => largest(one, right))) };
  const interrupted = [blur(hanging), blur(hanging)];
  const other = hanging.run("absolute", { x: { type: "float32", dims: [4], data: Float32Array.of(-1, 2, -3, 4) } });
  clock.advance(12_000);
  report.afterHang = { differences: (await Promise.all(interrupted)).map((one) => largest(one, right)), ...state(hanging) };
  report.otherModel = Array.from((await other).y.data);
  report.told = told.splice(0);

  const dying = await open("webgpu");
  await dying.load("blur");
  await blur(dying);
  threads.at(-1).postMessage({ kind: "close" });
  report.afterDeath = { difference: largest(await blur(dying), right), ...state(dying) };
  report.toldOfDeath = told.splice(0);
  await dying.load("absolute");
  report.laterModel = dying.stats().get("absolute").provider;
  console.log(JSON.stringify(report));
  process.exit(0);
`;

describe.skipIf(driver === null)(
  "on software graphics (needs Chromium's Vulkan driver and libvulkan)",
  () => {
    interface State {
      readonly provider: string;
      readonly workers: number;
      readonly blur: { readonly provider: string; readonly runs: number };
      readonly reason: string | null;
    }
    let report: {
      readonly onGraphics: State & { readonly difference: number };
      readonly afterHang: State & { readonly differences: readonly number[] };
      readonly otherModel: readonly number[];
      readonly told: readonly (readonly [string, string])[];
      readonly afterDeath: State & { readonly difference: number };
      readonly toldOfDeath: readonly (readonly [string, string])[];
      readonly laterModel: string;
    };
    beforeAll(async () => {
      const { VK_ICD_FILENAMES: _, ...rest } = process.env;
      const env = { ...rest, VK_ICD_FILENAMES: driver ?? "", BLUR: models.blur, ABSOLUTE: models.absolute };
      const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", SCRIPT], {
        env,
      });
      report = JSON.parse(stdout);
    }, 60_000);

    it("a model gives what it gives on the CPU, on one thread however many jobs there are", () => {
      expect(report.onGraphics).toMatchObject({
        provider: "webgpu",
        workers: 1,
        blur: { provider: "webgpu", runs: 8 },
        reason: null,
      });
      expect(report.onGraphics.difference).toBeLessThan(0.01);
    });

    it("jobs that hang there are done on the CPU, as are all models from then on", () => {
      expect(report.afterHang).toMatchObject({
        differences: [0, 0],
        provider: "cpu",
        workers: 2,
        blur: { provider: "cpu", runs: 10 },
      });
      expect(report.otherModel).toEqual([1, 2, 3, 4]);
      const reason = "webgpu was lost: a run of blur did not end within 12 s";
      expect(report.told).toEqual([["cpu", reason]]);
      expect(report.afterHang.reason).toBe(reason);
    });

    it("the job of a thread that dies there is done on the CPU, and a model that comes later is loaded there", () => {
      expect(report.afterDeath).toMatchObject({ difference: 0, provider: "cpu", workers: 2 });
      expect(report.toldOfDeath).toEqual([["cpu", expect.stringContaining("webgpu was lost: the thread")]]);
      expect(report.laterModel).toBe("cpu");
    });
  },
);
