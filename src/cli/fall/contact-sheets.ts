// Writes contact sheets: takes the pictures around each moment from the videos, and puts the pages into a folder.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../core/clock.ts";
import { AppError, messageOf } from "../../core/errors.ts";
import {
  contactIndexPage,
  contactSheetPage,
  framesShown,
  type IndexEntry,
  momentsOf,
  type SheetPicture,
} from "../../evaluation/contact-sheet.ts";
import type { ClipVerdict } from "../../evaluation/fall-evaluation.ts";
import type { Finding } from "../../evaluation/fall-findings.ts";
import type { ActivitySettings } from "../../pipeline/camera-activity.ts";
import { openVideo } from "../../video/open-video.ts";
import { createProgressBar } from "../progress-bar.ts";
import { traceClip, traceScale } from "./clip-trace.ts";
import type { ClipFootage, FallFootage } from "./fall-footage.ts";

export interface SheetsOptions {
  readonly dir: string;
  /** A sheet for every clip, not only for those in which something went wrong. */
  readonly all: boolean;
  readonly footage: FallFootage;
  readonly verdicts: readonly ClipVerdict[];
  readonly findings: readonly Finding[];
  readonly settings: ActivitySettings;
  /** The scores as text, for the head of the index. */
  readonly summary: string;
  readonly signal: AbortSignal;
}

const PICTURE = { maxWidth: 320, quality: 70 } as const;
const OPEN = { live: false, connectTimeoutMs: 10_000, stallTimeoutMs: 10_000, clock: systemClock } as const;
/** Observations keep a tenth of a millisecond of a frame's time. */
const SAME_S = 0.0002;

/** Throws AppError store.unusable when the folder cannot be written. */
export async function writeContactSheets(options: SheetsOptions): Promise<void> {
  const { dir, all, footage, verdicts, findings, summary, signal } = options;
  const wanted = verdicts.flatMap((verdict) => {
    const clip = footage.clips.find((one) => one.clip === verdict.clip && one.failure === null);
    const own = findings.filter(({ file }) => file === verdict.clip.file);
    return clip === undefined || (own.length === 0 && !all) ? [] : [{ verdict, clip, own }];
  });
  using bar = createProgressBar("contact sheets");
  const entries: IndexEntry[] = [];
  try {
    await mkdir(dir, { recursive: true });
    for (const [index, { verdict, clip, own }] of wanted.entries()) {
      signal.throwIfAborted();
      const name = `${verdict.clip.file.replaceAll("/", "__").replaceAll(/[^\w.-]/g, "_")}.html`;
      await writeFile(join(dir, name), await sheetOf(options, verdict, clip, own));
      entries.push({ clip: verdict.clip, page: name, findings: own });
      bar.update((index + 1) / wanted.length, `${index + 1}/${wanted.length} clips`);
    }
    await writeFile(join(dir, "index.html"), contactIndexPage(entries, summary));
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError(
      "store.unusable",
      `the contact sheets cannot be written to ${dir}: ${messageOf(error)}`,
      {
        cause: error,
      },
    );
  }
}

async function sheetOf(
  { settings, signal }: SheetsOptions,
  verdict: ClipVerdict,
  footage: ClipFootage,
  findings: readonly Finding[],
): Promise<string> {
  const trace = traceClip(footage, settings);
  const moments = momentsOf(verdict.clip, verdict.falls, findings).map((moment) => ({
    moment,
    frames: framesShown(trace, moment),
  }));
  const times = moments.flatMap(({ frames }) => frames.map(({ timeS }) => timeS));
  const jpegs = await picturesAt(footage.camera.source, times, signal);
  return contactSheetPage({
    clip: verdict.clip,
    findings,
    trace,
    scale: traceScale(settings),
    aspect: footage.observations[0]?.aspect ?? 1,
    moments: moments.map(({ moment, frames }) => ({
      moment,
      pictures: frames.flatMap((frame): SheetPicture[] => {
        const jpeg = jpegs.get(frame.timeS);
        return jpeg === undefined ? [] : [{ jpeg, frame }];
      }),
    })),
  });
}

/** JPEGs by media time; a time after the end shows the last picture, as a clip whose last frame is held does. */
async function picturesAt(
  source: string,
  timesS: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, Uint8Array>> {
  const due = [...new Set(timesS)].sort((a, b) => a - b);
  const found = new Map<number, Uint8Array>();
  const stream = await openVideo({ source, ...OPEN, signal });
  try {
    let last = await stream.next();
    while (last !== null && due.length > 0) {
      using frame = last;
      const next = await stream.next();
      const wanted = due.filter((timeS) => next === null || timeS < next.mediaTimeS - SAME_S);
      if (wanted.length > 0) {
        const jpeg = await frame.toJpeg(PICTURE);
        for (const timeS of wanted) found.set(timeS, jpeg);
        due.splice(0, wanted.length);
      }
      last = next;
    }
    last?.[Symbol.dispose]();
  } finally {
    await stream[Symbol.asyncDispose]();
  }
  return found;
}
