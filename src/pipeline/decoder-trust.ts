import type { Logger } from "../core/logger.ts";
import type { VisionSettings } from "./vision-contract.ts";
import type { ProcessEnd } from "./vision-process.ts";

type Wish = VisionSettings["inference"]["hardwareDecoding"];

/**
 * Whether the next vision process is to decode on the graphics. A machine where that does not work need not be asked again
 * at every restart, and a driver that may have taken the process with it is left alone until the settings are changed:
 * software decodes a camera for a few hundredths of a core.
 */
export class DecoderTrust {
  readonly #log: Logger;
  #given = true;
  #running = "software";

  constructor(log: Logger) {
    this.#log = log;
  }

  choose(wanted: Wish): Wish {
    return this.#given ? wanted : "off";
  }

  /** The process says what it decodes with. */
  ready(decoder: string): void {
    this.#running = decoder;
    if (decoder === "software") this.#given = false;
  }

  /** The process is gone; whether the graphics' decoder may have been the cause. */
  died({ ailment, signal }: ProcessEnd): boolean {
    const crashed = ailment === null && signal !== null && signal !== "SIGKILL";
    const stuck = ailment?.kind === "decoder-stuck";
    if (this.#running === "software" || !(crashed || stuck)) return false;
    this.#log.warn({ decoder: this.#running }, "video is decoded in software from now on");
    this.#running = "software";
    this.#given = false;
    return true;
  }

  /** The household chose anew. */
  reset(): void {
    this.#given = true;
  }
}
