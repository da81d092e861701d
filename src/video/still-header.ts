// What the first bytes of a picture file say about it: format, size, and how it has to be turned. Read before anything is
// decoded, so that a file that would become gigabytes of pixels is refused while it is still a file.
import { isTorn } from "./still-format.ts";

export interface StillHeader {
  readonly format: "jpeg" | "png" | "webp" | "pgm";
  /** As stored, before it is turned. Pixels. */
  readonly width: number;
  readonly height: number;
  /** Clockwise, to be upright (Exif's orientation; mirrored pictures are turned only). */
  readonly quarterTurns: 0 | 1 | 2 | 3;
  /** Its end is missing. */
  readonly torn: boolean;
}

/** null for what is none of these formats, or says nothing of its size. */
export function stillHeaderOf(file: Uint8Array): StillHeader | null {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const header = jpegHeader(bytes) ?? pngHeader(bytes) ?? webpHeader(bytes) ?? pgmHeader(bytes);
  return header !== null && header.width > 0 && header.height > 0 ? header : null;
}

/** ITU-T T.81, annex B: segments up to the frame header. */
function jpegHeader(bytes: Buffer): StillHeader | null {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return null;
  let quarterTurns: StillHeader["quarterTurns"] = 0;
  for (let at = 2; at + 4 <= bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    // Fill bytes, and markers that stand alone.
    if (marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += marker === 0xff ? 1 : 2;
      continue;
    }
    const length = bytes.readUInt16BE(at + 2);
    if (length < 2 || marker === 0xda || marker === 0xd9) return null;
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (marker === 0xe1 && segment.subarray(0, 6).equals(EXIF)) quarterTurns = exifTurns(segment.subarray(6));
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame && segment.length >= 5) {
      const [height, width] = [segment.readUInt16BE(1), segment.readUInt16BE(3)];
      return { format: "jpeg", width, height, quarterTurns, torn: isTorn(bytes) };
    }
    at += 2 + length;
  }
  return null;
}

const EXIF = Buffer.from("Exif\0\0", "latin1");
const ORIENTATION = 0x0112;
/** By the value, 1 to 8 (Exif 2.32, 4.6.5); 2, 4, 5 and 7 are mirrored as well. */
const TURNS = [0, 0, 0, 2, 2, 1, 1, 3, 3] as const;

/** The orientation in a TIFF header's first directory. */
function exifTurns(tiff: Buffer): StillHeader["quarterTurns"] {
  const isLittle = tiff.subarray(0, 2).toString("latin1") === "II";
  const u16 = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const u32 = (at: number) => (isLittle ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  if (tiff.length < 14) return 0;
  const directory = u32(4);
  if (directory + 2 > tiff.length) return 0;
  const entries = u16(directory);
  for (let index = 0; index < entries; index += 1) {
    const at = directory + 2 + index * 12;
    if (at + 12 > tiff.length) return 0;
    if (u16(at) === ORIENTATION) return TURNS[u16(at + 8)] ?? 0;
  }
  return 0;
}

/** PNG specification, 11.2.1 and 11.3.2.5: IHDR is the first chunk, eXIf comes before the pixels. */
function pngHeader(bytes: Buffer): StillHeader | null {
  if (bytes.length < 33 || !bytes.subarray(0, 8).equals(PNG)) return null;
  if (bytes.subarray(12, 16).toString("latin1") !== "IHDR") return null;
  let quarterTurns: StillHeader["quarterTurns"] = 0;
  for (let at = 8; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const name = bytes.subarray(at + 4, at + 8).toString("latin1");
    if (name === "eXIf") quarterTurns = exifTurns(bytes.subarray(at + 8, at + 8 + length));
    if (name === "IDAT") break;
    at += 12 + length;
  }
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  return { format: "png", width, height, quarterTurns, torn: isTorn(bytes) };
}

const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** RFC 9649: RIFF chunks; the size lies in VP8X where there is one, else in the picture itself. */
function webpHeader(bytes: Buffer): StillHeader | null {
  const text = (at: number) => bytes.subarray(at, at + 4).toString("latin1");
  if (bytes.length < 30 || text(0) !== "RIFF" || text(8) !== "WEBP") return null;
  const torn = bytes.readUInt32LE(4) + 8 > bytes.length;
  const size = webpSize(bytes, text(12));
  if (size === null) return null;
  let quarterTurns: StillHeader["quarterTurns"] = 0;
  for (let at = 12; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    const chunk = bytes.subarray(at + 8, at + 8 + length);
    // Some writers put the header of JPEG's segment before it.
    if (text(at) === "EXIF")
      quarterTurns = exifTurns(chunk.subarray(0, 6).equals(EXIF) ? chunk.subarray(6) : chunk);
    at += 8 + length + (length % 2);
  }
  return { format: "webp", ...size, quarterTurns, torn };
}

function webpSize(bytes: Buffer, first: string): { width: number; height: number } | null {
  switch (first) {
    case "VP8X":
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    case "VP8L": {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case "VP8 ":
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    default:
      return null;
  }
}

/** Netpbm's grey maps with binary pixels, which public sets of faces come as. */
function pgmHeader(bytes: Buffer): StillHeader | null {
  const head = /^P5\s(?:#[^\n]*\n|\s)*(\d{1,6})\s+(?:#[^\n]*\n\s*)?(\d{1,6})\s+(\d{1,3})\s/.exec(
    bytes.subarray(0, 512).toString("latin1"),
  );
  if (head === null) return null;
  const [width, height] = [Number(head[1]), Number(head[2])];
  return {
    format: "pgm",
    width,
    height,
    quarterTurns: 0,
    torn: bytes.length < head[0].length + width * height,
  };
}
