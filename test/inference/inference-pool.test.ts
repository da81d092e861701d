import { execFile } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Worker } from "node:worker_threads";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { ModelStore } from "../../models/model-store.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { AppError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { InferencePool, type InferencePoolOptions } from "../../src/inference/inference-pool.ts";
import { ModelSession } from "../../src/inference/model-session.ts";
import type { TensorData } from "../../src/inference/tensor.ts";
import { realPixels } from "../models/real-picture.ts";
import { tinyModels } from "./tiny-models.ts";

/** A busy machine may take its time; a quiet one does not. */
const PATIENCE = { timeout: 20_000 };

const MULTI = "movenet-multipose";
const store = new ModelStore({ log: silentLogger });
const models = tinyModels();
beforeAll(() => store.ensure([MULTI]), 900_000);

/** Every thread that was started, in order. */
let threads: Worker[] = [];
let onThread = (_: Worker) => {};
const noteThread = (thread: Worker) => {
  threads.push(thread);
  onThread(thread);
};
let pools: InferencePool[] = [];
beforeEach(() => {
  threads = [];
  onThread = () => {};
  pools = [];
  process.on("worker", noteThread);
});
afterEach(async () => {
  process.off("worker", noteThread);
  await Promise.all(pools.map((pool) => pool.close()));
});

async function openPool(options: Partial<InferencePoolOptions> = {}): Promise<InferencePool> {
  const pool = await InferencePool.create({
    workers: 1,
    provider: "cpu",
    log: silentLogger,
    modelPath: (id) => (id === MULTI ? store.pathOf(id) : models[id as keyof typeof models]),
    ...options,
  });
  pools.push(pool);
  return pool;
}

const numbers = (...values: number[]): { x: TensorData } => ({
  x: { type: "float32", dims: [4], data: Float32Array.from(values) },
});
/** Takes long enough for something else to happen meanwhile. */
const largePicture = (): { input: TensorData } => ({
  input: { type: "uint8", dims: [1, 512, 512, 3], data: new Uint8Array(512 * 512 * 3) },
});

describe("a pool", () => {
  it("gives what the model gives", async () => {
    const pool = await openPool();
    await pool.load(MULTI);
    const pixels = await realPixels(192, 320);
    const dims = [1, 192, 320, 3];
    const session = await ModelSession.open(await store.pathOf(MULTI), "cpu");
    const expected = await session.run({ input: { type: "uint8", dims, data: pixels.slice() } });
    const actual = await pool.run(MULTI, { input: { type: "uint8", dims, data: pixels } });
    expect(actual).toEqual(expected);
    expect(actual.Identity?.dims).toEqual([1, 6, 56]);
  });

  it("takes the input's buffer for itself, unless that holds more than the input", async () => {
    const pool = await openPool();
    await pool.load("absolute");
    const whole = numbers(-1, 2, -3, 4);
    await pool.run("absolute", whole);
    expect(whole.x.data.byteLength).toBe(0);

    const large = new Float32Array([9, -1, 2, -3, 4, 9]);
    const part = { x: { type: "float32", dims: [4], data: large.subarray(1, 5) } } as const;
    const { y } = await pool.run("absolute", part);
    expect(y?.data).toEqual(new Float32Array([1, 2, 3, 4]));
    expect(large).toEqual(new Float32Array([9, -1, 2, -3, 4, 9]));
  });

  it("takes shared memory, which the runtime itself refuses", async () => {
    const pool = await openPool();
    await pool.load("absolute");
    const shared = new Float32Array(new SharedArrayBuffer(16));
    shared.set([-1, -2, -3, -4]);
    const { y } = await pool.run("absolute", { x: { type: "float32", dims: [4], data: shared } });
    expect(y?.data).toEqual(new Float32Array([1, 2, 3, 4]));
  });

  it("leaves the calling thread free while a model runs", async () => {
    const pool = await openPool();
    await pool.load(MULTI);
    let turns = 0;
    let running = true;
    const run = pool.run(MULTI, largePicture()).finally(() => {
      running = false;
    });
    while (running) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    await run;
    expect(turns).toBeGreaterThan(20);
  });

  it("serves first come, first served, one job per worker at a time", async () => {
    const pool = await openPool({ workers: 2 });
    await Promise.all([pool.load(MULTI), pool.load("absolute")]);
    const order: string[] = [];
    const jobs = [
      ["large 1", () => pool.run(MULTI, largePicture())],
      ["large 2", () => pool.run(MULTI, largePicture())],
      ["small 1", () => pool.run("absolute", numbers(1, 2, 3, 4))],
      ["small 2", () => pool.run("absolute", numbers(1, 2, 3, 4))],
    ] as const;
    const runs = jobs.map(([name, run]) => run().then(() => order.push(name)));
    expect(pool.waiting).toBe(2);
    await Promise.all(runs);
    expect(order.indexOf("small 1")).toBeLessThan(order.indexOf("small 2"));
    // The first small one had to wait for one of the large ones.
    expect(order[0]).toMatch(/large/);
    expect(threads).toHaveLength(2);
  });

  it("loads a model once, however often it is asked to", async () => {
    const modelPath = vi.fn(() => models.absolute);
    const pool = await openPool({ modelPath });
    await Promise.all([pool.load("absolute"), pool.load("absolute")]);
    await pool.load("absolute");
    expect(modelPath).toHaveBeenCalledOnce();
  });

  it("counts what every model has done, and for how long", async () => {
    const pool = await openPool();
    await Promise.all([pool.load(MULTI), pool.load("absolute")]);
    expect(pool.stats().get("absolute")).toEqual({ provider: "cpu", runs: 0, busyMs: 0, waiting: 0 });
    const start = performance.now();
    const runs = [pool.run(MULTI, largePicture())];
    for (let i = 0; i < 3; i++) runs.push(pool.run("absolute", numbers(1, 2, 3, 4)));
    expect(pool.stats().get("absolute")?.waiting).toBe(3);
    await Promise.all(runs);
    const [multi, absolute] = [pool.stats().get(MULTI), pool.stats().get("absolute")];
    expect(multi).toMatchObject({ runs: 1, waiting: 0 });
    expect(absolute).toMatchObject({ runs: 3, waiting: 0 });
    expect(multi?.busyMs).toBeGreaterThan(absolute?.busyMs ?? 0);
    expect(multi?.busyMs).toBeLessThan(performance.now() - start);
    // What fails is not counted.
    await expect(pool.run("absolute", { z: numbers(1, 2, 3, 4).x })).rejects.toBeInstanceOf(AppError);
    expect(pool.stats().get("absolute")?.runs).toBe(3);
  });

  it("chooses the number of its workers by the number of cores when told 0", async () => {
    const pool = await openPool({ workers: 0 });
    expect(pool.workers).toBeGreaterThanOrEqual(1);
  });
});

