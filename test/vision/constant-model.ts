// ONNX models that give the same numbers whatever they see: a file with the input and the output of any detector, run by
// the real engine.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { OnnxGraph } from "../../models/convert/onnx-graph.ts";
import { type ModelEntry, parseManifest } from "../../models/manifest.ts";
import { ModelStore } from "../../models/model-store.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { SessionRunner } from "./yolo-weights.ts";

export interface ConstantModel {
  readonly dims: readonly number[];
  readonly values: ArrayLike<number>;
  readonly dtype?: "float32" | "int64";
  /** What the model itself calls its output, and takes; the manifest says "output0" and [1, 3, 64, 64]. */
  readonly outputName?: string;
  readonly inputDims?: readonly number[];
  readonly inputDtype?: "float32" | "uint8";
}

export function encodeConstantModel(model: ConstantModel): Uint8Array {
  const graph = new OnnxGraph();
  const { dims, values, dtype = "float32", outputName = "output0" } = model;
  const constant =
    dtype === "float32"
      ? graph.floats("constant", dims, Float32Array.from(values))
      : graph.integers(BigInt64Array.from(Array.from(values, (value) => BigInt(Math.round(value)))), dims);
  graph.add({ op: "Identity", inputs: [constant], outputs: [outputName] });
  const shape = model.inputDims ?? [1, 3, 64, 64];
  return graph.encode(
    "constant",
    [{ name: "images", type: { dtype: model.inputDtype ?? "float32", shape } }],
    [{ name: outputName, type: { dtype, shape: dims } }],
  );
}

type Decoder = "yolo-detect" | "yolo-pose" | "yolo-end-to-end" | "movenet-multipose";

/** A manifest as a household would write it, for a file beside it. */
export function ownManifest(options: { decoder: Decoder; role?: string; path?: string; size?: object }) {
  const { decoder } = options;
  const role = options.role ?? (decoder === "yolo-pose" ? "detector-pose" : "detector");
  return {
    version: 2,
    models: [
      {
        id: "own",
        title: "A model of one's own",
        role,
        licence: "CC0-1.0",
        provenance: "Made by this test.",
        source: { kind: "file", path: options.path ?? "own.onnx" },
        input: {
          name: "images",
          dtype: "float32",
          layout: "NCHW",
          colours: "RGB",
          range: [0, 1],
          padding: 114,
          size: options.size ?? { kind: "fixed", width: 64, height: 64 },
        },
        output: { names: ["output0"], decoder },
        thresholds: {
          newPerson: 0.6,
          high: 0.5,
          keepTrack: 0.1,
          ...(role === "detector-pose" ? { keypoint: 0.5 } : {}),
        },
      },
    ],
  };
}

/** Writes model and manifest into a folder of their own, and gives what `inference.detector` would lead to. */
export async function withOwnModel<T>(
  file: Uint8Array,
  manifest: object,
  use: (entry: ModelEntry, runner: SessionRunner) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "haven-own-model-"));
  try {
    await writeFile(join(folder, "own.onnx"), file);
    await writeFile(join(folder, "own.json"), JSON.stringify(manifest));
    const empty = parseManifest({ version: 2, models: [] });
    const store = new ModelStore({ log: silentLogger, directory: folder, manifest: empty });
    await using runner = new SessionRunner(store);
    return await use(await store.resolve(join(folder, "own.json")), runner);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
