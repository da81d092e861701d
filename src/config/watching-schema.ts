// The sections about watching: models, tracker, falls and beds, presence.
import { Type } from "typebox";
import { SECTION, seconds } from "./schema-parts.ts";

const score = (title: string, description: string) =>
  Type.Optional(Type.Number({ title, description, minimum: 0.01, maximum: 1 }));

export const Inference = Type.Object(
  {
    provider: Type.Enum(["auto", "cpu", "webgpu", "cuda", "tensorrt"], {
      title: "Where models run",
      description:
        "auto tries what the machine has and settles on the fastest that gives the same results as the processor.",
      default: "auto",
    }),
    workers: Type.Integer({
      title: "Workers",
      description: "Threads that run models; 0 chooses by the number of cores.",
      minimum: 0,
      maximum: 64,
      default: 0,
    }),
    detector: Type.String({
      title: "Person detector",
      description:
        "A model of `haven models list`, or the path of a manifest of your own (see models/README.md); a relative path starts at this file's folder.",
      minLength: 1,
      maxLength: 500,
      default: "movenet-multipose",
    }),
    input_size: Type.Integer({
      title: "Input size",
      description:
        "Long side of the picture the detector sees, pixels; 0 chooses for each camera by the size of the people in it. 256 follows people taller than a third of the picture; 384 and more find smaller ones at two to four times the work.",
      minimum: 0,
      maximum: 1280,
      multipleOf: 32,
      default: 0,
    }),
    fps: Type.Integer({
      title: "Frames per second",
      description: "Analysed frames per second and camera. A fall takes about half a second: 10 see it well.",
      minimum: 1,
      maximum: 30,
      default: 10,
    }),
    motion_gate: Type.Boolean({
      title: "Rest when nothing moves",
      description:
        "Pictures of an empty room in which nothing moves are decoded and compared, not analysed. Never while somebody is followed or was last seen lying.",
      default: true,
    }),
    second_look: Type.Boolean({
      title: "Look again",
      description:
        "Somebody who was lost in the middle of the picture is looked for once more, closer and turned by 90 degrees.",
      default: true,
    }),
    hardware_decoding: Type.Enum(["auto", "off"], {
      title: "Hardware decoding",
      description:
        "auto tries the machine's graphics (VAAPI, CUDA) and uses them where they give the same pictures.",
      default: "auto",
    }),
    memory_limit_mb: Type.Integer({
      title: "Memory limit",
      description:
        "Megabytes the vision process may grow to before it is restarted; 0 chooses by the number of cameras.",
      minimum: 0,
      maximum: 65_536,
      default: 0,
    }),
  },
  { ...SECTION, title: "Inference" },
);

export const Tracker = Type.Object(
  {
    kind: Type.Enum(["bytetrack", "botsort"], {
      title: "Method",
      description:
        "bytetrack goes by place and movement. botsort looks at clothes too, which costs a millisecond per person and picture.",
      default: "bytetrack",
    }),
    high: score(
      "Strong detection",
      "Detections at least this confident are matched first. On the model's own scale; left out, as the model's manifest says (.2 for the default model).",
    ),
    low: score(
      "Weak detection",
      "Detections down to this keep a known person followed, in a second pass. Left out, as the model's manifest says (.1 for the default model).",
    ),
    new_track: score(
      "New person",
      "What a detection needs to be taken for somebody new. Left out, as the model's manifest says (.25 for the default model: at .2 it takes chairs for people).",
    ),
    lost_seconds: Type.Number({
      title: "Look for the lost",
      description: "Seconds somebody who vanished is looked for before the track ends.",
      minimum: 0.2,
      maximum: 30,
      default: 2,
    }),
  },
  { ...SECTION, title: "Tracker" },
);

const clockTime = (title: string, value: string) =>
  Type.String({
    title,
    description: "Local time, such as 22:30.",
    pattern: "^([01][0-9]|2[0-3]):[0-5][0-9]$",
    remedy: 'must be a time in quotes, such as "22:30"',
    default: value,
  });

const minutes = (title: string, description: string, value: number) =>
  Type.Number({ title, description, minimum: 0, maximum: 1440, default: value });

/** What the falling speed may be, body lengths per second. */
export const FALL_SPEED = { minimum: 0.4, maximum: 2, default: 0.7 } as const;

export const Adl = Type.Object(
  {
    min_ground_duration: seconds(
      "Seconds on the ground",
      "How long somebody who fell stays down before the fall is confirmed. Less alarms on kneeling and stooping.",
      { min: 0.5, max: 30, value: 2 },
    ),
    fall_speed: Type.Number({
      title: "Falling speed",
      description:
        "Descent of head and shoulders that counts as falling, body lengths per second. Less finds slower falls and alarms on lying down in haste; .65 to .8 balances the two.",
      ...FALL_SPEED,
    }),
    on_floor_after_seconds: seconds(
      "Notice on the floor",
      "Seconds somebody lies on the floor before a notice, whatever the way down.",
      { min: 5, max: 600, value: 30 },
    ),
    long_lie_after_seconds: seconds("Long lie", "Seconds on the floor before that alone is an alarm.", {
      min: 10,
      max: 3600,
      value: 60,
    }),
    bed_dwell_seconds: seconds(
      "Bed dwell",
      "Seconds somebody rests in a bed zone before being in bed, and is out of it before having left.",
      { min: 0.5, max: 60, value: 2 },
    ),
    bed_edge_after_seconds: seconds(
      "Warning on the edge of the bed",
      "Seconds somebody who was in bed sits on its edge before the warning; 0 gives none.",
      { min: 0, max: 600, value: 10 },
    ),
    night_from: clockTime("Night begins", "21:00"),
    night_until: clockTime("Night ends", "07:00"),
    inactivity_after_minutes: minutes(
      "Nobody moved",
      "Minutes in which nobody moves, although somebody is at home and not in bed at night, before a notice; 0 gives none.",
      0,
    ),
    wandering_after_minutes: minutes(
      "Wandering at night",
      "Minutes somebody is up and about within the night hours before a notice; 0 gives none.",
      20,
    ),
  },
  { ...SECTION, title: "Falls and beds" },
);

export const Presence = Type.Object(
  {
    person_timeout_seconds: seconds(
      "Person gone after",
      "Seconds without a detection before somebody has left.",
      {
        min: 0.5,
        max: 600,
        value: 2,
      },
    ),
    occupancy_hold_seconds: seconds(
      "Occupancy hold",
      "Seconds a room stays occupied after the last person was seen.",
      { min: 0, max: 3600, value: 5 },
    ),
    away_after_leaving_seconds: seconds(
      "Away after leaving",
      "Seconds without a sight of somebody who went through a door that leads outside until they count as away.",
      { min: 5, max: 3600, value: 120 },
    ),
    away_after_hours: Type.Number({
      title: "Away after hours unseen",
      description:
        "Hours nobody has seen somebody, while cameras work, until they count as away though no camera saw them leave. A night and a long morning in a room without a camera are shorter.",
      minimum: 1,
      maximum: 720,
      default: 16,
    }),
  },
  { ...SECTION, title: "Presence" },
);
