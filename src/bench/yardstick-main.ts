// Entry of the yardstick's process: decoding and inference with nothing around them, straight from the libraries. No
// conversion, no threads but this one, no pacing: what cannot be saved.
import { AV_LOG_QUIET, AVMEDIA_TYPE_VIDEO } from "node-av/constants";
import { CodecContext, FormatContext, Frame, Log, Packet } from "node-av/lib";
import { env, InferenceSession, Tensor } from "onnxruntime-node";
import { AppError, messageOf } from "../core/errors.ts";
import { sessionOptions } from "../inference/execution-provider.ts";
import type { Tensors } from "../inference/tensor.ts";
import type { YardstickAnswer, YardstickQuestion } from "./yardstick-messages.ts";

Log.setLevel(AV_LOG_QUIET);
env.logLevel = "error";

interface Call {
  readonly session: InferenceSession;
  readonly feed: Record<string, Tensor>;
}

let sessions: readonly InferenceSession[] = [];
let calls: readonly (readonly Call[])[] = [];

async function answer(question: YardstickQuestion): Promise<YardstickAnswer> {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const outputs = await work(question);
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { kind: "done", took: { cpuMs: (user + system) / 1000, wallMs }, outputs };
}

async function work(question: YardstickQuestion): Promise<readonly (readonly Tensors[])[]> {
  switch (question.kind) {
    case "load":
      await load(question);
      return [];
    case "decode":
      decode(question.path, question.pictures);
      return [];
    case "infer":
      await infer(question.pictures);
      return [];
    case "outputs":
      return await outputsOfAll();
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
  for (let left = pictures; left > 0; ) {
    const decoded = decodeOnce(path, left);
    if (decoded === 0) throw new AppError("source.unreadable", `${path} has no picture that can be decoded.`);
    left -= decoded;
  }
}

/** From the beginning to the end of the file, or to `limit`; how many pictures came out. */
function decodeOnce(path: string, limit: number): number {
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
    if (stream === undefined || decoder === null) return 0;
    codec.allocContext3(decoder);
    check(codec.parametersToContext(stream.codecpar), path);
    codec.threadCount = 1;
    check(codec.open2Sync(decoder, null), path);
    let count = 0;
    for (let ended = false; !ended && count < limit; ) {
      ended = input.readFrameSync(packet) < 0;
      if (!ended && packet.streamIndex !== streamIndex) {
        packet.unref();
        continue;
      }
      codec.sendPacketSync(ended ? null : packet);
      packet.unref();
      while (count < limit && codec.receiveFrameSync(frame) >= 0) {
        count += 1;
        frame.unref();
      }
    }
    return count;
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
