// The database: opened, checked and brought to the current schema here and nowhere else. One connection, one writer; a
// transaction is one fact with all that follows from it. Nothing async inside.
import { closeSync, existsSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../core/clock.ts";
import { AppError, messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { AlarmClipRepository } from "./alarm-clip-repository.ts";
import { AlarmRepository } from "./alarm-repository.ts";
import { AuditRepository } from "./audit-repository.ts";
import { EmbeddingRepository } from "./embedding-repository.ts";
import { EventOwnerRepository } from "./event-owner-repository.ts";
import { EventRepository } from "./event-repository.ts";
import { migrate, refuseForeign } from "./migrations.ts";
import { ObservationRepository } from "./observation-repository.ts";
import { OutboxRepository } from "./outbox-repository.ts";
import { PersonFiguresRepository } from "./person-figures-repository.ts";
import { PersonRepository } from "./person-repository.ts";
import { ReviewRepository } from "./review-repository.ts";
import { type Durability, Sqlite } from "./sqlite.ts";
import { damaged } from "./sqlite-errors.ts";
import { StateRepository } from "./state-repository.ts";
import { TrackletRepository } from "./tracklet-repository.ts";
import { loadVectorSearch, VectorIndex } from "./vector-index.ts";

/** Not a file: for tests and for analyses that keep nothing. */
export const IN_MEMORY = ":memory:";

/** While starting there is time: a backup may just be running. */
const OPEN_TIMEOUT_MS = 5000;
/** Afterwards the wait for a lock holds up everything else in the daemon; who writes tries again later. */
const BUSY_TIMEOUT_MS = 200;

/** The check reads the whole file: 3 s per GB from memory, up to a minute per GB from an SD card. */
const CHECK_UP_TO_BYTES = 256 * 1024 * 1024;

/** Writing a file of this size anew takes about half a second. */
const REWRITE_UP_TO_BYTES = 64 * 1024 * 1024;

export interface StoreOptions {
  /** A file, made with its folder when missing; or IN_MEMORY. */
  readonly path: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Another library for the search among vectors than the one that comes with sqlite-vec. */
  readonly vectorLibrary?: string;
}

export interface StoreSize {
  /** What lies on the disk, the write-ahead log included. */
  readonly fileBytes: number;
  /** Of it what rows and indexes take up. */
  readonly usedBytes: number;
  /** Of it what deleted rows left behind, for new ones. */
  readonly freeBytes: number;
}

export class Store implements Disposable {
  readonly events: EventRepository;
  readonly eventOwners: EventOwnerRepository;
  readonly observations: ObservationRepository;
  readonly alarms: AlarmRepository;
  readonly alarmClips: AlarmClipRepository;
  readonly state: StateRepository;
  readonly outbox: OutboxRepository;
  readonly persons: PersonRepository;
  readonly personFigures: PersonFiguresRepository;
  readonly embeddings: EmbeddingRepository;
  readonly tracklets: TrackletRepository;
  readonly reviews: ReviewRepository;
  readonly audit: AuditRepository;
  readonly #db: Sqlite;

  /** `vectorSearch`: whether sqlite-vec is loaded in this connection. */
  constructor(db: Sqlite, vectorSearch = false) {
    this.#db = db;
    this.events = new EventRepository(db);
    this.eventOwners = new EventOwnerRepository(db);
    this.observations = new ObservationRepository(db);
    this.alarms = new AlarmRepository(db);
    this.alarmClips = new AlarmClipRepository(db);
    this.state = new StateRepository(db);
    this.outbox = new OutboxRepository(db);
    this.embeddings = new EmbeddingRepository(db, new VectorIndex(db, vectorSearch));
    this.persons = new PersonRepository(db, this.embeddings);
    this.personFigures = new PersonFiguresRepository(db);
    this.tracklets = new TrackletRepository(db);
    this.reviews = new ReviewRepository(db);
    this.audit = new AuditRepository(db);
  }

  /**
   * All of `work` or nothing of it. `durability` says what the commit must survive. Throws AppError store.unavailable
   * (locked, disk full: later it may work), store.unusable (damaged) or internal, and whatever `work` throws.
   */
  transaction<T>(work: () => T, durability: Durability): T {
    return this.#db.transaction(work, durability);
  }

  size(): StoreSize {
    const pageBytes = Number(this.#db.pragma("page_size"));
    const pages = Number(this.#db.pragma("page_count"));
    const free = Number(this.#db.pragma("freelist_count"));
    const log = statSync(`${this.#db.path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
    return {
      fileBytes: pages * pageBytes + log,
      usedBytes: (pages - free) * pageBytes,
      freeBytes: free * pageBytes,
    };
  }

  /** Gives up to `bytes` of the space that deleted rows left back to the disk. */
  releaseSpace(bytes: number): void {
    const pages = Math.max(1, Math.floor(bytes / Number(this.#db.pragma("page_size"))));
    this.#db.execute(`PRAGMA incremental_vacuum(${pages})`);
  }

  /**
   * What was deleted until now is in none of the database's files afterwards: not in the write-ahead log either. False
   * when somebody else is just reading: to be tried again. Once somebody was forgotten the file is written anew (about
   * 120 MB a second from an SSD): SQLite leaves copies of rows behind where it moved them from one page to another, of
   * about one name in two hundred. A large file only for somebody who had a name. Throws AppError store.*.
   */
  eraseDeleted(): boolean {
    const whose = this.persons.unerased();
    if (!this.#db.checkpoint()) return false;
    if (whose === "nobody" || (whose === "unnamed" && this.size().fileBytes > REWRITE_UP_TO_BYTES)) {
      this.persons.noteErased();
      return true;
    }
    this.#db.execute("VACUUM");
    if (!this.#db.checkpoint()) return false;
    this.persons.noteErased();
    return true;
  }

  [Symbol.dispose](): void {
    this.#db[Symbol.dispose]();
  }
}

/** Throws AppError store.newer, store.unusable or store.unavailable; a file that is refused is left as it is. */
export function openStore({ path, clock, log, vectorLibrary }: StoreOptions): Store {
  if (path !== IN_MEMORY) prepareFile(path);
  const db = new Sqlite(path, OPEN_TIMEOUT_MS);
  try {
    refuseForeign(db);
    check(db, log);
    // Takes effect on a new file only: freed pages can be given back a few at a time.
    db.pragma("auto_vacuum = INCREMENTAL");
    db.pragma("journal_mode = WAL");
    db.pragma("synchronous = NORMAL");
    db.pragma("foreign_keys = ON");
    // Kibibytes: the means of 10,000 faces are 5 MB, which are read for each search among them.
    db.pragma("cache_size = -16384");
    // Zeros over what is deleted: somebody who is forgotten is not to be found in free pages.
    db.pragma("secure_delete = ON");
    migrate(db, clock, log);
    const store = new Store(db, loadVectorSearch(db, log, vectorLibrary));
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return store;
  } catch (error) {
    db[Symbol.dispose]();
    throw error;
  }
}

/** Who was where is nobody else's business: a new file is its owner's alone. */
function prepareFile(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  } catch (error) {
    throw new AppError(
      "store.unusable",
      `the database ${path} cannot be opened (${messageOf(error)}); choose a folder that can be written to`,
      { cause: error },
    );
  }
}

function check(db: Sqlite, log: Logger): void {
  const bytes = Number(db.pragma("page_size")) * Number(db.pragma("page_count"));
  if (bytes > CHECK_UP_TO_BYTES) {
    log.info({ bytes }, "the database is too large to be checked at the start");
    return;
  }
  const finding = db.pragma("quick_check(1)");
  if (finding !== "ok") throw damaged(db.path, String(finding));
}
