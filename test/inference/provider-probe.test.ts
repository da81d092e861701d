import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pino } from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { InferencePool } from "../../src/inference/inference-pool.ts";
import { agreementOf } from "../../src/inference/provider-agreement.ts";
import { probeProviders } from "../../src/inference/provider-probe.ts";
import type { Tensors } from "../../src/inference/tensor.ts";
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

  const softwareGpu = "/usr/lib/chromium/vk_swiftshader_icd.json";
  it.skipIf(!existsSync(softwareGpu))(
    "finds WebGPU on Chromium's software GPU, and right (needs Chromium)",
    async () => {
      vi.stubEnv("VK_ICD_FILENAMES", softwareGpu);
      const [report] = await probeProviders({ modelPath: models.blur, providers: ["webgpu"] });
      expect(report).toMatchObject({ provider: "webgpu", works: true });
      expect(report?.maxDiff).toBeLessThan(1e-4);
    },
  );
});

describe("a provider's results", () => {
  const tensors = (...values: number[]): Tensors => ({
    y: { type: "float32", dims: [values.length], data: Float32Array.from(values) },
  });
  const cpu = tensors(...Array.from({ length: 20 }, (_, i) => i / 20));
  const changed = (from: number, by: number) =>
    tensors(...Array.from({ length: 20 }, (_, i) => i / 20 + (i >= from ? by : 0)));

  it("agree when they differ by rounding", () => {
    expect(agreementOf(cpu, changed(0, 1e-3))).toMatchObject({ agrees: true, shareNear: 1 });
  });

  it("agree when a few were decided otherwise, and disagree when many were", () => {
    expect(agreementOf(cpu, changed(18, 0.5))).toMatchObject({ agrees: true, shareNear: 0.9 });
    expect(agreementOf(cpu, changed(17, 0.5))).toMatchObject({ agrees: false, shareNear: 0.85 });
  });

  it("disagree when they are missing or no numbers", () => {
    expect(agreementOf(cpu, {})).toMatchObject({ agrees: false, shareNear: 0, maxDiff: Number.NaN });
    expect(agreementOf(cpu, changed(0, Number.NaN)).agrees).toBe(false);
    expect(agreementOf({}, {}).agrees).toBe(false);
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
