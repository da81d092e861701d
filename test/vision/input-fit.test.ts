import { describe, expect, it } from "vitest";
import { fitLongSide, layIntoInput, padTo } from "../../src/vision/input-fit.ts";

describe("the model's input", () => {
  it("holds a picture whose long side is the input size, padded to the stride", () => {
    expect(fitLongSide(640, 480, 256, 32)).toEqual({
      width: 256,
      height: 192,
      contentWidth: 256,
      contentHeight: 192,
    });
    expect(fitLongSide(1280, 720, 384, 32)).toEqual({
      width: 384,
      height: 224,
      contentWidth: 384,
      contentHeight: 216,
    });
  });

  it("enlarges a small picture", () => {
    expect(fitLongSide(160, 120, 256, 32).contentWidth).toBe(256);
  });

  it("survives a picture that is all length", () => {
    expect(fitLongSide(5000, 2, 256, 32)).toEqual({
      width: 256,
      height: 32,
      contentWidth: 256,
      contentHeight: 1,
    });
  });

  it("is black below a landscape picture", () => {
    const image = { width: 4, height: 3, data: new Uint8Array(4 * 3 * 3).fill(7) };
    const input = layIntoInput(image, padTo(4, 3, 4));
    expect(input).toHaveLength(4 * 4 * 3);
    expect(input.subarray(0, 36).every((value) => value === 7)).toBe(true);
    expect(input.subarray(36).every((value) => value === 0)).toBe(true);
  });

  it("is black beside an upright picture, row by row", () => {
    const image = { width: 2, height: 4, data: Uint8Array.from({ length: 24 }, (_, at) => at + 1) };
    const input = layIntoInput(image, padTo(2, 4, 4));
    for (let y = 0; y < 4; y += 1) {
      const row = [...input.subarray(y * 12, (y + 1) * 12)];
      expect(row).toEqual([...image.data.subarray(y * 6, (y + 1) * 6), 0, 0, 0, 0, 0, 0]);
    }
  });

  it("leaves the picture alone, which others still show", () => {
    const image = { width: 4, height: 4, data: new Uint8Array(48).fill(9) };
    const input = layIntoInput(image, padTo(4, 4, 4));
    input.fill(0);
    expect(image.data[0]).toBe(9);
  });
});
