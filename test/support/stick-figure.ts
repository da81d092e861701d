// A stick figure in a room, filmed by a camera near the ceiling: three-dimensional key poses, moved through by a script
// and projected to the keypoints and tracks that vision would report. Noise is seeded: the same script, the same film.
import type { Box } from "../../src/domain/geometry.ts";
import type { Keypoint } from "../../src/domain/pose.ts";
import type { FrameObservation, Track } from "../../src/domain/track.ts";

type Vector = readonly [x: number, y: number, z: number];

/** Nose, eyes, ears as one head; then shoulders, elbows, wrists, hips, knees, ankles of one side. Metres; z is forward. */
interface KeyPose {
  readonly head: Vector;
  readonly shoulder: Vector;
  readonly elbow: Vector;
  readonly wrist: Vector;
  readonly hip: Vector;
  readonly knee: Vector;
  readonly ankle: Vector;
}

const KEY_POSES = {
  stand: pose(
    [0, 1.6, 0.05],
    [0.19, 1.4, 0],
    [0.24, 1.1, 0],
    [0.25, 0.85, 0.05],
    [0.12, 0.92, 0],
    [0.12, 0.5, 0.02],
    [0.12, 0.08, 0],
  ),
  sit: pose(
    [0, 1.17, 0.08],
    [0.19, 0.97, 0],
    [0.24, 0.72, 0.05],
    [0.17, 0.58, 0.35],
    [0.12, 0.5, 0],
    [0.14, 0.5, 0.42],
    [0.14, 0.08, 0.42],
  ),
  bend: pose(
    [0, 0.55, 0.6],
    [0.19, 0.72, 0.42],
    [0.22, 0.5, 0.35],
    [0.15, 0.22, 0.3],
    [0.12, 0.9, 0],
    [0.13, 0.48, 0.06],
    [0.13, 0.08, 0],
  ),
  kneel: pose(
    [0, 1.18, 0.05],
    [0.19, 0.98, 0],
    [0.24, 0.7, 0.05],
    [0.2, 0.5, 0.2],
    [0.12, 0.5, 0],
    [0.13, 0.06, 0.05],
    [0.13, 0.06, -0.38],
  ),
  allFours: pose(
    [0, 0.62, 0.72],
    [0.19, 0.58, 0.5],
    [0.2, 0.3, 0.5],
    [0.2, 0.05, 0.52],
    [0.12, 0.5, 0],
    [0.13, 0.06, 0],
    [0.13, 0.06, -0.4],
  ),
  sitOnFloor: pose(
    [0, 0.76, 0],
    [0.19, 0.56, -0.05],
    [0.25, 0.3, 0],
    [0.25, 0.1, 0.1],
    [0.12, 0.1, 0],
    [0.14, 0.14, 0.42],
    [0.14, 0.08, 0.84],
  ),
  lieForward: pose(
    [0, 0.15, 1.58],
    [0.19, 0.14, 1.36],
    [0.3, 0.1, 1.2],
    [0.3, 0.06, 1.45],
    [0.12, 0.12, 0.86],
    [0.12, 0.08, 0.43],
    [0.12, 0.06, 0],
  ),
  lieBackward: pose(
    [0, 0.16, -1.55],
    [0.19, 0.12, -1.34],
    [0.3, 0.08, -1.1],
    [0.32, 0.05, -0.85],
    [0.12, 0.12, -0.85],
    [0.12, 0.14, -0.43],
    [0.12, 0.08, 0],
  ),
} as const satisfies Record<string, KeyPose>;

export type PoseName = keyof typeof KEY_POSES | "lieSideways";

export interface Actor {
  /** Where the feet are at first, metres from the camera's foot point: to the right, and away from it. */
  readonly at: readonly [right: number, away: number];
  /** Degrees: 0 faces the camera, 90 looks to the right of the picture, 180 turns the back. */
  readonly facing?: number;
  readonly pose?: PoseName;
  readonly script: readonly Step[];
  /** The track id at a time; 1 by default. */
  readonly id?: number | ((timeS: number) => number);
  /** Not detected in these frames. */
  readonly hidden?: (timeS: number) => boolean;
  /** Keypoints (indices) that are not found in these frames. */
  readonly occluded?: (timeS: number) => readonly number[];
  /** The detector reports boxes only. */
  readonly withoutPose?: boolean;
}

