import { describe, expect, it } from "vitest";
import { InlineDecoding } from "../../src/video/inline-decoding.ts";

describe("decoding inline", () => {
  it("has room for so many pixels a second, and for more when streams are closed", () => {
    const room = new InlineDecoding(100);
    const first = room.claim(60);
    expect(room.claim(60)).toBeNull();
    expect(room.claim(40)).not.toBeNull();
    first?.[Symbol.dispose]();
    first?.[Symbol.dispose]();
    expect(room.claim(60)).not.toBeNull();
    expect(room.claim(1)).toBeNull();
  });

  it("has none for a stream of which the size is not known", () => {
    const room = new InlineDecoding(100);
    expect(room.claim(0)).toBeNull();
    expect(room.claim(Number.NaN)).toBeNull();
  });
});
