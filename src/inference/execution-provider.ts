import type { InferenceSession } from "onnxruntime-node";
import type { Millis } from "../core/clock.ts";

export type ExecutionProvider = "cpu" | "webgpu" | "cuda" | "tensorrt";
export type ProviderChoice = "auto" | ExecutionProvider;
/** Providers that run on graphics hardware, which can be lost. */
export type GpuProvider = Exclude<ExecutionProvider, "cpu">;

/**
 * What `auto` looks at, best first. TensorRT is left to those who ask for it: it builds an engine for every input size it
 * meets, and the Node binding passes on no option to keep them (and its environment variables are not looked at then).
 */
export const AUTO_CANDIDATES: readonly GpuProvider[] = ["cuda", "webgpu"];

/** Everything that `haven doctor` reports on. */
export const ALL_PROVIDERS: readonly ExecutionProvider[] = ["cpu", "webgpu", "cuda", "tensorrt"];

export interface GpuLimits {
  /**
   * How many threads may run models at once. WebGPU: one. All sessions of a process share one command encoder, and two
   * runs at the same time end the process (onnxruntime issues 32561 and 31627). CUDA: two, so that one copies while the
   * other computes; more would only cost graphics memory.
   */
  readonly threads: number;
  /**
   * A run that takes longer will not end any more. The kernel's own watchdogs reset hung graphics within 10 s (amdgpu's
   * lockup_timeout), after which a run fails by itself. First runs compile programs for a few seconds, but the test has
   * compiled them before, and drivers keep what they compiled.
   */
  readonly runMs: Millis;
  readonly loadMs: Millis;
}

export const GPU_LIMITS: Readonly<Record<GpuProvider, GpuLimits>> = {
  webgpu: { threads: 1, runMs: 12_000, loadMs: 30_000 },
  cuda: { threads: 2, runMs: 12_000, loadMs: 30_000 },
  // Builds an engine in the first run of every input size, and nothing can make this binding keep it. A build that would
  // keep all cameras waiting for longer than a hang is not waited for either: watching comes first.
  tensorrt: { threads: 1, runMs: 12_000, loadMs: 30_000 },
};

/**
 * One thread per session, since parallel work is spread over workers, and no spinning: threads that spin while they
 * wait halve the throughput as soon as anything else runs. A list of providers does not fall back when the first
 * cannot start, so there is exactly one (operators that it does not know run on the CPU by themselves); but TensorRT
 * hands what it does not know to CUDA, whose library it needs in any case. Untested with real CUDA hardware. The
 * binding takes nothing but the device's number for these two; the first device is the one that `CUDA_VISIBLE_DEVICES`
 * puts first.
 */
export function sessionOptions(provider: ExecutionProvider): InferenceSession.SessionOptions {
  return {
    executionProviders: provider === "tensorrt" ? ["tensorrt", "cuda"] : [provider],
    graphOptimizationLevel: "all",
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    // Errors only: the runtime writes to stderr by itself, past our logger.
    logSeverityLevel: 3,
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  };
}
