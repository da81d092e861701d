// Puts clips together as one endless stream of one camera, in random order, with nobody in between: hours of daily living
// out of minutes of it. What was seen is put together, not the pictures: see dailyStream for what that leaves out.
import type { FrameObservation, Track } from "../domain/track.ts";

export interface DailyClip {
  readonly file: string;
  /** Up to this second of the clip; what was held after its end is no daily living. */
  readonly durationS: number;
  /** One list for each shift of the sampling: a clip that comes again comes with the next one. */
  readonly samplings: readonly (readonly FrameObservation[])[];
}

/** A clip's place in the stream, seconds of the stream's media time. */
export interface Airing {
  readonly file: string;
  readonly fromS: number;
  readonly untilS: number;
}

export interface DailyFrame {
  readonly observation: FrameObservation;
  /** null between two clips. */
  readonly airing: Airing | null;
}

export interface DailyStreamOptions {
  readonly clips: readonly DailyClip[];
  readonly cameraId: string;
  readonly hours: number;
  /** Wall time of the first frame, milliseconds since 1970. */
  readonly startedAt: number;
  /** 0..1, seeded: the same seed gives the same stream. */
  readonly random: () => number;
}

/** Nobody is there for so long between two clips, at the rate clips are sampled with. */
const GAP_S = 1;
const GAP_STEP_S = 0.1;

/**
 * Frames in the order of their time. Every clip comes once before any comes again. Left out: what a decoder and a tracker
 * would make of the cuts, and what a background model saw, which belongs to one room.
 */
export function* dailyStream(options: DailyStreamOptions): Generator<DailyFrame, void> {
  const { clips, cameraId, hours, startedAt, random } = options;
  const endS = hours * 3600;
  let sequence = 0;
  let timeS = 0;
  let tracks = 0;
  const stamp = (mediaTimeS: number) => {
    const wallTime = startedAt + Math.round(mediaTimeS * 1000);
    return { cameraId, sequence: sequence++, capturedAt: wallTime, mediaTimeS };
  };
  const playable = clips.filter(({ samplings }) => (samplings[0]?.length ?? 0) > 0);
  if (playable.length === 0) return;
  for (let round = 0; timeS < endS; round += 1) {
    for (const { file, durationS, samplings } of shuffled(playable, random)) {
      if (timeS >= endS) return;
      const seen = samplings[round % samplings.length] ?? [];
      const originS = timeS - (seen[0]?.stamp.mediaTimeS ?? 0);
      const frames = seen.filter(({ stamp: { mediaTimeS } }) => mediaTimeS <= durationS);
      const airing = { file, fromS: timeS, untilS: originS + (frames.at(-1)?.stamp.mediaTimeS ?? 0) };
      let highest = 0;
      for (const { stamp: at, aspect, tracks: people, resting } of frames) {
        const moved = people.map((track) => movedTrack(track, originS, tracks));
        highest = Math.max(highest, ...people.map(({ id }) => id));
        timeS = originS + at.mediaTimeS;
        const rest = resting === true ? { resting } : {};
        yield { observation: { stamp: stamp(timeS), aspect, tracks: moved, ...rest }, airing };
      }
      tracks += highest;
      const aspect = seen[0]?.aspect ?? 1;
      for (let gapS = GAP_STEP_S; gapS <= GAP_S + 1e-9; gapS += GAP_STEP_S)
        yield { observation: { stamp: stamp(timeS + gapS), aspect, tracks: [] }, airing: null };
      timeS += GAP_S + GAP_STEP_S;
    }
  }
}

function movedTrack(track: Track, originS: number, ids: number): Track {
  return {
    ...track,
    id: track.id + ids,
    firstSeenS: track.firstSeenS + originS,
    lastSeenS: track.lastSeenS + originS,
  };
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): readonly T[] {
  const pack = [...items];
  for (let last = pack.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [pack[last], pack[other]];
    if (a === undefined || b === undefined) continue;
    pack[last] = b;
    pack[other] = a;
  }
  return pack;
}

/** Streams of several cameras as one, in the order of their wall time. */
export function* interleaved(streams: readonly Iterator<DailyFrame, void>[]): Generator<DailyFrame, void> {
  const next = streams.map((stream) => stream.next());
  for (;;) {
    let earliest = -1;
    let earliestAt = Number.POSITIVE_INFINITY;
    for (const [index, { done, value }] of next.entries()) {
      if (done === true || value === undefined || value.observation.stamp.capturedAt >= earliestAt) continue;
      earliest = index;
      earliestAt = value.observation.stamp.capturedAt;
    }
    const frame = next[earliest]?.value;
    const stream = streams[earliest];
    if (frame === undefined || stream === undefined) return;
    yield frame;
    next[earliest] = stream.next();
  }
}