export type Step =
  | { readonly do: "hold"; readonly forS: number }
  | {
      readonly do: "move";
      readonly to: PoseName;
      readonly forS: number;
      readonly like?: "muscle" | "gravity";
    }
  | { readonly do: "walk"; readonly to: readonly [right: number, away: number]; readonly forS: number }
  | { readonly do: "turn"; readonly to: number; readonly forS: number };

export const hold = (forS: number): Step => ({ do: "hold", forS });
/** A movement under control: slow at both ends. */
export const move = (to: PoseName, forS: number): Step => ({ do: "move", to, forS });
/** A movement that nobody stops: it gathers speed up to the ground. */
export const drop = (to: PoseName, forS: number): Step => ({ do: "move", to, forS, like: "gravity" });
export const walk = (to: readonly [number, number], forS: number): Step => ({ do: "walk", to, forS });
export const turn = (to: number, forS: number): Step => ({ do: "turn", to, forS });

export interface FilmOptions {
  readonly fps?: number;
  readonly seed?: number;
  /** Standard deviation of every keypoint, picture heights. MultiPose jitters by about half a percent. */
  readonly noise?: number;
  readonly aspect?: number;
  readonly cameraHeight?: number;
  /** Downward tilt, degrees. */
  readonly tilt?: number;
  readonly startS?: number;
  readonly cameraId?: string;
  /** Seconds a track that is not detected stays lost before it ends. */
  readonly lostS?: number;
}

/** Films the actors together, to the end of the longest script. */
export function film(actors: readonly Actor[], options: FilmOptions = {}): FrameObservation[] {
  const { fps = 10, seed = 1, noise = 0.005, startS = 0, cameraId = "room", lostS = 3 } = options;
  const camera = {
    aspect: options.aspect ?? 4 / 3,
    height: options.cameraHeight ?? 2.2,
    tilt: options.tilt ?? 20,
  };
  const random = gaussian(seed);
  const seconds = Math.max(...actors.map(({ script }) => script.reduce((sum, step) => sum + step.forS, 0)));
  const known = new Map<number, Track>();
  const frames: FrameObservation[] = [];
  for (let n = 0; n <= Math.round(seconds * fps); n += 1) {
    const inScript = n / fps;
    const timeS = startS + inScript;
    const now = new Map<number, Track>();
    for (const actor of actors) {
      const id = typeof actor.id === "function" ? actor.id(inScript) : (actor.id ?? 1);
      // Drawn even when hidden: a dropout must not shift the noise of the frames after it.
      const points = shoot(actor, inScript, camera, () => noise * random());
      if (actor.hidden?.(inScript) === true) continue;
      now.set(id, trackOf(id, points, actor, inScript, timeS, known.get(id)));
    }
    for (const [id, before] of known) {
      if (now.has(id)) continue;
      if (before.state === "ended") {
        known.delete(id);
        continue;
      }
      const state = timeS - before.lastSeenS > lostS ? "ended" : "lost";
      now.set(id, { ...before, state, pose: null, detected: false });
    }
    for (const [id, track] of now) known.set(id, track);
    frames.push({
      stamp: {
        cameraId,
        sequence: n,
        capturedAt: 1_700_000_000_000 + Math.round(timeS * 1000),
        mediaTimeS: timeS,
      },
      aspect: camera.aspect,
      tracks: [...now.values()].sort((a, b) => a.id - b.id),
    });
  }
  return frames;
}

function trackOf(
  id: number,
  points: readonly Keypoint[],
  actor: Actor,
  inScript: number,
  timeS: number,
  before: Track | undefined,
): Track {
  const occluded = actor.occluded?.(inScript) ?? [];
  const seen = points.map((point, index) =>
    occluded.includes(index) ? { ...point, confidence: 0.05 } : point,
  );
  const visible = seen.filter((point) => point.confidence > 0.1);
  return {
    id,
    state: "confirmed",
    box: around(visible.length > 0 ? visible : seen),
    confidence: 0.6,
    pose: actor.withoutPose === true ? null : seen,
    detected: true,
    firstSeenS: before?.firstSeenS ?? timeS,
    lastSeenS: timeS,
  };
}

interface Stance {
  readonly at: readonly [number, number];
  readonly facing: number;
  readonly body: KeyPose;
}

function stanceAt(actor: Actor, timeS: number): Stance {
  let stance: Stance = {
    at: actor.at,
    facing: actor.facing ?? 0,
    body: keyPose(actor.pose ?? "stand"),
  };
  let begun = 0;
  for (const step of actor.script) {
    const share = step.forS === 0 ? 1 : Math.min(1, (timeS - begun) / step.forS);
    if (share < 0) break;
    stance = perform(stance, step, share);
    begun += step.forS;
  }
  return stance;
}

