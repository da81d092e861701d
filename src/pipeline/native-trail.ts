// What each camera's stream is at inside FFmpeg, kept where it outlives the process that wrote it: one byte per camera in
// a file without a name. The daemon opens the file and hands its descriptor to vision; what was written there is the
// kernel's, whatever becomes of the writer.
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { NativePhase } from "../video/native-phase.ts";

/** A phase is stored as its place in this list. */
export const PHASES: readonly NativePhase[] = [null, "open", "read", "decode"];

/** Vision's number for the descriptor that it inherits, in its environment; absent where there is no trail. */
export const TRAIL_VARIABLE = "HAVEN_TRAIL_FD";

/** Where trying out an address is noted: it is no camera of the house yet. */
export const PROBE_SLOT = 0;

export class NativeTrail implements Disposable {
  readonly fd: number;
  readonly #slots = new Map<string, number>();

  private constructor(fd: number) {
    this.fd = fd;
  }

  /** Null, and said, where there is no folder for it: then nobody can be named, and everything else goes on. */
  static create(log: Logger): NativeTrail | null {
    try {
      const folder = mkdtempSync(join(tmpdir(), "haven-trail-"));
      try {
        return new NativeTrail(openSync(join(folder, "trail"), "wx+", 0o600));
      } finally {
        // The open file stays: nothing is left behind when the daemon ends, however it ends.
        rmSync(folder, { recursive: true, force: true });
      }
    } catch (error) {
      log.warn(
        { reason: messageOf(error) },
        "no temporary file can be made; a camera that crashes the vision process cannot be named",
      );
      return null;
    }
  }

  /** The place of each of these cameras, the same as long as the trail lives. */
  slotsFor(cameraIds: readonly string[]): Readonly<Record<string, number>> {
    for (const id of cameraIds)
      if (!this.#slots.has(id)) this.#slots.set(id, this.#slots.size + PROBE_SLOT + 1);
    return Object.fromEntries(cameraIds.map((id) => [id, this.#slots.get(id) ?? PROBE_SLOT]));
  }

  /** As last written; whether an address was being tried out besides. */
  read(): { readonly phases: ReadonlyMap<string, NativePhase>; readonly probing: boolean } {
    const bytes = Buffer.alloc(this.#slots.size + PROBE_SLOT + 1);
    readSync(this.fd, bytes, 0, bytes.length, 0);
    const at = (slot: number): NativePhase => PHASES[bytes[slot] ?? 0] ?? null;
    return {
      phases: new Map([...this.#slots].map(([id, slot]) => [id, at(slot)])),
      probing: at(PROBE_SLOT) !== null,
    };
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}
