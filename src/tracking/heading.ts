import { bodyLength, type CentredBox } from "./centred-box.ts";

/** Moves shorter than this, body lengths, are the detector's trembling and say nothing of a way. */
const TREMBLING = 0.05;

interface Seen {
  readonly timeS: number;
  readonly box: CentredBox;
}

/**
 * The way a body went, from its sightings alone and not from the filter, which follows them late (Cao et al.,
 * "Observation-Centric SORT", CVPR 2023).
 */
export class Heading {
  readonly #spanS: number;
  readonly #seen: Seen[] = [];

  /** @param spanS how far back it looks, seconds */
  constructor(spanS: number) {
    this.#spanS = spanS;
  }

  add(timeS: number, box: CentredBox): void {
    this.#seen.push({ timeS, box });
    while (timeS - (this.#seen[1]?.timeS ?? timeS) >= this.#spanS) this.#seen.shift();
  }

  /** How well `box` lies on the way: 1 straight on, 0 straight back, .5 where there is no saying. */
  agreement(box: CentredBox): number {
    const first = this.#seen[0]?.box;
    const last = this.#seen.at(-1)?.box;
    if (first === undefined || last === undefined) return 0.5;
    const far = TREMBLING * bodyLength(box);
    const wayX = last.cx - first.cx;
    const wayY = last.cy - first.cy;
    const stepX = box.cx - last.cx;
    const stepY = box.cy - last.cy;
    const lengths = Math.hypot(wayX, wayY) * Math.hypot(stepX, stepY);
    if (Math.hypot(wayX, wayY) < far || Math.hypot(stepX, stepY) < far) return 0.5;
    const cosine = (wayX * stepX + wayY * stepY) / lengths;
    return 1 - Math.acos(Math.max(-1, Math.min(1, cosine))) / Math.PI;
  }
}
