import type { Alarm } from "../domain/alarm.ts";
import type { AlarmEvidence, EventDraft, HavenEvent } from "../domain/events.ts";

/** When a step in an alarm's life happened, and about which body, as far as that is known. */
type Occasion = Pick<HavenEvent, "capturedAt"> &
  Partial<Pick<HavenEvent, "mediaTimeS" | "zone" | "trackId" | "personId" | "identityCue" | "confidence">>;

type PlainStep = "alarm_raised" | "alarm_acknowledged" | "alarm_cleared";

/** The event of a step in an alarm's life. `by`: who did it; null where nobody did. */
export function lifeEvent(
  kind: PlainStep,
  about: { readonly alarm: Alarm },
  occasion: Occasion,
  by: string | null,
): EventDraft {
  return { ...baseOf(about.alarm, occasion), kind, evidence: alarmEvidence(about.alarm, by) };
}

/** An alarm being told to the next level, or to the last one again. */
export function escalationEvent(
  { alarm }: { readonly alarm: Alarm },
  due: { readonly level: number; readonly name: string; readonly round: number },
  occasion: Occasion,
): EventDraft {
  const { level, name, round } = due;
  const evidence = { ...alarmEvidence({ ...alarm, level }, null), name, round };
  return { ...baseOf(alarm, occasion), kind: "alarm_escalated", evidence };
}

/** Somebody says what an alarm was. */
export function answerEvent(
  { alarm }: { readonly alarm: Alarm },
  { answer, by }: { readonly answer: NonNullable<Alarm["answer"]>; readonly by: string },
  occasion: Occasion,
): EventDraft {
  const evidence = { ...alarmEvidence(alarm, by), answer };
  return { ...baseOf(alarm, occasion), kind: "alarm_answered", evidence };
}

function baseOf(alarm: Alarm, occasion: Occasion) {
  return {
    cameraId: alarm.cameraId,
    area: alarm.area,
    personName: alarm.personName,
    zone: occasion.zone ?? null,
    trackId: occasion.trackId ?? null,
    personId: occasion.personId ?? null,
    identityCue: occasion.identityCue ?? null,
    capturedAt: occasion.capturedAt,
    mediaTimeS: occasion.mediaTimeS ?? null,
    confidence: occasion.confidence ?? null,
  };
}

function alarmEvidence(alarm: Alarm, by: string | null): AlarmEvidence {
  const { id, cause, causeEventId, grownTo, raisedAt, level, test } = alarm;
  return {
    alarmId: id,
    cause,
    causeEventId,
    ...(grownTo === undefined ? {} : { grownTo }),
    raisedAt,
    by,
    level,
    test,
  };
}
