// Who is in bed, as far as it has to outlive a restart: somebody under a blanket is not seen again until they rise, and
// then they must not have come from nowhere.
import { AppError } from "../core/errors.ts";
import type { Box } from "../domain/geometry.ts";
import { isInBed } from "./bed-machine.ts";
import { newSubject, type Subject } from "./subject.ts";

export interface Sleeper {
  /** The bed's zone. */
  readonly zoneId: string;
  /** Where they were seen last, normalised, and how long they are, picture heights. */
  readonly box: Box;
  readonly bodyLength: number;
  /** Seconds in bed so far; null when its beginning was not seen. */
  readonly inBedS: number | null;
}

export function sleepersOf(subjects: readonly Subject[], timeS: number): readonly Sleeper[] {
  return subjects.flatMap(({ beds, box, bodyLength }) =>
    [...beds].flatMap(([zoneId, bed]) => {
      if (!isInBed(bed)) return [];
      const sinceS = "inSinceS" in bed ? bed.inSinceS : bed.kind === "in" ? bed.sinceS : null;
      return [{ zoneId, box, bodyLength, inBedS: sinceS === null ? null : timeS - sinceS }];
    }),
  );
}

/** People nobody sees yet, in bed since then. No track has a number below 0: the next that fits carries them on. */
export function subjectsOf(sleepers: readonly Sleeper[], timeS: number): readonly Subject[] {
  return sleepers.map(({ zoneId, box, bodyLength, inBedS }, index) => {
    const track = { id: -1 - index, state: "lost", box, confidence: 0, pose: null, detected: false } as const;
    const sinceS = inBedS === null ? null : timeS - inBedS;
    return {
      ...newSubject({ ...track, firstSeenS: timeS, lastSeenS: timeS }, timeS),
      bodyLength,
      beds: new Map([[zoneId, { kind: "in", sinceS }]]),
    };
  });
}

/** Of JSON that was kept. Throws AppError input.invalid for anything else. */
export function parseSleepers(value: unknown): readonly Sleeper[] {
  if (Array.isArray(value) && value.every(isSleeper)) return value;
  throw new AppError("input.invalid", "Who was in bed cannot be read: it is found out anew.");
}

function isSleeper(value: unknown): value is Sleeper {
  if (typeof value !== "object" || value === null) return false;
  const { zoneId, box, bodyLength, inBedS } = value as Readonly<Record<string, unknown>>;
  if (typeof zoneId !== "string" || typeof bodyLength !== "number" || typeof box !== "object" || box === null)
    return false;
  const { x1, y1, x2, y2 } = box as Readonly<Record<string, unknown>>;
  return [x1, y1, x2, y2].every(Number.isFinite) && (inBedS === null || typeof inBedS === "number");
}
