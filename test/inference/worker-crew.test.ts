import type { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { AppError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { TensorData } from "../../src/inference/tensor.ts";
import { type CrewOptions, type Job, WorkerCrew } from "../../src/inference/worker-crew.ts";
import { tinyModels } from "./tiny-models.ts";

// What graphics do wrong is done here by models that misbehave on the CPU: the crew is told that what it has can be lost.
const models = tinyModels();

let threads: Worker[] = [];
const noteThread = (thread: Worker) => void threads.push(thread);
let crews: { crew: WorkerCrew; clock: ManualClock }[] = [];
beforeEach(() => {
  threads = [];
  crews = [];
  process.on("worker", noteThread);
});
afterEach(async () => {
  process.off("worker", noteThread);
  await Promise.all(crews.map(({ crew, clock }) => leave(crew, clock)));
});

const over = new AppError("interrupted", "The test is over.");
async function leave(crew: WorkerCrew, clock: ManualClock): Promise<void> {
  const end = crew.close(over);
  clock.advance(10_000);
  await end;
}

function graphics(options: Partial<CrewOptions> = {}) {
  const clock = new ManualClock();
  const onLost = vi.fn<(reason: string, open: readonly Job[]) => void>();
  const crew = new WorkerCrew({
    provider: "cpu",
    size: 1,
    clock,
    log: silentLogger,
    modelPath: (id) => models[id as keyof typeof models],
    onRun: () => {},
    losable: { runMs: 10_000, loadMs: 30_000, onLost },
    ...options,
  });
  crews.push({ crew, clock });
  return { crew, clock, onLost };
}

/** A job and what becomes of it. */
function job(modelId: keyof typeof models, ...values: number[]) {
  const x: TensorData = { type: "float32", dims: [values.length], data: Float32Array.from(values) };
  const outcome = deferred<Float32Array>();
  const one: Job = {
    modelId,
    inputs: { x },
    resolve: ({ y }) => outcome.resolve(y?.data as Float32Array),
    reject: outcome.reject,
  };
  outcome.promise.catch(() => {});
  return { one, x, outcome: outcome.promise };
}

/** Promise.withResolvers, which Node 20 does not have. */
function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<T>((onDone, onFail) => {
    resolve = onDone;
    reject = onFail;
  });
  return { promise, resolve, reject };
}

describe("a crew on graphics", () => {
  it("gives back every job that is not finished when the runtime fails over one, oldest first", async () => {
    const { crew, onLost } = graphics();
    await crew.load("picky", models.picky);
    const [fine, bad, next, last] = [
      job("picky", 0, 1, 2, 0),
      job("picky", 0, 1, 2, 9),
      job("picky", 2, 2, 2, 2),
      job("picky", 1, 1, 1, 1),
    ];
    for (const { one } of [fine, bad, next, last]) crew.add(one);
    await expect(fine.outcome).resolves.toEqual(Float32Array.of(10, 20, 30, 10));
    await vi.waitFor(() => expect(onLost).toHaveBeenCalled());
    const [reason, open] = onLost.mock.calls[0] ?? [];
    expect(reason).toContain("The model picky failed");
    expect(open).toEqual([bad.one, next.one, last.one]);
    expect(crew.waiting).toHaveLength(0);
  });

  it("leaves the inputs of what it gives back as they were", async () => {
    const { crew, onLost } = graphics();
    await crew.load("picky", models.picky);
    const bad = job("picky", 0, 1, 2, 9);
    crew.add(bad.one);
    await vi.waitFor(() => expect(onLost).toHaveBeenCalledOnce());
    expect(bad.x.data).toEqual(Float32Array.of(0, 1, 2, 9));
  });

  it("is not lost over a request that cannot be right", async () => {
    const { crew, onLost } = graphics();
    await crew.load("picky", models.picky);
    const wrong = job("picky", 0, 1);
    const right = job("picky", 0, 1, 2, 0);
    crew.add(wrong.one);
    crew.add(right.one);
    await expect(wrong.outcome).rejects.toMatchObject({
      code: "inference.failed",
      message: expect.stringContaining('its input "x" is 4, not 2'),
    });
    await expect(right.outcome).resolves.toBeDefined();
    expect(onLost).not.toHaveBeenCalled();
  });

  it("is lost when a run does not end in time, and what it says later is not heard", async () => {
    const { crew, clock, onLost } = graphics();
    await crew.load("patient", models.patient);
    const endless = job("patient", 300_000, 0, 0, 0);
    crew.add(endless.one);
    clock.advance(9_999);
    expect(onLost).not.toHaveBeenCalled();
    clock.advance(1);
    expect(onLost).toHaveBeenCalledWith("a run of patient did not end within 10 s", [endless.one]);
    const settled = vi.fn();
    endless.outcome.then(settled, settled);
    const [thread] = threads;
    await new Promise<void>((resolve) => thread?.once("exit", () => resolve()));
    expect(settled).not.toHaveBeenCalled();
  });

  it("takes as long as it likes when runs end one after another", async () => {
    const { crew, clock, onLost } = graphics();
    await crew.load("picky", models.picky);
    for (let i = 0; i < 3; i++) {
      const one = job("picky", 0, 1, 2, 0);
      crew.add(one.one);
      clock.advance(9_000);
      await one.outcome;
    }
    clock.advance(60_000);
    expect(onLost).not.toHaveBeenCalled();
  });

  it("is lost when a thread dies, with the job it had", async () => {
    const { crew, onLost } = graphics();
    await crew.load("picky", models.picky);
    // It ends before it comes to the job that it is given next.
    threads[0]?.postMessage({ kind: "close" });
    const lost = job("picky", 0, 1, 2, 0);
    crew.add(lost.one);
    await vi.waitFor(() => expect(onLost).toHaveBeenCalledOnce());
    expect(onLost.mock.calls[0]).toEqual([expect.stringContaining("died"), [lost.one]]);
    expect(threads).toHaveLength(1);
  });

  it("is lost over a model that it cannot load, in time or at all", async () => {
    const failing = graphics();
    await expect(failing.crew.load("broken", models.broken)).rejects.toMatchObject({
      code: "inference.failed",
    });
    expect(failing.onLost).toHaveBeenCalledOnce();

    const hanging = graphics();
    const load = hanging.crew.load("picky", models.picky);
    hanging.clock.advance(30_000);
    await expect(load).rejects.toBeInstanceOf(AppError);
    expect(hanging.onLost).toHaveBeenCalledWith("loading picky took longer than 30 s", []);
  });

  it("takes no jobs once it is lost, and is lost once only", async () => {
    const { crew, clock, onLost } = graphics({ size: 2 });
    await crew.load("patient", models.patient);
    for (let i = 0; i < 2; i++) crew.add(job("patient", 100_000, 0, 0, 0).one);
    clock.advance(20_000);
    expect(onLost).toHaveBeenCalledOnce();
    expect(onLost.mock.calls[0]?.[1]).toHaveLength(2);
    const late = job("patient", 1, 0, 0, 0);
    crew.add(late.one);
    await expect(late.outcome).rejects.toMatchObject({ code: "interrupted" });
    await expect(crew.load("picky", models.picky)).rejects.toMatchObject({ code: "interrupted" });
  });

  it("can be closed although a thread is stuck", async () => {
    const { crew, clock } = graphics();
    await crew.load("patient", models.patient);
    const stuck = job("patient", 600_000, 0, 0, 0);
    crew.add(stuck.one);
    const exit = vi.fn();
    threads[0]?.once("exit", exit);
    await leave(crew, clock);
    await expect(stuck.outcome).rejects.toBe(over);
    expect(exit).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(exit).toHaveBeenCalled(), { timeout: 20_000 });
  });
});
