// Replays what vision saw through the objects that run live, as often as thresholds are to be tried. Seconds for all
// clips: nothing of it looks at a picture.
import { setImmediate } from "node:timers/promises";
import { DEFAULT_ADL_SETTINGS } from "../../adl/adl-settings.ts";
import { FALL_RULES } from "../../adl/fall-rules.ts";
import { type ClipOutcome, judgeClips, type TimedEvent } from "../../evaluation/fall-evaluation.ts";
import type { FallClip } from "../../evaluation/fall-manifest.ts";
import type { Choice, Judge, Threshold } from "../../evaluation/fall-thresholds.ts";
import { type ActivitySettings, CameraActivity } from "../../pipeline/camera-activity.ts";
import type { ClipFootage, FallFootage } from "./fall-footage.ts";

export function replayClip(
  { clip, camera, observations, lying, failure }: ClipFootage,
  settings: ActivitySettings,
): ClipOutcome {
  const activity = new CameraActivity(camera, settings);
  const events: TimedEvent[] = [];
  for (const observation of observations) {
    for (const { kind, mediaTimeS } of activity.observe(observation).drafts)
      if (mediaTimeS !== null) events.push({ kind, mediaTimeS });
  }
  return { file: clip.file, events, lying, ...(failure === null ? {} : { error: failure }) };
}

/** Judges a clip under a choice, for every shift. The event loop turns in between, so that it can be interrupted. */
export function judgeOf(
  footage: readonly FallFootage[],
  settings: ActivitySettings,
  { signal, replayed }: { readonly signal: AbortSignal; readonly replayed: () => void },
): Judge {
  const shots = new Map<FallClip, ClipFootage[]>();
  for (const { clips } of footage)
    for (const one of clips) shots.set(one.clip, [...(shots.get(one.clip) ?? []), one]);
  return async (choice, clip) => {
    await setImmediate();
    signal.throwIfAborted();
    const chosen = withChoice(settings, choice);
    const verdicts = (shots.get(clip) ?? []).flatMap((shot) =>
      judgeClips({ clips: [clip] }, [replayClip(shot, chosen)]),
    );
    replayed();
    return verdicts;
  };
}

/** A name of the household's settings changes those, any other a rule. */
export function withChoice(settings: ActivitySettings, choice: Choice): ActivitySettings {
  if (choice.size === 0) return settings;
  const isSetting = ([name]: readonly [string, number]) => name in DEFAULT_ADL_SETTINGS;
  const set = Object.fromEntries([...choice].filter(isSetting));
  const rules = Object.fromEntries([...choice].filter((pair) => !isSetting(pair)));
  return { ...settings, adl: { ...settings.adl, ...set, rules: { ...settings.adl.rules, ...rules } } };
}

/** The thresholds that decide a fall, as the rooms that own them list them, with the values in force. */
export function thresholdsOf(
  sweepable: readonly Omit<Threshold, "inForce">[],
  { adl }: ActivitySettings,
): readonly Threshold[] {
  const inForce: Readonly<Record<string, unknown>> = { ...FALL_RULES, ...adl.rules, ...adl };
  return sweepable.flatMap((threshold) => {
    const value = inForce[threshold.name];
    if (typeof value !== "number") return [];
    const values = threshold.values.includes(value) ? threshold.values : [...threshold.values, value];
    return [{ ...threshold, values, inForce: value }];
  });
}
