// One process at a time per cache folder. The lock is a file whose age is kept young by its holder; one that has grown
// old, or whose process is gone, is taken over. It saves work rather than correctness: everything written under it is
// checked by hash and moved into place whole, so that even two holders at once leave no damage.
import { randomUUID } from "node:crypto";
import { readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Clock, type Millis, wait } from "../src/core/clock.ts";
import { makeFolder, unwritable } from "./cache-files.ts";
import { stayAlive } from "./stay-alive.ts";

const HEARTBEAT: Millis = 5_000;
/** A holder that has been silent this long is gone, or its machine slept: several missed heartbeats. */
const STALE_AFTER: Millis = 30_000;
const POLL: Millis = 200;

export interface FolderLockOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called once, when somebody else holds the lock and this call begins to wait. */
  readonly onWait?: () => void;
}

interface Holder {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
}

/** Runs `work` while holding `<folder>/.lock`; waits for another holder, however long that one is alive. */
export async function withFolderLock<T>(
  folder: string,
  options: FolderLockOptions,
  work: () => Promise<T>,
): Promise<T> {
  const path = join(folder, ".lock");
  const holder: Holder = { id: randomUUID(), pid: process.pid, host: hostname() };
  using _alive = stayAlive();
  await makeFolder(folder);
  await acquire(path, holder, options);
  const heart = keepYoung(path, options.clock);
  try {
    return await work();
  } finally {
    heart[Symbol.dispose]();
    // Only our own: after a long sleep of the machine somebody else may hold it by now.
    if ((await readHolder(path))?.id === holder.id) await rm(path, { force: true });
  }
}

async function acquire(path: string, holder: Holder, options: FolderLockOptions): Promise<void> {
  let told = false;
  for (;;) {
    options.signal.throwIfAborted();
    try {
      await writeFile(path, JSON.stringify(holder), { flag: "wx" });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw unwritable(path, error);
    }
    if (await takeOver(path, options.clock)) continue;
    if (!told) options.onWait?.();
    told = true;
    await wait(options.clock, POLL, options.signal);
  }
}

/** Removes a stale lock; true when it is worth trying again at once. */
async function takeOver(path: string, clock: Clock): Promise<boolean> {
  const holder = await readHolder(path);
  const age = await ageOf(path, clock);
  if (age === null) return true;
  const dead = holder !== null && holder.host === hostname() && !isAlive(holder.pid);
  if (!dead && age < STALE_AFTER) return false;
  // Two waiters may see the same stale lock: only one rename succeeds, and if it caught a younger lock than the one
  // that was judged, that holder merely loses its exclusiveness, not its work.
  const aside = `${path}.${randomUUID()}.stale`;
  try {
    await rename(path, aside);
  } catch {
    return true;
  }
  await rm(aside, { force: true });
  return true;
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    if (typeof value !== "object" || value === null) return null;
    const { id, pid, host } = value as Partial<Record<keyof Holder, unknown>>;
    return typeof id === "string" && typeof pid === "number" && typeof host === "string"
      ? { id, pid, host }
      : null;
  } catch {
    // Gone, or being written this moment: its age decides.
    return null;
  }
}

async function ageOf(path: string, clock: Clock): Promise<Millis | null> {
  try {
    return clock.now() - (await stat(path)).mtimeMs;
  } catch {
    return null;
  }
}

/** Signal 0 asks whether a process exists; EPERM means that it does and is somebody else's. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function keepYoung(path: string, clock: Clock): Disposable {
  let timer: Disposable;
  const beat = () => {
    const now = clock.now() / 1000;
    // A lock that cannot be touched has been taken over; the work itself is safe without it.
    utimes(path, now, now).catch(() => undefined);
    timer = clock.schedule(HEARTBEAT, beat);
  };
  timer = clock.schedule(HEARTBEAT, beat);
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
