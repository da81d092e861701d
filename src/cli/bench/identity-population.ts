// People for the identity benchmark: made up, but like real ones in what makes them hard to tell apart: groups of look-alikes,
// and each of whom no two pictures are the same.
import { randomNumbers } from "../../bench/random-numbers.ts";
import type { Cue } from "../../domain/tracklet.ts";
import type { TrackEvidence } from "../../reid/evidence.ts";
import { toUnit } from "../../reid/unit-vector.ts";
import type { EmbeddingRow, PersonRow } from "../../store/person-rows.ts";
import type { Store } from "../../store/store.ts";

/** As the default models give them: SFace, Haven's own gait, the stripes of the appearance model. */
export const LENGTHS: Readonly<Record<Cue, number>> = { face: 128, gait: 23, appearance: 384 };
export const MODEL = "bench";
/** As many of whom each looks like all others: 10,000 persons are 200 groups of 50. */
const LOOKALIKES = 50;
/**
 * A person is this much of the group and the rest their own, a picture this much of the person: two pictures of one person are
 * then about .72 alike, of two in a group .36, of others 0.
 */
const OF_GROUP = 0.7;
const OF_PERSON = 0.85;

export interface PopulationOptions {
  readonly persons: number;
  readonly prototypes: number;
  readonly cues: readonly Cue[];
  /** Persons are spread over these; none: no regions. */
  readonly regions: readonly string[];
  readonly at: number;
}

/** One person's picture of one cue: `picture` 0 is the running mean, the others are prototypes and what comes later. */
export function picture(person: number, cue: Cue, number: number): Float32Array {
  const own = ownLook(person, cue);
  return number === 0 ? own : mixed(own, noise(`p${person}n${number}`, cue), OF_PERSON);
}

/** The one that was asked for last: a person's pictures are made one after another. */
let latest: { readonly key: string; readonly look: Float32Array } | null = null;

function ownLook(person: number, cue: Cue): Float32Array {
  const key = `p${person}${cue}`;
  if (latest?.key === key) return latest.look;
  const group = noise(`g${Math.floor(person / LOOKALIKES)}`, cue);
  const look = mixed(group, noise(key, cue), OF_GROUP);
  latest = { key, look };
  return look;
}

export function personIdOf(person: number): string {
  return `p_${String(person).padStart(8, "0")}`;
}

/** Writes everybody; some thousand rows in each transaction. */
export function fillStore(store: Store, options: PopulationOptions): void {
  const { persons, regions, at } = options;
  const atOnce = 500;
  for (let from = 0; from < persons; from += atOnce) {
    store.transaction(() => {
      for (let person = from; person < Math.min(persons, from + atOnce); person += 1) {
        const region = regions.length === 0 ? null : (regions[person % regions.length] ?? null);
        store.persons.save(personRow(person, region, at));
        for (const row of embeddingRows(person, options)) store.embeddings.insert(row);
      }
    }, "process");
  }
}

/** What a track of somebody shows: four faces, four crops, one walk, of those cues that are asked for. */
export function trackOf(person: number, cues: readonly Cue[], number: number): TrackEvidence {
  const several = (cue: Cue) =>
    cues.includes(cue)
      ? [0, 1, 2, 3].map((at) => ({
          modelId: MODEL,
          vector: picture(person, cue, 1000 + number * 4 + at),
          quality: 0.8,
        }))
      : [];
  return {
    faces: several("face").map((face) => ({ ...face, reference: true })),
    appearances: several("appearance").map((crop, at) => ({
      ...crop,
      facing: (["front", "back", "left", "right"] as const)[at] ?? null,
    })),
    gait: several("gait")[0] ?? null,
    frames: 30,
    heightPx: 300,
  };
}

function personRow(person: number, region: string | null, at: number): PersonRow {
  return {
    personId: personIdOf(person),
    name: null,
    label: `Visitor-${person}`,
    kind: "visitor",
    status: "active",
    mergedInto: null,
    region,
    clientId: null,
    description: null,
    createdAt: at,
    firstSeenAt: at,
    lastSeenAt: at,
    lastCameraId: "hall",
    visits: 1,
    heightM: null,
    heightCount: 0,
    consentBy: null,
    consentAt: null,
    retentionDays: null,
  };
}

function embeddingRows(person: number, { prototypes, cues, at }: PopulationOptions): EmbeddingRow[] {
  return cues.flatMap((cue) =>
    Array.from(
      { length: prototypes + 1 },
      (_, number): EmbeddingRow => ({
        embeddingId: `${person}-${cue}-${number}`,
        personId: personIdOf(person),
        cue,
        modelId: MODEL,
        state: number === 0 ? "mean" : "prototype",
        vector: picture(person, cue, number),
        quality: 0.8,
        facing: null,
        source: "sighting",
        cameraId: number === 0 ? null : "hall",
        trackletId: null,
        capturedAt: at,
        picture: null,
      }),
    ),
  );
}

function noise(name: string, cue: Cue): Float32Array {
  let seed = 2_166_136_261;
  for (const character of `${name}${cue}`) seed = Math.imul(seed ^ character.charCodeAt(0), 16_777_619);
  const random = randomNumbers(seed);
  for (let skip = 0; skip < 4; skip += 1) random();
  const vector = new Float32Array(LENGTHS[cue]);
  for (let at = 0; at < vector.length; at += 1) vector[at] = random() - 0.5;
  return toUnit(vector) ?? vector;
}

/** Of unit length: `share` of the one, and as much of the other as is left. */
function mixed(one: Float32Array, other: Float32Array, share: number): Float32Array {
  const rest = Math.sqrt(1 - share ** 2);
  const sum = one.map((value, at) => value * share + (other[at] ?? 0) * rest);
  return toUnit(sum) ?? sum;
}
