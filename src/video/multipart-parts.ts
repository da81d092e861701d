// Splits a stream of `multipart/x-mixed-replace` into its parts. Cameras take the form (RFC 2046) lightly: boundaries
// with and without the dashes, lengths that are missing or wrong, bare line feeds. What they agree on is a line that
// begins every part, and that is what is followed here.
import { AppError } from "../core/errors.ts";

/** A part's head is a few lines. */
const MAX_HEAD = 16_384;
/** More than any camera's JPEG: 8 megapixels at two bytes each, which is next to no compression. */
export const MAX_PICTURE_BYTES = 16 * 1024 * 1024;
const DASHES = Buffer.from("--");

export class MultipartParts {
  /** The line that begins every part, as this device writes it; null before the first one. */
  #delimiter: Buffer | null = null;
  readonly #boundary: string | null;
  #store: Buffer = Buffer.alloc(65_536);
  /** What has come in and is not used up: a part of `#store`. */
  #rest: Buffer = this.#store.subarray(0, 0);
  /** Of the part whose body is being read. */
  #body: { readonly length: number | null } | null = null;
  /** Bytes of the body that are known not to hold the next delimiter. */
  #searched = 0;

  /** @param contentType the header of the whole answer */
  constructor(contentType: string) {
    this.#boundary =
      /boundary\s*=\s*(?:"([^"]*)"|([^\s;]+))/i.exec(contentType)?.slice(1).find(Boolean) ?? null;
  }

  /**
   * The bodies of the parts that are complete with these bytes.
   * @throws AppError source.unreadable when this is no multipart, or a part is endless.
   */
  push(bytes: Uint8Array): Buffer[] {
    this.#append(bytes);
    const parts: Buffer[] = [];
    for (;;) {
      if (this.#body === null) {
        if (!this.#readHead()) break;
      } else {
        const part = this.#readBody(this.#body.length);
        if (part === null) break;
        if (part.length > 0) parts.push(part);
      }
    }
    if (this.#rest.length > (this.#body === null ? MAX_HEAD : MAX_PICTURE_BYTES)) {
      throw new AppError("source.unreadable", "What it sends cannot be told apart into pictures.");
    }
    return parts;
  }

  /** Moves what is there only when the room is used up, and then into twice as much. */
  #append(bytes: Uint8Array): void {
    const used = this.#rest.length;
    let start = this.#rest.byteOffset - this.#store.byteOffset;
    if (start + used + bytes.length > this.#store.length) {
      const store = Buffer.alloc(Math.max(65_536, 2 * (used + bytes.length)));
      store.set(this.#rest);
      this.#store = store;
      start = 0;
    }
    this.#store.set(bytes, start + used);
    this.#rest = this.#store.subarray(start, start + used + bytes.length);
  }

  /** From the delimiter to the empty line. */
  #readHead(): boolean {
    let at = 0;
    let delimited = false;
    let length: number | null = null;
    for (;;) {
      const end = this.#rest.indexOf(0x0a, at);
      if (end === -1) return false;
      const line = this.#rest.subarray(at, end).toString("latin1").trim();
      at = end + 1;
      if (!delimited) {
        // Before the first part anything may stand; between parts an empty line.
        if (this.#begins(line)) delimited = true;
        else this.#rest = this.#rest.subarray(at);
        if (!delimited) at = 0;
        continue;
      }
      if (line === "") break;
      const given = /^content-length\s*:\s*(\d+)$/i.exec(line)?.[1];
      if (given !== undefined) length = Number(given);
    }
    this.#rest = this.#rest.subarray(at);
    this.#body = { length: length === null || length === 0 || length > MAX_PICTURE_BYTES ? null : length };
    this.#searched = 0;
    return true;
  }

  #begins(line: string): boolean {
    if (this.#delimiter !== null) return line.startsWith(this.#delimiter.toString("latin1"));
    const bare = this.#boundary?.replace(/^-+/, "") ?? null;
    const isDelimiter =
      (line.startsWith("--") && line.length > 2) || (bare !== null && bare !== "" && line === bare);
    if (isDelimiter) this.#delimiter = Buffer.from(line, "latin1");
    return isDelimiter;
  }

  /** The body and nothing of the next delimiter; null while it is not all there. */
  #readBody(length: number | null): Buffer | null {
    const delimiter = this.#delimiter ?? DASHES;
    if (length !== null) {
      // The line after a body of the length that was told: only so much is needed to see whether it is the next one.
      const needed = length + delimiter.length + 4;
      if (this.#rest.length < needed) {
        return this.#rest.length < length || !endsPicture(this.#rest.subarray(0, length))
          ? null
          : this.#take(length);
      }
      if (this.#delimiterAt(length)) return this.#take(length);
    }
    for (let from = Math.max(0, this.#searched); ; from += 1) {
      const found = this.#rest.indexOf(delimiter, from);
      if (found === -1) {
        this.#searched = Math.max(0, this.#rest.length - delimiter.length - 2);
        const whole = this.#rest.subarray(0, lengthWithoutLineEnd(this.#rest));
        return length === null && endsPicture(whole) ? this.#take(whole.length) : null;
      }
      // The delimiter begins a line; the line feeds before it do not belong to the picture.
      if (found === 0 || this.#rest[found - 1] === 0x0a) {
        return this.#take(lengthWithoutLineEnd(this.#rest.subarray(0, found)));
      }
      from = found;
    }
  }

  #delimiterAt(offset: number): boolean {
    let at = offset;
    while (this.#rest[at] === 0x0d || this.#rest[at] === 0x0a) at += 1;
    const delimiter = this.#delimiter ?? DASHES;
    return this.#rest.subarray(at, at + delimiter.length).equals(delimiter);
  }

  #take(length: number): Buffer {
    const part = Buffer.from(this.#rest.subarray(0, length));
    this.#rest = this.#rest.subarray(length);
    this.#body = null;
    return part;
  }
}

function lengthWithoutLineEnd(bytes: Buffer): number {
  let length = bytes.length;
  while (length > 0 && (bytes[length - 1] === 0x0a || bytes[length - 1] === 0x0d)) length -= 1;
  return length;
}

/** A picture whose last byte is there need not wait for the line that begins the next. */
function endsPicture(bytes: Buffer): boolean {
  return (
    bytes.length > 3 &&
    bytes[0] === 0xff &&
    bytes[1] === 0xd8 &&
    bytes.at(-2) === 0xff &&
    bytes.at(-1) === 0xd9
  );
}
