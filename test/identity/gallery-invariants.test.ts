import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { randomNumbers } from "../../src/bench/random-numbers.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { Cue } from "../../src/domain/tracklet.ts";
import { EVERYWHERE } from "../../src/identity/people.ts";
import { Sqlite } from "../../src/store/sqlite.ts";
import { loadVectorSearch } from "../../src/store/vector-index.ts";
import { at, direction, evidenceOf, example, GalleryRig, trackletRow } from "./gallery-rig.ts";

const LENGTHS: Readonly<Record<Cue, number>> = { face: 32, gait: 12, appearance: 24 };

/** A household at random: people come, are learned, seen, merged, archived and forgotten, and the daemon starts anew. */
class RandomLife {
  readonly path: string;
  readonly #random: () => number;
  #rig: GalleryRig;
  /** Who was told of, and what became of it: an id, or null once forgotten. */
  readonly told = new Map<string, string | null>();
  readonly labels = new Set<string>();
  #tracklets = 0;

  constructor(path: string, seed: number) {
    this.path = path;
    this.#random = randomNumbers(seed * 104_729 + 1);
    this.#rig = new GalleryRig(path, { inMemory: 6 });
  }

  get rig(): GalleryRig {
    return this.#rig;
  }

  step(): void {
    const { gallery, clock } = this.#rig;
    clock.advance(this.#below(120_000));
    const steps: readonly (() => void)[] = [
      () => {
        const region = this.#below(3) === 0 ? "north" : null;
        const { id, label } = gallery.create({
          kind: "visitor",
          at: clock.now(),
          scope: { region, clientId: null },
        });
        expect(this.labels.has(label)).toBe(false);
        this.labels.add(label);
        this.told.set(id, id);
      },
      () => this.#learn(),
      () => this.#learn(),
      () => this.#see(),
      () => gallery.flush(),
      () => this.#merge(),
      () => this.#setAside(),
      () => this.#archive(),
      () => this.#forget(),
      () => this.#restart(),
      () => this.#forgetClothes(),
      () => this.#failing(),
    ];
    const weights = [3, 4, 4, 4, 3, 1, 1, 0.5, 1, 1, 0.5, 0.5];
    let left = this.#random() * weights.reduce((sum, weight) => sum + weight, 0);
    const chosen = weights.findIndex((weight) => {
      left -= weight;
      return left < 0;
    });
    steps[chosen]?.();
  }

  #learn(): void {
    const id = this.#anybody();
    if (id === null) return;
    const cue = (["face", "face", "gait", "appearance"] as const)[this.#below(4)] ?? "face";
    const seed = [...this.told.keys()].indexOf(id) + 1;
    const vector = at(0.6 + this.#random() * 0.39, direction(seed, LENGTHS[cue]), this.#below(10_000));
    const picture = this.#below(2) === 0 ? new Uint8Array([1, 2, 3]) : null;
    const { gallery, clock } = this.#rig;
    gallery.learn(id, [example(vector, { cue, picture, capturedAt: clock.now(), quality: this.#random() })]);
  }

  #see(): void {
    const id = this.#anybody();
    if (id === null) return;
    const { gallery, clock } = this.#rig;
    const trackletId = `t${this.#below(5) === 0 ? this.#tracklets : ++this.#tracklets}`;
    const cameraId = this.#below(2) === 0 ? "hall" : "kitchen";
    const size = { trackletId, widthPx: 100, heightPx: 200 + this.#below(50) };
    gallery.seen(id, { cameraId, at: clock.now(), size, heightM: 1.7 });
    gallery.putTracklet(
      trackletRow(trackletId, {
        cameraId,
        firstAt: clock.now(),
        lastAt: clock.now(),
        personId: this.#below(4) === 0 ? null : id,
      }),
    );
  }

  #merge(): void {
    const [loser, winner] = [this.#living(), this.#living()];
    if (loser === null || winner === null || loser === winner) return;
    const { gallery, store } = this.#rig;
    gallery.alter([loser, winner], () => {
      for (const row of store.embeddings.looksOf(loser))
        if (row.state !== "mean") store.embeddings.setPerson(row.embeddingId, winner);
      store.persons.deleteSizes(loser);
      const row = store.persons.find(loser);
      if (row !== null) store.persons.save({ ...row, status: "merged", mergedInto: winner });
      return { result: null, audit: null };
    });
    for (const [id, living] of this.told) if (living === loser) this.told.set(id, winner);
  }

  #setAside(): void {
    const id = this.#living();
    if (id === null) return;
    const { gallery, store } = this.#rig;
    gallery.alter([id], () => {
      const rows = store.embeddings.looksOf(id).filter(({ state }) => state !== "mean");
      const row = rows[this.#below(rows.length)];
      const state = (["prototype", "set_aside", "negative"] as const)[this.#below(3)] ?? "prototype";
      if (row !== undefined) store.embeddings.setState(row.embeddingId, state);
      return { result: null, audit: null };
    });
  }

  #archive(): void {
    const id = this.#living();
    if (id === null) return;
    const { gallery, store } = this.#rig;
    gallery.alter([id], () => {
      const row = store.persons.find(id);
      const status = row?.status === "archived" ? "active" : "archived";
      if (row !== null) store.persons.save({ ...row, status });
      return { result: null, audit: null };
    });
  }

  #forget(): void {
    const id = this.#living();
    if (id === null) return;
    const { gallery, store } = this.#rig;
    gallery.alter([id], () => ({ result: store.persons.forget(id), audit: null }));
    for (const [told, living] of this.told) if (living === id) this.told.set(told, null);
    expect(store.eraseDeleted()).toBe(true);
  }

  #forgetClothes(): void {
    this.#rig.clock.advance(3_600_000);
    this.#rig.gallery.flush();
  }

  #failing(): void {
    const id = this.#living();
    if (id === null) return;
    const { gallery, store } = this.#rig;
    expect(() =>
      gallery.alter([id], () => {
        store.persons.forget(id);
        throw new Error("not after all");
      }),
    ).toThrow("not after all");
  }

  /** Written before, or killed: then what was not written is not there. */
  #restart(): void {
    const { clock, gallery } = this.#rig;
    if (this.#below(2) === 0) gallery.flush();
    this.#rig[Symbol.dispose]();
    this.#rig = new GalleryRig(this.path, { inMemory: this.#below(12), now: clock.now() });
  }

  /** An id that was told once, whatever became of it. */
  #anybody(): string | null {
    return [...this.told.keys()][this.#below(this.told.size)] ?? null;
  }

  #living(): string | null {
    const living = [...new Set(this.told.values())].filter((id) => id !== null);
    return living[this.#below(living.length)] ?? null;
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

function expectInvariants(life: RandomLife): void {
  const { gallery } = life.rig;
  gallery.flush();
  for (const [id, living] of life.told) expect(gallery.person(id)?.id ?? null).toBe(living);
  using db = new Sqlite(life.path, 1000);
  expect(loadVectorSearch(db, silentLogger)).toBe(true);
  const column = (sql: string) =>
    db
      .prepare<{ readonly it: string | number }>(sql)
      .all()
      .map(({ it }) => it);
  expect(db.prepare("PRAGMA foreign_key_check").all()).toEqual([]);
  expect(db.pragma("integrity_check")).toBe("ok");
  expect(
    column(
      "SELECT embedding_id AS it FROM embeddings LEFT JOIN persons p USING (person_id) WHERE p.label IS NULL",
    ),
  ).toEqual([]);
  // The index holds the means of active persons, each in its table and no other.
  for (const row of db
    .prepare<{
      readonly no: number;
      readonly cue: string;
      readonly modelId: string;
      readonly dimensions: number;
    }>("SELECT index_no AS no, cue, model_id AS modelId, dimensions FROM vector_indexes")
    .all()) {
    const indexed = column(`SELECT rowid AS it FROM vectors_${row.no} ORDER BY rowid`);
    const means = column(`SELECT embedding_no AS it FROM embeddings JOIN persons p USING (person_id)
      WHERE state = 'mean' AND cue = '${row.cue}' AND length(vector) = ${row.dimensions * 4} AND p.status = 'active' ORDER BY 1`);
    expect(indexed).toEqual(means);
  }
  // Whoever has a prototype has a mean, or would never be found in the database.
  expect(
    column(`SELECT e.person_id AS it FROM embeddings e JOIN persons p USING (person_id)
      WHERE e.state = 'prototype' AND p.status = 'active' AND NOT EXISTS (SELECT 1 FROM embeddings m
        WHERE m.person_id = e.person_id AND m.cue = e.cue AND m.model_id = e.model_id AND m.state = 'mean')`),
  ).toEqual([]);
  expect(
    column(`SELECT person_id || cue AS it FROM embeddings WHERE state = 'prototype'
      GROUP BY person_id, cue, model_id HAVING count(*) > 40`),
  ).toEqual([]);
  const actives = gallery.persons().map(({ id }) => id);
  expect([...actives].sort()).toEqual(
    column("SELECT person_id AS it FROM persons WHERE status = 'active' ORDER BY 1"),
  );
  // What the memory says is what a gallery says that has only just read the database.
  using fresh = new GalleryRig(life.path, { inMemory: 0, now: life.rig.clock.now() });
  expect(fresh.gallery.persons()).toEqual(gallery.persons());
  const question = evidenceOf({
    face: [direction(1)],
    gait: [direction(2, 12)],
    appearance: [direction(3, 24)],
  });
  const answers = ({ gallery: one }: GalleryRig) =>
    [...one.search(question, EVERYWHERE, 100)]
      .map(({ personId, scores }) => [
        personId,
        Object.entries(scores)
          .map(([cue, score]) => `${cue} ${score.toFixed(4)}`)
          .sort(),
      ])
      .sort();
  expect(answers(fresh)).toEqual(answers(life.rig));
}

const lives = Number(process.env.HAVEN_LIVES ?? 6);

it.each(Array.from({ length: lives }, (_, index) => index + 1))(
  "whatever happens to a household's people, memory, database and index agree (life %i)",
  (seed) => {
    const folder = mkdtempSync(join(tmpdir(), "haven-lives-"));
    const life = new RandomLife(join(folder, "haven.db"), seed);
    try {
      for (let step = 1; step <= 150; step += 1) {
        life.step();
        if (step % 30 === 0) expectInvariants(life);
      }
      expect(life.told.size).toBeGreaterThan(5);
    } finally {
      life.rig[Symbol.dispose]();
      rmSync(folder, { recursive: true });
    }
  },
  30_000,
);
