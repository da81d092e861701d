// Entry of the probe's process: tries the providers one after another and reports each as soon as it is known.
import { messageOf } from "../core/errors.ts";
import type { ExecutionProvider } from "./execution-provider.ts";
import { type ModelInput, ModelSession } from "./model-session.ts";
import { agreementOf } from "./provider-agreement.ts";
import { broken, type ProbeRequest, type ProviderReport } from "./provider-probe.ts";
import type { Tensors } from "./tensor.ts";

/** For sizes that a model leaves open. */
const OPEN_SIZE = 256;
const TIMED_RUNS = 3;
async function probe(request: ProbeRequest, report: (report: ProviderReport) => void): Promise<void> {
  // Measured when the first provider has run: on most machines there is none, and a start should not wait for it.
  let cpu: Promise<Measurement> | null = null;
  for (const provider of request.providers) {
    try {
      const own = await measure(request.modelPath, provider);
      cpu ??= provider === "cpu" ? Promise.resolve(own) : measure(request.modelPath, "cpu");
      report(verdict(provider, own, await cpu));
    } catch (error) {
      report(broken(provider, plainReason(messageOf(error))));
    }
  }
}

/** The runtime's texts without the place in its source and the failed check that they open with. */
function plainReason(text: string): string {
  return text.replace(/^\/onnxruntime_src\/.*? was false\.\s*/s, "").trim();
}

interface Measurement {
  readonly outputs: Tensors;
  readonly msPerRun: number;
}

async function measure(modelPath: string, provider: ExecutionProvider): Promise<Measurement> {
  const session = await ModelSession.open(modelPath, provider);
  const inputs = Object.fromEntries(session.inputs.map((input) => [input.name, testPicture(input)]));
  // The first run compiles and allocates.
  const outputs = await session.run(inputs);
  const times: number[] = [];
  for (let run = 0; run < TIMED_RUNS; run++) {
    const start = performance.now();
    await session.run(inputs);
    times.push(performance.now() - start);
  }
  await session.close();
  return { outputs, msPerRun: times.sort((a, b) => a - b)[TIMED_RUNS >> 1] ?? 0 };
}

/** Smooth shading with some texture: the same everywhere, and not the noise on which every place looks alike. */
function testPicture(input: ModelInput): Tensors[string] {
  const dims = input.shape.map((size, axis) =>
    typeof size === "number" ? size : axis === 0 ? 1 : OPEN_SIZE,
  );
  const length = dims.reduce((product, size) => product * size, 1);
  const value = (i: number) => Math.round(127 + 90 * Math.sin(i / 997) * Math.cos(i / 31_013) + (i % 7) * 4);
  if (input.type === "uint8")
    return { type: "uint8", dims, data: Uint8Array.from({ length }, (_, i) => value(i)) };
  return { type: "float32", dims, data: Float32Array.from({ length }, (_, i) => value(i)) };
}

function verdict(provider: ExecutionProvider, own: Measurement, cpu: Measurement): ProviderReport {
  const { agrees, shareNear, maxDiff } = agreementOf(cpu.outputs, own.outputs);
  if (!agrees) {
    const share = Math.round(100 * shareNear);
    return broken(provider, `Its results are wrong: only ${share} % of them agree with the CPU's`);
  }
  return { provider, works: true, reason: null, msPerRun: own.msPerRun, cpuMsPerRun: cpu.msPerRun, maxDiff };
}

const request = JSON.parse(process.argv[2] ?? "") as ProbeRequest;
await probe(request, (report) => process.send?.(report));
process.disconnect();
