import { describe, expect, it } from "vitest";
import { MAX_PICTURE_BYTES, MultipartParts } from "../../src/video/multipart-parts.ts";

const TYPE = "multipart/x-mixed-replace; boundary=frame";

/** Looks like a JPEG, and like a delimiter and the end of lines inside. */
function picture(number: number, length = 400): Buffer {
  const body = Buffer.alloc(length, `${number}\r\n--fr\n--\r`);
  body.set([0xff, 0xd8, 0xff], 0);
  body.set([0xff, 0xd9], length - 2);
  return body;
}

const PICTURES = [1, 2, 3, 4].map((number) => picture(number, 100 * number + number));

/** What the device sends for each picture. */
type Dialect = (body: Buffer) => (string | Buffer)[];

const DIALECTS: readonly [string, string, Dialect][] = [
  [
    "as the standard says",
    TYPE,
    (body) => [`--frame\r\ncontent-type: image/jpeg\r\ncontent-length: ${body.length}\r\n\r\n`, body, "\r\n"],
  ],
  ["without lengths", TYPE, (body) => ["--frame\r\nContent-Type: image/jpeg\r\n\r\n", body, "\r\n"]],
  [
    "with the dashes in the header",
    "multipart/x-mixed-replace;boundary=--frame",
    (body) => [`--frame\r\nContent-Length:${body.length}\r\n\r\n`, body, "\r\n"],
  ],
  [
    "with a quoted boundary",
    'multipart/x-mixed-replace; boundary="a frame"; x=y',
    (body) => ["--a frame\r\n\r\n", body, "\r\n"],
  ],
  ["with bare line feeds", TYPE, (body) => ["--frame\ncontent-type: image/jpeg\n\n", body, "\n"]],
  [
    "without any dashes",
    "multipart/x-mixed-replace; boundary=frame",
    (body) => [`frame\r\nContent-Length: ${body.length}\r\n\r\n`, body, "\r\n"],
  ],
  [
    "with another boundary than it said",
    "multipart/x-mixed-replace",
    (body) => [`--camera7\r\ncontent-length: ${body.length}\r\n\r\n`, body, "\r\n"],
  ],
  [
    "without a line end behind the picture",
    TYPE,
    (body) => [`--frame\r\ncontent-length: ${body.length}\r\n\r\n`, body],
  ],
  [
    "with a length that is too great",
    TYPE,
    (body) => [`--frame\r\ncontent-length: ${body.length + 60}\r\n\r\n`, body, "\r\n"],
  ],
  [
    "with a length that is too small",
    TYPE,
    (body) => [`--frame\r\ncontent-length: ${body.length - 60}\r\n\r\n`, body, "\r\n"],
  ],
  ["with a length of nothing", TYPE, (body) => ["--frame\r\ncontent-length: 0\r\n\r\n", body, "\r\n"]],
];

function stream(dialect: Dialect): Buffer {
  return Buffer.concat(PICTURES.flatMap(dialect).map((piece) => Buffer.from(piece as Buffer)));
}

function split(contentType: string, bytes: Buffer, chunk: number): Buffer[] {
  const parts = new MultipartParts(contentType);
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunk) found.push(...parts.push(bytes.subarray(at, at + chunk)));
  return found;
}

describe("pictures in a multipart answer", () => {
  it.each(DIALECTS)("sent %s come out whole, however they are cut on the way", (_name, type, dialect) => {
    const bytes = Buffer.concat([stream(dialect), Buffer.from("\r\n--frame")]);
    for (const chunk of [1, 2, 3, 7, 64, 333, 1460, bytes.length]) {
      const found = split(type, bytes, chunk);
      // The last one may wait for what ends it.
      expect(found.length).toBeGreaterThanOrEqual(PICTURES.length - 1);
      for (const [index, part] of found.entries()) expect(part.equals(PICTURES[index] ?? part)).toBe(true);
    }
  });

  it.each(DIALECTS.slice(0, 3))("sent %s do not wait for the next one", (_name, type, dialect) => {
    const parts = new MultipartParts(type);
    for (const expected of PICTURES) {
      const found = parts.push(Buffer.concat(dialect(expected).map((piece) => Buffer.from(piece as Buffer))));
      expect(found.map((part) => part.equals(expected))).toEqual([true]);
    }
  });

  it("are found behind whatever comes first", () => {
    const [, type, dialect] = DIALECTS[0] ?? ["", "", () => []];
    const bytes = Buffer.concat([Buffer.from("hello\r\n\r\n"), stream(dialect)]);
    expect(split(type, bytes, 50)).toHaveLength(PICTURES.length);
  });

  it("that never end are given up, and so is garbage without a line", () => {
    for (const start of ["--frame\r\n\r\n", "--frame\r\nx: ", ""]) {
      const parts = new MultipartParts(TYPE);
      parts.push(Buffer.from(start));
      const garbage = Buffer.alloc(1024 * 1024, 0x55);
      const feed = () => {
        for (let sent = 0; sent <= MAX_PICTURE_BYTES; sent += garbage.length) parts.push(garbage);
      };
      expect(feed).toThrow("cannot be told apart");
    }
  });
});
