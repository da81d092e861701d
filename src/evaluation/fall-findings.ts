// Why a fall was missed or an alarm was false, in words made from what the machines saw. A person who reads the list
// should know which of the clips to look at, and what to look for in them.
import type { ClipVerdict, FallVerdict } from "./fall-evaluation.ts";
import type { FallLabel } from "./fall-manifest.ts";
import type { ClipTrace, FrameTrace, SubjectTrace, TracedEvent, TraceScale } from "./fall-trace.ts";

export type FindingKind = "missed" | "false_alarm" | "false_notice";

/** One thing that went wrong in one clip. */
export interface Finding {
  readonly file: string;
  readonly kind: FindingKind;
  /** Media time of the alarm, or of the fall where that is labelled. */
  readonly at_s: number | null;
  /** A missed fall that was at least asked after. */
  readonly noticed: boolean;
  readonly reason: string;
}

/** Whoever falls is looked for from this long before the label to this long after the ground: labels are not sharper. */
const EARLY_S = 1;
const LATE_S = 1;
/** From leaving balance to the ground, where only the first is labelled. */
const FALL_S = 1.5;

/** The fall machine's states by how far they have got, least first. */
export const STAGES: readonly string[] = ["watching", "descending", "grounded", "suspected", "confirmed"];

export function findingsOf(
  { clip, falls, falseAlarmsS, falseNoticesS }: ClipVerdict,
  trace: ClipTrace,
  scale: TraceScale,
): readonly Finding[] {
  const { file } = clip;
  return [
    ...falls
      .filter(({ alarmAtS }) => alarmAtS === null)
      .map((fall): Finding => {
        const noticed = fall.noticeAtS !== null;
        return {
          file,
          kind: "missed",
          at_s: fall.label.startS,
          noticed,
          reason: missReason(fall, trace, scale),
        };
      }),
    ...falseAlarmsS.map((atS) => falseFinding(file, "false_alarm", atS, trace)),
    ...falseNoticesS.map((atS) => falseFinding(file, "false_notice", atS, trace)),
  ];
}

function falseFinding(file: string, kind: FindingKind, atS: number, { events }: ClipTrace): Finding {
  const told = kind === "false_alarm" ? "fall_confirmed" : "on_floor";
  const event = events.find((other) => other.kind === told && other.mediaTimeS === atS);
  return { file, kind, at_s: atS, noticed: false, reason: falseReason(event) };
}

function falseReason(event: TracedEvent | undefined): string {
  if (event === undefined || event.evidence === null) return "nothing was said about why";
  const { peakSpeed, drop, posture, onGroundS, signs } = event.evidence;
  return [
    `came down ${lengths(drop)} L at up to ${lengths(peakSpeed)} L/s`,
    `${posture.replaceAll("_", " ")} after ${onGroundS.toFixed(1)} s`,
    ...(signs.length === 0 ? [] : [signs.join(", ").replaceAll("_", " ")]),
  ].join("; ");
}

function missReason({ label, noticeAtS }: FallVerdict, trace: ClipTrace, scale: TraceScale): string {
  const reason = whyMissed(label, trace, scale);
  return noticeAtS === null ? reason : `${reason}; asked after at ${noticeAtS.toFixed(1)} s`;
}

function whyMissed(label: FallLabel, { frames, events }: ClipTrace, scale: TraceScale): string {
  const { fromS, groundS, untilS } = windowOf(label, frames);
  const around = frames.filter(({ timeS }) => timeS >= fromS && timeS <= untilS);
  const seen = around.flatMap(({ subjects }) => subjects.filter((subject) => subject.seen));
  if (seen.length === 0) return `nobody was seen between ${fromS.toFixed(1)} and ${untilS.toFixed(1)} s`;
  const fastest = seen.reduce((best, one) => ((one.headSpeed ?? 0) > (best.headSpeed ?? 0) ? one : best));
  const after = frames.filter(({ timeS }) => timeS >= groundS && timeS < groundS + scale.minGroundDurationS);
  const parts = [stageReached(around, frames, untilS, fastest, scale), ...look(after)];
  const suspected = events.some(({ kind, mediaTimeS }) => kind === "fall_suspected" && mediaTimeS >= fromS);
  if (suspected) parts.push("suspected, then given up");
  return parts.join("; ");
}