describe("cancelling", () => {
  it("takes a waiting job out of the queue and leaves the others in it", async () => {
    const pool = await openPool();
    await Promise.all([pool.load(MULTI), pool.load("absolute")]);
    const abort = new AbortController();
    const large = pool.run(MULTI, largePicture());
    const dropped = pool.run("absolute", numbers(1, 2, 3, 4), { signal: abort.signal });
    const kept = pool.run("absolute", numbers(-1, 2, 3, 4));
    expect(pool.waiting).toBe(2);
    abort.abort();
    expect(pool.waiting).toBe(1);
    await expect(dropped).rejects.toMatchObject({ code: "interrupted" });
    await expect(large).resolves.toBeDefined();
    await expect(kept).resolves.toBeDefined();
  });

  it("lets a running job go and drops its result", async () => {
    const pool = await openPool();
    await Promise.all([pool.load(MULTI), pool.load("absolute")]);
    const abort = new AbortController();
    const large = pool.run(MULTI, largePicture(), { signal: abort.signal });
    abort.abort();
    await expect(large).rejects.toMatchObject({ code: "interrupted" });
    await expect(pool.run("absolute", numbers(1, 2, 3, 4))).resolves.toBeDefined();
  });

  it("before the start means that nothing is done", async () => {
    const pool = await openPool();
    await pool.load("absolute");
    const inputs = numbers(1, 2, 3, 4);
    const signal = AbortSignal.abort();
    await expect(pool.run("absolute", inputs, { signal })).rejects.toMatchObject({ code: "interrupted" });
    expect(inputs.x.data.byteLength).toBe(16);
  });
});

/**
 * Has a thread end without the pool's doing. Not by terminate(): native code that is running then takes the whole
 * process along, which no pool can mend.
 */
const kill = (thread: Worker | undefined) => thread?.postMessage({ kind: "close" });

describe("a worker that dies", () => {
  it("fails its job alone, and is replaced by one that has the same models", async () => {
    const pool = await openPool();
    await Promise.all([pool.load(MULTI), pool.load("absolute")]);
    // It ends before it comes to the job that it is given next.
    kill(threads[0]);
    const lost = pool.run(MULTI, largePicture());
    const next = pool.run("absolute", numbers(-1, -2, -3, -4));
    await expect(lost).rejects.toMatchObject({
      code: "inference.failed",
      message: expect.stringContaining("died"),
    });
    await expect(next).resolves.toMatchObject({ y: { data: new Float32Array([1, 2, 3, 4]) } });
    expect(threads).toHaveLength(2);
    expect(pool.workers).toBe(1);
  });

  it("while it has nothing to do is replaced too", async () => {
    const pool = await openPool();
    await pool.load("absolute");
    const [first] = threads;
    if (first === undefined) throw new Error("no thread was started");
    const end = once(first, "exit");
    kill(first);
    await end;
    await expect(pool.run("absolute", numbers(-1, 2, 3, 4))).resolves.toBeDefined();
    expect(threads).toHaveLength(2);
  });

  it("again and again is given up on, and everybody who waits is told", async () => {
    const clock = new ManualClock();
    const pool = await openPool({ clock });
    await pool.load("absolute");
    onThread = kill;
    kill(threads[0]);
    const told = vi.fn();
    await vi.waitFor(() => {
      clock.advance(60_000);
      pool.run("absolute", numbers(1, 2, 3, 4)).catch(told);
      const message: unknown = expect.stringContaining("keep dying");
      expect(told).toHaveBeenCalledWith(expect.objectContaining({ code: "inference.failed", message }));
    }, PATIENCE);
    expect(pool.waiting).toBe(0);
    await expect(pool.run("absolute", numbers(1, 2, 3, 4))).rejects.toMatchObject({
      code: "inference.failed",
    });
    expect(threads).toHaveLength(6);
  });
});

