// Everybody who is known, whichever camera sees them: those of late in memory, all in the database. The only writer of
// persons, prototypes and tracklets; what comes in by itself is written together every few seconds, a new person at once.
import type { Clock, Millis } from "../core/clock.ts";
import { AppError, isAppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import { type Person, visitorLabel } from "../domain/person.ts";
import type { TrackEvidence } from "../reid/evidence.ts";
import type { MemoryRules } from "../reid/prototype-memory.ts";
import type { AuditRow, EmbeddingRow, PersonSizeRow, TrackletRow } from "../store/person-rows.ts";
import type { Store } from "../store/store.ts";
import { searchGallery } from "./gallery-search.ts";
import { GalleryWrites } from "./gallery-writes.ts";
import { LooksMemory } from "./looks-memory.ts";
import type { Example, Likeness, NewPerson, People, Scope, Sighting } from "./people.ts";
import { type LooksChange, PersonLooks } from "./person-looks.ts";
import { newPersonRow, PersonRegister } from "./person-register.ts";
import { chosenForMemory, settleMeans } from "./stored-looks.ts";

export interface GallerySettings {
  readonly memory: MemoryRules;
  /** False: no picture is written, and those that are stored go. */
  readonly keepPictures: boolean;
}

export interface GalleryOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly settings: GallerySettings;
  /** How often what waits is written. Seconds. */
  readonly syncS: number;
  /** Persons whose looks are kept in memory, beside those who are seen and those whose clothes are remembered. */
  readonly inMemory?: number;
}

const IN_MEMORY = 2000;
/** Seen within this, somebody stays in memory whatever the number. */
const ACTIVE_MS: Millis = 30_000;
/** A second of pictures to delete would be a second in which nothing else is done. */
const PICTURES_AT_ONCE = 200;
/** Persons whose looks are read with one statement. */
const READ_AT_ONCE = 200;
/** Tracklets that are remembered for noticing that they change their person. */
const TAKEN = 5000;

export class Gallery implements People, Service {
  readonly #options: GalleryOptions;
  #settings: GallerySettings;
  readonly #register = new PersonRegister();
  readonly #memory = new LooksMemory();
  readonly #writes: GalleryWrites;
  readonly #most: number;
  /** Whom each tracklet that was told of lately is taken for. */
  readonly #taken = new Map<string, string | null>();
  readonly #listeners = new Set<() => void>();
  #timer: Disposable | null = null;
  #isAltering = false;
  /** When the first clothes in memory expire. */
  #nextExpiry: Millis = Number.POSITIVE_INFINITY;
  #isFailing = false;
  /** Pictures were deleted that may still be in the write-ahead log. */
  #hasToErase = false;

  constructor(options: GalleryOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#most = options.inMemory ?? IN_MEMORY;
    this.#writes = new GalleryWrites(options.store);
  }

  async start(): Promise<void> {
    this.load();
    // Somebody was forgotten just before the last end.
    this.#hasToErase = this.#options.store.persons.unerased() !== "nobody";
    this.#schedule();
  }

  /** Whatever waits is written; what cannot be is lost, and said. */
  async stop(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    this.#sync();
  }

  configure(settings: GallerySettings): void {
    this.#settings = settings;
  }

  /** Reads everybody, and the looks of those seen last; what waits is let go. Throws AppError store.*. */
  load(): void {
    const { store } = this.#options;
    this.#register.clear();
    this.#memory.clear();
    this.#writes.clear();
    this.#taken.clear();
    const sizes = new Map<string, PersonSizeRow[]>();
    for (const size of store.persons.allSizes()) {
      const own = sizes.get(size.personId) ?? [];
      own.push(size);
      sizes.set(size.personId, own);
    }
    for (const row of store.persons.all()) this.#register.put(row, sizes.get(row.personId) ?? []);
    this.#fillMemory();
    this.#tell();
  }

  person(id: string): Person | null {
    return this.#register.person(id);
  }

  persons(): readonly Person[] {
    return this.#register.persons();
  }