function perform(from: Stance, step: Step, share: number): Stance {
  switch (step.do) {
    case "hold":
      return from;
    case "turn":
      return { ...from, facing: mix(from.facing, step.to, share) };
    case "walk":
      return { ...from, at: [mix(from.at[0], step.to[0], share), mix(from.at[1], step.to[1], share)] };
    case "move": {
      const eased = step.like === "gravity" ? share ** 2 : (1 - Math.cos(Math.PI * share)) / 2;
      const to = keyPose(step.to);
      const joint = (name: keyof KeyPose): Vector => [
        mix(from.body[name][0], to[name][0], eased),
        mix(from.body[name][1], to[name][1], eased),
        mix(from.body[name][2], to[name][2], eased),
      ];
      const body: KeyPose = {
        head: joint("head"),
        shoulder: joint("shoulder"),
        elbow: joint("elbow"),
        wrist: joint("wrist"),
        hip: joint("hip"),
        knee: joint("knee"),
        ankle: joint("ankle"),
      };
      return { ...from, body };
    }
  }
}

/** The 17 keypoints as the camera sees them. */
function shoot(
  actor: Actor,
  timeS: number,
  camera: { aspect: number; height: number; tilt: number },
  jitter: () => number,
): Keypoint[] {
  const { at, facing, body } = stanceAt(actor, timeS);
  const both = (joint: Vector): Vector[] => [[-joint[0], joint[1], joint[2]], joint];
  const [, headY, headZ] = body.head;
  const joints: Vector[] = [
    [0, headY, headZ + 0.08],
    [-0.03, headY + 0.03, headZ + 0.06],
    [0.03, headY + 0.03, headZ + 0.06],
    [-0.07, headY, headZ],
    [0.07, headY, headZ],
    ...[body.shoulder, body.elbow, body.wrist, body.hip, body.knee, body.ankle].flatMap(both),
  ];
  const turned = (facing * Math.PI) / 180;
  const tilt = (camera.tilt * Math.PI) / 180;
  return joints.map(([x, y, z]) => {
    // Facing 0 looks at the camera: forward is towards it.
    const right = at[0] + x * Math.cos(turned) + z * Math.sin(turned);
    const away = at[1] + x * Math.sin(turned) - z * Math.cos(turned);
    const down = camera.height - y;
    const depth = away * Math.cos(tilt) + down * Math.sin(tilt);
    const below = down * Math.cos(tilt) - away * Math.sin(tilt);
    // A focal length of .9 picture heights: 58 degrees from top to bottom, a usual indoor camera.
    return {
      x: 0.5 + (0.9 * right) / depth / camera.aspect + jitter() / camera.aspect,
      y: 0.5 + (0.9 * below) / depth + jitter(),
      confidence: 0.7,
    };
  });
}

/** A detector's box: a little larger than the joints, since heads and feet go on beyond them. */
function around(points: readonly Keypoint[]): Box {
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const [x1, x2, y1, y2] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const [dx, dy] = [0.06 * (x2 - x1), 0.06 * (y2 - y1)];
  return { x1: x1 - dx, y1: y1 - dy, x2: x2 + dx, y2: y2 + dy };
}

function keyPose(name: PoseName): KeyPose {
  if (name !== "lieSideways") return KEY_POSES[name];
  // Like a fall forward, but to the right; one shoulder above the other.
  const { head, shoulder, elbow, wrist, hip, knee, ankle } = KEY_POSES.lieForward;
  const side = ([x, y, z]: Vector): Vector => [z, y + x, 0];
  return {
    head: side(head),
    shoulder: side(shoulder),
    elbow: side(elbow),
    wrist: side(wrist),
    hip: side(hip),
    knee: side(knee),
    ankle: side(ankle),
  };
}

function pose(
  head: Vector,
  shoulder: Vector,
  elbow: Vector,
  wrist: Vector,
  hip: Vector,
  knee: Vector,
  ankle: Vector,
): KeyPose {
  return { head, shoulder, elbow, wrist, hip, knee, ankle };
}

function mix(from: number, to: number, share: number): number {
  return from + (to - from) * share;
}

/** Normally distributed numbers from a seed (mulberry32, Box-Muller). */
function gaussian(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
