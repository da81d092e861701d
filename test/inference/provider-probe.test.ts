import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pino } from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ModelStore } from "../../models/model-store.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { InferencePool } from "../../src/inference/inference-pool.ts";
import { ModelSession } from "../../src/inference/model-session.ts";
import { agreementOf } from "../../src/inference/provider-agreement.ts";
import { probeProviders } from "../../src/inference/provider-probe.ts";
import type { Tensors } from "../../src/inference/tensor.ts";
import { testInput } from "../../src/inference/test-picture.ts";
import { softwareGraphics } from "../support/software-graphics.ts";
import { tinyModels } from "./tiny-models.ts";

const models = tinyModels();
afterEach(() => vi.unstubAllEnvs());

/** Has the probe's process do something else when it is asked to try a provider first. */
function whenAskedFor(provider: string, code: string): void {
  const script = `if (JSON.parse(process.argv[2] ?? "{}").providers?.[0] === "${provider}") { ${code} }`;
  vi.stubEnv("NODE_OPTIONS", `--import=data:text/javascript,${encodeURIComponent(script)}`);
}

describe("probing", () => {
  it("tells for every provider whether it works, how fast it is, or why not", async () => {
    const reports = await probeProviders({ modelPath: models.blur });
    expect(reports.map((report) => report.provider)).toEqual(["cpu", "webgpu", "cuda", "tensorrt"]);
    expect(reports[0]).toEqual({
      provider: "cpu",
      works: true,
      reason: null,
      msPerRun: expect.any(Number),
      cpuMsPerRun: expect.any(Number),
      maxDiff: 0,
    });
    for (const report of reports.slice(1)) {
      if (report.works) expect(report.maxDiff).toBeLessThan(0.01);
      else expect(report.reason).toMatch(/^[A-Z].{10,}$/);
    }
  });

  it("survives a driver that crashes, and still tries the others", async () => {
    whenAskedFor("webgpu", "process.abort()");
    const reports = await probeProviders({ modelPath: models.blur, providers: ["webgpu", "cpu"] });
    expect(reports[0]).toMatchObject({ works: false, reason: expect.stringContaining("crashed (SIGABRT)") });
    expect(reports[1]).toMatchObject({ provider: "cpu", works: true });
  });

  it("does not wait for a driver that hangs", async () => {
    whenAskedFor("webgpu", "for (;;);");
    const reports = await probeProviders({
      modelPath: models.blur,
      providers: ["webgpu"],
      timeLimit: 1_500,
    });
    expect(reports).toEqual([
      expect.objectContaining({ works: false, reason: "It did not answer within 2 s" }),
    ]);
  });

  it("says what is wrong with a model that nothing can run", async () => {
    const reports = await probeProviders({ modelPath: models.broken, providers: ["cpu"] });
    expect(reports).toEqual([expect.objectContaining({ provider: "cpu", works: false })]);
  });

  it("can be interrupted", async () => {
    const signal = AbortSignal.abort();
    await expect(probeProviders({ modelPath: models.blur, signal })).rejects.toMatchObject({
      code: "interrupted",
    });
  });

  const driver = softwareGraphics();
  it.skipIf(driver === null)(
    "finds WebGPU on Chromium's software GPU, and right (needs Chromium and libvulkan)",
    async () => {
      vi.stubEnv("VK_ICD_FILENAMES", driver ?? "");
      const [report] = await probeProviders({ modelPath: models.blur, providers: ["webgpu"] });
      expect(report).toMatchObject({ provider: "webgpu", works: true });
      expect(report?.maxDiff).toBeLessThan(1e-4);
    },
  );
});

describe("the picture that providers are tested with", () => {
  it("shows somebody whom the default model finds", async () => {
    const store = new ModelStore({ log: silentLogger });
    await store.ensure(["movenet-multipose"]);
    const session = await ModelSession.open(await store.pathOf("movenet-multipose"), "cpu");
    const outputs = await session.run(
      Object.fromEntries(session.inputs.map((input) => [input.name, testInput(input)])),
    );
    await session.close();
    const rows = outputs.Identity?.data as Float32Array;
    const best = Array.from({ length: 6 }, (_, person) =>
      rows.subarray(person * 56, (person + 1) * 56),
    ).reduce((a, b) => ((b[55] ?? 0) > (a[55] ?? 0) ? b : a));
    const [top = 0, left = 0, bottom = 0, right = 0, confidence = 0] = best.subarray(51);
    expect(confidence).toBeGreaterThan(0.7);
    expect([left, top, right, bottom].map((edge) => Math.round(edge * 10) / 10)).toEqual([
      0.3, 0.1, 0.7, 0.9,
    ]);
  }, 900_000);

  it("is the same in every layout that models take", () => {
    const last = testInput({ name: "x", type: "uint8", shape: [1, 64, 96, 3] });
    const first = testInput({ name: "x", type: "float32", shape: ["n", 3, 64, 96] });
    expect(first.dims).toEqual([1, 3, 64, 96]);
    for (const [channel, y, x] of [
      [0, 10, 48],
      [1, 40, 50],
      [2, 63, 0],
    ] as const) {
      const value = Number(last.data[(y * 96 + x) * 3 + channel]);
      expect(Number(first.data[(channel * 64 + y) * 96 + x])).toBeCloseTo(value / 255, 6);
    }
  });

  it("is disturbed by one step at most, and the same way every time", () => {
    const input = { name: "x", type: "uint8", shape: [1, 64, 64, 3] };
    const plain = testInput(input).data;
    const disturbed = testInput(input, true).data;
    const steps = Array.from(disturbed as Uint8Array, (value, i) => value - Number(plain[i]));
    expect(new Set(steps)).toEqual(new Set([-1, 0, 1]));
    expect(testInput(input, true).data).toEqual(disturbed);
  });
});

