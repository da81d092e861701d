// The promise of the outbox, held against crashes at every step, outages of every kind and a failing disk, at random:
// nothing that was stored is lost, and never do two copies of one event both pass for new.
import { describe, expect, it } from "vitest";
import { AlarmService } from "../../src/alarms/alarm-service.ts";
import { Outbox, type OutboxMessage, type Sender } from "../../src/alarms/outbox.ts";
import { type Clock, ManualClock } from "../../src/core/clock.ts";
import { AppError } from "../../src/core/errors.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { EventRecorder } from "../../src/history/event-recorder.ts";
import { migrate } from "../../src/store/migrations.ts";
import { type Durability, type Parameters, type Query, Sqlite } from "../../src/store/sqlite.ts";
import { IN_MEMORY, Store } from "../../src/store/store.ts";
import { fall } from "../support/event-drafts.ts";
import { SETTINGS } from "../support/recording-rig.ts";
import { randomFrom } from "../support/seeded-random.ts";

const SEEDS = Number(process.env.CRASH_SEEDS ?? 60);

/** One run of the daemon: when it has crashed, nothing it does has an effect any more. */
class Life {
  readonly stop = new AbortController();
  dead = false;

  die(): never {
    this.dead = true;
    this.stop.abort();
    throw new Error("crash");
  }
}

/** What chance may do at a step. */
interface Fate {
  life: Life;
  random: () => number;
  /** Chances, 0..1, of a crash before or after a step, and of a write that fails. */
  crash: number;
  failure: number;
}

/**
 * The disk, which outlives every crash: whatever was committed is on it. A power cut takes what was not secured against
 * one: what was written since the last commit that waited for the disk.
 */
class FatefulSqlite extends Sqlite {
  readonly #fate: Fate;
  #unsecured: (() => void)[] = [];

  constructor(fate: Fate) {
    super(IN_MEMORY, 0);
    this.#fate = fate;
  }

