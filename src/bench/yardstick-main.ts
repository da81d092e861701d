// Entry of the yardstick's process: decoding and inference with nothing around them, straight from the libraries. No
// conversion, and no threads but this one: what cannot be saved.

import { setTimeout as pause } from "node:timers/promises";
import { AV_LOG_QUIET, AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import { CodecContext, FormatContext, Frame, Log, Packet } from "node-av/lib";
import { env, InferenceSession, Tensor } from "onnxruntime-node";
import { SamplingGate } from "../camera/sampling-gate.ts";
import { assertNever } from "../core/assert-never.ts";
import { AppError, messageOf } from "../core/errors.ts";
import { sessionOptions } from "../inference/execution-provider.ts";
import type { Tensors } from "../inference/tensor.ts";
import type { Took, YardstickAnswer, YardstickQuestion } from "./yardstick-messages.ts";

Log.setLevel(AV_LOG_QUIET);
env.logLevel = "error";

interface Call {
  readonly session: InferenceSession;
  readonly feed: Record<string, Tensor>;
}

let sessions: readonly InferenceSession[] = [];
let calls: readonly (readonly Call[])[] = [];

async function answer(question: YardstickQuestion): Promise<YardstickAnswer> {
  const watch = new StopWatch();
  let outputs: readonly (readonly Tensors[])[] = [];
  let analysed = 0;
  if (question.kind === "pace") analysed = await pace(question, watch);
  else {
    watch.start();
    switch (question.kind) {
      case "load":
        await load(question);
        break;
      case "decode":
        decode(question.path, question.pictures);
        break;
      case "infer":
        await infer(question.pictures);
        analysed = question.pictures;
        break;
      case "outputs":
        outputs = await outputsOfAll();
        break;
      default:
        assertNever(question);
    }
    watch.stop();
  }
  return { kind: "done", took: watch.took, analysed, outputs };
}

/** What this process uses between `start` and `stop`, all together. */
class StopWatch {
  #cpuMs = 0;
  #wallMs = 0;
  #cpu = process.cpuUsage();
  #startedAt = 0;

  start(): void {
    this.#startedAt = performance.now();
    this.#cpu = process.cpuUsage();
  }

  stop(): void {
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#cpuMs += (user + system) / 1000;
    this.#wallMs += performance.now() - this.#startedAt;
  }

  get took(): Took {
    return { cpuMs: this.#cpuMs, wallMs: this.#wallMs };
  }
}

async function load({ models, pictures, provider }: YardstickQuestion & { kind: "load" }): Promise<void> {
  for (const session of sessions) await session.release();
  const opened = new Map<string, InferenceSession>();
  for (const [id, path] of models)
    opened.set(id, await InferenceSession.create(path, sessionOptions(provider)));
  sessions = [...opened.values()];
  calls = pictures.map((picture) =>
    picture.map(({ modelId, inputs }) => {
      const session = opened.get(modelId);
      if (session === undefined) throw new AppError("internal", `The model ${modelId} was not named.`);
      const tensors = Object.entries(inputs).map(([name, { type, data, dims }]) => {
        const tensor: readonly [string, Tensor] = [name, new Tensor(type, data, dims)];
        return tensor;
      });
      return { session, feed: Object.fromEntries(tensors) };
    }),
  );
}

async function infer(pictures: number): Promise<void> {
  for (let picture = 0; picture < pictures; picture += 1)
    for (const { session, feed } of calls[picture % calls.length] ?? []) await session.run(feed);
}

/** How many pictures were analysed. */
async function pace(
  { path, pictures, fps, analysedFps }: YardstickQuestion & { kind: "pace" },
  watch: StopWatch,
): Promise<number> {
  const gate = new SamplingGate(analysedFps);
  const film = picturesOf(path);
  const startedAt = performance.now();
  let analysed = 0;
  for (let picture = 0; picture < pictures; picture += 1) {
    await pause(Math.max(0, startedAt + (picture * 1000) / fps - performance.now()));
    watch.start();
    film.next();
    if (gate.picks(picture / fps)) {
      for (const { session, feed } of calls[analysed % calls.length] ?? []) await session.run(feed);
      analysed += 1;
    }
    watch.stop();
  }
  film.return();
  return analysed;
}

async function outputsOfAll(): Promise<Tensors[][]> {
  const all: Tensors[][] = [];
  for (const picture of calls) {
    const outputs: Tensors[] = [];
    for (const { session, feed } of picture) outputs.push(plain(await session.run(feed)));
    all.push(outputs);
  }
  return all;
}

/** As plain arrays, which can be sent. Numbers of 32 bits: no detector gives others. */
function plain(outputs: InferenceSession.OnnxValueMapType): Tensors {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, { data, dims, type }]) => {
      if (!(data instanceof Float32Array))
        throw new AppError("model.unsupported", `The output "${name}" is ${type}; float32 is read.`);
      return [name, { type: "float32", dims, data }];
    }),
  );
}

function decode(path: string, pictures: number): void {
  const film = picturesOf(path);
  for (let picture = 0; picture < pictures; picture += 1) film.next();
  film.return();
}

/** Decodes a picture each time it is asked to, from the beginning of the file and over again. */
function* picturesOf(path: string): Generator<void, void, void> {
  for (;;) {
    let decoded = 0;
    for (const _ of onePass(path)) {
      decoded += 1;
      yield;
    }
    if (decoded === 0) throw new AppError("source.unreadable", `${path} has no picture that can be decoded.`);
  }
}

function* onePass(path: string): Generator<void, void, void> {
  const input = new FormatContext();
  const codec = new CodecContext();
  const packet = new Packet();
  const frame = new Frame();
  packet.alloc();
  frame.alloc();
  try {
    check(input.openInputSync(path), path);
    check(input.findStreamInfoSync(null), path);
    const { streamIndex, decoder } = input.findBestStream(AVMEDIA_TYPE_VIDEO, -1, -1, true);
    const stream = input.streams[streamIndex];
    if (stream === undefined || decoder === null) return;
    codec.allocContext3(decoder);
    check(codec.parametersToContext(stream.codecpar), path);
    codec.threadCount = 1;
    check(codec.open2Sync(decoder, null), path);
    for (let ended = false; !ended; ) {
      ended = input.readFrameSync(packet) < 0;
      if (ended || packet.streamIndex === streamIndex) codec.sendPacketSync(ended ? null : packet);
      packet.unref();
      while (codec.receiveFrameSync(frame) >= 0) {
        yield;
        frame.unref();
      }
    }
  } finally {
    frame.free();
    packet.free();
    codec.freeContext();
    input.closeInputSync();
  }
}

function check(code: number, path: string): void {
  if (code < 0) throw new AppError("source.unreadable", `${path} is not a video that can be decoded.`);
}

process.on("message", (question: YardstickQuestion) => {
  answer(question)
    .catch((error: unknown): YardstickAnswer => ({ kind: "failed", reason: messageOf(error) }))
    .then((reply) => process.send?.(reply))
    .catch(() => process.exit(1));
});
process.on("disconnect", () => process.exit());
