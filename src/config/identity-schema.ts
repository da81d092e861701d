// The section about telling people apart. Defaults are the specification's; similarities are cosines, whose scale is the
// model's: the face's threshold is left to its manifest unless a household knows better.
import { Type } from "typebox";
import { SECTION, seconds } from "./schema-parts.ts";

const share = (title: string, description: string, value: number) =>
  Type.Number({ title, description, minimum: 0, maximum: 1, default: value });
const pixels = (title: string, description: string, value: number) =>
  Type.Integer({ title, description, minimum: 12, maximum: 1000, default: value });
const model = (title: string, value: string) =>
  Type.String({
    title,
    description:
      "A model of `haven models list`, or the path of a manifest of your own (see models/README.md); a relative path starts at this file's folder.",
    minLength: 1,
    maxLength: 500,
    default: value,
  });
const cameraId = Type.String({ pattern: "^[a-z0-9_-]{1,64}$", remedy: "must be the id of a camera" });

export const Reid = Type.Object(
  {
    enabled: Type.Boolean({
      title: "Tell people apart",
      description:
        "Off: Haven follows bodies and knows nobody. What is stored about people stays until it is forgotten.",
      default: true,
    }),
    face: Type.Boolean({
      title: "By their faces",
      description: "The only cue that can tell who somebody is on another day.",
      default: true,
    }),
    gait: Type.Boolean({
      title: "By how they walk",
      description:
        "Weak: of two people it prefers the right one in 55 to 70 of 100 cases. It decides only between two whom the face cannot tell apart.",
      default: true,
    }),
    appearance: Type.Boolean({
      title: "By their clothes",
      description:
        "Finds somebody again within the hour, in the same clothes. Never proof of who somebody is.",
      default: true,
    }),
    face_detector: model("Face detector", "blazeface-back"),
    face_model: model("Face model", "sface"),
    appearance_model: model("Appearance model", "centernet-appearance"),
    face_threshold: Type.Optional(
      Type.Number({
        title: "Face likeness",
        description:
          "How like two faces must be to be one person's. On the model's own scale; left out, as its manifest says (.48 for the default model).",
        minimum: 0.05,
        maximum: 0.99,
      }),
    ),
    face_margin: Type.Optional(
      Type.Number({
        title: "Face margin",
        description:
          "By how much more like the person must be than anybody else. Left out, as the model's manifest says (.08 for the default model).",
        minimum: 0,
        maximum: 0.5,
      }),
    ),
    gait_threshold: share("Gait likeness", "From here on a gait is called alike.", 0.7),
    appearance_threshold: share(
      "Appearance likeness",
      "From here on clothes speak for somebody. On the model's own scale.",
      0.5,
    ),
    appearance_alone: Type.Optional(
      Type.Number({
        title: "Appearance alone",
        description:
          "From here on clothes alone make somebody tentatively who they look like; raised by what people look like who are seen at the same time. On the model's own scale; left out, as its manifest says (.60 for the default model).",
        minimum: 0.05,
        maximum: 0.99,
      }),
    ),
    unknown_below: share("Unknown below", "A combined likeness below this is nobody known.", 0.4),
    prototypes: Type.Integer({
      title: "Prototypes",
      description: "Examples kept of each person, cue and model; the best stay.",
      minimum: 1,
      maximum: 50,
      default: 10,
    }),
    prototype_blend: share(
      "Prototype blend",
      "Weight of a new example in the running mean beside the prototypes.",
      0.3,
    ),
    appearance_ttl_seconds: seconds("Keep appearance", "Seconds until clothes are forgotten.", {
      min: 60,
      max: 86_400,
      value: 3600,
    }),
    tracklet_frames: Type.Integer({
      title: "Frames before a decision",
      minimum: 5,
      maximum: 100,
      default: 5,
    }),
    samples: Type.Integer({
      title: "Crops of a tracklet",
      description: "The best moments of a few seconds that are looked at more closely.",
      minimum: 1,
      maximum: 20,
      default: 5,
    }),
    min_height_px: pixels("Least height", "Pixels a body must be high for its clothes to count.", 80),
    min_face_px: pixels("Least face", "Pixels a face must be wide to be compared.", 24),
    min_reference_face_px: pixels(
      "Least face of a reference",
      "Pixels a face must be wide to be enrolled.",
      40,
    ),
    travel_seconds: seconds(
      "Way between rooms",
      "Seconds nobody needs less from one camera's view to another's, unless the two overlap.",
      { min: 0, max: 600, value: 1 },
    ),
    travel: Type.Array(
      Type.Object(
        {
          between: Type.Array(cameraId, {
            title: "Cameras",
            minItems: 2,
            maxItems: 2,
            uniqueItems: true,
            remedy: "names two cameras by their ids",
          }),
          seconds: Type.Number({ title: "Seconds", minimum: 0, maximum: 3600 }),
        },
        { additionalProperties: false },
      ),
      {
        title: "Ways",
        description: "Pairs of cameras whose way takes longer than that.",
        maxItems: 256,
        default: [],
      },
    ),
    visitor_days: Type.Integer({
      title: "Keep visitors",
      description: "Days after their last sight until visitors are forgotten.",
      minimum: 1,
      maximum: 3650,
      default: 90,
    }),
    keep_pictures: Type.Boolean({
      title: "Keep pictures of faces",
      description:
        "A small picture beside each face that is kept, so that the panel can show who is meant. Switched off, those that are stored are deleted.",
      default: true,
    }),
  },
  { ...SECTION, title: "Persons" },
);
