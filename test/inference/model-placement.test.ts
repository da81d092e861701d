import { describe, expect, it } from "vitest";
import type { ExecutionProvider } from "../../src/inference/execution-provider.ts";
import { placementBy } from "../../src/inference/model-placement.ts";
import type { ProviderReport } from "../../src/inference/provider-probe.ts";

const works = (provider: ExecutionProvider, msPerRun: number): ProviderReport => ({
  provider,
  works: true,
  reason: null,
  msPerRun,
  cpuMsPerRun: 30,
  maxDiff: 1e-5,
});
const fails = (provider: ExecutionProvider, reason: string): ProviderReport => ({
  provider,
  works: false,
  reason,
  msPerRun: null,
  cpuMsPerRun: null,
  maxDiff: null,
});

describe("a model is placed", () => {
  it("with auto on the first graphics that work and are faster than the processor", () => {
    const reports = [fails("cuda", "No libraries"), works("webgpu", 4)];
    expect(placementBy(reports, "auto")).toEqual({ provider: "webgpu", reason: null });
  });

  it("with auto on the processor when nothing works or nothing is faster, and says why", () => {
    const reports = [fails("cuda", "No libraries"), works("webgpu", 31)];
    expect(placementBy(reports, "auto")).toEqual({
      provider: "cpu",
      reason: "cuda: No libraries; webgpu: It is slower than the processor (31 against 30 ms a run)",
    });
  });

  it("on what was asked for, however slow, as long as it works", () => {
    expect(placementBy([works("webgpu", 300)], "webgpu")).toEqual({ provider: "webgpu", reason: null });
    expect(placementBy([fails("webgpu", "Crashed")], "webgpu")).toEqual({
      provider: "cpu",
      reason: "webgpu: Crashed",
    });
  });

  it("on the processor without a word where nothing else was asked for", () => {
    expect(placementBy([], "cpu")).toEqual({ provider: "cpu", reason: null });
  });
});
