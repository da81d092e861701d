// Whether a camera that sends pictures still sees its room: black, covered, frozen and turned-away pictures are told from
// dark evenings, switched lamps, infrared and people who walk through. Says so only after some seconds, and takes it
// back only after some: what it says is shown to residents.
import { AppError } from "../core/errors.ts";
import type { BlindCause, Blindness } from "../domain/camera-status.ts";
import type { LumaImage } from "../domain/frame.ts";
import { SceneStructure } from "./scene-structure.ts";
import { matchViews, type ViewMatch } from "./view-match.ts";

/** What the camera has learned to look like; JSON keeps it. */
export interface BlindReference {
  readonly width: number;
  readonly height: number;
  /** One for each light the room is seen in (day, lamp, infrared): brightness of the cells, by rows, in base64. */
  readonly looks: readonly string[];
}

/** What else is known of the picture. */
export interface SceneActivity {
  readonly moving: boolean;
  /** How many people are seen in it. */
  readonly people: number;
}

interface Look {
  readonly luma: Float32Array;
  structure: SceneStructure;
  /** When it last was what is seen. */
  usedS: number;
}

/** Seconds a cause must hold until it is said, and must be gone until it is taken back. */
const HOLD: Readonly<Record<BlindCause, { readonly on: number; readonly off: number }>> = {
  dark: { on: 5, off: 2 },
  covered: { on: 10, off: 3 },
  // Three keyframes of the rarest (30 s). An encoder may repeat a still picture exactly until the next keyframe: 19 s of
  // a 1280x720 picture at 12 kbit/s with a keyframe every 33 s were the most seen. A keyframe codes the noise anew.
  frozen: { on: 90, off: 0.2 },
  moved: { on: 10, off: 10 },
};
const ORDER = ["dark", "covered", "moved", "frozen"] as const;

const REASONS: Readonly<Record<BlindCause, string>> = {
  dark: "The picture is black: is the lens covered or the light off?",
  covered:
    "The picture shows nothing of the room any more: something covers the lens or stands right before it.",
  frozen: "The camera repeats the same picture: restart it.",
  moved:
    "The camera shows another view than before, so that its zones are in the wrong place: turn it back, or check its zones.",
};

/** How often a picture is judged, seconds; the same pictures are counted at every one. */
const JUDGE_EVERY_S = 2;
/** Pictures are averaged over this, seconds, against noise. */
const SMOOTH_S = 1;
const LONGEST_STEP_S = 3;
/** Below this share of blocks that show something, there is nothing to see; a date in the picture is less than this. */
const NOTHING_SHOWN = 0.1;
/** 95 % of a black picture's cells are no brighter, 0..255. */
const BLACK = 48;
/** A block has lost what it showed when so little of its steps is left; and so many of them make a covered camera. */
const LOST = 0.3;
const COVERED = 0.6;
/**
 * So many of the picture's parts show something else when the camera was turned; fewer are furniture. Of 16 parts, rooms
 * with people in them kept 15 or 16; shifted by 6 % or more, turned by 15 degrees or exchanged, 8 to 16 were others.
 */
const MOVED = 0.5;
/** Fewer parts with edges than this tell nothing of where the camera looks. */
const FEWEST_PARTS = 4;
/** While something moves or somebody is there, disagreement counts this much: they pass by, a turned camera stays turned. */
const BUSY_WEIGHT = 0.5;
/** A view is learned for so long before it is compared with, seconds; and then followed this slowly. */
const LEARN_S = 20;
const FOLLOW_S = 300;
/** In a light whose edges agree less than this with every look known, the room gets another look. */
const ANOTHER_LOOK = 0.5;
const MOST_LOOKS = 3;
/** A moved camera that nobody has turned back for so long is meant to look there, seconds. */
const ACCEPT_AFTER_S = 12 * 3600;

export class BlindWatch {
  readonly #held = new Map<BlindCause, number>();
  #looks: Look[] = [];
  #said: BlindCause | null = null;
  #picture: Float32Array | null = null;
  #last: Uint8Array | null = null;
  #width: number;
  #height: number;
  #lastS = 0;
  #judgedS = Number.NEGATIVE_INFINITY;
  #repeatedS = 0;
  /** Seconds the first look has been learned for. */
  #learnedS = 0;
  #movedSinceS: number | null = null;
  #raw: ReadonlySet<BlindCause> = new Set();