describe("a provider's results", () => {
  const people = (...rows: number[][]): Tensors => ({
    y: {
      type: "float32",
      dims: [1, rows.length, rows[0]?.length ?? 0],
      data: Float32Array.from(rows.flat()),
    },
  });
  // The first is seen well; the second is imagined, and one step of noise makes it somebody else.
  const cpu = people([0.2, 0.4, 0.6, 0.9], [0.1, 0.2, 0.3, 0.01]);
  const noisy = people([0.2, 0.401, 0.6, 0.89], [0.7, 0.8, 0.1, 0.02]);

  it("agree when they differ by rounding", () => {
    const found = people([0.2001, 0.4001, 0.6, 0.8999], [0.1, 0.2, 0.3, 0.01]);
    expect(agreementOf(cpu, noisy, found)).toMatchObject({ agrees: true, shareRight: 1 });
  });

  it("agree whatever they say of what noise decides", () => {
    const found = people([0.2, 0.4, 0.6, 0.9], [0.9, 0.9, 0, 0.02]);
    expect(agreementOf(cpu, noisy, found).agrees).toBe(true);
  });

  it("disagree when somebody who is seen well is elsewhere, whoever else is right", () => {
    const found = people([0.3, 0.5, 0.6, 0.9], [0.1, 0.2, 0.3, 0.01]);
    expect(agreementOf(cpu, noisy, found)).toMatchObject({ agrees: false, shareRight: 0 });
  });

  it("disagree when one column is dead among many that are right", () => {
    // As a detector of boxes answers: four sides in pixels, one score, for 100 places.
    const sides = Array.from({ length: 4 }, (_, side) => Array.from({ length: 100 }, (_, i) => 3 * i + side));
    const scores = Array.from({ length: 100 }, (_, i) => (i === 40 ? 0.9 : 0.001));
    const right = people(...sides, scores);
    expect(agreementOf(right, right, right).agrees).toBe(true);
    const dead = people(...sides, Array(100).fill(0));
    expect(agreementOf(right, right, dead)).toMatchObject({ agrees: false, shareRight: 0.8 });
  });

  it("disagree when they are missing or no numbers, or when nothing could be judged", () => {
    expect(agreementOf(cpu, noisy, {})).toMatchObject({
      agrees: false,
      shareRight: 0,
      maxDiff: Number.NaN,
    });
    const found = people([0.2, 0.4, 0.6, 0.9], [0.1, Number.NaN, 0.3, 0.01]);
    expect(agreementOf(cpu, noisy, found).agrees).toBe(false);
    expect(agreementOf({}, {}, {}).agrees).toBe(false);
    const blank = people([0.1, 0.2], [0.3, 0.4]);
    expect(agreementOf(blank, people([0.9, 0.9], [0.9, 0.9]), blank).agrees).toBe(false);
  });
});

describe("a pool settles its provider with the first model", () => {
  const open = (provider: "auto" | "cpu" | "webgpu", log = silentLogger) =>
    InferencePool.create({ workers: 1, provider, log, modelPath: () => models.blur });

  it("and not before", async () => {
    await using pool = await open("cpu");
    expect(pool.provider).toBeNull();
    await pool.load("blur");
    expect(pool.provider).toBe("cpu");
  });

  it("on the CPU when the one that was asked for does not work, with a warning that says why", async () => {
    whenAskedFor("webgpu", "process.abort()");
    const lines: { level: number; provider?: string; reason?: string }[] = [];
    const log = pino({ level: "warn" }, { write: (line: string) => void lines.push(JSON.parse(line)) });
    await using pool = await open("webgpu", log);
    await pool.load("blur");
    expect(pool.provider).toBe("cpu");
    expect(lines).toEqual([
      expect.objectContaining({ level: 40, provider: "webgpu", reason: expect.stringContaining("crashed") }),
    ]);
  });

  it("on the CPU by itself, and without a word, where there is nothing better", async () => {
    const built = fileURLToPath(new URL("../../dist/src", import.meta.url));
    const script = `
      const { InferencePool } = await import("${built}/inference/inference-pool.js");
      const { createLogger } = await import("${built}/core/logger.js");
      const log = createLogger({ level: "warn", pretty: false });
      const modelPath = () => process.env.MODEL;
      const pool = await InferencePool.create({ workers: 1, provider: "auto", log, modelPath });
      await pool.load("blur");
      console.log(pool.provider);
      await pool.close();`;
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module", "-e", script],
      // No GPU, whatever the machine has.
      {
        env: {
          ...process.env,
          MODEL: models.blur,
          VK_ICD_FILENAMES: "/nonexistent",
          CUDA_VISIBLE_DEVICES: "",
        },
      },
    );
    expect(stdout.trim()).toBe("cpu");
    expect(stderr).toBe("");
  });
});
