// What hours of daily living without a fall led to: everything that was said of a fall in them is wrong.
import type { Airing } from "./daily-stream.ts";
import { textTable } from "./text-table.ts";

/** Something said in a stream in which nobody falls. */
export interface DailySaying {
  readonly kind: string;
  readonly cameraId: string | null;
  /** When it began: the moment on the ground where that is known. Seconds of the stream's media time. */
  readonly beganS: number;
  /** Whether it was sent, or only logged because the same had just been said. */
  readonly sent: boolean;
}

export interface DailyClipScore {
  readonly file: string;
  readonly airings: number;
  readonly false_alarms: number;
  readonly false_notices: number;
  readonly long_lies: number;
}

/** In the names of the JSON answer. */
export interface DailyScore {
  readonly hours: number;
  readonly cameras: number;
  readonly seed: number;
  /** Clips without a fall, and how many minutes of them there are: the rest is repetition, sampled otherwise. */
  readonly clips: number;
  readonly footage_minutes: number;
  readonly airings: number;
  /** Confirmed falls; alarms that were raised, of any cause; notices of somebody on the floor; long lies. */
  readonly false_alarms: number;
  readonly alarms_raised: number;
  readonly false_notices: number;
  readonly long_lies: number;
  /** Per camera and day of such living; somebody is before the camera nearly all the time here. */
  readonly false_alarms_per_camera_day: number;
  /** Of all that was said of falls: how much was sent on. */
  readonly sent: number;
  readonly by_clip: readonly DailyClipScore[];
}

export interface DailyAirings {
  readonly cameraId: string;
  readonly airings: readonly Airing[];
}

export interface DailyOutcome {
  readonly hours: number;
  readonly seed: number;
  readonly footageS: number;
  readonly clips: number;
  readonly cameras: readonly DailyAirings[];
  readonly sayings: readonly DailySaying[];
}

const ABOUT_FALLS: readonly string[] = ["fall_confirmed", "on_floor", "long_lie"];

export function scoreDaily({ hours, seed, footageS, clips, cameras, sayings }: DailyOutcome): DailyScore {
  const count = (kind: string, among = sayings) => among.filter((saying) => saying.kind === kind).length;
  const placed = sayings.map((saying) => ({ ...saying, file: fileOf(cameras, saying) }));
  const airings = cameras.flatMap((camera) => camera.airings);
  const files = [...new Set(airings.map(({ file }) => file))].sort();
  const byClip = files.map((file): DailyClipScore => {
    const own = placed.filter((saying) => saying.file === file);
    return {
      file,
      airings: airings.filter((airing) => airing.file === file).length,
      false_alarms: count("fall_confirmed", own),
      false_notices: count("on_floor", own),
      long_lies: count("long_lie", own),
    };
  });
  const cameraDays = (hours * cameras.length) / 24;
  return {
    hours,
    cameras: cameras.length,
    seed,
    clips,
    footage_minutes: Math.round(footageS / 6) / 10,
    airings: airings.length,
    false_alarms: count("fall_confirmed"),
    alarms_raised: count("alarm_raised"),
    false_notices: count("on_floor"),
    long_lies: count("long_lie"),
    false_alarms_per_camera_day:
      cameraDays === 0 ? 0 : Math.round((10 * count("fall_confirmed")) / cameraDays) / 10,
    sent: sayings.filter(({ kind, sent }) => sent && ABOUT_FALLS.includes(kind)).length,
    by_clip: byClip.filter((clip) => clip.false_alarms + clip.false_notices + clip.long_lies > 0),
  };
}

/** The clip that was on when it began, or the last one before: what is asked after comes later than what it is about. */
function fileOf(cameras: readonly DailyAirings[], { cameraId, beganS }: DailySaying): string | null {
  const own = cameras.find((camera) => camera.cameraId === cameraId);
  return own?.airings.findLast(({ fromS }) => fromS <= beganS)?.file ?? null;
}

export function formatDailyReport(score: DailyScore): string {
  const { hours, cameras, airings, clips, footage_minutes, seed } = score;
  return [
    `${hours} h of daily living before ${cameras} cameras, seed ${seed}: ${airings} airings of ${clips} clips without a fall, ${footage_minutes} minutes of footage`,
    "",
    ...textTable([
      ["", "in all"],
      ["falls confirmed", String(score.false_alarms)],
      ["  per camera and day", score.false_alarms_per_camera_day.toFixed(1)],
      ["notices of somebody on the floor", String(score.false_notices)],
      ["long lies", String(score.long_lies)],
      ["alarms raised", String(score.alarms_raised)],
      ["of the first, sent on", String(score.sent)],
    ]),
    "",
    ...(score.by_clip.length === 0
      ? ["No clip led to any of it."]
      : textTable([
          ["", "airings", "confirmed", "notices", "long lies"],
          ...score.by_clip.map((clip) => [
            clip.file,
            ...[clip.airings, clip.false_alarms, clip.false_notices, clip.long_lies].map(String),
          ]),
        ])),
    "",
    "Put together from what was seen in each clip: what a decoder, a tracker and a background model make of the cuts between clips is not in it.",
  ].join("\n");
}
