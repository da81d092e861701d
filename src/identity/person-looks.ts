// What one person looks like, as it is remembered: prototypes and running mean by cue and model, and the faces somebody said
// are not theirs. Says what of it has to be written.
import type { Millis } from "../core/clock.ts";
import { CUES, type Cue } from "../domain/tracklet.ts";
import type { WeighedVector } from "../reid/evidence.ts";
import {
  emptyMemory,
  expire,
  learn,
  type MemoryRules,
  type Prototype,
  type PrototypeMemory,
} from "../reid/prototype-memory.ts";
import { cosineToNegatives, type TrackQuery } from "../reid/scoring.ts";
import { dot, isUnit, meanDirection } from "../reid/unit-vector.ts";
import type { EmbeddingRow } from "../store/person-rows.ts";
import type { Example } from "./people.ts";

interface KeptPrototype extends Prototype {
  readonly embeddingId: string;
}

/** The mean's row, once there is one. */
interface MeanRow {
  readonly embeddingId: string;
  readonly quality: number;
  readonly capturedAt: Millis;
}

interface Remembered {
  readonly modelId: string;
  readonly memory: PrototypeMemory<KeptPrototype>;
  readonly meanRow: MeanRow | null;
}

/** A running mean that has moved, or was made; `vector` is null where it went. */
export interface MovedMean {
  readonly cue: Cue;
  readonly modelId: string;
  readonly vector: Float32Array | null;
}

/** What has to be written after something was learned or forgotten. */
export interface LooksChange {
  readonly added: readonly EmbeddingRow[];
  /** Ids. */
  readonly removed: readonly string[];
  /** Rows of running means, and which of them are new. */
  readonly means: readonly { readonly row: EmbeddingRow; readonly isNew: boolean }[];
  readonly moved: readonly MovedMean[];
}

const NOTHING: LooksChange = { added: [], removed: [], means: [], moved: [] };

export class PersonLooks {
  readonly personId: string;
  readonly #remembered = new Map<string, Remembered>();
  readonly #negatives: readonly WeighedVector[];

