// A wild life for the machines of falls and floors: a body that stands, falls, slides, kneels, vanishes, jumps about and
// comes back, in a room that knows more or less about its floor. Seeded: the same seed, the same life.
import type { GroundSight } from "../../src/adl/ground-step.ts";
import type { BodyFeatures } from "../../src/adl/pose-features.ts";

const L = 0.5;

export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

type Deed = "stay" | "fall" | "sink" | "rise" | "vanish" | "jump" | "rest" | "leaveBed" | "away";

const DEEDS: readonly Deed[] = [
  "stay",
  "stay",
  "stay",
  "fall",
  "fall",
  "sink",
  "rise",
  "rise",
  "vanish",
  "vanish",
  "jump",
  "rest",
  "leaveBed",
  "away",
];

/** What a body looks like: angles in degrees, lengths in L; the height of its box, and how wide that is against it. */
const SHAPES = {
  stand: { torso: 3, leg: 2, torsoRise: 0.29, thighRise: 0.24, shinRise: 0.22, armRise: 0.3, box: [1, 0.35] },
  sit: {
    torso: 10,
    leg: 40,
    torsoRise: 0.29,
    thighRise: 0.05,
    shinRise: 0.24,
    armRise: 0.2,
    box: [0.7, 0.6],
  },
  /** On a stool, seen from the front. */
  perch: {
    torso: 5,
    leg: 20,
    torsoRise: 0.29,
    thighRise: 0.08,
    shinRise: 0.24,
    armRise: 0.2,
    box: [0.65, 0.4],
  },
  seatOnFloor: {
    torso: 20,
    leg: 80,
    torsoRise: 0.25,
    thighRise: 0,
    shinRise: 0,
    armRise: 0.2,
    box: [0.5, 0.9],
  },
  bend: {
    torso: 80,
    leg: 5,
    torsoRise: 0.05,
    thighRise: 0.24,
    shinRise: 0.24,
    armRise: 0.3,
    box: [0.6, 0.8],
  },
  kneel: { torso: 5, leg: 40, torsoRise: 0.29, thighRise: 0.24, shinRise: 0, armRise: 0.3, box: [0.75, 0.5] },
  crawl: {
    torso: 85,
    leg: 45,
    torsoRise: 0.03,
    thighRise: 0.24,
    shinRise: 0,
    armRise: 0.28,
    box: [0.4, 1.3],
  },
  lie: { torso: 88, leg: 88, torsoRise: 0.01, thighRise: 0.01, shinRise: 0, armRise: 0.01, box: [0.2, 4] },
} as const;
type Shape = keyof typeof SHAPES;

/** One moment after another. A life has its own habits: how long its deeds last, and how dark its room is. */
export function* fuzzedLife(seed: number, moments: number): Generator<GroundSight> {
  const random = randomNumbers(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const patience = pick([0.5, 2, 8, 30]);
  const dark = pick([0, 0.05, 0.4]);
  const floor = pick([null, null, true, false]);
  let timeS = random() * 100;
  let down = 0;
  let speed = 0;
  let left = 0;
  let deed: Deed = "stay";
  let shape: Shape = "stand";
  let posed = true;
  let peak = { speed: 0, atS: timeS };
  for (let n = 0; n < moments; n += 1) {
    // Mostly ten frames a second; at times a gap, a stall or a day.
    const stepS = random() < 0.99 ? 0.1 : pick([0.02, 0.5, 3, 40, 700]);
    timeS += stepS;
    left -= stepS;
    if (left <= 0) {
      deed = pick(DEEDS);
      const moves = deed === "fall" || deed === "sink" || deed === "rise";
      left = moves ? 0.3 + random() : patience * (0.2 + random() * 1.6);
      speed = deed === "fall" ? 0.7 + random() * 1.5 : 0.3 + random() * 0.5;
      posed = random() < 0.9;
      shape = pick(Object.keys(SHAPES) as Shape[]);
    }
    const before = down;
    if (deed === "fall" || deed === "sink") down = Math.min(0.95, down + speed * Math.min(stepS, 0.3));
    if (deed === "rise") down = Math.max(0, down - speed * Math.min(stepS, 0.3));
    if (deed === "jump" && random() < 0.2) down = random();
    const headSpeed = (down - before) / stepS + (random() - 0.5) * 0.2;
    if (headSpeed > peak.speed || timeS - peak.atS > 4) peak = { speed: headSpeed, atS: timeS };
    const unseen = deed === "vanish" || deed === "away" || random() < dark;
    // Half of the time a body looks as it would so far down.
    const natural: Shape = down > 0.5 ? "lie" : down > 0.3 ? "sit" : "stand";
    const looks = seed % 2 === 0 || random() < 0.05 ? shape : natural;
    yield {
      timeS,
      body: unseen ? null : bodyAt(timeS, { down, headSpeed, peak, posed, shape: looks, random }),
      resting: !unseen && deed === "rest",
      leftBed: !unseen && deed === "leaveBed" && random() < 0.1,
      stillThere: unseen && deed === "vanish" && patience > 5,
      away: deed === "away",
      onFloor: unseen ? null : floor,
    };
  }
}

function bodyAt(
  timeS: number,
  now: {
    readonly down: number;
    readonly headSpeed: number;
    readonly peak: { readonly speed: number; readonly atS: number };
    readonly posed: boolean;
    readonly shape: Shape;
    readonly random: () => number;
  },
): BodyFeatures {
  const { down, headSpeed, peak, posed, random } = now;
  const { torso, leg, torsoRise, thighRise, shinRise, armRise, box } = SHAPES[now.shape];
  const height = L * box[0] * (0.9 + 0.2 * random());
  const widthOverHeight = box[1] * (0.9 + 0.2 * random());
  const width = height * widthOverHeight;
  const y = 0.3 + down * L;
  const top = Math.min(0.9 - height, y - 0.05);
  const hipY = top + height - (thighRise + shinRise) * L;
  return {
    timeS,
    bodyLength: L,
    box: { x1: 0.5 - width / 2, x2: 0.5 + width / 2, y1: top, y2: top + height },
    points: null,
    confidence: random(),
    certainty: random(),
    head: { x: 0.5 + (random() - 0.5) * 0.05, y },
    hips: posed ? { x: 0.5, y: hipY } : null,
    headSpeed,
    hipSpeed: headSpeed,
    travelSpeed: Math.floor(timeS / 5) % 2 === 0 ? 0.4 : 0.02,
    motion: random() * 0.3,
    recentPeakSpeed: Math.max(0, peak.speed),
    recentPeakS: peak.atS,
    recentDrop: down,
    hipDrop: down,
    torsoAngle: posed ? torso : null,
    axisAngle: posed ? torso : null,
    legAngle: posed ? leg : null,
    torsoRise: posed ? torsoRise : null,
    legDrop: posed ? thighRise + shinRise : null,
    thighDrop: posed ? thighRise / 0.29 : null,
    thighRise: posed ? thighRise : null,
    shinRise: posed ? shinRise : null,
    armRise: posed ? armRise : null,
    handsDown: posed ? now.shape === "crawl" || random() < 0.1 : null,
    kneesDown: posed ? shinRise < 0.1 : null,
    widthOverHeight,
    spread: posed ? widthOverHeight : null,
    tallest: Math.max(height, L * (0.5 + 0.5 * random())),
  };
}
