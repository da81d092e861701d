// Entry of the probe's process: tries the providers one after another and reports each as soon as it is known.
import { messageOf } from "../core/errors.ts";
import type { ExecutionProvider } from "./execution-provider.ts";
import { ModelSession } from "./model-session.ts";
import { plainReason } from "./plain-reason.ts";
import { agreementOf } from "./provider-agreement.ts";
import { broken, type ProbeRequest, type ProviderReport } from "./provider-probe.ts";
import type { Tensors } from "./tensor.ts";
import { testInput } from "./test-picture.ts";

const TIMED_RUNS = 3;

interface Measurement {
  readonly outputs: Tensors;
  readonly msPerRun: number;
}

interface Reference extends Measurement {
  /** For the same picture with a little noise. */
  readonly disturbed: Tensors;
}

async function probe(request: ProbeRequest, report: (report: ProviderReport) => void): Promise<void> {
  // Measured when the first provider has run: on most machines there is none, and a start should not wait for it.
  let cpu: Promise<Reference> | null = null;
  for (const provider of request.providers) {
    try {
      const own = provider === "cpu" ? null : await measure(request.modelPath, provider);
      cpu ??= measureCpu(request.modelPath);
      report(verdict(provider, own ?? (await cpu), await cpu));
    } catch (error) {
      report(broken(provider, plainReason(messageOf(error))));
    }
  }
}

async function measureCpu(modelPath: string): Promise<Reference> {
  const plain = await measure(modelPath, "cpu");
  const session = await ModelSession.open(modelPath, "cpu");
  const disturbed = await session.run(pictureFor(session, true));
  await session.close();
  return { ...plain, disturbed };
}

async function measure(modelPath: string, provider: ExecutionProvider): Promise<Measurement> {
  const session = await ModelSession.open(modelPath, provider);
  const inputs = pictureFor(session, false);
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

function pictureFor(session: ModelSession, disturbed: boolean): Tensors {
  return Object.fromEntries(session.inputs.map((input) => [input.name, testInput(input, disturbed)]));
}

function verdict(provider: ExecutionProvider, own: Measurement, cpu: Reference): ProviderReport {
  const { agrees, shareRight, maxDiff } = agreementOf(cpu.outputs, cpu.disturbed, own.outputs);
  if (!agrees) {
    const share = Math.round(100 * shareRight);
    return broken(provider, `Its results are wrong: only ${share} % of them agree with the processor's`);
  }
  return { provider, works: true, reason: null, msPerRun: own.msPerRun, cpuMsPerRun: cpu.msPerRun, maxDiff };
}

const request = JSON.parse(process.argv[2] ?? "") as ProbeRequest;
await probe(request, (report) => process.send?.(report));
process.disconnect();
