// A stream of tracklets, lived through by a house with a database in memory: what the service made of whom.
import { setImmediate } from "node:timers/promises";
import { HouseIdentity, type IdentityModels } from "../../app-identity.ts";
import type { Config } from "../../config/config.ts";
import { ManualClock, type Millis } from "../../core/clock.ts";
import { createLogger } from "../../core/logger.ts";
import type { Tracklet, TrackletSample } from "../../domain/tracklet.ts";
import type { StreamedTracklet, ToldTracklet } from "../../evaluation/identity-evaluation.ts";
import { IN_MEMORY, openStore } from "../../store/store.ts";
import { cameraForFile } from "../offline-session.ts";

/** A sample without its time. */
export type Look = Pick<TrackletSample, "face" | "appearance" | "facing" | "quality">;

export interface LivedThrough {
  readonly told: readonly ToldTracklet[];
  /** Names that were corrected while a track lasted. */
  readonly revised: number;
  /** Questions that were asked. */
  readonly reviews: number;
}

/** A morning in November: the time of day decides nothing. */
const STARTED_AT: Millis = Date.UTC(2026, 10, 20, 9);
/** Between two moments of a tracklet. */
const STEP_MS: Millis = 800;
/** Frames between them, as many as are analysed of a camera. */
const STEP_FRAMES = 8;
const CAMERAS = 4;
export const CAMERA_IDS = Array.from({ length: CAMERAS }, (_, index) => `camera_${index + 1}`);

/** @param heightPx of the bodies, pixels */
export async function liveThrough(
  stream: readonly StreamedTracklet<Look>[],
  {
    config,
    models,
    heightPx,
    signal,
  }: {
    readonly config: Config;
    readonly models: IdentityModels;
    readonly heightPx: number;
    readonly signal: AbortSignal;
  },
): Promise<LivedThrough> {
  const clock = new ManualClock(STARTED_AT);
  const log = createLogger({ level: "error", pretty: process.stderr.isTTY === true });
  using store = openStore({ path: IN_MEMORY, clock, log });
  let revised = 0;
  const house = new HouseIdentity({
    store,
    clock,
    log,
    config,
    models,
    cameras: CAMERA_IDS.map((id, index) => ({ ...cameraForFile(id, index), id })),
    record: ({ kind }) => {
      if (kind === "identity_changed") revised += 1;
    },
    onIdentity: () => {},
    describePhoto: () => Promise.reject(new Error("nobody is enrolled here")),
  });
  await house.start();
  const told: { truePerson: string; entry: string | null }[] = [];
  for (const [trackId, one] of stream.entries()) {
    clock.advance(Math.max(0, STARTED_AT + one.startS * 1000 - clock.now()));
    for (const tracklet of checkpoints(one, { trackId, startedAt: clock.now(), heightPx })) {
      clock.advance(Math.max(0, tracklet.lastSeenAt - clock.now()));
      house.service.observe(tracklet);
    }
    const entry = house.service.identityOf(one.cameraId, trackId)?.personId ?? null;
    told.push({ truePerson: one.truePerson, entry });
    if (trackId % 20 > 0) continue;
    await setImmediate();
    signal.throwIfAborted();
  }
  await house.stop();
  const today = (id: string | null) => (id === null ? null : (house.gallery.person(id)?.id ?? id));
  return {
    told: told.map(({ truePerson, entry }) => ({ truePerson, entry: today(entry) })),
    revised,
    reviews: house.admin.reviews("open").length,
  };
}

/** The first half of what is seen, and the rest as the track ends: it is decided twice. */
function checkpoints(
  { cameraId, samples }: StreamedTracklet<Look>,
  { trackId, startedAt, heightPx }: { trackId: number; startedAt: Millis; heightPx: number },
): readonly Tracklet[] {
  const half = Math.ceil(samples.length / 2);
  const parts = [samples.slice(0, half), samples.slice(half)];
  return parts.map((part, checkpoint) => {
    const before = checkpoint * half;
    const seen = before + part.length;
    return {
      cameraId,
      trackId,
      checkpoint,
      ended: checkpoint === parts.length - 1,
      firstSeenAt: startedAt,
      lastSeenAt: startedAt + seen * STEP_MS,
      frames: seen * STEP_FRAMES,
      widthPx: heightPx / 2.5,
      heightPx,
      upright: null,
      samples: part
        .map((look, index): TrackletSample => {
          const capturedAt = startedAt + (before + index) * STEP_MS;
          const mediaTimeS = (capturedAt - STARTED_AT) / 1000;
          return {
            ...look,
            capturedAt,
            mediaTimeS,
            box: { x1: 0.4, y1: 0.1, x2: 0.6, y2: 0.9 },
            picture: null,
          };
        })
        .toSorted((a, b) => b.quality - a.quality),
      gait: null,
    };
  });
}
