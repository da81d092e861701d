// What models there are: where each comes from, its hashes and licence, what it takes and gives. One schema yields the
// types; the document is parsed once, here.
import { Ajv } from "ajv";
import { type Static, Type } from "typebox";
import { AppError } from "../src/core/errors.ts";
import defaultManifest from "./manifest.json" with { type: "json" };

const closed = { additionalProperties: false };
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Threshold = Type.Number({ minimum: 0, maximum: 1 });
const Pixels = Type.Integer({ minimum: 1 });

export const PackageSchema = Type.Object(
  {
    name: Type.String({ pattern: "^(@[a-z0-9][a-z0-9._-]*/)?[a-z0-9][a-z0-9._-]*$" }),
    version: Type.String({ pattern: "^[0-9]+\\.[0-9]+\\.[0-9]+(-[0-9A-Za-z.-]+)?$" }),
    /** Of the whole tarball, base64, as npm's `dist.integrity` has it after "sha512-". */
    sha512: Type.String({ pattern: "^[A-Za-z0-9+/]{86}==$" }),
  },
  closed,
);

export const PackageFileSchema = Type.Object(
  {
    /** Inside the package, with forward slashes, without the tarball's leading "package/". */
    path: Type.String({ pattern: "^(?!.*(^|/)\\.\\.?(/|$))[A-Za-z0-9@_.-]+(/[A-Za-z0-9@_.-]+)*$" }),
    sha256: Sha256,
  },
  closed,
);

const InputSchema = Type.Object(
  {
    name: Type.String(),
    dtype: Type.Union([Type.Literal("uint8"), Type.Literal("float32")]),
    layout: Type.Literal("NHWC"),
    colours: Type.Literal("RGB"),
    /** The values of black and white. */
    range: Type.Tuple([Type.Number(), Type.Number()]),
    size: Type.Union([
      Type.Object({ kind: Type.Literal("multiple-of"), pixels: Pixels }, closed),
      Type.Object({ kind: Type.Literal("fixed"), height: Pixels, width: Pixels }, closed),
    ]),
  },
  closed,
);

const ModelSchema = Type.Object(
  {
    id: Type.String({ pattern: "^[a-z0-9][a-z0-9-]*$" }),
    title: Type.String(),
    role: Type.Union([
      Type.Literal("detector-pose"),
      Type.Literal("pose-refine"),
      Type.Literal("pose-low-power"),
    ]),
    /** Haven cannot watch without it. */
    required: Type.Boolean(),
    /** SPDX, as declared by the model's origin. */
    licence: Type.String(),
    provenance: Type.String(),
    package: PackageSchema,
    files: Type.Array(PackageFileSchema, { minItems: 1 }),
    conversion: Type.Union([
      /** A TensorFlow.js graph model: one .json, and its .bin shards in order. */
      Type.Object({ kind: Type.Literal("tfjs-graph") }, closed),
      /** The one file is ONNX already. */
      Type.Object({ kind: Type.Literal("none") }, closed),
    ]),
    /** Of the ONNX file that is loaded in the end. Conversion is deterministic. */
    sha256: Sha256,
    input: InputSchema,
    output: Type.Object(
      {
        name: Type.String(),
        decoder: Type.Union([Type.Literal("movenet-multipose"), Type.Literal("movenet-single")]),
      },
      closed,
    ),
    /** Scores on the model's own scale. */
    thresholds: Type.Object(
      {
        newPerson: Type.Optional(Threshold),
        keepTrack: Type.Optional(Threshold),
        keypoint: Threshold,
      },
      closed,
    ),
  },
  closed,
);

const ManifestSchema = Type.Object({ version: Type.Literal(1), models: Type.Array(ModelSchema) }, closed);

export type ModelPackage = Readonly<Static<typeof PackageSchema>>;
export type PackageFile = Readonly<Static<typeof PackageFileSchema>>;
export type ModelEntry = Readonly<Static<typeof ModelSchema>>;
export type ModelManifest = Readonly<Static<typeof ManifestSchema>>;

const isManifest = new Ajv({ allErrors: true }).compile<ModelManifest>(ManifestSchema);

/** Checks a manifest document. Throws AppError `model.unsupported` that lists everything that is wrong with it. */
export function parseManifest(document: unknown): ModelManifest {
  if (!isManifest(document)) {
    const faults = (isManifest.errors ?? []).map(
      (error) => `${error.instancePath || "/"} ${error.message ?? ""}`,
    );
    throw new AppError("model.unsupported", `The model manifest is not valid: ${faults.join("; ")}.`);
  }
  const seen = new Set<string>();
  for (const { id } of document.models) {
    if (seen.has(id)) throw new AppError("model.unsupported", `The model manifest names "${id}" twice.`);
    seen.add(id);
  }
  return document;
}

/** The models that come with Haven. */
export const modelManifest: ModelManifest = parseManifest(defaultManifest);

/** The entry of one model. Throws AppError `not-found` that lists the ids there are. */
export function modelEntry(id: string, manifest: ModelManifest = modelManifest): ModelEntry {
  const entry = manifest.models.find((model) => model.id === id);
  if (entry === undefined) {
    const known = manifest.models.map((model) => model.id).join(", ");
    throw new AppError("not-found", `There is no model "${id}"; the manifest has ${known}.`);
  }
  return entry;
}
