// People who walk about in a picture and are detected as real detectors do it: a little beside, sometimes weakly, sometimes
// not at all. The same crowd from the same seed.
import type { Box } from "../domain/geometry.ts";
import type { Detection, Pose } from "../domain/pose.ts";
import { KEYPOINTS } from "../domain/pose.ts";
import { randomNumbers } from "./random-numbers.ts";

export interface CrowdOptions {
  readonly bodies: number;
  readonly frames: number;
  readonly fps: number;
  /** Length of the appearance vector that every detection carries; 0 for none. */
  readonly appearance: number;
  readonly seed: number;
}

export interface CrowdFrame {
  readonly timeS: number;
  readonly detections: readonly Detection[];
}

interface Body {
  x: number;
  y: number;
  readonly height: number;
  readonly speedX: number;
  readonly speedY: number;
  readonly look: Float32Array;
}

export const CROWD_ASPECT = 16 / 9;
/** Of a frame's detections: how many are missed, how many of the others are weak. */
const MISSED = 0.05;
const WEAK = 0.15;
/** Standard deviation of a box's edge, of the body's height. */
const JITTER = 0.02;

export function walkingCrowd(options: CrowdOptions): CrowdFrame[] {
  const random = randomNumbers(options.seed);
  const bodies = Array.from({ length: options.bodies }, () => newBody(random, options.appearance));
  return Array.from({ length: options.frames }, (_, index) => {
    const detections: Detection[] = [];
    for (const body of bodies) {
      walk(body, 1 / options.fps);
      if (random() >= MISSED) detections.push(detectionOf(body, random));
    }
    // Detectors give the surest first.
    detections.sort((a, b) => b.confidence - a.confidence);
    return { timeS: index / options.fps, detections };
  });
}

function newBody(random: () => number, appearance: number): Body {
  const height = 0.2 + 0.25 * random();
  // A body length in half a second to two seconds, in any direction.
  const speed = height * (0.5 + 1.5 * random());
  const direction = 2 * Math.PI * random();
  const look = Float32Array.from({ length: appearance }, () => random() - 0.5);
  return {
    x: random(),
    y: 0.3 + 0.5 * random(),
    height,
    speedX: (speed * Math.cos(direction)) / CROWD_ASPECT,
    speedY: 0.3 * speed * Math.sin(direction),
    look: unit(look),
  };
}

/** On and on: where that is in the picture is folded in when it is looked at. */
function walk(body: Body, stepS: number): void {
  body.x += body.speedX * stepS;
  body.y += body.speedY * stepS;
}

function detectionOf(body: Body, random: () => number): Detection {
  const { height, look } = body;
  const x = mirrored(body.x);
  const y = 0.3 + 0.5 * mirrored(body.y);
  const width = (0.4 * height) / CROWD_ASPECT;
  const edge = () => JITTER * height * (random() + random() + random() - 1.5) * 2;
  const box: Box = {
    x1: x - width / 2 + edge(),
    y1: y - height / 2 + edge(),
    x2: x + width / 2 + edge(),
    y2: y + height / 2 + edge(),
  };
  const confidence = random() < WEAK ? 0.1 + 0.1 * random() : 0.3 + 0.5 * random();
  const pose: Pose = KEYPOINTS.map((_, index) => ({
    x: x + width * (index % 2 === 0 ? 0.2 : -0.2),
    y: y + height * (index / KEYPOINTS.length - 0.5),
    confidence: 0.5 + 0.4 * random(),
  }));
  const detection: Detection = { box, confidence, pose };
  if (look.length === 0) return detection;
  // The same body on two pictures: a cosine of about .9.
  const noisy = look.map((value) => value + (0.9 * (random() - 0.5)) / Math.sqrt(look.length));
  return { ...detection, appearance: unit(noisy) };
}

/** A coordinate that goes on for ever, folded into 0..1: there and back between the picture's edges. */
function mirrored(value: number): number {
  const folded = Math.abs(value % 2);
  return folded > 1 ? 2 - folded : folded;
}

function unit(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
