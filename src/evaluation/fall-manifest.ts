// Parses the manifest of a folder of fall clips: which clips there are, and when somebody falls in them.
import { Ajv, type ErrorObject } from "ajv";
import { type Static, Type } from "typebox";
import { AppError } from "../core/errors.ts";

const Seconds = Type.Number({ minimum: 0 });
const SecondsOrNull = Type.Union([Seconds, Type.Null()]);

const FallLabelSchema = Type.Object({
  start_s: SecondsOrNull,
  ground_s: SecondsOrNull,
  end_s: SecondsOrNull,
});

const ClipSchema = Type.Object({
  file: Type.String({ minLength: 1 }),
  set: Type.String({ minLength: 1 }),
  scene: Type.String({ minLength: 1 }),
  duration_s: Type.Number({ exclusiveMinimum: 0 }),
  falls: Type.Array(FallLabelSchema),
  ignore: Type.Optional(Type.Boolean()),
});

const ManifestSchema = Type.Object({ clips: Type.Array(ClipSchema, { minItems: 1 }) });

/** One labelled fall, seconds of media time. */
export interface FallLabel {
  /** Leaves balance; null when the clip is known to hold this fall but its time is not labelled. */
  readonly startS: number | null;
  /** Lies on the ground; null when not labelled: no delay is counted. */
  readonly groundS: number | null;
  /** Gets up again; null when the person stays down to the end of the clip. */
  readonly endS: number | null;
}

export interface FallClip {
  /** Relative to the manifest's folder. */
  readonly file: string;
  readonly set: string;
  readonly scene: string;
  readonly durationS: number;
  /** In the order of their start. */
  readonly falls: readonly FallLabel[];
  /** Counts nowhere. */
  readonly ignore: boolean;
}

export interface FallManifest {
  readonly clips: readonly FallClip[];
}

const validate = new Ajv({ allErrors: true }).compile<Static<typeof ManifestSchema>>(ManifestSchema);

/**
 * Parses the JSON of a manifest. Keys it does not know (notes, further labels) are left alone.
 * @param source names the manifest in the error, usually its path
 * @throws AppError `input.invalid` that lists every mistake at once
 */
export function parseFallManifest(json: unknown, source: string): FallManifest {
  if (!validate(json)) throw invalid(source, (validate.errors ?? []).filter(isTelling).map(sentence));
  const clips = json.clips.map(
    (clip): FallClip => ({
      file: clip.file,
      set: clip.set,
      scene: clip.scene,
      durationS: clip.duration_s,
      falls: clip.falls
        .map((fall) => ({ startS: fall.start_s, groundS: fall.ground_s, endS: fall.end_s }))
        .sort((a, b) => (a.startS ?? 0) - (b.startS ?? 0)),
      ignore: clip.ignore ?? false,
    }),
  );
  const mistakes = contradictions(clips);
  if (mistakes.length > 0) throw invalid(source, mistakes);
  return { clips };
}

function invalid(source: string, mistakes: readonly string[]): AppError {
  return new AppError("input.invalid", `The manifest ${source} cannot be used: ${mistakes.join("; ")}.`, {
    fields: { mistakes: mistakes.length },
  });
}

/** A union reports one error per branch and one for itself; the last one alone tells what is expected. */
function isTelling(error: ErrorObject): boolean {
  return !/\/anyOf\/\d+\//.test(error.schemaPath);
}

function sentence(error: ErrorObject): string {
  const place = error.instancePath === "" ? "the manifest" : error.instancePath;
  if (error.keyword === "anyOf") return `${place} must be null or a number of seconds from 0`;
  return `${place} ${error.message ?? "is invalid"}`;
}

function contradictions(clips: readonly FallClip[]): string[] {
  const mistakes: string[] = [];
  const seen = new Set<string>();
  for (const clip of clips) {
    if (seen.has(clip.file)) mistakes.push(`${clip.file} is listed twice`);
    seen.add(clip.file);
    for (const { startS, groundS } of clip.falls) {
      if (startS !== null && groundS !== null && groundS < startS) {
        mistakes.push(
          `${clip.file} says that a fall reaches the ground (${groundS} s) before it starts (${startS} s)`,
        );
      }
    }
  }
  return mistakes;
}
