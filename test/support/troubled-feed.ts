// A camera's picture that can be made to go wrong while it is being sent.
import type { Server } from "node:http";
import { type AccessUnit, accessUnits, serveUnits } from "./rtsp-server.ts";

/** Pictures of which one is damaged. */
const DAMAGED_ONE_IN = 8;
/** Where a slice's own bits begin for certain: what lies before tells the server what it is. */
const HEADER_BYTES = 32;

export class TroubledFeed {
  readonly #clips: readonly (readonly AccessUnit[])[];
  #units: readonly AccessUnit[];
  /** The number of the connection's unit that the current clip begins with. */
  #from = 0;
  #sent = 0;
  #damaging = false;
  /** Pictures sent with damage. */
  damaged = 0;

  private constructor(clips: readonly (readonly AccessUnit[])[]) {
    this.#clips = clips;
    this.#units = clips[0] ?? [];
  }

  /** @param files H.264 files without B frames; the first is sent until told otherwise */
  static async of(files: readonly string[]): Promise<TroubledFeed> {
    return new TroubledFeed(await Promise.all(files.map((file) => accessUnits(file))));
  }

  serve(): Promise<Server> {
    return serveUnits((index) => this.#unitAt(index));
  }

  /** The camera's settings were changed: from its next picture on it sends another clip. */
  switchTo(clip: number): void {
    this.#units = this.#clips[clip] ?? [];
    this.#from = this.#sent;
  }

  /** Bad cable: bits of every eighth picture are others than the camera sent. */
  damage(on: boolean): void {
    this.#damaging = on;
  }

  #unitAt(index: number): AccessUnit | undefined {
    this.#sent = index + 1;
    const unit = this.#units[Math.max(0, index - this.#from) % this.#units.length];
    if (unit === undefined || !this.#damaging || index % DAMAGED_ONE_IN !== 0) return unit;
    this.damaged += 1;
    return { ...unit, data: withDamage(unit.data) };
  }
}

/** Other bits, but no start code where none was. */
function withDamage(data: Buffer): Buffer {
  const damaged = Buffer.from(data);
  for (let at = HEADER_BYTES; at < damaged.length; at += 7) damaged[at] = (damaged[at] ?? 0) | 0x44;
  return damaged;
}
