import type { Codec, CodecParameters, Packet, Rational } from "node-av/lib";
import type { StreamInfo } from "../domain/camera-status.ts";

/** What is known of a video before any of it is decoded. */
export interface VideoTrack {
  readonly decoder: Codec;
  /** What the container tells the decoder; null where every packet says it all. */
  readonly parameters: CodecParameters | null;
  readonly codec: StreamInfo["codec"];
  readonly timeBase: Rational;
  /** Frames per second, the most trustworthy first; 0/0 where it is not told. */
  readonly frameRates: readonly Rational[];
  /** Width over height of one pixel; 0/1 where it is not told. */
  readonly pixelAspect: Rational;
  /** Clockwise quarter turns that make the picture upright. */
  readonly quarterTurns: 0 | 1 | 2 | 3;
}

/** Where the packets of one video come from. */
export interface VideoInput extends AsyncDisposable {
  readonly track: VideoTrack;
  /** Whether packets carry times; where they do not, their arrival counts. */
  readonly hasTimestamps: boolean;
  /** Seconds; null if unknown. */
  readonly durationS: number | null;
  /** Packets that were lost or torn on the way, so that they never came out of `read`. */
  readonly damaged: number;
  /**
   * The next packet of the video into `packet`. One at a time. Gives FFmpeg's code.
   * @throws AppError source.unreachable when it broke off for a reason that no code stands for.
   */
  read(packet: Packet): Promise<number>;
  /** Makes a read that is under way, and every later one, end soon. */
  interrupt(): void;
}
