import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Outbox, type OutboxMessage, type Sender } from "../../src/alarms/outbox.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { newId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { HavenEvent } from "../../src/domain/events.ts";
import { Sqlite } from "../../src/store/sqlite.ts";
import { IN_MEMORY, openStore, type Store } from "../../src/store/store.ts";
import { fall } from "../support/event-drafts.ts";

type Answer = "delivered" | "not_sent" | "rejected" | "hangs";

/** The far side: answers as told, one answer a message, then confirms. */
class Receiver implements Sender {
  readonly got: OutboxMessage[] = [];
  ready = true;
  answers: Answer[] = [];

  isReady(): boolean {
    return this.ready;
  }

  async send(message: OutboxMessage): Promise<"delivered" | "not_sent"> {
    const answer = this.answers.shift() ?? "delivered";
    if (answer === "not_sent") return "not_sent";
    this.got.push(message);
    if (answer === "rejected") throw new Error("connection lost");
    if (answer === "hangs") return new Promise(() => {});
    return "delivered";
  }

  /** As `id late? age`. */
  get seen(): string[] {
    return this.got.map(({ event, late, ageS }) => `${event.eventId}${late ? " late" : ""} ${ageS}`);
  }
}

let folder: string;
let clock: ManualClock;
let store: Store;
let receiver: Receiver;
let stop: AbortController;
let running: Promise<void>[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-outbox-"));
  clock = new ManualClock(1_000_000);
  store = openStore({ path: IN_MEMORY, clock, log: silentLogger });
  receiver = new Receiver();
  stop = new AbortController();
  running = [];
});

