// A camera and its zones as they stand in haven.yaml.
import { type Static, Type } from "typebox";
import { TRANSPORTS } from "../domain/camera.ts";
import { ZONE_KINDS } from "../domain/zone.ts";

/** Ids become MQTT topics, entity ids and parts of URLs: nothing that any of them would have to escape. */
const SLUG = "^[a-z0-9_-]{1,64}$";
const SLUG_REMEDY = 'may hold only small letters, digits, "_" and "-", such as "living_room"';

/** rtsp(s) and http(s) addresses, or anything without a scheme: the path of a file. */
const SOURCE = "^((rtsps?|https?)://.+|(?![A-Za-z][A-Za-z0-9+.-]*://).+)$";

export const SOURCE_REMEDY = "give an rtsp://, http(s):// address or a file";

const Corner = Type.Unsafe<readonly [number, number]>(
  Type.Array(Type.Number({ minimum: 0, maximum: 1 }), {
    minItems: 2,
    maxItems: 2,
    remedy: "must be a pair [x, y], each a share of the picture from 0 to 1",
  }),
);

export const ZoneSchema = Type.Object(
  {
    id: Type.Optional(
      Type.String({
        title: "Id",
        description: "Stays the same when the zone is renamed. Made from the name when left out.",
        pattern: SLUG,
        remedy: SLUG_REMEDY,
      }),
    ),
    name: Type.String({ title: "Name", description: "As people call it.", minLength: 1, maxLength: 80 }),
    kind: Type.Enum(ZONE_KINDS, {
      title: "Kind",
      description:
        "bed and sofa: lying there is no fall. bed: getting in and out is told. ignore: nothing that happens there counts.",
    }),
    leads_to: Type.Optional(
      Type.String({
        title: "Leads to",
        description:
          'Of a door: the room behind it that no camera watches, such as Bathroom, or "outside". Time behind it is counted per day.',
        minLength: 1,
        maxLength: 80,
      }),
    ),
    polygon: Type.Array(Corner, {
      title: "Corners",
      description: "Corners [x, y] as shares of the picture, from its left and top edge.",
      minItems: 3,
      maxItems: 64,
      remedy: "needs at least 3 corners [x, y]",
    }),
  },
  { additionalProperties: false },
);

const HeightMarkSchema = Type.Object(
  {
    foot: Corner,
    head: Corner,
    metres: Type.Number({ title: "Height in metres", minimum: 0.3, maximum: 4 }),
  },
  { additionalProperties: false },
);

export const CameraSchema = Type.Object(
  {
    id: Type.String({
      title: "Id",
      description: "Part of MQTT topics and entity ids; never changes.",
      pattern: SLUG,
      remedy: SLUG_REMEDY,
    }),
    name: Type.Optional(
      Type.String({
        title: "Name",
        description: "As people call it; the id when left out.",
        minLength: 1,
        maxLength: 80,
      }),
    ),
    area: Type.Optional(
      Type.String({
        title: "Area",
        description: "Home Assistant's area, that is the room.",
        minLength: 1,
        maxLength: 80,
      }),
    ),
    source: Type.String({
      title: "Address",
      description:
        "An rtsp://, http(s):// address or a file; a relative path starts at this file's folder. Passwords are better taken from the environment, see interpolation in the README.",
      pattern: SOURCE,
      writeOnly: true,
      remedy: SOURCE_REMEDY,
    }),
    substream: Type.Optional(
      Type.String({
        title: "Small stream",
        description:
          "The address of the same camera's small stream, if it has one. Haven then watches that, which costs far less, and the other only while the small one cannot be opened.",
        pattern: SOURCE,
        writeOnly: true,
        remedy: SOURCE_REMEDY,
      }),
    ),
    transport: Type.Enum(TRANSPORTS, {
      title: "Transport",
      description:
        "How an RTSP camera sends its pictures. auto: over TCP, where nothing gets lost, and over UDP if the camera refuses TCP.",
      default: "auto",
    }),
    enabled: Type.Boolean({
      title: "Enabled",
      description: "Off: the camera is left alone.",
      default: true,
    }),
    privacy: Type.Boolean({
      title: "Privacy",
      description: "On: the stream is closed and nothing is looked at until it is off again.",
      default: false,
    }),
    zones: Type.Array(ZoneSchema, { title: "Zones", maxItems: 32, default: [] }),
    overlaps: Type.Array(Type.String({ pattern: SLUG, remedy: SLUG_REMEDY }), {
      title: "Sees the same place as",
      description:
        "Ids of cameras that see some of the same floor: a fall seen by both is one alarm, and each makes up for what the other misses.",
      maxItems: 16,
      uniqueItems: true,
      default: [],
    }),
    region: Type.Optional(
      Type.String({
        title: "Region",
        description:
          "Only persons of this region, and those of none, are looked for here. Left out: everybody is.",
        minLength: 1,
        maxLength: 80,
      }),
    ),
    height_marks: Type.Optional(
      Type.Array(HeightMarkSchema, {
        title: "Heights",
        description:
          "Two upright things of known height on the same floor, one near and one far, such as door frames: they tell how tall people are.",
        minItems: 2,
        maxItems: 2,
        remedy: "takes exactly two marks, one near and one far",
      }),
    ),
  },
  { additionalProperties: false },
);

export type CameraEntry = Static<typeof CameraSchema>;
export type HeightMarkEntry = Static<typeof HeightMarkSchema>;
export type ZoneEntry = Static<typeof ZoneSchema>;