  search(evidence: TrackEvidence, scope: Scope, limit: number): readonly Likeness[] {
    const { store, clock } = this.#options;
    const options = {
      memory: this.#memory,
      store,
      isAllInMemory: this.#memory.size >= this.#register.activeCount,
      row: (id: string) => (this.#register.isActive(id) ? this.#register.row(id) : null),
      rules: this.#settings.memory,
      now: clock.now(),
    };
    this.#expire(options.now);
    try {
      return searchGallery(evidence, scope, limit, options);
    } catch (error) {
      if (!isAppError(error)) throw error;
      this.#fail(error);
      return searchGallery(evidence, scope, limit, { ...options, isAllInMemory: true });
    }
  }

  create(draft: NewPerson): Person {
    const { store } = this.#options;
    const id = `p_${newId(draft.at).toLowerCase()}`;
    const row = store.transaction(() => {
      const made = newPersonRow(id, visitorLabel(store.persons.nextLabelNumber()), draft);
      store.persons.save(made);
      return made;
    }, "process");
    this.#register.put(row, []);
    this.#memory.put(new PersonLooks(row.personId, []));
    this.#tell();
    const person = this.#register.person(row.personId);
    if (person === null) throw new AppError("internal", "a new person was not taken into the gallery");
    return person;
  }

  learn(personId: string, examples: readonly Example[]): void {
    const looks = this.#looksOf(personId);
    if (looks === null) return;
    const { clock } = this.#options;
    const now = clock.now();
    const { memory: rules, keepPictures } = this.#settings;
    for (const example of examples) {
      const picture = keepPictures ? example.picture : null;
      const change = looks.learn({ ...example, picture }, { now, rules, newId: () => newId(now) });
      this.#follow(looks.personId, change);
    }
  }

  seen(personId: string, sighting: Sighting): void {
    const id = this.#register.living(personId);
    if (id === null) return;
    this.#looksOf(id);
    this.#register.seen(id, sighting);
  }

  putTracklet(row: TrackletRow): void {
    if (![row.firstAt, row.lastAt, row.frames, row.quality].every(Number.isFinite)) return;
    const personId = row.personId === null ? null : this.#register.living(row.personId);
    const before = this.#taken.get(row.trackletId);
    this.#taken.delete(row.trackletId);
    this.#taken.set(row.trackletId, personId);
    const [oldest] = this.#taken.keys();
    if (this.#taken.size > TAKEN && oldest !== undefined) this.#taken.delete(oldest);
    if (!this.#writes.putTracklet(row)) this.#options.log.debug("the oldest tracklet that waited was let go");
    if (before !== undefined && before !== personId) this.#tryToFlush();
  }

  flush(): void {
    const now = this.#options.clock.now();
    this.#expire(now);
    const changes = this.#register.takeChanges();
    try {
      this.#writes.write(changes, {
        now,
        appearanceTtl: this.#settings.memory.appearanceTtl,
        living: (id) => this.#register.living(id),
      });
    } catch (error) {
      this.#register.giveBack(changes);
      throw error;
    }
  }

  alter<T>(
    persons: readonly string[],
    change: () => { readonly result: T; readonly audit: AuditRow | null },
  ): T {
    const { store } = this.#options;
    if (this.#isAltering) throw new AppError("internal", "a change by hand was begun within another one");
    this.flush();
    const concerned = persons.flatMap((id) => this.#register.related(id));
    this.#isAltering = true;
    try {
      return store.transaction(() => {
        const { result, audit } = change();
        if (audit !== null) store.audit.insert(audit);
        settleMeans(store, [...concerned, ...this.#strangers()], this.#options.clock.now());
        return result;
      }, "power");
    } finally {
      this.#isAltering = false;
      this.#readAnew(concerned);
      this.#tell();
    }
  }

  embeddings(personId: string): readonly EmbeddingRow[] {
    const id = this.#register.living(personId);
    if (id === null) return [];
    return this.#writes.overlay(id, this.#options.store.embeddings.ofPerson(id));
  }

  onChange(listener: () => void): Disposable {
    // Of its own each time: the same function may be given twice.
    const entry = () => listener();
    this.#listeners.add(entry);
    return { [Symbol.dispose]: () => this.#listeners.delete(entry) };
  }

  #fillMemory(): void {
    const { store, clock } = this.#options;
    const { appearanceTtl } = this.#settings.memory;
    const dressed = new Set(store.embeddings.personsWith("appearance", clock.now() - appearanceTtl));
    const chosen = chosenForMemory(this.#register.persons(), this.#most, dressed);
    for (let from = 0; from < chosen.length; from += READ_AT_ONCE) {
      const rows = store.embeddings.looksOfMany(chosen.slice(from, from + READ_AT_ONCE));
      for (const [id, own] of rows) this.#remember(new PersonLooks(id, own));
    }
  }

  #remember(looks: PersonLooks): void {
    const now = this.#options.clock.now();
    this.#memory.put(looks);
    this.#follow(
      looks.personId,
      looks.missingMeans(() => newId(now)),
    );
    this.#noteExpiry(looks);
  }

  /** Null for somebody who is not looked for, or when the database cannot be read. */
  #looksOf(personId: string): PersonLooks | null {
    const id = this.#register.living(personId);
    if (id === null || !this.#register.isActive(id)) return null;
    this.#memory.touch(id);
    const known = this.#memory.get(id);
    if (known !== null) return known;
    try {
      this.#remember(new PersonLooks(id, this.#options.store.embeddings.looksOf(id)));
    } catch (error) {
      this.#fail(error);
    }
    return this.#memory.get(id);
  }

  #follow(personId: string, change: LooksChange): void {
    this.#writes.takeIn(change);
    this.#memory.follow(personId, change.moved);
    const looks = this.#memory.get(personId);
    if (looks !== null) this.#noteExpiry(looks);
  }

  #noteExpiry(looks: PersonLooks): void {
    const oldest = looks.oldestAppearance();
    if (oldest !== null)
      this.#nextExpiry = Math.min(this.#nextExpiry, oldest + this.#settings.memory.appearanceTtl);
  }

  /** Clothes go out of memory when their time is up, not when somebody next looks. */
  #expire(now: Millis): void {
    if (now < this.#nextExpiry) return;
    this.#nextExpiry = Number.POSITIVE_INFINITY;
    for (const looks of [...this.#memory.values()])
      this.#follow(looks.personId, looks.expire(now, this.#settings.memory));
  }

  /** Ids that the database knows and the memory does not, and the other way round: made and forgotten by hand. */
  #strangers(): string[] {
    const stored = new Set(this.#options.store.persons.ids());
    return [
      ...[...stored].filter((id) => this.#register.row(id) === null),
      ...[...this.#register.ids()].filter((id) => !stored.has(id)),
    ];
  }

  #readAnew(ids: readonly string[]): void {
    try {
      this.#read(ids);
    } catch (error) {
      this.#fail(error);
    }
  }

  #read(ids: readonly string[]): void {
    const { store } = this.#options;
    const all = new Set([...ids.flatMap((id) => [id, ...store.persons.line(id)]), ...this.#strangers()]);
    for (const id of all) {
      this.#memory.delete(id);
      const row = store.persons.find(id);
      if (row === null) this.#register.delete(id);
      else this.#register.put(row, store.persons.sizes(id));
    }
    for (const id of all) this.#looksOf(id);
  }

  #schedule(): void {
    const { clock, syncS } = this.#options;
    this.#timer = clock.schedule(syncS * 1000, () => {
      this.#sync();
      this.#schedule();
    });
  }

  #sync(): void {
    const { store, clock } = this.#options;
    const now = clock.now();
    if (!this.#tryToFlush()) return;
    this.#memory.shrink(this.#most, (looks) => this.#mustStay(looks, now));
    try {
      if (!this.#settings.keepPictures && store.embeddings.deletePictures(PICTURES_AT_ONCE) > 0)
        this.#hasToErase = true;
      // Pictures that are not to be kept are not kept in the log of the database either.
      if (this.#hasToErase) this.#hasToErase = !store.eraseDeleted();
    } catch (error) {
      this.#fail(error);
    }
  }

  #mustStay(looks: PersonLooks, now: Millis): boolean {
    const lastSeenAt = this.#register.row(looks.personId)?.lastSeenAt ?? null;
    return looks.oldestAppearance() !== null || (lastSeenAt !== null && now - lastSeenAt <= ACTIVE_MS);
  }

  #tryToFlush(): boolean {
    try {
      this.flush();
    } catch (error) {
      this.#fail(error);
      return false;
    }
    if (this.#isFailing) this.#options.log.info("what was learned about persons is written again");
    this.#isFailing = false;
    return true;
  }

  /** Locked or full: everything waits. Anything else will not get better by waiting: what is in the database counts. */
  #fail(error: unknown): void {
    const { log } = this.#options;
    if (isAppError(error, "store.unavailable") || isAppError(error, "store.unusable")) {
      if (!this.#isFailing)
        log.warn({ err: error }, "what was learned about persons cannot be written for now; it is kept");
      this.#isFailing = true;
      return;
    }
    log.error({ err: error }, "what was learned about persons in the last seconds could not be written");
    try {
      this.load();
    } catch (worse) {
      log.error({ err: worse }, "persons cannot be read");
    }
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        this.#options.log.error({ err: error }, "a listener of the gallery failed");
      }
    }
  }
}
