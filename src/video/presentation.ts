import { AV_PKT_DATA_DISPLAYMATRIX } from "node-av/constants";
import type { CodecParameters, Frame, Rational } from "node-av/lib";
import type { Presentation } from "./video-frame.ts";

/** Pixel shapes outside of this are mistakes of the encoder, not pictures. */
const MAX_STRETCH = 4;

/** Clockwise quarter turns that make the picture upright (phones film sideways and say so). */
export function quarterTurnsOf(parameters: CodecParameters): 0 | 1 | 2 | 3 {
  const matrix = parameters.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX);
  if (matrix === null || matrix.length < 8) return 0;
  // The first two of a row-major 3x3 matrix in 16.16 fixed point: cos and sin of the turn (ISO/IEC 14496-12, 8.2.2).
  const degrees = (Math.atan2(matrix.readInt32LE(4), matrix.readInt32LE(0)) * 180) / Math.PI;
  const turns = ((Math.round(degrees / 90) % 4) + 4) % 4;
  return turns === 1 || turns === 2 || turns === 3 ? turns : 0;
}

/** Sub-streams of many cameras squeeze a wide picture into 704x576 and say so in the sample aspect ratio. */
export function presentationOf(
  native: Frame,
  container: Rational,
  quarterTurns: 0 | 1 | 2 | 3,
): Presentation {
  // The container's word goes before the codec's, as in every player.
  const { num, den } = container.num > 0 ? container : native.sampleAspectRatio;
  const ratio = num > 0 && den > 0 ? num / den : 1;
  const stretch = ratio > 1 / MAX_STRETCH && ratio < MAX_STRETCH ? ratio : 1;
  const width = Math.round(native.width * stretch);
  return quarterTurns % 2 === 0
    ? { quarterTurns, width, height: native.height }
    : { quarterTurns, width: native.height, height: width };
}
