import type { LiveFrameHeader } from "../../../src/api/contract.ts";

export interface LiveFrame {
  readonly header: LiveFrameHeader;
  /** Empty when frames were asked for without picture. */
  readonly jpeg: Uint8Array<ArrayBuffer>;
}

/** Takes the binary message of the contract apart: header length (4 bytes, big-endian), header JSON, JPEG. */
export function decodeLiveFrame(message: ArrayBuffer): LiveFrame {
  const length = new DataView(message).getUint32(0);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(message, 4, length))) as LiveFrameHeader;
  return { header, jpeg: new Uint8Array(message, 4 + length) };
}
