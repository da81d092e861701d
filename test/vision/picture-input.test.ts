import { describe, expect, it } from "vitest";
import type { ModelInput } from "../../models/manifest.ts";
import { PictureInput } from "../../src/vision/picture-input.ts";

const YOLO: ModelInput = {
  name: "images",
  dtype: "float32",
  layout: "NCHW",
  colours: "RGB",
  range: [0, 1],
  padding: 114,
  size: { kind: "fixed", width: 4, height: 4 },
};

/** Two pixels beside one another: (255, 0, 51) and (0, 102, 255). */
const IMAGE = { width: 2, height: 1, data: Uint8Array.of(255, 0, 51, 0, 102, 255) };

function numbers(input: ModelInput): number[] {
  const picture = new PictureInput(input, [32]);
  const { data } = picture.tensor(IMAGE, picture.fitOf(IMAGE));
  return Array.from<number | bigint, number>(data, Number);
}

const rounded = (values: readonly number[]) => values.map((value) => Math.round(value * 1000) / 1000);

describe("a model's picture input", () => {
  const size = { kind: "fixed", width: 3, height: 2 } as const;
  const grey = 0.447;

  it("is plane after plane for NCHW, grey beside the picture", () => {
    expect(rounded(numbers({ ...YOLO, size }))).toEqual([
      ...[1, 0, grey, grey, grey, grey],
      ...[0, 0.4, grey, grey, grey, grey],
      ...[0.2, 1, grey, grey, grey, grey],
    ]);
  });

  it("has its planes in the other order for BGR", () => {
    expect(rounded(numbers({ ...YOLO, size, colours: "BGR" })).slice(0, 2)).toEqual([0.2, 1]);
  });

  it("is pixel after pixel for NHWC", () => {
    const input: ModelInput = { ...YOLO, size, layout: "NHWC", padding: 0 };
    expect(rounded(numbers(input))).toEqual([1, 0, 0.2, 0, 0.4, 1, ...new Array(12).fill(0)]);
  });

  it("is the bytes themselves for uint8", () => {
    const input: ModelInput = { ...YOLO, size, layout: "NHWC", dtype: "uint8", range: [0, 255] };
    expect(numbers(input)).toEqual([...IMAGE.data, ...new Array(12).fill(114)]);
    const planes = numbers({ ...input, layout: "NCHW" });
    expect(planes.slice(0, 3)).toEqual([255, 0, 114]);
  });

  it("is shifted and scaled per channel where the model wants it", () => {
    const [mean, std] = [
      [0.5, 0.4, 0.2],
      [0.5, 0.2, 0.1],
    ] satisfies [ModelInput["mean"], ModelInput["std"]];
    const values = rounded(numbers({ ...YOLO, size, mean, std, padding: 0 }));
    expect([values[0], values[1], values[6], values[7], values[12], values[13]]).toEqual([
      1, -1, -2, 0, 0, 8,
    ]);
    // Black beside the picture is black to the model too.
    expect(values[17]).toBe(-2);
  });

  it("fits a frame into a fixed size by the side that is tighter", () => {
    const input = new PictureInput({ ...YOLO, size: { kind: "fixed", width: 640, height: 384 } }, []);
    expect(input.sizes).toEqual([640]);
    expect(input.fit(1280, 720, 320)).toEqual({
      width: 640,
      height: 384,
      contentWidth: 640,
      contentHeight: 360,
    });
    expect(input.fit(720, 1280, 320)).toEqual({
      width: 640,
      height: 384,
      contentWidth: 216,
      contentHeight: 384,
    });
  });

  it("refuses a picture that does not go in", () => {
    const input = new PictureInput(YOLO, []);
    const image = { width: 8, height: 4, data: new Uint8Array(96) };
    expect(() => input.fitOf(image)).toThrow(expect.objectContaining({ code: "internal" }));
  });

  it("is padded to 32 where the size is open, at the sizes that the manifest names", () => {
    const open: ModelInput = { ...YOLO, size: { kind: "dynamic", sizes: [256, 512] } };
    const input = new PictureInput(open, [320]);
    expect(input.sizes).toEqual([256, 512]);
    expect(input.fit(1280, 720, 512)).toMatchObject({ width: 512, height: 288 });
    expect(new PictureInput({ ...YOLO, size: { kind: "dynamic" } }, [320]).sizes).toEqual([320]);
  });
});
