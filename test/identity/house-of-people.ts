// A house for identity: the real service on people in memory, tracklets made of vectors whose cosines are known.
import { ManualClock, type Millis } from "../../src/core/clock.ts";
import { type Logger, silentLogger } from "../../src/core/logger.ts";
import type { Camera } from "../../src/domain/camera.ts";
import type { EventDraft } from "../../src/domain/events.ts";
import type { Box } from "../../src/domain/geometry.ts";
import type { TrackIdentity } from "../../src/domain/identity.ts";
import type { FrameObservation } from "../../src/domain/track.ts";
import type { FaceSample, Facing, Tracklet, TrackletSample } from "../../src/domain/tracklet.ts";
import { IdentityService } from "../../src/identity/identity-service.ts";
import type { IdentitySettings } from "../../src/identity/identity-settings.ts";
import type { People } from "../../src/identity/people.ts";
import type { NewReview } from "../../src/identity/questions.ts";
import { randomFrom } from "../support/seeded-random.ts";

export const FACE_MODEL = "sface";
/** Not the shipped one: compared as it is. */
export const CLOTHES_MODEL = "clothes";
export const START = Date.UTC(2026, 10, 20, 9);

export const SETTINGS: IdentitySettings = {
  rules: {
    face: true,
    gait: true,
    appearance: true,
    gaitThreshold: 0.7,
    appearanceThreshold: 0.5,
    unknownBelow: 0.4,
    trackletFrames: 5,
    minHeightPx: 80,
  },
  models: { face: { accept: 0.42, margin: 0.08 }, appearance: { accept: 0.6, margin: 0.15 } },
  travel: { travelSeconds: 1, travel: [] },
  keepPictures: true,
};

export function camera(id: string, more: Partial<Camera> = {}): Camera {
  return {
    id,
    name: id,
    area: null,
    source: `${id}.mp4`,
    substream: null,
    transport: "auto",
    enabled: true,
    privacy: false,
    zones: [],
    overlaps: [],
    ...more,
  };
}

export interface House extends AsyncDisposable {
  readonly service: IdentityService;
  readonly people: People;
  readonly events: EventDraft[];
  readonly identities: TrackIdentity[];
  readonly reviews: NewReview[];
  readonly state: Map<string, unknown>;
  readonly clock: ManualClock;
}

export interface HouseOptions {
  readonly cameras?: readonly Camera[];
  readonly settings?: IdentitySettings;
  readonly people: People;
  readonly absorb: (visitorId: string, personId: string, at: Millis) => void;
  readonly state?: Map<string, unknown>;
  /** What is logged; nowhere when left out. */
  readonly log?: Logger;
}

export async function openHouse(options: HouseOptions): Promise<House> {
  const { people, absorb, state = new Map<string, unknown>() } = options;
  const clock = new ManualClock(START);
  const events: EventDraft[] = [];
  const identities: TrackIdentity[] = [];
  const reviews: NewReview[] = [];
  const service = new IdentityService({
    clock,
    log: options.log ?? silentLogger,
    people,
    settings: options.settings ?? SETTINGS,
    cameras: options.cameras ?? [camera("hall"), camera("kitchen")],
    record: (draft) => events.push(draft),
    onIdentity: (identity) => identities.push(identity),
    reviews: {
      isOpen: (personId, candidateId) =>
        reviews.some((one) => one.personId === personId && one.candidateId === candidateId),
      open: (review) => reviews.push(review),
    },
    // As the database would have it: what is read back is another object.
    state: {
      get: (key) => structuredClone(state.get(key) ?? null),
      set: (key, value) => state.set(key, structuredClone(value)),
    },
    absorb,
  });
  await service.start();
  return {
    service,
    people,
    events,
    identities,
    reviews,
    state,
    clock,
    [Symbol.asyncDispose]: () => service.stop(),
  };
}

export interface Looks {
  readonly face?: Float32Array | null;
  readonly clothes?: Float32Array | null;
  readonly facing?: Facing;
  readonly quality?: number;
  readonly reference?: boolean;
}

/** A checkpoint of a track, seen from `fromS` to `toS` seconds after the start; every look is one sample. */
export function tracklet(
  cameraId: string,
  trackId: number,
  looks: readonly Looks[],
  more: Partial<Tracklet> & { readonly fromS?: number; readonly toS?: number } = {},
): Tracklet {
  const { fromS = 0, toS = fromS + 5, ...rest } = more;
  return {
    cameraId,
    trackId,
    checkpoint: 0,
    ended: false,
    firstSeenAt: START + fromS * 1000,
    lastSeenAt: START + toS * 1000,
    frames: 50,
    widthPx: 80,
    heightPx: 250,
    upright: null,
    samples: looks.map((look, index) => sample(look, toS - index * 0.4)),
    gait: null,
    ...rest,
  };
}

function sample(look: Looks, atS: number): TrackletSample {
  const { face = null, clothes = null, facing = "front", quality = 0.9, reference = true } = look;
  const described: FaceSample | null =
    face === null ? null : { modelId: FACE_MODEL, embedding: face, quality, widthPx: 60, reference };
  return {
    capturedAt: START + atS * 1000,
    mediaTimeS: atS,
    box: boxAt(0.5),
    quality,
    facing,
    face: described,
    appearance: clothes === null ? null : { modelId: CLOTHES_MODEL, descriptor: clothes },
    picture: new Uint8Array([1, 2, 3]),
  };
}

export function boxAt(x: number): Box {
  return { x1: x - 0.05, y1: 0.2, x2: x + 0.05, y2: 0.8 };
}

/** One frame in which these tracks are detected, each at its place from left (0) to right (1). */
export function frame(
  cameraId: string,
  atS: number,
  places: Readonly<Record<number, number | "ended">>,
): FrameObservation {
  return {
    stamp: { cameraId, sequence: Math.round(atS * 10), capturedAt: START + atS * 1000, mediaTimeS: atS },
    aspect: 16 / 9,
    tracks: Object.entries(places).map(([id, place]) => ({
      id: Number(id),
      state: place === "ended" ? "ended" : "confirmed",
      box: boxAt(place === "ended" ? 0.5 : place),
      confidence: 0.9,
      pose: null,
      detected: place !== "ended",
      firstSeenS: 0,
      lastSeenS: atS,
    })),
  };
}

/** Dimensions of the made-up faces and clothes. */
const LENGTH = 128;

/** The same for the same name; of two names nearly orthogonal. */
export function direction(name: string): Float32Array {
  const random = randomFrom(
    [...name].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), 7),
  );
  // Sums of three: nearly normal, so that no direction is preferred.
  const vector = new Float32Array(LENGTH).map(() => random() + random() + random() - 1.5);
  return unit(vector);
}

/** A unit vector whose cosine to `to` is `cosine`; what else is in it is `name`'s own. */
export function like(to: Float32Array, cosine: number, name: string): Float32Array {
  const other = direction(name);
  const along = dot(other, to);
  const across = unit(other.map((value, at) => value - along * (to[at] ?? 0)));
  const rest = Math.sqrt(1 - cosine * cosine);
  return unit(to.map((value, at) => cosine * value + rest * (across[at] ?? 0)));
}

export function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** Several looks of one face: each `cosine` like it, and different from one another. */
export function faces(face: Float32Array, count = 3, cosine = 0.9, name = "look"): Looks[] {
  return Array.from({ length: count }, (_, index) => ({ face: like(face, cosine, `${name}${index}`) }));
}
