// What one camera sees at the same time: which tracks were in one picture together, and so are never one person.
import type { Millis } from "../core/clock.ts";
import { type Box, boxArea } from "../domain/geometry.ts";
import type { FrameObservation } from "../domain/track.ts";

/** Two bodies this many times in one picture are two people; once or twice may be a ghost beside somebody. */
const TOGETHER_FRAMES = 3;
/**
 * One box that covers this share of the smaller one may be a second track of the same body (a head within its body): such a
 * frame proves nothing.
 */
const SAME_BODY_SHARE = 0.6;
/** Tracks that were not seen for longer are let go; they have long ended. */
const KEEP_MS: Millis = 10 * 60_000;
/** Of one camera. More at a time are a crowd, or a tracker gone astray. */
const MAX_TRACKS = 500;

export interface TrackSight {
  readonly firstSeenAt: Millis;
  readonly lastSeenAt: Millis;
  /** Where it was last. */
  readonly box: Box;
  readonly ended: boolean;
}

interface Sight extends TrackSight {
  lastSeenAt: Millis;
  box: Box;
  ended: boolean;
  /** Frames in which another track was clearly another body. */
  readonly beside: Map<number, number>;
}

export class CameraView {
  readonly #sights = new Map<number, Sight>();

  /** Takes in one frame. Answers the ids of those detected in it. */
  see({ stamp, tracks }: FrameObservation): readonly number[] {
    const now = stamp.capturedAt;
    for (const track of tracks) if (track.state === "ended") this.end(track.id);
    const detected = tracks.filter((track) => track.detected && track.state === "confirmed");
    for (const { id, box } of detected) {
      const sight = this.#sights.get(id);
      if (sight === undefined)
        this.#sights.set(id, { firstSeenAt: now, lastSeenAt: now, box, ended: false, beside: new Map() });
      else Object.assign(sight, { lastSeenAt: now, box });
    }
    for (const one of detected)
      for (const other of detected)
        if (one.id !== other.id && !mayBeOneBody(one.box, other.box)) this.#beside(one.id, other.id);
    this.#bound(now);
    return detected.map(({ id }) => id);
  }

  sight(trackId: number): TrackSight | null {
    return this.#sights.get(trackId) ?? null;
  }

  /** Whether the two were seen as two bodies in one picture; null when one of them was not seen at all. */
  together(trackId: number, otherId: number): boolean | null {
    const sight = this.#sights.get(trackId);
    if (sight === undefined || !this.#sights.has(otherId)) return null;
    return (sight.beside.get(otherId) ?? 0) >= TOGETHER_FRAMES;
  }

  /** Those that were seen together with it, whether or not they still are. */
  companions(trackId: number): readonly number[] {
    const beside = this.#sights.get(trackId)?.beside ?? new Map<number, number>();
    return [...beside].filter(([, frames]) => frames >= TOGETHER_FRAMES).map(([id]) => id);
  }

  end(trackId: number): void {
    const sight = this.#sights.get(trackId);
    if (sight !== undefined) sight.ended = true;
  }

  #beside(trackId: number, otherId: number): void {
    const beside = this.#sights.get(trackId)?.beside;
    beside?.set(otherId, Math.min(TOGETHER_FRAMES, (beside.get(otherId) ?? 0) + 1));
  }

  #bound(now: Millis): void {
    const gone = [...this.#sights].filter(([, { lastSeenAt }]) => now - lastSeenAt > KEEP_MS);
    for (const [id] of gone) this.#forget(id);
    // Insertion order is the order of their beginning: the oldest go first.
    for (const id of this.#sights.keys()) {
      if (this.#sights.size <= MAX_TRACKS) break;
      this.#forget(id);
    }
  }

  #forget(trackId: number): void {
    this.#sights.delete(trackId);
    for (const { beside } of this.#sights.values()) beside.delete(trackId);
  }
}

function mayBeOneBody(a: Box, b: Box): boolean {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return false;
  const smaller = Math.min(boxArea(a), boxArea(b));
  return smaller <= 0 || (width * height) / smaller > SAME_BODY_SHARE;
}
