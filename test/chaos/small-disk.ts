// A disk that can be made full: a small file system in memory where one may be mounted, else a process whose files may not
// grow (the kernel's RLIMIT_FSIZE): to SQLite both are a disk that does not take what is written.
import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";

export interface SmallDisk extends Disposable {
  readonly path: string;
  fill(pid: number): void;
  free(pid: number): void;
}

/** Null where neither way is open; with a sentence why. */
export function makeSmallDisk(folder: string): SmallDisk {
  const path = join(folder, "disk");
  mkdirSync(path);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=24m,mode=700", "haven-chaos", path], {
      stdio: "ignore",
    });
  } catch {
    return limited(path);
  }
  return {
    path,
    fill: () => fillUp(join(path, "ballast")),
    free: () => rmSync(join(path, "ballast"), { force: true }),
    // Lazily: a process that is just being ended may still hold a file.
    [Symbol.dispose]: () => void execFileSync("umount", ["-l", path], { stdio: "ignore" }),
  };
}

/** Whether a disk can be made full here, and if not, why. */
export const noSmallDisk: string | null = (() => {
  if (process.platform !== "linux") return "disks are made full with Linux' tmpfs or prlimit";
  try {
    execFileSync("prlimit", ["--version"], { stdio: "ignore" });
    return null;
  } catch {
    return "prlimit of util-linux is missing";
  }
})();

function limited(path: string): SmallDisk {
  const limit = (pid: number, bytes: string) =>
    execFileSync("prlimit", ["--pid", String(pid), `--fsize=${bytes}:unlimited`]);
  return {
    path,
    fill: (pid) => {
      const sizes = readdirSync(path).map((name) => statSync(join(path, name)).size);
      limit(pid, String(Math.max(0, ...sizes)));
    },
    free: (pid) => void limit(pid, "unlimited"),
    [Symbol.dispose]: () => {},
  };
}

/** To the last byte. */
function fillUp(file: string): void {
  const handle = openSync(file, "w");
  for (let size = 1 << 20; size >= 1; ) {
    try {
      if (writeSync(handle, Buffer.alloc(size)) < size) size >>= 1;
    } catch {
      size >>= 1;
    }
  }
  closeSync(handle);
}
