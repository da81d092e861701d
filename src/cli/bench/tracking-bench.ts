// `haven bench tracking`: how many frames a second each tracker follows, for a full room and for a crowd.
import { CROWD_ASPECT, type CrowdFrame, walkingCrowd } from "../../bench/crowd.ts";
import { timeTasks } from "../../bench/time-tasks.ts";
import { createTracker } from "../../tracking/create-tracker.ts";
import type { TrackerSettings } from "../../tracking/tracker.ts";
import { type BenchContext, type BenchReport, rounded } from "./bench-report.ts";

const KINDS = ["bytetrack", "botsort"] as const;
/** A family that has visitors; more than any home holds. */
const BODIES = [6, 20] as const;
const FRAMES = 300;
const FPS = 10;
/** As long as the vectors of a small re-identification model. */
const APPEARANCE = 128;

interface Case {
  readonly kind: TrackerSettings["kind"];
  readonly bodies: number;
  readonly crowd: readonly CrowdFrame[];
}

export async function benchTracking({ flags, progress, signal }: BenchContext): Promise<BenchReport> {
  const cases = KINDS.flatMap((kind) =>
    BODIES.map((bodies): Case => {
      const appearance = kind === "botsort" ? APPEARANCE : 0;
      const crowd = walkingCrowd({ bodies, frames: FRAMES, fps: FPS, appearance, seed: bodies });
      return { kind, bodies, crowd };
    }),
  );
  progress(0, `${cases.length} cases`);
  // All in one go: each has then been warmed up before the first is timed.
  const times = await timeTasks(new Map(cases.map((one) => [nameOf(one), () => void follow(one)])), {
    ms: (flags.seconds * 1000) / cases.length,
    signal,
  });
  progress(1, "done");
  const rows = cases.flatMap((one) => {
    const time = times.get(nameOf(one));
    return time === undefined ? [] : [{ one, time, ids: follow(one) }];
  });
  const perBody = (bodies: number) => {
    const row = rows.find(({ one }) => one.kind === "bytetrack" && one.bodies === bodies);
    return row === undefined ? Number.NaN : row.time.ms / bodies;
  };
  const [few, many] = BODIES;
  return {
    lines: rows.map(
      ({ one, time, ids }) =>
        `  ${one.kind.padEnd(10)} ${String(one.bodies).padStart(2)} bodies: ${Math.round((FRAMES * 1000) / time.ms)} frames/s, ${(time.ms / FRAMES).toFixed(3)} ms a frame; ${ids} ids given in ${FRAMES / FPS} s`,
    ),
    figures: {
      cases: rows.map(({ one, time, ids }) => ({
        tracker: one.kind,
        bodies: one.bodies,
        frames_per_s: Math.round((FRAMES * 1000) / time.ms),
        ms_per_frame: rounded(time.ms / FRAMES, 4),
        ids,
      })),
    },
    // What a body costs in a crowd, against one in a room: 1 would be as much.
    ratio: rounded(perBody(many) / perBody(few), 2),
  };
}

function nameOf({ kind, bodies }: Case): string {
  return `${kind} ${bodies}`;
}

/** Follows the crowd from its beginning to its end; how many ids were given. */
function follow({ kind, crowd }: Case): number {
  const tracker = createTracker({ kind, high: 0.2, low: 0.1, newTrack: 0.25, lostS: 2 });
  let highest = 0;
  for (const { timeS, detections } of crowd)
    highest = Math.max(highest, tracker.update(detections, timeS, CROWD_ASPECT).at(-1)?.id ?? 0);
  return highest;
}
