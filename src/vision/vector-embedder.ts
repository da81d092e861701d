// Models that turn a picture of fixed size into one vector whose cosines are similarities: faces (SFace, InsightFace) and
// bodies (OSNet) alike. What the picture has to be like is in their manifest.
import type { ModelEntry } from "../../models/manifest.ts";
import { AppError } from "../core/errors.ts";
import type { RgbImage } from "../domain/frame.ts";
import type { ModelLoader, ModelRunner } from "./model-runner.ts";
import { PictureInput } from "./picture-input.ts";

/** Shorter ones tell nobody apart, longer ones are a feature map that was meant to be read otherwise. */
const MIN_LENGTH = 64;
const MAX_LENGTH = 2048;

export interface VectorEmbedderOptions {
  readonly decoder: "face-embedding" | "body-embedding";
  /** Of the picture it is given, pixels. */
  readonly width: number;
  readonly height: number;
  /** What to do about a model that is none of these. */
  readonly remedy: string;
}

export class VectorEmbedder {
  readonly modelId: string;
  readonly #entry: ModelEntry;
  readonly #runner: ModelRunner;
  readonly #input: PictureInput;
  #length = 0;

  private constructor(entry: ModelEntry, runner: ModelRunner) {
    this.modelId = entry.id;
    this.#entry = entry;
    this.#runner = runner;
    this.#input = new PictureInput(entry.input, []);
  }

  /** Loads the model and tries it once. Throws AppError `model.unsupported` for one that does not fit, and what loading throws. */
  static async create(
    entry: ModelEntry,
    runner: ModelLoader,
    options: VectorEmbedderOptions,
  ): Promise<VectorEmbedder> {
    const { decoder, width, height, remedy } = options;
    const { size } = entry.input;
    if (entry.output.decoder !== decoder)
      throw new AppError("model.unsupported", `The model ${entry.id} (${entry.role}) ${remedy}`);
    if (size.kind !== "fixed" || size.width !== width || size.height !== height) {
      throw new AppError(
        "model.unsupported",
        `The model ${entry.id} is not given its pictures as ${width}x${height} pixels by its manifest: correct input.size.`,
      );
    }
    await runner.load(entry.id);
    const embedder = new VectorEmbedder(entry, runner);
    const values = await embedder.#run({ width, height, data: noise(width * height * 3) });
    const { length } = values;
    if (length < MIN_LENGTH || length > MAX_LENGTH || unitVector(values) === null) {
      throw new AppError(
        "model.unsupported",
        `The model ${entry.id} does not answer with a vector of ${MIN_LENGTH} to ${MAX_LENGTH} numbers: correct output.names in its manifest, or use another model.`,
      );
    }
    embedder.#length = length;
    return embedder;
  }

  /** Of unit length; null where the model gives no direction (all nought, or not numbers). Throws AppError `inference.failed`. */
  async embed(image: RgbImage): Promise<Float32Array | null> {
    const values = await this.#run(image);
    return values.length === this.#length ? unitVector(values) : null;
  }

  async #run(image: RgbImage): Promise<Float32Array> {
    const { id, output } = this.#entry;
    const tensor = this.#input.tensor(image, this.#input.fitOf(image));
    const outputs = await this.#runner.run(id, { [this.#input.name]: tensor });
    const [name = ""] = output.names;
    const answer = outputs[name];
    if (answer?.type === "float32") return answer.data;
    throw new AppError(
      "model.unsupported",
      `The model ${id} has no output "${name}" of float32; it has ${Object.keys(outputs).join(", ")}: correct output.names in its manifest.`,
    );
  }
}

export function unitVector(values: Float32Array): Float32Array | null {
  let sum = 0;
  for (const value of values) sum += value * value;
  const length = Math.sqrt(sum);
  if (!(length > 1e-6) || !Number.isFinite(length)) return null;
  return values.map((value) => value / length);
}

/** Anything but grey, for which some models have no direction. */
function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 97 + (index >> 5) * 31) & 255);
}
