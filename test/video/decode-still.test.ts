import { readFile } from "node:fs/promises";
import { deflateSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { decodeStill, MAX_STILL_BYTES } from "../../src/video/decode-still.ts";
import { stillHeaderOf } from "../../src/video/still-header.ts";
import { realPicture } from "../models/real-picture.ts";

/** 620x349, four people. */
let photo: Buffer;

beforeAll(async () => {
  photo = await readFile(await realPicture());
}, 900_000);

/** The same file with Exif's orientation in it. */
function oriented(value: number, order: "II" | "MM" = "MM"): Buffer {
  const tiff = Buffer.alloc(26);
  const big = order === "MM";
  const u16 = (number: number, at: number) =>
    big ? tiff.writeUInt16BE(number, at) : tiff.writeUInt16LE(number, at);
  const u32 = (number: number, at: number) =>
    big ? tiff.writeUInt32BE(number, at) : tiff.writeUInt32LE(number, at);
  tiff.write(order, 0, "latin1");
  u16(42, 2);
  u32(8, 4);
  u16(1, 8);
  u16(0x0112, 10);
  u16(3, 12);
  u32(1, 14);
  u16(value, 18);
  const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([photo.subarray(0, 2), head, body, photo.subarray(2)]);
}

function chunk(name: string, data: Buffer): Buffer {
  const all = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc32(all));
  return Buffer.concat([head, all, tail]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Grey, 8 bits; `rows` of zeros, fewer than it says where that is enough. */
function png(width: number, height: number, rows = height): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(Buffer.alloc(rows * (width + 1)))),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function brightness(data: Uint8Array): number {
  return data.reduce((sum, value) => sum + value, 0) / data.length;
}

describe("a photo", () => {
  it("is decoded as it is, and gives parts of itself", async () => {
    using frame = await decodeStill(photo);
    expect([frame.width, frame.height]).toEqual([620, 349]);
    const { data } = frame.toRgb(62, 35);
    expect(brightness(data)).toBeGreaterThan(30);
    expect(frame.toRgbRegion({ x1: 0.1, y1: 0.1, x2: 0.2, y2: 0.3 }, 64, 64).data).toHaveLength(64 * 64 * 3);
  });

  it.each([
    { value: 1, size: [620, 349], from: [0.25, 0.25] },
    { value: 3, size: [620, 349], from: [0.75, 0.75] },
    { value: 6, size: [349, 620], from: [0.25, 0.75] },
    { value: 8, size: [349, 620], from: [0.75, 0.25] },
  ] as const)("is turned as its Exif orientation $value says", async ({ value, size, from }) => {
    for (const order of ["MM", "II"] as const) {
      using upright = await decodeStill(photo);
      using frame = await decodeStill(oriented(value, order));
      expect([frame.width, frame.height]).toEqual(size);
      // What stands around (.25, .25) once it is turned, and where that was before.
      const mean = (of: typeof frame, [x, y]: readonly [number, number]) =>
        brightness(of.toRgbRegion({ x1: x - 0.1, y1: y - 0.1, x2: x + 0.1, y2: y + 0.1 }, 8, 8).data);
      expect(Math.abs(mean(frame, [0.25, 0.25]) - mean(upright, from))).toBeLessThan(4);
    }
  });

  it("may be a PNG or a grey map", async () => {
    using small = await decodeStill(png(40, 30));
    expect([small.width, small.height]).toEqual([40, 30]);
    const pgm = Buffer.concat([
      Buffer.from("P5\n# a face\n4 3\n255\n", "latin1"),
      Buffer.from([0, 50, 100, 150, 0, 50, 100, 150, 0, 50, 100, 150]),
    ]);
    using grey = await decodeStill(pgm);
    expect(grey.toRgb(4, 3).data[3 * 3]).toBeGreaterThan(140);
  });
});

describe("what is no photo is refused in a sentence that says what to do:", () => {
  it.each<[string, () => Uint8Array, RegExp]>([
    ["an empty file", () => new Uint8Array(0), /is empty: choose another/],
    ["a PDF", () => Buffer.from("%PDF-1.7\n%âãÏÓ\n1 0 obj"), /no photo.*send a JPEG, PNG or WebP/],
    ["a text", () => Buffer.from("hello ".repeat(100)), /no photo/],
    ["half a JPEG", () => photo.subarray(0, photo.length / 2), /cut off in the middle/],
    ["the head of a JPEG alone", () => photo.subarray(0, 20), /no photo|cut off/],
    ["a JPEG of noise", () => spoiled(photo), /damaged|cut off|no photo/],
    ["20,000 x 20,000 pixels", () => png(20_000, 20_000, 1), /20000x20000 pixels.*50 million are the most/],
    ["a PNG without pixels", () => png(0, 0), /no photo/],
    ["a PNG with fewer rows than it says", () => png(4000, 4000, 1), /damaged/],
    [
      "too many bytes",
      () => Buffer.concat([photo, Buffer.alloc(MAX_STILL_BYTES)]),
      /MB, and 20 are the most/,
    ],
  ])("%s", async (_, make, sentence) => {
    await expect(decodeStill(make())).rejects.toMatchObject({ code: "input.invalid" });
    await expect(decodeStill(make())).rejects.toThrow(sentence);
  });

  it("any single byte of a header that is wrong", async () => {
    for (let at = 0; at < 700; at += 7) {
      const broken = Buffer.from(photo);
      broken[at] = (broken[at] ?? 0) ^ 0xff;
      await decodeStill(broken).then(
        (frame) => frame[Symbol.dispose](),
        (error) => expect(error).toMatchObject({ code: "input.invalid" }),
      );
    }
  }, 60_000);
});

/** A sound header, and then anything. */
function spoiled(file: Buffer): Buffer {
  const broken = Buffer.from(file);
  for (let at = 200; at < broken.length - 2; at += 1) broken[at] = (at * 193 + (at >> 3) * 71) & 0xff;
  return broken;
}

describe("the size of a WebP", () => {
  const riff = (name: string, body: Buffer) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(body.length);
    const chunks = Buffer.concat([Buffer.from(name, "latin1"), size, body]);
    const head = Buffer.alloc(4);
    head.writeUInt32LE(chunks.length + 4);
    return Buffer.concat([Buffer.from("RIFF"), head, Buffer.from("WEBP"), chunks]);
  };
  const extended = Buffer.alloc(10);
  extended.writeUIntLE(1919, 4, 3);
  extended.writeUIntLE(1079, 7, 3);
  const lossy = Buffer.from([0, 0, 0, 0x9d, 0x01, 0x2a, 0x80, 0x07, 0x38, 0x04, 0, 0]);
  const lossless = Buffer.alloc(12);
  lossless[0] = 0x2f;
  lossless.writeUInt32LE((1919 | (1079 << 14)) >>> 0, 1);

  it.each([
    ["VP8X", extended],
    ["VP8 ", lossy],
    ["VP8L", lossless],
  ])("is read from %s", (name, body) => {
    expect(stillHeaderOf(riff(name, body))).toMatchObject({ format: "webp", width: 1920, height: 1080 });
  });

  it("is not taken from half a file", () => {
    const whole = riff("VP8X", Buffer.concat([extended, Buffer.alloc(40)]));
    expect(stillHeaderOf(whole)?.torn).toBe(false);
    expect(stillHeaderOf(whole.subarray(0, -10))?.torn).toBe(true);
  });
});
