import { describe, expect, it } from "vitest";
import {
  BODY_LENGTH,
  DURATION_S,
  FALLS_S,
  RISES_S,
  type Stance,
  stanceAt,
} from "../../src/demo/choreography.ts";

const FRAME_S = 0.04;
const times = Array.from({ length: DURATION_S / FRAME_S }, (_, index) => index * FRAME_S);

function stance(time: number): Stance {
  const found = stanceAt(time);
  if (found === null) throw new Error(`nobody is there at ${time} s`);
  return found;
}

/** Height of the head over the feet, in body lengths. */
const headAt = (time: number) => Math.cos(stance(time).lean);

describe("the demo's scene", () => {
  it("begins and ends with an empty room, so that it loops", () => {
    expect(stanceAt(0)).toBeNull();
    expect(stanceAt(0.9)).toBeNull();
    for (let time = DURATION_S - 2.5; time < DURATION_S; time += FRAME_S) expect(stanceAt(time)).toBeNull();
  });

  it("brings him in from outside of the picture, never faster than people walk", () => {
    const present = times.filter((time) => stanceAt(time) !== null);
    expect(stance(present[0] ?? 0).x).toBeLessThan(-60);
    for (const time of present.slice(1)) {
      const step = Math.abs(stance(time).x - stance(time - FRAME_S).x);
      // 1 body length/s is about 1.7 m/s, a brisk walk.
      expect(step / FRAME_S / BODY_LENGTH).toBeLessThan(1);
    }
  });

  it("has him upright until he falls", () => {
    for (const time of times)
      if (time <= FALLS_S && stanceAt(time) !== null) expect(stance(time).lean).toBe(-0);
  });

  it("lets his head come down as fast as in real falls, and ever faster", () => {
    const speed = (time: number) => (headAt(time - 0.1) - headAt(time + 0.1)) / 0.2;
    const speeds = times.filter((time) => time > FALLS_S && time < FALLS_S + 2).map(speed);
    const peak = Math.max(...speeds);
    // Over .2 s, in body lengths/s: real falls reach 1.19 (median), lying down on purpose at most .74.
    expect(peak).toBeGreaterThan(1.19);
    // A rod that falls freely from upright ends at the square root of 3 g / L, here 4.1 body lengths/s.
    expect(peak).toBeLessThan(4.1);
    const rise = speeds.slice(0, speeds.indexOf(peak));
    expect(rise.length).toBeGreaterThan(5);
    expect(rise).toEqual(rise.toSorted((a, b) => a - b));
  });

  it("leaves him lying still for at least eight seconds", () => {
    const lying = times.filter(
      (time) => stanceAt(time) !== null && headAt(time) < 0.15 && time > FALLS_S + 1.2,
    );
    const full = lying.filter((time) => time < RISES_S);
    expect(full.length * FRAME_S).toBeGreaterThan(8);
    const { x, y, lean, picture } = stance(full[0] ?? 0);
    for (const time of full) expect(stance(time)).toMatchObject({ x, y, lean, picture });
  });

  it("shows only pictures that the source clip has", () => {
    for (const time of times) {
      const { picture } = stanceAt(time) ?? { picture: 0 };
      expect(Number.isInteger(picture) && picture >= 0 && picture < 20, `${time} s`).toBe(true);
    }
  });
});
