import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { withFolderLock } from "../../models/folder-lock.ts";
import { ManualClock, systemClock } from "../../src/core/clock.ts";

/** A busy machine may take its time; a quiet one does not. */
const PATIENCE = { timeout: 20_000 };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "haven-lock-"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const { signal } = new AbortController();
const lockFile = () => join(folder, ".lock");
const heldBy = (pid: number, host: string) =>
  writeFile(lockFile(), JSON.stringify({ id: "somebody", pid, host }));

describe("a folder's lock", () => {
  it("lets one at a time work, and is gone afterwards", async () => {
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside -= 1;
    };
    await Promise.all([1, 2, 3].map(() => withFolderLock(folder, { clock: systemClock, signal }, work)));
    expect(most).toBe(1);
    expect(existsSync(lockFile())).toBe(false);
  });

  it("is given back when the work fails", async () => {
    const failing = withFolderLock(folder, { clock: systemClock, signal }, async () => {
      throw new Error("failed");
    });
    await expect(failing).rejects.toThrow("failed");
    expect(existsSync(lockFile())).toBe(false);
  });

  it("of a process that is gone is taken over at once", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    const { pid } = child;
    await once(child, "exit");
    await heldBy(pid ?? 0, hostname());
    await expect(withFolderLock(folder, { clock: systemClock, signal }, async () => "done")).resolves.toBe(
      "done",
    );
  });

  it("of another machine is waited for, and taken over when its holder has been silent", async () => {
    const clock = new ManualClock(Date.now());
    await heldBy(1, "another-machine");
    const onWait = vi.fn();
    const result = withFolderLock(folder, { clock, signal, onWait }, async () => "done");
    await vi.waitFor(() => expect(onWait).toHaveBeenCalledOnce(), PATIENCE);
    clock.advance(5_000);
    expect(existsSync(lockFile())).toBe(true);
    await vi.waitFor(async () => {
      clock.advance(10_000);
      await expect(Promise.race([result, Promise.reject(new Error("waiting"))])).resolves.toBe("done");
    }, PATIENCE);
  });

  it("is kept young for as long as the work lasts", async () => {
    const clock = new ManualClock(Date.now());
    let finish = () => {};
    const holder = withFolderLock(folder, { clock, signal }, () => new Promise<void>((r) => (finish = r)));
    await vi.waitFor(() => expect(existsSync(lockFile())).toBe(true), PATIENCE);
    // Disguised as another machine's, so that only its age speaks for it.
    await heldBy(1, "another-machine");
    const onWait = vi.fn();
    const second = withFolderLock(folder, { clock, signal, onWait }, async () => "second");
    await vi.waitFor(() => expect(onWait).toHaveBeenCalled(), PATIENCE);
    const outcome = vi.fn();
    second.then(outcome, outcome);
    for (let beat = 0; beat < 20; beat++) {
      clock.advance(5_000);
      await vi.waitFor(
        async () => expect((await stat(lockFile())).mtimeMs).toBeCloseTo(clock.now(), -1),
        PATIENCE,
      );
    }
    expect(outcome).not.toHaveBeenCalled();
    await rm(lockFile());
    finish();
    await holder;
    await vi.waitFor(() => {
      clock.advance(200);
      expect(outcome).toHaveBeenCalledWith("second");
    }, PATIENCE);
  });

  it("is no longer waited for when the caller gives up", async () => {
    await heldBy(process.pid, hostname());
    const abort = new AbortController();
    const onWait = () => abort.abort();
    const result = withFolderLock(
      folder,
      { clock: systemClock, signal: abort.signal, onWait },
      async () => "done",
    );
    await expect(result).rejects.toThrow();
  });
});