  #step<T>(action: () => T, isWrite: boolean): T {
    const { life, random, crash, failure } = this.#fate;
    if (life.dead) throw new Error("crash");
    if (random() < crash) life.die();
    if (isWrite && random() < failure) throw new AppError("store.unavailable", "the disk is full; make room");
    const result = action();
    if (random() < crash) life.die();
    return result;
  }

  override prepare<Row>(sql: string): Query<Row> {
    const query = super.prepare<Row>(sql);
    const isWrite = !sql.trimStart().startsWith("SELECT");
    return {
      all: (parameters) => this.#step(() => query.all(parameters), false),
      get: (parameters) => this.#step(() => query.get(parameters), false),
      run: (parameters) => {
        const undo = this.#undo(sql, parameters);
        const changes = this.#step(() => query.run(parameters), isWrite);
        this.#unsecured.push(undo);
        return changes;
      },
    };
  }

  /** What a power cut does to a mark in the outbox. Events themselves are only ever written in secured commits. */
  #undo(sql: string, parameters: Parameters | undefined): () => void {
    const column = /^UPDATE outbox SET (attempts|delivered_at)/.exec(sql)?.[1];
    if (column === undefined) return () => {};
    const key = parameters?.outboxId === undefined ? "event_id = :eventId" : "outbox_id = :outboxId";
    const { eventId, outboxId } = parameters ?? {};
    const row = eventId === undefined ? { outboxId: outboxId ?? null } : { eventId };
    const before = super
      .prepare<{ value: number | null }>(`SELECT ${column} AS value FROM outbox WHERE ${key}`)
      .get(row);
    return () =>
      super
        .prepare(`UPDATE outbox SET ${column} = :value WHERE ${key}`)
        .run({ ...row, value: before?.value ?? null });
  }

  cutPower(): void {
    for (const undo of this.#unsecured.splice(0).reverse()) undo();
  }

  override transaction<T>(work: () => T, durability: Durability): T {
    const result = super.transaction(work, durability);
    if (durability === "power") this.#unsecured = [];
    // Committed, but whoever asked for it never learns of it.
    if (!this.#fate.life.dead && this.#fate.random() < this.#fate.crash) this.#fate.life.die();
    return result;
  }
}

class Broker {
  readonly got: OutboxMessage[] = [];
  readonly #fate: Fate;

  constructor(fate: Fate) {
    this.#fate = fate;
  }

  /** The sender of one life. */
  connect(life: Life, calm: boolean): Sender {
    const { random, crash } = this.#fate;
    return {
      isReady: () => calm || random() < 0.8,
      send: async (message) => {
        if (life.dead) throw new Error("crash");
        if (random() < crash) life.die();
        const chance = calm ? 1 : random();
        if (chance < 0.1) return "not_sent";
        if (chance < 0.2) throw new Error("lost on the way there");
        this.got.push(message);
        if (random() < crash) life.die();
        if (chance < 0.3) throw new Error("lost on the way back");
        if (chance < 0.35) return new Promise(() => {});
        return "delivered";
      },
    };
  }
}

async function quiet(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

interface Outcome {
  readonly recorded: readonly string[];
  readonly stored: readonly string[];
  readonly got: readonly OutboxMessage[];
  readonly crashes: number;
  readonly pending: number;
}

async function simulate(
  seed: number,
  chances: { crash: number; failure: number; cut: number },
): Promise<Outcome> {
  const random = randomFrom(seed);
  const fate: Fate = { life: new Life(), random, crash: 0, failure: 0 };
  const clock = new ManualClock(1_000_000_000);
  const db = new FatefulSqlite(fate);
  db.pragma("foreign_keys = ON");
  migrate(db, clock, silentLogger);
  const broker = new Broker(fate);
  const recorded: string[] = [];
  let crashes = 0;
  let trackId = 0;

  const live = async (steps: number, calm: boolean): Promise<void> => {
    const life = new Life();
    Object.assign(fate, { life, crash: 0, failure: 0 });
    const store = new Store(db);
    // The timers of the dead do not ring.
    const own: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      schedule: (delay, task) => clock.schedule(delay, () => life.dead || task()),
    };
    const options = { store, clock: own, log: silentLogger, random };
    const outbox = new Outbox(options);
    const alarms = new AlarmService({
      ...options,
      settings: SETTINGS,
      record: (draft) => recorder.record(draft),
      judge: ({ kind }) => ({ raises: kind === "fall_confirmed", held: false, test: false }),
    });
    const recorder: EventRecorder = new EventRecorder({
      ...options,
      react: (event) => ({ ...alarms.react(event), state: [] }),
      deliveries: outbox,
      announce: () => {},
    });
    await alarms.start();
    if (!calm) Object.assign(fate, { crash: chances.crash, failure: chances.failure });
    const delivering = outbox
      .deliver(broker.connect(life, calm), life.stop.signal)
      .catch((error: unknown) => {
        if (!life.dead) throw error;
      });
    for (let step = 0; step < steps && !life.dead; step += 1) {
      const choice = random();
      if (choice < 0.5 && !calm) {
        trackId += 1;
        try {
          const { eventId } = recorder.record(fall("fall_confirmed", { trackId, groundAtS: trackId * 100 }));
          if (!life.dead) recorded.push(eventId);
        } catch (error) {
          if (!life.dead) throw error;
        }
      } else if (choice < 0.9) {
        try {
          clock.advance(random() * (choice < 0.6 ? 20_000 : 2000));
        } catch (error) {
          if (!life.dead) throw error;
        }
      } else if (choice < 0.95 || calm) {
        outbox.retryNow();
      } else {
        // Somebody sets the clock: by days, either way.
        clock.jumpTo(Math.max(1_000_000, clock.now() + (random() - 0.5) * 4 * 86_400_000));
      }
      await quiet();
    }
    if (life.dead) crashes += 1;
    else life.stop.abort();
    await delivering;
    life.dead = true;
  };

  for (let count = 0; count < 4; count += 1) {
    await live(6, false);
    if (chances.cut > 0 && random() < chances.cut) db.cutPower();
    // Between two runs the clock may stand, run, or be set back.
    clock.advance(random() < 0.5 ? 0 : random() * 15_000);
    if (random() < 0.2) clock.jumpTo(clock.now() - 60_000);
  }
  await live(60, true);
  fate.life = new Life();
  const stored = db
    .prepare<{ id: string }>("SELECT event_id AS id FROM outbox ORDER BY outbox_id")
    .all()
    .map(({ id }) => id);
  const pending = new Store(db).outbox.pending();
  db[Symbol.dispose]();
  return { recorded, stored, got: broker.got, crashes, pending };
}

const copies = (got: readonly OutboxMessage[], id: string) => got.filter(({ event }) => event.eventId === id);

function neverTwiceAsNews(seed: number, { got }: Outcome): void {
  for (const id of new Set(got.map(({ event }) => event.eventId))) {
    const all = copies(got, id);
    expect(all.filter(({ late }) => !late).length, `seed ${seed}, event ${id}`).toBeLessThanOrEqual(1);
  }
}

describe("whatever crashes, fails or is cut off", () => {
  it(`loses no stored event, keeps their order and never repeats one as news (${SEEDS} random lives)`, async () => {
    let crashes = 0;
    let repeats = 0;
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const outcome = await simulate(seed, { crash: 0.03, failure: 0, cut: 0 });
      const { stored, got, recorded, pending } = outcome;
      crashes += outcome.crashes;
      repeats += got.length - new Set(got.map(({ event }) => event.eventId)).size;
      neverTwiceAsNews(seed, outcome);
      for (const id of stored) {
        // A copy that says it is late is never followed by one that does not.
        const [, ...repeated] = copies(got, id);
        expect(
          repeated.every(({ late }) => late),
          `seed ${seed}, ${id}`,
        ).toBe(true);
      }
      expect(pending, `seed ${seed}`).toBe(0);
      expect(stored, `seed ${seed}`).toEqual(expect.arrayContaining([...recorded]));
      const first = [...new Set(got.map(({ event }) => event.eventId))];
      expect(first, `seed ${seed}`).toEqual(stored);
    }
    // The accidents did happen.
    expect(crashes).toBeGreaterThan(SEEDS);
    expect(repeats).toBeGreaterThan(SEEDS / 4);
  });

  it(`does so when every crash is a power cut (${SEEDS} random lives)`, async () => {
    let repeats = 0;
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const outcome = await simulate(seed, { crash: 0.03, failure: 0, cut: 1 });
      neverTwiceAsNews(seed, outcome);
      expect(outcome.pending, `seed ${seed}`).toBe(0);
      const first = [...new Set(outcome.got.map(({ event }) => event.eventId))];
      expect(first, `seed ${seed}`).toEqual(outcome.stored);
      repeats += outcome.got.length - first.length;
    }
    // The cuts did cost marks.
    expect(repeats).toBeGreaterThan(SEEDS / 2);
  });

  it(`does so while the disk fails now and then, without crashes (${SEEDS} random lives)`, async () => {
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const outcome = await simulate(seed, { crash: 0, failure: 0.2, cut: 0 });
      neverTwiceAsNews(seed, outcome);
      for (const id of outcome.stored) expect(copies(outcome.got, id), `seed ${seed}, ${id}`).not.toEqual([]);
    }
  });

  it(`does so while everything fails at once (${SEEDS} random lives)`, async () => {
    for (let seed = 0; seed < SEEDS; seed += 1) {
      const outcome = await simulate(seed, { crash: 0.02, failure: 0.1, cut: 0.5 });
      neverTwiceAsNews(seed, outcome);
      for (const id of outcome.stored) expect(copies(outcome.got, id), `seed ${seed}, ${id}`).not.toEqual([]);
    }
  });
});
