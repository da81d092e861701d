// A drill in plain words: what each stage means, and what came of it.
import type { DrillStageJson } from "../../../src/api/care-contract.ts";
import type { DrillStage } from "../../../src/domain/care.ts";

/** In the order in which they come. */
export const STAGE_WORDS: Readonly<Record<DrillStage, { readonly title: string; readonly todo: string }>> = {
  started: { title: "Drill begun", todo: "" },
  person_seen: { title: "You are seen", todo: "Walk into the room." },
  fall_suspected: {
    title: "Maybe a fall",
    todo: "Let yourself down to the floor quickly, on a mat or cushions.",
  },
  fall_confirmed: { title: "Fall confirmed", todo: "Stay down." },
  alarm_raised: { title: "Alarm raised", todo: "Stay down a little longer." },
  delivered: { title: "Message delivered", todo: "Wait for the message to be taken." },
  acknowledged: {
    title: "Acknowledged",
    todo: "Somebody acknowledges the alarm, here or on another device.",
  },
  recovered: { title: "Seen getting up", todo: "Get up again." },
};

export const STAGES = Object.keys(STAGE_WORDS) as DrillStage[];

/** The first stage that has not been reached; null when all have. */
export function nextStage(stages: readonly Pick<DrillStageJson, "stage">[]): DrillStage | null {
  const reached = new Set(stages.map(({ stage }) => stage));
  return STAGES.find((stage) => !reached.has(stage)) ?? null;
}

export interface DrillResult {
  /** Whether the alarm got as far as a drill is there to show: to whoever is to be told. */
  readonly passed: boolean;
  readonly title: string;
  readonly detail: string;
}

/** What went wrong, by the stage that was not reached, and what to try. */
const MISSED: Readonly<Partial<Record<DrillStage, { readonly title: string; readonly detail: string }>>> = {
  person_seen: {
    title: "Nobody was seen",
    detail:
      "Is the camera online, is there light, and were you in its picture? Its live view shows what it sees.",
  },
  fall_suspected: {
    title: "You were seen, but no fall",
    detail:
      "Go down faster, in full view of the camera, not on a bed or sofa that is drawn. Slow ways down count later, by the time on the floor.",
  },
  fall_confirmed: {
    title: "A fall was suspected, but not confirmed",
    detail:
      "Stay down for some seconds and in full view. If it happens again, raise the sensitivity a little.",
  },
  alarm_raised: {
    title: "The fall was seen, but raised no alarm",
    detail: "Are falls armed in this mode, and is the room snoozed? Both are shown on the Care page.",
  },
  delivered: {
    title: "The alarm was raised, but its message was not taken",
    detail: "Is the MQTT broker running? The alarm is kept, and is sent as soon as it is.",
  },
};

export function drillResult(stages: readonly DrillStageJson[]): DrillResult {
  const reached = new Map(stages.map((stage) => [stage.stage, stage]));
  // An alarm may be told without a stage before it having been noted; what counts is how far it got.
  const told = reached.has("delivered");
  const missed = told ? null : (nextUnreached(reached) ?? null);
  const problem = missed === null ? undefined : MISSED[missed];
  if (problem !== undefined) return { passed: false, ...problem };
  const delay = reached.get("delivered")?.delay_s ?? null;
  const title = "The alarm works";
  const rest = [
    reached.has("acknowledged") ? "It was acknowledged." : "Nobody acknowledged it.",
    reached.has("recovered") ? "Getting up was seen." : "Getting up was not seen.",
  ].join(" ");
  const first =
    delay === null
      ? "Its message was delivered."
      : `Its message was delivered ${seconds(delay)} after you lay on the floor.`;
  return { passed: true, title, detail: `${first} ${rest}` };
}

/** The stage after the last one that was reached, up to the message. */
function nextUnreached(reached: ReadonlyMap<DrillStage, unknown>): DrillStage | undefined {
  const upTo = STAGES.slice(0, STAGES.indexOf("delivered") + 1);
  const last = upTo.findLastIndex((stage) => reached.has(stage));
  return upTo[last + 1];
}

/** "0.4 s", "2.3 s", "12 s". */
export function seconds(value: number): string {
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} s`;
}
