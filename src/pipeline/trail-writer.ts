// Vision's end of the trail: writes down what each stream is at before FFmpeg is called, and remembers since when, so
// that a decoder that does not come back is noticed and named.
import { writeSync } from "node:fs";
import type { Clock, Millis } from "../core/clock.ts";
import type { NativePhaseListener } from "../video/native-phase.ts";
import { PHASES, PROBE_SLOT } from "./native-trail.ts";

interface Mark {
  readonly listener: NativePhaseListener;
  decodingSince: Millis | null;
}

export class TrailWriter {
  readonly #clock: Clock;
  /** Null: nobody reads it. */
  #fd: number | null;
  readonly #byte = new Uint8Array(1);
  readonly #marks = new Map<string, Mark>();
  #slots: Readonly<Record<string, number>> = {};

  constructor(fd: number | null, clock: Clock) {
    this.#fd = fd;
    this.#clock = clock;
  }

  assign(slots: Readonly<Record<string, number>>): void {
    this.#slots = slots;
  }

  /** For one opening of a camera's stream. An earlier opening that still comes to its end is no longer listened to. */
  listener(cameraId: string): NativePhaseListener {
    const listener: NativePhaseListener = (phase) => {
      const mark = this.#marks.get(cameraId);
      if (mark?.listener !== listener) return;
      mark.decodingSince = phase === "decode" ? this.#clock.monotonic() : null;
      const slot = this.#slots[cameraId];
      if (slot !== undefined) this.#write(slot, PHASES.indexOf(phase));
    };
    this.#marks.set(cameraId, { listener, decodingSince: null });
    return listener;
  }

  /** Notes that an address is tried out until the work is done. */
  async probing<T>(work: () => Promise<T>): Promise<T> {
    this.#write(PROBE_SLOT, PHASES.indexOf("open"));
    try {
      return await work();
    } finally {
      this.#write(PROBE_SLOT, PHASES.indexOf(null));
    }
  }

  /** The camera that FFmpeg has been decoding one packet of for the longest; null while nothing is decoded. */
  longestDecode(): { readonly cameraId: string; readonly forMs: Millis } | null {
    const now = this.#clock.monotonic();
    let longest: { cameraId: string; forMs: Millis } | null = null;
    for (const [cameraId, { decodingSince }] of this.#marks) {
      if (decodingSince === null) continue;
      const forMs = now - decodingSince;
      if (longest === null || forMs > longest.forMs) longest = { cameraId, forMs };
    }
    return longest;
  }

  #write(slot: number, value: number): void {
    if (this.#fd === null) return;
    this.#byte[0] = value;
    try {
      writeSync(this.#fd, this.#byte, 0, 1, slot);
    } catch {
      // A camera is not to be lost because nobody could name it.
      this.#fd = null;
    }
  }
}
