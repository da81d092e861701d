// Whether the rules agree with what a household has said of its own alarms: what was a real fall must be confirmed, what
// was none must not.
import { textTable } from "./text-table.ts";

/** What the rules make now of the poses around one alarm that somebody has answered. */
export interface AnsweredClip {
  readonly alarmId: string;
  readonly cameraId: string;
  /** Milliseconds since 1970. */
  readonly raisedAt: number;
  readonly answer: "real" | "false_alarm" | "test";
  /** What raised the alarm then; null where that is not known any more. */
  readonly cause: string | null;
  readonly confirmed: boolean;
  /** Confirmed, or asked after. */
  readonly noticed: boolean;
}

/** In the names of the JSON answer. A test counts as neither: somebody lay down to see what happens. */
export interface AnsweredCounts {
  readonly clips: number;
  readonly real: number;
  readonly real_confirmed: number;
  readonly real_noticed: number;
  readonly false_alarms: number;
  readonly false_alarms_again: number;
  readonly tests: number;
  readonly tests_confirmed: number;
  /** Alarms, by id. */
  readonly missed: readonly string[];
  readonly false_again: readonly string[];
}

export interface AnsweredScore extends AnsweredCounts {
  /** About something else than falls; or a long lie, whose recording begins when somebody lies there already. */
  readonly not_judged: number;
  readonly cameras: Readonly<Record<string, AnsweredCounts>>;
  /** Why a clip could not be replayed. */
  readonly failed: readonly string[];
}

const JUDGED: readonly (string | null)[] = ["fall_confirmed", "on_floor", null];

/** A notice was asked for by the lower grade, and comes again with either. */
function comesAgain({ cause, confirmed, noticed }: AnsweredClip): boolean {
  return cause === "on_floor" ? noticed : confirmed;
}

export function scoreAnswered(clips: readonly AnsweredClip[], failed: readonly string[] = []): AnsweredScore {
  const judged = clips.filter(({ cause }) => JUDGED.includes(cause));
  const cameras = [...new Set(judged.map(({ cameraId }) => cameraId))].sort();
  return {
    ...counts(judged),
    not_judged: clips.length - judged.length,
    failed,
    cameras: Object.fromEntries(
      cameras.map((id) => [id, counts(judged.filter(({ cameraId }) => cameraId === id))]),
    ),
  };
}

function counts(clips: readonly AnsweredClip[]): AnsweredCounts {
  const of = (answer: AnsweredClip["answer"]) => clips.filter((clip) => clip.answer === answer);
  const ids = (some: readonly AnsweredClip[]) => some.map(({ alarmId }) => alarmId);
  const [real, wrong, tests] = [of("real"), of("false_alarm"), of("test")];
  const again = wrong.filter(comesAgain);
  return {
    clips: clips.length,
    real: real.length,
    real_confirmed: real.filter(({ confirmed }) => confirmed).length,
    real_noticed: real.filter(({ noticed }) => noticed).length,
    false_alarms: wrong.length,
    false_alarms_again: again.length,
    tests: tests.length,
    tests_confirmed: tests.filter(({ confirmed }) => confirmed).length,
    missed: ids(real.filter((clip) => !comesAgain(clip))),
    false_again: ids(again),
  };
}

export function formatAnsweredReport(score: AnsweredScore): string {
  const rows: (readonly [string, AnsweredCounts])[] = [
    ["all", score],
    ...Object.entries(score.cameras).map(([id, own]) => [`camera ${id}`, own] as const),
  ];
  return [
    ...textTable([
      ["", "clips", "real", "confirmed", "noticed", "false alarms", "again", "tests", "confirmed"],
      ...rows.map(([name, one]) => [
        name,
        ...[
          one.clips,
          one.real,
          one.real_confirmed,
          one.real_noticed,
          one.false_alarms,
          one.false_alarms_again,
          one.tests,
          one.tests_confirmed,
        ].map(String),
      ]),
    ]),
    "",
    `Real falls that would be missed now: ${list(score.missed)}`,
    `False alarms that would come again: ${list(score.false_again)}`,
    ...(score.not_judged === 0 ? [] : [`Not about a fall whose way down was recorded: ${score.not_judged}`]),
    ...score.failed.map((reason) => `Not replayed: ${reason}`),
  ].join("\n");
}

function list(ids: readonly string[]): string {
  return ids.length === 0 ? "none" : ids.join(", ");
}
