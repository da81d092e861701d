import { describe, expect, it } from "vitest";
import { type MomentView, momentQuality, sharpnessShare } from "../../src/tracking/moment-quality.ts";

const PLAIN: MomentView = {
  confidence: 0.5,
  widthPx: 50,
  heightPx: 100,
  facing: null,
  showsFace: false,
  covered: 0,
  cutOff: false,
};

describe("the quality of a moment", () => {
  it("is the specification's: .3 confidence, .3 size, .4 sharpness, a fifth more with a face", () => {
    expect(momentQuality(PLAIN, 0.5)).toBeCloseTo(0.3 * 0.5 + 0.3 * 0.5 + 0.4 * 0.5);
    expect(momentQuality({ ...PLAIN, showsFace: true }, 0.5)).toBeCloseTo(1.2 * 0.5);
  });

  it("counts size and sharpness up to a bound, and is never more than one", () => {
    const large: MomentView = { ...PLAIN, widthPx: 1000, heightPx: 1000, confidence: 1 };
    expect(momentQuality(large, sharpnessShare(5000))).toBeCloseTo(1);
    expect(momentQuality({ ...large, showsFace: true }, 1)).toBe(1);
    expect(sharpnessShare(50)).toBeCloseTo(0.5);
  });

  it("is less where somebody else covers the body, or the picture's edge cuts it off", () => {
    const whole = momentQuality(PLAIN, 1);
    expect(momentQuality({ ...PLAIN, covered: 0.2 }, 1)).toBe(whole);
    expect(momentQuality({ ...PLAIN, covered: 0.5 }, 1)).toBeLessThan(0.7 * whole);
    expect(momentQuality({ ...PLAIN, cutOff: true }, 1)).toBeLessThan(whole);
  });

  it("is nought for what is no number", () => {
    expect(momentQuality({ ...PLAIN, widthPx: Number.NaN }, 1)).toBe(0);
    expect(sharpnessShare(Number.NaN)).toBe(0);
  });
});