  /** From the person's rows, whatever their states. */
  constructor(personId: string, rows: readonly EmbeddingRow[]) {
    this.personId = personId;
    this.#negatives = rows.filter(({ state, cue }) => state === "negative" && cue === "face");
    for (const row of rows) {
      const cue = CUES.find((one) => one === row.cue);
      if (cue === undefined || (row.state !== "prototype" && row.state !== "mean") || !isUnit(row.vector))
        continue;
      const { modelId, memory, meanRow } = this.#of(cue, row.modelId);
      this.#remembered.set(
        keyOf(cue, modelId),
        row.state === "mean"
          ? { modelId, memory: { ...memory, mean: row.vector }, meanRow: row }
          : { modelId, memory: { ...memory, prototypes: [...memory.prototypes, keptFrom(row)] }, meanRow },
      );
    }
    // Clothes go with the last that were seen: a mean alone would never expire.
    for (const [key, { memory }] of [...this.#remembered])
      if (memory.cue === "appearance" && memory.prototypes.length === 0) this.#remembered.delete(key);
  }

  /** Means of prototypes that have none: somebody was enrolled, split or merged by hand. */
  missingMeans(newId: () => string): LooksChange {
    let change = NOTHING;
    for (const { modelId, memory } of [...this.#remembered.values()]) {
      if (memory.mean !== null || memory.prototypes.length === 0) continue;
      const mean = meanDirection(
        memory.prototypes.map(({ vector, quality }) => ({ vector, weight: Math.max(quality, 0.01) ** 2 })),
      );
      if (mean === null) continue;
      const newest = Math.max(...memory.prototypes.map(({ capturedAt }) => capturedAt));
      const quality = Math.max(...memory.prototypes.map((one) => one.quality));
      change = joined(
        change,
        this.#moveMean({ ...memory, mean }, modelId, { quality, capturedAt: newest, newId }),
      );
    }
    return change;
  }

  means(): readonly MovedMean[] {
    return [...this.#remembered.values()].flatMap(({ modelId, memory: { cue, mean } }) =>
      mean === null ? [] : [{ cue, modelId, vector: mean }],
    );
  }

  /** When the oldest prototype of clothes was taken; null without any. */
  oldestAppearance(): Millis | null {
    let oldest: Millis | null = null;
    for (const { memory } of this.#remembered.values())
      if (memory.cue === "appearance")
        for (const { capturedAt } of memory.prototypes)
          oldest = oldest === null ? capturedAt : Math.min(oldest, capturedAt);
    return oldest;
  }

  /** Takes an example in where it is good enough. */
  learn(example: Example, { now, rules, newId }: Learning): LooksChange {
    const { modelId, memory } = this.#of(example.cue, example.modelId);
    const kept = keptFrom({ ...example, embeddingId: newId() });
    const learned = learn(memory, kept, now, rules);
    const removed = learned.removed.map(({ embeddingId }) => embeddingId);
    if (learned.refused === "unusable" || learned.refused === "unlike") {
      if (removed.length === 0) return NOTHING;
      return joined({ ...NOTHING, removed }, this.#keep(learned.memory, modelId));
    }
    const added = learned.added.map(
      ({ embeddingId }): EmbeddingRow => ({
        ...example,
        embeddingId,
        personId: this.personId,
        state: "prototype",
      }),
    );
    const { quality, capturedAt } = example;
    return joined(
      { ...NOTHING, added, removed },
      this.#moveMean(learned.memory, modelId, { quality, capturedAt, newId }),
    );
  }

  /** Clothes that were seen too long ago go. */
  expire(now: Millis, rules: Pick<MemoryRules, "appearanceTtl">): LooksChange {
    let change = NOTHING;
    for (const { modelId, memory } of [...this.#remembered.values()]) {
      if (memory.cue !== "appearance") continue;
      const { memory: fresh, removed } = expire(memory, now, rules);
      if (removed.length === 0) continue;
      const ids = removed.map(({ embeddingId }) => embeddingId);
      change = joined(change, { ...NOTHING, removed: ids }, this.#keep(fresh, modelId));
    }
    return change;
  }

  /** The best over prototypes and running mean; null without any of this cue, model and length. */
  cosine({ cue, modelId, vector }: TrackQuery): number | null {
    const known = this.#remembered.get(keyOf(cue, modelId));
    if (known === undefined) return null;
    const { prototypes, mean } = known.memory;
    let best = mean !== null && mean.length === vector.length ? dot(vector, mean) : Number.NEGATIVE_INFINITY;
    for (const prototype of prototypes) {
      if (prototype.vector.length !== vector.length) continue;
      const cosine = dot(vector, prototype.vector);
      if (cosine > best) best = cosine;
    }
    return best === Number.NEGATIVE_INFINITY ? null : Math.max(-1, Math.min(1, best));
  }

  negative(faces: readonly WeighedVector[]): number | null {
    return this.#negatives.length === 0 ? null : cosineToNegatives(faces, this.#negatives);
  }

  #of(cue: Cue, modelId: string): Remembered {
    return this.#remembered.get(keyOf(cue, modelId)) ?? { modelId, memory: emptyMemory(cue), meanRow: null };
  }

  /** Remembers what is left; where nothing is, the mean's row goes too. */
  #keep(memory: PrototypeMemory<KeptPrototype>, modelId: string): LooksChange {
    const { meanRow } = this.#of(memory.cue, modelId);
    const key = keyOf(memory.cue, modelId);
    if (memory.mean === null) {
      this.#remembered.delete(key);
      const removed = meanRow === null ? [] : [meanRow.embeddingId];
      return { ...NOTHING, removed, moved: [{ cue: memory.cue, modelId, vector: null }] };
    }
    this.#remembered.set(key, { modelId, memory, meanRow });
    return NOTHING;
  }

  #moveMean(
    memory: PrototypeMemory<KeptPrototype>,
    modelId: string,
    { quality, capturedAt, newId }: { quality: number; capturedAt: Millis; newId: () => string },
  ): LooksChange {
    const { cue, mean } = memory;
    if (mean === null) return this.#keep(memory, modelId);
    const known = this.#of(cue, modelId).meanRow;
    const meanRow: MeanRow = {
      embeddingId: known?.embeddingId ?? newId(),
      quality: Math.max(known?.quality ?? 0, quality),
      capturedAt: Math.max(known?.capturedAt ?? capturedAt, capturedAt),
    };
    this.#remembered.set(keyOf(cue, modelId), { modelId, memory, meanRow });
    const row: EmbeddingRow = {
      ...meanRow,
      personId: this.personId,
      cue,
      modelId,
      state: "mean",
      vector: mean,
      facing: null,
      source: "sighting",
      cameraId: null,
      trackletId: null,
      picture: null,
    };
    return {
      ...NOTHING,
      means: [{ row, isNew: known === null }],
      moved: [{ cue, modelId, vector: mean }],
    };
  }
}

export interface Learning {
  readonly now: Millis;
  readonly rules: MemoryRules;
  readonly newId: () => string;
}

function keyOf(cue: Cue, modelId: string): string {
  return `${cue} ${modelId}`;
}

/** Pictures are written and not remembered. */
function keptFrom(row: Omit<EmbeddingRow, "personId" | "cue" | "state">): KeptPrototype {
  const { embeddingId, modelId, vector, quality, facing, capturedAt } = row;
  const source = row.source === "photo" ? "photo" : "sighting";
  return { embeddingId, modelId, vector, quality, facing, source, capturedAt };
}

function joined(...changes: readonly LooksChange[]): LooksChange {
  return {
    added: changes.flatMap((change) => change.added),
    removed: changes.flatMap((change) => change.removed),
    means: changes.flatMap((change) => change.means),
    moved: changes.flatMap((change) => change.moved),
  };
}