function windowOf(
  { startS, groundS }: FallLabel,
  frames: readonly FrameTrace[],
): { readonly fromS: number; readonly groundS: number; readonly untilS: number } {
  if (startS === null && groundS === null) {
    // Somewhere in the clip: where somebody came down fastest.
    const speed = (frame: FrameTrace) => Math.max(0, ...frame.subjects.map((one) => one.headSpeed ?? 0));
    const fastest = frames.reduce<FrameTrace | undefined>(
      (best, frame) => (best === undefined || speed(frame) > speed(best) ? frame : best),
      undefined,
    );
    return { fromS: 0, groundS: fastest?.timeS ?? 0, untilS: frames.at(-1)?.timeS ?? 0 };
  }
  const ground = groundS ?? (startS ?? 0) + FALL_S;
  return {
    fromS: Math.max(0, (startS ?? ground - FALL_S) - EARLY_S),
    groundS: ground,
    untilS: ground + LATE_S,
  };
}

function stageReached(
  around: readonly FrameTrace[],
  frames: readonly FrameTrace[],
  untilS: number,
  fastest: SubjectTrace,
  { fallSpeed, minDrop }: TraceScale,
): string {
  const stage = (some: readonly FrameTrace[]) =>
    Math.max(0, ...some.flatMap(({ subjects }) => subjects.map(({ fall }) => STAGES.indexOf(fall))));
  const reached = STAGES[stage(around)] ?? "watching";
  const speed = fastest.headSpeed ?? 0;
  if (reached === "watching") {
    if (speed < fallSpeed) return `fastest descent ${lengths(speed)} of ${lengths(fallSpeed)} L/s`;
    return `came down at ${lengths(speed)} L/s from where somebody lay already`;
  }
  if (reached === "descending") {
    if (speed < fallSpeed)
      return `fastest descent ${lengths(speed)} of ${lengths(fallSpeed)} L/s, and not convincing as a slow fall`;
    const drop = Math.max(0, ...around.flatMap(({ subjects }) => subjects.map((one) => one.drop ?? 0)));
    const way =
      drop < minDrop ? `came down only ${lengths(drop)} of ${lengths(minDrop)} L` : "no body's way down";
    return `${lengths(speed)} L/s, but ${way}`;
  }
  const up = frames.find(
    ({ timeS, subjects }) =>
      timeS > untilS - LATE_S &&
      !subjects.some(({ fall }) => STAGES.indexOf(fall) >= STAGES.indexOf("grounded")),
  );
  return up === undefined
    ? "went down, and was not held to have fallen"
    : `went down, and was given up at ${up.timeS.toFixed(1)} s`;
}

function look(after: readonly FrameTrace[]): readonly string[] {
  const first = after[0];
  const last = after.at(-1);
  if (first === undefined || last === undefined) return ["the recording ends there"];
  const seen = after.filter(({ subjects }) => subjects.some((subject) => subject.seen));
  const fallen = seen.filter(({ subjects }) => subjects.some((subject) => subject.looksFallen === true));
  const parts: string[] = [];
  if (seen.length < after.length) {
    const frameS = after.length < 2 ? 0 : (last.timeS - first.timeS) / (after.length - 1);
    const unseenS = (after.length - seen.length) * frameS;
    parts.push(
      `not seen for ${unseenS.toFixed(1)} s of the ${(after.length * frameS).toFixed(1)} s on the ground`,
    );
  }
  if (seen.length > 0 && fallen.length * 2 < seen.length)
    parts.push(
      `${fallen.length === 0 ? "never" : "hardly"} looked fallen: ${fallen.length} of ${seen.length} frames`,
    );
  return parts;
}

function lengths(value: number): string {
  return value.toFixed(2);
}
