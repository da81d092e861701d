import { copyFile, mkdtemp, rm, stat, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { systemClock } from "../../core/clock.ts";
import { messageOf } from "../../core/errors.ts";
import { IN_MEMORY, openStore } from "../../store/store.ts";
import { databasePath } from "../places.ts";
import type { DoctorContext, Finding } from "./finding.ts";

/** The check works on a copy, so that a look does not migrate a database; larger ones are left alone. */
const COPY_UP_TO_BYTES = 512 * 2 ** 20;
const LEAST_FREE_BYTES = 2 ** 30;

export async function checkDatabase({ config, places, log }: DoctorContext): Promise<Finding[]> {
  const check = "database";
  openStore({ path: IN_MEMORY, clock: systemClock, log })[Symbol.dispose]();
  const path = databasePath(config, places.dataDir);
  const size = await stat(path).then(
    (found) => found.size,
    () => null,
  );
  if (size === null)
    return [{ check, state: "ok", detail: `SQLite works; ${path} will be made`, remedy: null }];
  if (size > COPY_UP_TO_BYTES)
    return [
      { check, state: "ok", detail: `SQLite works; ${path} is too large to be checked here`, remedy: null },
    ];
  const folder = await mkdtemp(join(tmpdir(), "haven-doctor-"));
  try {
    const copy = join(folder, "haven.db");
    await copyFile(path, copy);
    await copyFile(`${path}-wal`, `${copy}-wal`).catch(() => {});
    openStore({ path: copy, clock: systemClock, log })[Symbol.dispose]();
    return [{ check, state: "ok", detail: `${path} is sound (${(size / 1e6).toFixed(1)} MB)`, remedy: null }];
  } catch (error) {
    const reason = messageOf(error).replaceAll(folder, dirname(path));
    return [
      {
        check,
        state: "failed",
        detail: reason,
        remedy: "update Haven, restore a backup, or move the file away",
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function checkDisk({ places, config }: DoctorContext): Promise<Finding[]> {
  let folder = places.dataDir;
  for (;;) {
    try {
      const { bavail, bsize } = await statfs(folder);
      const free = bavail * bsize;
      const needed = LEAST_FREE_BYTES + config.storage.maxMb * 1e6;
      return [
        {
          check: "disk",
          state: free >= needed ? "ok" : free >= LEAST_FREE_BYTES / 4 ? "warning" : "failed",
          detail: `${(free / 1e9).toFixed(1)} GB free at ${folder}`,
          remedy:
            free >= needed ? null : `free some space: the database may grow to ${config.storage.maxMb} MB`,
        },
      ];
    } catch {
      // The data folder need not be there yet: the first one above it that is, counts.
      const parent = dirname(folder);
      if (parent === folder)
        return [
          {
            check: "disk",
            state: "failed",
            detail: `${places.dataDir} cannot be reached`,
            remedy: "choose a folder with --data",
          },
        ];
      folder = parent;
    }
  }
}