describe("what cannot be run", () => {
  it("a model that was not loaded", async () => {
    const pool = await openPool();
    await expect(pool.run("absolute", numbers(1, 2, 3, 4))).rejects.toMatchObject({
      code: "inference.failed",
      message: expect.stringContaining("load()"),
    });
  });

  it("a file that is no model: load says so, and may be tried again", async () => {
    let path = models.broken;
    const pool = await openPool({ modelPath: () => path });
    await expect(pool.load("absolute")).rejects.toMatchObject({ code: "inference.failed" });
    path = models.absolute;
    await pool.load("absolute");
    await expect(pool.run("absolute", numbers(1, 2, 3, 4))).resolves.toBeDefined();
  });

  it("a model whose file is damaged: what the store says is passed on", async () => {
    const damaged = new AppError("model.corrupt", "damaged");
    const pool = await openPool({ modelPath: () => Promise.reject(damaged) });
    await expect(pool.load("absolute")).rejects.toBe(damaged);
  });

  it.each([
    ["inputs of another name", { z: numbers(1, 2, 3, 4).x }],
    ["inputs of another shape", { x: { type: "float32", dims: [2], data: new Float32Array(2) } }],
    ["inputs of another type", { x: { type: "int32", dims: [4], data: new Int32Array(4) } }],
    ["dims that are not those of the data", { x: { type: "float32", dims: [5], data: new Float32Array(4) } }],
  ] as const)("%s: the job fails, the worker goes on", async (_, inputs) => {
    const pool = await openPool();
    await pool.load("absolute");
    await expect(pool.run("absolute", inputs)).rejects.toMatchObject({ code: "inference.failed" });
    await expect(pool.run("absolute", numbers(1, 2, 3, 4))).resolves.toBeDefined();
    expect(threads).toHaveLength(1);
  });
});

describe("closing", () => {
  it.each([
    ["an exit without closing", ""],
    ["an exit while it is being closed", "void pool.close();"],
    ["an error that nobody catches", "setImmediate(() => { throw new Error('uncaught'); });"],
  ])("is not needed for %s in the middle of an inference to be an orderly one", async (_, last) => {
    const built = fileURLToPath(new URL("../../dist/src", import.meta.url));
    const script = `
      const { InferencePool } = await import("${built}/inference/inference-pool.js");
      const { silentLogger: log } = await import("${built}/core/logger.js");
      const modelPath = () => process.env.MODEL;
      const pool = await InferencePool.create({ workers: 2, provider: "cpu", log, modelPath });
      await pool.load("model");
      const data = () => new Uint8Array(512 * 512 * 3);
      const run = () => pool.run("model", { input: { type: "uint8", dims: [1, 512, 512, 3], data: data() } });
      for (let i = 0; i < 4; i++) run().catch(() => {});
      ${last}
      setTimeout(() => process.exit(1), 20);`;
    const env = { ...process.env, MODEL: await store.pathOf(MULTI) };
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { env });
    // 134 or SIGABRT is what the runtime makes of it.
    await expect(run).rejects.toMatchObject({ code: 1, signal: null });
  });

  it("by an exit ends the process even in the middle of a run that never ends", async () => {
    const built = fileURLToPath(new URL("../../dist/src", import.meta.url));
    const script = `
      const { InferencePool } = await import("${built}/inference/inference-pool.js");
      const { silentLogger: log } = await import("${built}/core/logger.js");
      const modelPath = () => process.env.MODEL;
      const pool = await InferencePool.create({ workers: 1, provider: "cpu", log, modelPath });
      await pool.load("model");
      pool.run("model", { x: { type: "float32", dims: [4], data: Float32Array.of(1e15, 0, 0, 0) } }).catch(() => {});
      setTimeout(() => process.exit(1), 20);`;
    const env = { ...process.env, MODEL: models.patient };
    const run = promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { env });
    await expect(run).rejects.toMatchObject({ signal: "SIGKILL" });
  });

  it("rejects what waits and what runs, ends every thread, and may be done twice", async () => {
    const pool = await openPool({ workers: 2 });
    await pool.load(MULTI);
    const runs = [1, 2, 3].map(() => pool.run(MULTI, largePicture()));
    const exits = threads.map((thread) => once(thread, "exit"));
    const outcomes = Promise.allSettled(runs);
    await pool.close();
    await pool.close();
    await Promise.all(exits);
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "interrupted" } });
    }
    await expect(pool.run(MULTI, largePicture())).rejects.toMatchObject({ code: "interrupted" });
    await expect(pool.load("absolute")).rejects.toMatchObject({ code: "interrupted" });
    expect(threads).toHaveLength(2);
  });
});
