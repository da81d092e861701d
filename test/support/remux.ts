// Rewrites a video file's container around the same pictures, as phones and cameras write theirs.
import {
  AV_CODEC_ID_PCM_S16LE,
  AV_PKT_DATA_DISPLAYMATRIX,
  AV_PKT_FLAG_KEY,
  AV_SAMPLE_FMT_S16,
  AVMEDIA_TYPE_AUDIO,
} from "node-av/constants";
import { avChannelLayoutDefault, FormatContext, Packet, Rational, type Stream } from "node-av/lib";

export interface RemuxOptions {
  /** Clockwise, as a phone held sideways notes it. */
  readonly quarterTurns?: 1 | 2 | 3;
  /** Width over height of one pixel. */
  readonly pixelAspect?: readonly [number, number];
  /** Adds a second, silent track. */
  readonly audio?: boolean;
}

export async function remux(from: string, to: string, options: RemuxOptions): Promise<string> {
  const input = new FormatContext();
  const output = new FormatContext();
  const packet = new Packet();
  packet.alloc();
  check(await input.openInput(from), "open");
  check(await input.findStreamInfo(), "probe");
  check(output.allocOutputContext2(null, null, to), "choose a container");
  const source = input.streams[0];
  if (source === undefined) throw new Error("no stream");
  const video = output.newStream(null);
  source.codecpar.copy(video.codecpar);
  video.codecpar.codecTag = 0;
  video.timeBase = source.timeBase;
  if (options.quarterTurns !== undefined) {
    video.codecpar.addCodedSideData(AV_PKT_DATA_DISPLAYMATRIX, displayMatrix(options.quarterTurns));
  }
  if (options.pixelAspect !== undefined) {
    const ratio = new Rational(...options.pixelAspect);
    video.sampleAspectRatio = ratio;
    video.codecpar.sampleAspectRatio = ratio;
  }
  const audio = options.audio === true ? addSilence(output) : null;
  check(await output.openOutput(), "create");
  check(await output.writeHeader(), "begin");
  while ((await input.readFrame(packet)) >= 0) {
    const atS = (Number(packet.dts) * source.timeBase.num) / source.timeBase.den;
    packet.rescaleTs(source.timeBase, video.timeBase);
    packet.streamIndex = video.index;
    packet.pos = -1n;
    check(await output.interleavedWriteFrame(packet), "write");
    if (audio !== null) await writeSilence(output, audio, atS);
  }
  check(await output.writeTrailer(), "complete");
  packet.free();
  await output.closeOutput();
  output.freeContext();
  await input.closeInput();
  return to;
}

function addSilence(output: FormatContext): Stream {
  const stream = output.newStream(null);
  stream.codecpar.codecType = AVMEDIA_TYPE_AUDIO;
  stream.codecpar.codecId = AV_CODEC_ID_PCM_S16LE;
  stream.codecpar.format = AV_SAMPLE_FMT_S16;
  stream.codecpar.sampleRate = 8000;
  stream.codecpar.channelLayout = avChannelLayoutDefault(1);
  stream.timeBase = new Rational(1, 8000);
  return stream;
}

async function writeSilence(output: FormatContext, stream: Stream, atS: number): Promise<void> {
  using packet = new Packet();
  packet.alloc();
  packet.data = Buffer.alloc(640);
  packet.streamIndex = stream.index;
  packet.pts = BigInt(Math.round((atS * stream.timeBase.den) / stream.timeBase.num));
  packet.dts = packet.pts;
  packet.flags = AV_PKT_FLAG_KEY;
  check(await output.interleavedWriteFrame(packet), "write silence");
}

/** ISO/IEC 14496-12, 8.2.2: cos, sin, 0; -sin, cos, 0; 0, 0, 1 in 16.16 and 2.30 fixed point. */
function displayMatrix(quarterTurns: 1 | 2 | 3): Buffer {
  const angle = (quarterTurns * Math.PI) / 2;
  const cos = Math.round(Math.cos(angle) * 65536);
  const sin = Math.round(Math.sin(angle) * 65536);
  const matrix = Buffer.alloc(36);
  [cos, sin, 0, -sin, cos, 0, 0, 0, 1 << 30].forEach((value, index) => {
    matrix.writeInt32LE(value, index * 4);
  });
  return matrix;
}

function check(code: number, doing: string): void {
  if (code < 0) throw new Error(`could not ${doing}: ${code}`);
}
