// Persons on a real database with everything that hangs on them, for what people do to identities. Faces are made up:
// directions that have nothing to do with one another, and a little noise.
import { ManualClock } from "../../src/core/clock.ts";
import { AppError } from "../../src/core/errors.ts";
import { newId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { Cue, PhotoDescription } from "../../src/domain/tracklet.ts";
import type { AdminContext, AdminSettings } from "../../src/identity/admin-context.ts";
import type { Correction, LiveTracks } from "../../src/identity/correction.ts";
import type { UploadedPhoto } from "../../src/identity/enrolment.ts";
import { Gallery } from "../../src/identity/gallery.ts";
import type { Example } from "../../src/identity/people.ts";
import { PersonAdmin } from "../../src/identity/person-admin.ts";
import { toUnit } from "../../src/reid/unit-vector.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { randomFrom } from "../support/seeded-random.ts";

export const MODEL = "made-up-faces";
const LENGTH = 64;
export const START = 1_700_000_000_000;
export const DAY_MS = 86_400_000;
export const HOUR_MS = 3_600_000;
/** A visit that is told of ends now. */
const VISIT_MS = 10_000;

/** One direction for each seed. */
export function faceOf(seed: number): Float32Array {
  const random = randomFrom(seed * 7919 + 1);
  const gaussian = () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
  return toUnit(Float32Array.from({ length: LENGTH }, gaussian)) ?? new Float32Array(LENGTH);
}

/** Another picture of it: about .8 like it. */
export function faceLike(face: Float32Array, seed: number, noise = 0.75): Float32Array {
  const other = faceOf(100_000 + seed);
  return toUnit(face.map((value, at) => value + noise * (other[at] ?? 0))) ?? face;
}

/** Stands for the tracks that are followed right now: remembers what it was told. */
export class HeardTracks implements LiveTracks {
  readonly corrections: Correction[] = [];
  readonly looks = new Map<string, readonly Example[]>();

  correct(correction: Correction): void {
    this.corrections.push(correction);
  }

  examples(trackletId: string): readonly Example[] {
    return this.looks.get(trackletId) ?? [];
  }
}

export interface Visit {
  readonly cameraId?: string;
  readonly trackId?: number;
  readonly firstAt?: number;
  readonly lastAt?: number;
  readonly faces?: readonly Float32Array[];
  readonly clothes?: readonly Float32Array[];
  readonly heightPx?: number;
}

export class Household implements Disposable {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly gallery: Gallery;
  readonly live = new HeardTracks();
  readonly admin: PersonAdmin;
  readonly context: AdminContext;
  settings: AdminSettings = { faceThreshold: 0.42, visitorDays: 90, keepPictures: true };
  #trackId = 0;

  constructor(path: string, clock = new ManualClock(START)) {
    this.clock = clock;
    const parts = { clock, log: silentLogger };
    this.store = openStore({ path, ...parts });
    this.gallery = new Gallery({
      ...parts,
      store: this.store,
      settings: {
        memory: { limit: 10, blend: 0.3, acceptFace: 0.42, appearanceTtl: HOUR_MS },
        keepPictures: true,
      },
      syncS: 5,
    });
    this.gallery.load();
    this.context = {
      ...parts,
      people: this.gallery,
      store: this.store,
      live: this.live,
      describePhoto: async (photo) => described(photo),
      settings: () => this.settings,
    };
    this.admin = new PersonAdmin(this.context);
  }

  /** A visitor's entry with a first visit. */
  visitor(seed: number, visit: Visit = {}): { personId: string; trackletId: string } {
    const at = visit.firstAt ?? this.clock.now() - VISIT_MS;
    const { id } = this.gallery.create({ kind: "visitor", at });
    const faces = visit.faces ?? [0, 1, 2].map((shot) => faceLike(faceOf(seed), seed * 100 + shot));
    return { personId: id, trackletId: this.visit(id, { ...visit, faces }) };
  }

  /** Somebody known comes again; answers the tracklet. Everything is in the database afterwards. */
  visit(personId: string, visit: Visit = {}): string {
    const firstAt = visit.firstAt ?? this.clock.now() - VISIT_MS;
    const lastAt = visit.lastAt ?? firstAt + VISIT_MS;
    const cameraId = visit.cameraId ?? "hall";
    this.#trackId += 1;
    const trackId = visit.trackId ?? this.#trackId;
    const trackletId = newId(lastAt);
    const example = (cue: Cue) => (vector: Float32Array, index: number) => ({
      cue,
      modelId: cue === "face" ? MODEL : "made-up-clothes",
      vector,
      quality: 0.8 - index / 100,
      facing: cue === "face" ? null : "front",
      source: "sighting" as const,
      cameraId,
      trackletId,
      capturedAt: firstAt + index * 1000,
      picture: cue === "face" ? pictureOf(vector) : null,
    });
    this.gallery.seen(personId, {
      cameraId,
      at: lastAt,
      size: { trackletId, widthPx: 100, heightPx: visit.heightPx ?? 250 },
      heightM: 1.7,
    });
    this.gallery.learn(personId, [
      ...(visit.faces ?? []).map(example("face")),
      ...(visit.clothes ?? []).map(example("appearance")),
    ]);
    this.gallery.putTracklet({
      trackletId,
      cameraId,
      trackId,
      area: null,
      firstAt,
      lastAt,
      frames: 50,
      quality: 0.8,
      personId,
      cue: "face",
      confidence: 0.9,
      decision: JSON.stringify({ outcome: "matched", personId }),
    });
    this.gallery.flush();
    this.event(personId, { cameraId, trackId, at: firstAt });
    return trackletId;
  }

  /** Something that happened to somebody's track. */
  event(
    personId: string,
    { cameraId, trackId, at }: { cameraId: string; trackId: number; at: number },
  ): string {
    const eventId = newId(at);
    const person = this.gallery.person(personId);
    this.store.events.insert(
      {
        eventId,
        kind: "person_in",
        cameraId,
        area: null,
        zone: null,
        trackId,
        personId,
        personName: person?.name ?? person?.label ?? null,
        identityCue: "face",
        capturedAt: at,
        mediaTimeS: null,
        confidence: 0.9,
        evidence: {},
      },
      { severity: 0, recordedAt: at },
    );
    return eventId;
  }

  /** A question about a tracklet that is taken for somebody. */
  question(personId: string | null, candidateId: string, trackletId: string | null): string {
    const reviewId = newId(this.clock.now());
    const open = { answer: null, answeredAt: null, answeredBy: null };
    const about = { trackletId, personId, candidateId, cue: "face", score: 0.4, decision: "{}" };
    this.store.reviews.save({ reviewId, createdAt: this.clock.now(), ...about, ...open });
    return reviewId;
  }

  /**
   * Everything that is stored of persons, the audit left out, and the means of clothes: those go as soon as nobody is looked
   * for by them, and are made anew.
   */
  rows(): object {
    const { persons, embeddings, tracklets, reviews, events } = this.store;
    const all = persons.all();
    const byId = (key: string) => (a: object, b: object) =>
      String(Reflect.get(a, key)) < String(Reflect.get(b, key)) ? -1 : 1;
    const filter = { kinds: null, cameraId: null, personId: null, since: null, until: null, before: null };
    return {
      persons: all,
      sizes: persons.allSizes(),
      embeddings: all
        .flatMap(({ personId }) => embeddings.ofPerson(personId))
        .filter(({ cue, state }) => cue !== "appearance" || state !== "mean")
        .sort(byId("embeddingId")),
      tracklets: tracklets.recent(10_000).sort(byId("trackletId")),
      events: events.list({ ...filter, limit: 10_000 }),
      reviews: [...reviews.list("open", 1000), ...reviews.list("answered", 1000)].sort(byId("reviewId")),
    };
  }

  likest(face: Float32Array): string | null {
    const evidence = {
      faces: [{ modelId: MODEL, vector: face, quality: 0.9, reference: true }],
      appearances: [],
      gait: null,
      frames: 10,
      heightPx: 200,
    };
    const found = this.gallery.search(evidence, { region: null, clientId: null }, 5);
    const [best] = found
      .filter(({ scores }) => (scores.face ?? -1) >= 0.42)
      .sort((a, b) => (b.scores.face ?? -1) - (a.scores.face ?? -1));
    return best?.personId ?? null;
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}

export function pictureOf(vector: Float32Array): Uint8Array {
  const bytes = new Uint8Array(200);
  bytes.set([0xff, 0xd8, 0xff, 0xe0]);
  bytes.set(new Uint8Array(vector.buffer, vector.byteOffset, 160), 4);
  return bytes;
}

/** A photo on the wire of this test: the faces in it as numbers. */
export function photoOf(...faces: readonly Float32Array[]): UploadedPhoto {
  return { bytes: new TextEncoder().encode(JSON.stringify(faces.map((face) => [...face]))), box: null };
}

function described(photo: Uint8Array): PhotoDescription {
  let faces: number[][];
  try {
    faces = JSON.parse(new TextDecoder().decode(photo)) as number[][];
  } catch {
    throw new AppError("input.invalid", "this is not a picture; send a JPEG, PNG or WebP");
  }
  return {
    width: 800,
    height: 600,
    faces: faces.map((numbers, index) => ({
      box: { x1: 0.2 * index, y1: 0.2, x2: 0.2 * index + 0.15, y2: 0.4 },
      confidence: 0.95,
      sample: {
        modelId: MODEL,
        embedding: Float32Array.from(numbers),
        quality: 0.9,
        widthPx: 120,
        reference: true,
      },
      problems: [],
      picture: pictureOf(Float32Array.from(numbers)),
    })),
  };
}