afterEach(async () => {
  stop.abort();
  await Promise.all(running);
  store[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

function begin(): Outbox {
  const outbox = new Outbox({ store, clock, log: silentLogger, random: () => 0 });
  running.push(outbox.deliver(receiver, stop.signal));
  return outbox;
}

/** The daemon ends and starts again: what it knew in memory is gone. */
async function restart(): Promise<Outbox> {
  stop.abort();
  await Promise.all(running);
  stop = new AbortController();
  return begin();
}

function put(outbox: Outbox | null, eventId: string): HavenEvent {
  const event: HavenEvent = { eventId, ...fall("fall_confirmed") };
  store.transaction(() => {
    store.events.insert(event, { severity: 3, recordedAt: clock.now() });
    store.outbox.insert({ eventId, createdAt: clock.now(), attempts: 0, deliveredAt: null });
  }, "power");
  outbox?.committed([eventId]);
  return event;
}

/** Everything that can happen without time passing has happened. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await quiet();
}

describe("a message", () => {
  it("leaves the moment it is committed, complete and as news", async () => {
    const outbox = begin();
    await quiet();
    const event = put(outbox, "a");
    await vi.waitFor(() => expect(receiver.got).toEqual([{ event, late: false, ageS: 0 }]));
    await quiet();
    expect(outbox.pending()).toBe(0);
  });

  it("is sent again, and says that it is late, when nobody confirmed it", async () => {
    receiver.answers = ["rejected", "rejected"];
    const outbox = begin();
    put(outbox, "a");
    await quiet();
    await pass(250);
    await pass(499);
    expect(receiver.seen).toEqual(["a 0", "a late 0.25"]);
    await pass(1);
    expect(receiver.seen).toEqual(["a 0", "a late 0.25", "a late 0.75"]);
    await pass(60_000);
    expect(receiver.got).toHaveLength(3);
    expect(outbox.pending()).toBe(0);
  });

  it("is still news after a short outage in which it cannot have left", async () => {
    receiver.ready = false;
    const outbox = begin();
    put(outbox, "a");
    await pass(3000);
    receiver.ready = true;
    receiver.answers = ["not_sent"];
    await pass(500);
    expect(receiver.got).toEqual([]);
    outbox.retryNow();
    await quiet();
    expect(receiver.seen).toEqual(["a 3.5"]);
  });

  it("is late after more than ten seconds, with its age", async () => {
    receiver.ready = false;
    const outbox = begin();
    put(outbox, "a");
    await pass(10_001);
    receiver.ready = true;
    outbox.retryNow();
    await quiet();
    expect(receiver.seen).toEqual(["a late 10.001"]);
  });

  it("has an age that no jump of the wall clock changes", async () => {
    receiver.ready = false;
    const outbox = begin();
    put(outbox, "a");
    clock.jumpTo(9_999_999_999);
    put(outbox, "b");
    clock.jumpTo(5);
    await pass(2000);
    receiver.ready = true;
    outbox.retryNow();
    await quiet();
    expect(receiver.seen).toEqual(["a 2", "b 2"]);
  });

  it("does not wait for ever for a receiver that says nothing", async () => {
    receiver.answers = ["hangs"];
    const outbox = begin();
    put(outbox, "a");
    put(outbox, "b");
    await quiet();
    await pass(14_999);
    expect(receiver.got).toHaveLength(1);
    await pass(1);
    await pass(250);
    expect(receiver.seen).toEqual(["a 0", "a late 15.25", "b late 15.25"]);
  });
});

describe("messages", () => {
  it("keep their order, also behind one that nobody confirms", async () => {
    receiver.answers = ["delivered", "rejected"];
    const outbox = begin();
    for (const id of ["a", "b", "c", "d"]) put(outbox, id);
    await quiet();
    await pass(250);
    expect(receiver.got.map(({ event }) => event.eventId)).toEqual(["a", "b", "b", "c", "d"]);
  });

  it("wait for a connection without being written to the disk over and over", async () => {
    receiver.ready = false;
    const outbox = begin();
    put(outbox, "a");
    for (let s = 0; s < 100; s += 1) await pass(1000);
    expect(store.outbox.next(0)?.attempts).toBe(0);
    expect(outbox.pending()).toBe(1);
  });

  it("of an unknown kind are left out rather than holding up the others", async () => {
    const outbox = begin();
    const odd = { eventId: "a", ...fall("fall_confirmed"), kind: "fell_upwards" };
    store.events.insert(odd, { severity: 3, recordedAt: 0 });
    store.outbox.insert({ eventId: "a", createdAt: 0, attempts: 0, deliveredAt: null });
    put(outbox, "b");
    await quiet();
    expect(receiver.seen).toEqual(["b 0"]);
    outbox.retryNow();
    await quiet();
    expect(outbox.pending()).toBe(0);
  });
});

describe("after a restart", () => {
  it("what was never tried is still news, for ten seconds", async () => {
    put(null, "a");
    await pass(4000);
    begin();
    await quiet();
    expect(receiver.seen).toEqual(["a 4"]);
  });

  it("what was tried is late, however fast the restart", async () => {
    receiver.answers = ["hangs"];
    const outbox = begin();
    put(outbox, "a");
    await quiet();
    await restart();
    await quiet();
    expect(receiver.seen).toEqual(["a 0", "a late 0"]);
  });

  it("what was confirmed is not sent again", async () => {
    const outbox = begin();
    put(outbox, "a");
    await quiet();
    await restart();
    await quiet();
    expect(receiver.seen).toEqual(["a 0"]);
  });

  it("is late what comes from a future that the clock does not know yet", async () => {
    put(null, "a");
    clock.jumpTo(500_000);
    begin();
    await quiet();
    expect(receiver.got[0]).toMatchObject({ late: true, ageS: 0 });
  });
});

describe("while the database cannot be written", () => {
  const unstored = (): HavenEvent => ({ eventId: newId(clock.now()), ...fall("fall_confirmed") });

  it("a message leaves from memory, and its row says later what became of it", async () => {
    const outbox = begin();
    const event = unstored();
    outbox.sendUnstored(event);
    await quiet();
    expect(receiver.got).toEqual([{ event, late: false, ageS: 0 }]);
    expect(outbox.pending()).toBe(0);
    expect(outbox.rowOf(event.eventId)).toEqual({ attempts: 1, deliveredAt: 1_000_000 });
  });

  it("a message from memory that was stored before it was confirmed is not sent as news again", async () => {
    receiver.answers = ["rejected"];
    const outbox = begin();
    const event = unstored();
    outbox.sendUnstored(event);
    await quiet();
    store.transaction(() => {
      store.events.insert(event, { severity: 3, recordedAt: clock.now() });
      store.outbox.insert({ eventId: event.eventId, createdAt: clock.now(), ...outbox.rowOf(event.eventId) });
    }, "power");
    outbox.committed([event.eventId]);
    await quiet();
    expect(receiver.seen).toEqual([`${event.eventId} 0`, `${event.eventId} late 0`]);
    await restart();
    await quiet();
    expect(receiver.got).toHaveLength(2);
  });

  it("a stored message leaves all the same, as late since nothing can be noted, and only once", async () => {
    const path = join(folder, "haven.db");
    store[Symbol.dispose]();
    store = openStore({ path, clock, log: silentLogger });
    const outbox = begin();
    await quiet();
    put(null, "a");
    using other = new Sqlite(path, 100);
    other.execute("BEGIN IMMEDIATE");
    outbox.committed(["a"]);
    await quiet();
    await pass(60_000);
    expect(receiver.seen).toEqual(["a late 0"]);
    other.execute("ROLLBACK");
    outbox.retryNow();
    await quiet();
    expect(store.outbox.pending()).toBe(0);
    expect(receiver.got).toHaveLength(1);
  });

  it("a copy that could not be noted makes the next one late, even when the database is back at once", async () => {
    const path = join(folder, "haven.db");
    store[Symbol.dispose]();
    store = openStore({ path, clock, log: silentLogger });
    receiver.answers = ["rejected"];
    const outbox = begin();
    await quiet();
    put(null, "a");
    using other = new Sqlite(path, 100);
    other.execute("BEGIN IMMEDIATE");
    outbox.committed(["a"]);
    await quiet();
    other.execute("ROLLBACK");
    await pass(250);
    expect(receiver.seen).toEqual(["a late 0", "a late 0.25"]);
  });
});