  /** @param reference what an earlier watch had learned; ignored when the pictures are of another size */
  constructor(reference: BlindReference | null = null) {
    this.#width = reference?.width ?? 0;
    this.#height = reference?.height ?? 0;
    if (reference !== null && reference.looks.length > 0) {
      this.#looks = reference.looks.map((look) => this.#lookOf(decode(look, reference)));
      this.#learnedS = LEARN_S;
    }
  }

  /**
   * Null while the camera sees.
   * @param timeS media time; rises from call to call
   */
  observe(luma: LumaImage, timeS: number, activity: SceneActivity): Blindness | null {
    const stepS = Math.min(LONGEST_STEP_S, Math.max(0, timeS - this.#lastS));
    this.#lastS = timeS;
    if (luma.width !== this.#width || luma.height !== this.#height) this.#resize(luma);
    this.#countRepeats(luma, stepS);
    this.#smooth(luma, stepS);
    if (timeS - this.#judgedS >= JUDGE_EVERY_S || timeS < this.#judgedS) this.#judge(timeS, activity);
    this.#hold(stepS, activity);
    return this.#said === null ? null : { cause: this.#said, reason: REASONS[this.#said] };
  }

  /** What is seen from now on is what the camera is meant to see: its zones or its source were changed. */
  accept(): void {
    this.#looks = [];
    this.#learnedS = 0;
    this.#movedSinceS = null;
    this.#held.delete("moved");
    this.#held.delete("covered");
    if (this.#said === "moved" || this.#said === "covered") this.#said = null;
  }

  /** Null until the view is known. */
  snapshot(): BlindReference | null {
    if (this.#learnedS < LEARN_S) return null;
    const looks = this.#looks.map(({ luma }) => Buffer.from(Uint8Array.from(luma)).toString("base64"));
    return { width: this.#width, height: this.#height, looks };
  }

  #resize({ width, height }: LumaImage): void {
    this.#width = width;
    this.#height = height;
    this.#picture = null;
    this.#last = null;
    this.accept();
  }

  #lookOf(luma: Float32Array): Look {
    const structure = new SceneStructure(luma, this.#width, this.#height);
    return { luma, structure, usedS: Number.NEGATIVE_INFINITY };
  }

  #countRepeats({ data }: LumaImage, stepS: number): void {
    const repeated = this.#last !== null && Buffer.compare(this.#last, data) === 0;
    this.#repeatedS = repeated ? this.#repeatedS + stepS : 0;
    this.#last = data;
  }

  #smooth({ data }: LumaImage, stepS: number): void {
    if (this.#picture === null) {
      this.#picture = Float32Array.from(data);
      return;
    }
    const picture = this.#picture;
    const weight = 1 - Math.exp(-stepS / SMOOTH_S);
    for (let at = 0; at < picture.length; at += 1) {
      const old = picture[at] ?? 0;
      picture[at] = old + weight * ((data[at] ?? 0) - old);
    }
  }

  /** What is wrong with the picture right now. */
  #judge(timeS: number, activity: SceneActivity): void {
    if (this.#picture === null) return;
    const sinceS = Math.min(LONGEST_STEP_S, Math.max(0, timeS - this.#judgedS));
    this.#judgedS = timeS;
    const raw = new Set<BlindCause>();
    this.#raw = raw;
    const now = new SceneStructure(this.#picture, this.#width, this.#height);
    const best = this.#bestLook(now);
    if (now.shown < NOTHING_SHOWN) raw.add(now.bright < BLACK ? "dark" : "covered");
    else if (best === null) this.#begin(sinceS);
    else if (this.#learnedS < LEARN_S) this.#learnFirst(best.look, sinceS);
    else {
      const { look, match } = best;
      const turned = match.parts >= FEWEST_PARTS && match.other >= MOVED * match.parts;
      if (turned) raw.add("moved");
      else if (now.bright >= BLACK && match.same < match.parts && lostShare(now, look.structure) >= COVERED) {
        raw.add("covered");
      } else if (match.same * 2 >= match.parts) this.#learn(look, match, timeS, sinceS * weightOf(activity));
    }
    this.#acceptInTime(raw.has("moved"), timeS);
  }

  #bestLook(now: SceneStructure): { look: Look; match: ViewMatch } | null {
    let best: { look: Look; match: ViewMatch } | null = null;
    for (const look of this.#looks) {
      const match = matchViews(now, look.structure);
      const lead = best === null ? 1 : match.same - match.other - (best.match.same - best.match.other);
      const better = lead > 0 || (lead === 0 && best !== null && match.likeness > best.match.likeness);
      if (better) best = { look, match };
    }
    return best;
  }

  #begin(sinceS: number): void {
    if (this.#picture === null) return;
    this.#looks = [this.#lookOf(this.#picture.slice())];
    this.#learnedS = Math.min(1, sinceS);
  }

  #learnFirst(look: Look, sinceS: number): void {
    this.#learnedS += sinceS;
    this.#blend(look, sinceS / this.#learnedS);
  }

  #learn(look: Look, match: ViewMatch, timeS: number, seconds: number): void {
    look.usedS = timeS;
    if (match.likeness >= ANOTHER_LOOK) {
      this.#blend(look, 1 - Math.exp(-seconds / FOLLOW_S));
      return;
    }
    // The same view in a light not seen before: what is here when the camera turns to infrared.
    if (this.#picture === null) return;
    if (this.#looks.length >= MOST_LOOKS) {
      const oldest = this.#looks.reduce((a, b) => (a.usedS <= b.usedS ? a : b));
      this.#looks.splice(this.#looks.indexOf(oldest), 1);
    }
    const another = this.#lookOf(this.#picture.slice());
    another.usedS = timeS;
    this.#looks.push(another);
  }

  #blend(look: Look, weight: number): void {
    const picture = this.#picture;
    if (picture === null) return;
    for (let at = 0; at < picture.length; at += 1) {
      const old = look.luma[at] ?? 0;
      look.luma[at] = old + weight * ((picture[at] ?? 0) - old);
    }
    look.structure = new SceneStructure(look.luma, this.#width, this.#height);
  }

  #acceptInTime(moved: boolean, timeS: number): void {
    if (!moved) this.#movedSinceS = null;
    else {
      this.#movedSinceS ??= timeS;
      if (timeS - this.#movedSinceS >= ACCEPT_AFTER_S) this.accept();
    }
  }

  /** Lets each cause's time run up while it holds and down while it does not. */
  #hold(stepS: number, activity: SceneActivity): void {
    for (const cause of ORDER) {
      const { on, off } = HOLD[cause];
      const held = this.#held.get(cause) ?? 0;
      if (cause === "frozen") this.#held.set(cause, this.#heldFrozen(held, stepS));
      else if (this.#raw.has(cause)) {
        const weight = cause === "dark" ? 1 : weightOf(activity);
        this.#held.set(cause, Math.min(on, held + stepS * weight));
      } else this.#held.set(cause, Math.max(0, held - (stepS * on) / off));
    }
    const isSaid = (cause: BlindCause) => {
      const held = this.#held.get(cause) ?? 0;
      return held >= HOLD[cause].on || (this.#said === cause && held > 0);
    };
    this.#said = ORDER.find(isSaid) ?? null;
  }

  /** A single new picture ends it. */
  #heldFrozen(held: number, stepS: number): number {
    const { on, off } = HOLD.frozen;
    if (this.#repeatedS > 0) return Math.min(on, this.#repeatedS);
    return this.#said === "frozen" ? Math.max(0, held - (stepS * on) / off) : 0;
  }
}

function weightOf({ moving, people }: SceneActivity): number {
  return moving || people > 0 ? BUSY_WEIGHT : 1;
}

/** Share of the blocks that showed something of which next to nothing is left, 0..1; 0 when hardly any did. */
function lostShare(now: SceneStructure, learned: SceneStructure): number {
  let shown = 0;
  let lost = 0;
  for (const [block, before] of learned.blocks.entries()) {
    // Codecs leave some steps in a plain surface: what was weak cannot be told from it.
    if (before < 5) continue;
    shown += 1;
    if ((now.blocks[block] ?? 0) < LOST * before) lost += 1;
  }
  return shown >= learned.blocks.length * NOTHING_SHOWN ? lost / shown : 0;
}

function decode(look: string, { width, height }: BlindReference): Float32Array {
  const bytes = Buffer.from(look, "base64");
  if (bytes.length !== width * height) {
    throw new AppError(
      "input.invalid",
      "What a camera had learned of its view is damaged: let it learn anew.",
    );
  }
  return Float32Array.from(bytes);
}
