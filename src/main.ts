#!/usr/bin/env node
// The command line. Each command lives in a file of its own under cli/ and is loaded only when it is called, so that
// `haven --help` does not wake the native libraries.
import { Command, CommanderError, InvalidArgumentError } from "commander";
import type { AnalyzeFlags } from "./cli/analyze.ts";
import type { BenchFlags } from "./cli/bench/bench-report.ts";
import type { EvalDailyFlags } from "./cli/eval-daily.ts";
import type { EvalFaceFlags } from "./cli/eval-face.ts";
import type { EvalFallFlags } from "./cli/eval-fall.ts";
import type { EvalIdentityFlags } from "./cli/eval-identity.ts";
import type { EvalReidFlags } from "./cli/eval-reid.ts";
import type { EvalTrackingFlags } from "./cli/eval-tracking.ts";
import { AppError, exitCodeOf, isAppError, messageOf } from "./core/errors.ts";

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.on(name, () => {
    // A second signal means now.
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort(new AppError("interrupted", "interrupted"));
  });
}
const { signal } = interrupted;

// Whoever reads the answer may have seen enough: `haven doctor | head` is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  interrupted.abort(new AppError("interrupted", "nobody reads the answer any more"));
});

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("must be a number of seconds, 0 or more.");
  return value;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("must be a whole number, 1 or more.");
  return value;
}

function wholeNumbers(text: string): number[] {
  return text.split(",").map(wholeNumber);
}

const program = new Command("haven")
  .description(
    "Watches a home's cameras and raises an alarm that is never lost when somebody falls or leaves the bed.",
  )
  .showHelpAfterError("(haven --help shows what there is)")
  .exitOverride();

program
  .command("run")
  .description("run the daemon: cameras, alarms, MQTT and the panel")
  .option("--config <file>", "configuration file (default: haven.yaml here, else in the data folder)")
  .option("--data <dir>", "where the database and secrets are kept")
  .action(async (options: { config?: string; data?: string }) => {
    const { runDaemon } = await import("./cli/run.ts");
    await runDaemon(options, signal);
  });

program
  .command("demo")
  .description("run the daemon with a demo camera: a staged scene in which a real person falls")
  .action(async () => {
    const { runDemo } = await import("./cli/demo.ts");
    await runDemo(signal);
  });

program
  .command("analyze")
  .description("run the same pipeline on video files, as fast as it goes")
  .argument("<file...>", "video files, one camera each")
  .option("--config <file>", "configuration file")
  .option("--data <dir>", "keep what is found in this folder's database")
  .option("--json", "one event per line on standard output, a summary last", false)
  .option(
    "--hold-last <seconds>",
    "repeat the last frame this long, for clips that end too early",
    seconds,
    0,
  )
  .action(async (files: string[], options: AnalyzeFlags) => {
    const { analyze } = await import("./cli/analyze.ts");
    process.exitCode = await analyze(files, options, signal);
  });

const evaluate = program.command("eval").description("measure against ground truth");
evaluate
  .command("fall")
  .description("sensitivity, false alarms and delay of fall detection over labelled clips")
  .option("--manifest <file>", "manifest of labelled clips")
  .option("--data <dir>", "instead, the data folder of a household that has answered its alarms")
  .option("--config <file>", "configuration file")
  .option("--json", "the result as one line of JSON on standard output", false)
  .option("--hold-last <seconds>", "repeat each clip's last frame this long", seconds, 0)
  .option("--observations <dir>", "keep here what was seen in the clips, and use it again while it fits")
  .option("--sampling-offsets <number>", "sample the clips at so many shifted times", wholeNumber, 1)
  .option("--leave-one-set-out", "choose every threshold without the set it is measured on", false)
  .option(
    "--sweep [names]",
    "show what each threshold does by itself, or those named: fallSpeed,minDrop",
    false,
  )
  .option("--sheets <dir>", "write a page of pictures for each clip in which something went wrong")
  .option("--sheets-all", "write one for every clip", false)
  .action(async (options: EvalFallFlags) => {
    const { evalFall } = await import("./cli/eval-fall.ts");
    process.exitCode = await evalFall(options, signal);
  });
evaluate
  .command("daily")
  .description("false alarms in hours of daily living, put together from labelled clips without a fall")
  .requiredOption("--manifest <file>", "manifest of labelled clips")
  .option("--config <file>", "configuration file")
  .option("--json", "the result as one line of JSON on standard output", false)
  .option("--hours <number>", "how long each camera watches", wholeNumber, 2)
  .option("--cameras <number>", "cameras of the house", wholeNumber, 2)
  .option("--seed <number>", "another order of the clips", wholeNumber, 1)
  .option("--observations <dir>", "keep here what was seen in the clips, and use it again while it fits")
  .option(
    "--sampling-offsets <number>",
    "sample the clips at so many shifted times, so that one that comes again is not the same",
    wholeNumber,
    1,
  )
  .action(async (options: EvalDailyFlags) => {
    const { evalDaily } = await import("./cli/eval-daily.ts");
    process.exitCode = await evalDaily(options, signal);
  });
evaluate
  .command("reid")
  .description("how well people are told apart by their clothes, between cameras and within the hour")
  .option("--crops <dir>", "pictures of bodies: PERSON/CAMERA_VIEW.png or .jpg")
  .option("--video <file>", "instead, people who leave this video's picture and come back")
  .option("--gt <file>", "its ground truth (gt.txt)")
  .option("--people <file>", "who is who in it: lines of an id and a name")
  .option("--config <file>", "configuration file")
  .option("--seed <number>", "other galleries and households", wholeNumber, 1)
  .option("--json", "the result as one line of JSON on standard output", false)
  .action(async (options: EvalReidFlags) => {
    const { evalReid } = await import("./cli/eval-reid.ts");
    process.exitCode = await evalReid(options, signal);
  });
evaluate
  .command("tracking")
  .description("how well people keep their ids: MOTA, IDF1 and switches as in MOTChallenge, at IoU .5")
  .requiredOption(
    "--gt <file...>",
    "ground truth (gt.txt); seqinfo.ini is read from where MOTChallenge keeps it",
  )
  .option("--det <file...>", "run the tracker on these detections (det.txt), one file for each ground truth")
  .option(
    "--video <file>",
    "run the whole pipeline on this video: its frame n is frame n of the ground truth",
  )
  .option("--tracks <file...>", "score these tracks of another tracker, one file for each ground truth")
  .option("--config <file>", "configuration file")
  .option("--json", "the result as one line of JSON on standard output", false)
  .action(async (options: EvalTrackingFlags) => {
    const { evalTracking } = await import("./cli/eval-tracking.ts");
    process.exitCode = await evalTracking(options, signal);
  });
evaluate
  .command("face")
  .description("how well faces are told apart: pairs, or a folder of people of whom half are strangers")
  .option("--pairs <file>", "lines of two pictures and Yes or No, with commas between")
  .option("--gallery <dir>", "pictures of faces, a folder for each person")
  .option("--config <file>", "configuration file")
  .option("--json", "the result as one line of JSON on standard output", false)
  .option("--pictures <number>", "pictures each of the enrolled is enrolled with", wholeNumber, 3)
  .option("--seed <number>", "other people enrolled, with other pictures", wholeNumber, 1)
  .option("--splits <number>", "so many divisions into enrolled people and strangers", wholeNumber, 1)
  .action(async (options: EvalFaceFlags) => {
    const { evalFace } = await import("./cli/eval-face.ts");
    process.exitCode = await evalFace(options, signal);
  });
evaluate
  .command("identity")
  .description("one person, one entry: pictures of known people through the real identity service")
  .option("--gallery <dir>", "pictures of faces, a folder for each person")
  .option("--crops <dir>", "pictures of bodies, PERSON/CAMERA_VIEW.png")
  .option("--config <file>", "configuration file")
  .option("--json", "the result as one line of JSON on standard output", false)
  .option("--seed <number>", "another order, other cameras, other times", wholeNumber, 1)
  .option("--pictures <number>", "pictures a tracklet is made of (faces: 3, bodies: 5)", wholeNumber)
  .action(async (options: EvalIdentityFlags) => {
    const { evalIdentity } = await import("./cli/eval-identity.ts");
    process.exitCode = await evalIdentity(options, signal);
  });

program
  .command("bench")
  .description("measure what Haven costs on this machine")
  .argument(
    "[name...]",
    "what to measure: vision, tracking, identity, recognition, alarm, providers; all when left out",
  )
  .option("--json", "one line of JSON for each benchmark on standard output", false)
  .option("--video <file>", "watch this video instead of footage that is made for it")
  .option("--detector <model>", "a model's id, or the path of a manifest of one's own")
  .option("--input-size <pixels>", "long side of the detector's input", wholeNumber)
  .option("--cameras <numbers>", "numbers of cameras (vision: 1,4; alarm: 50)", wholeNumbers)
  .option("--alarms <number>", "alarms that are raised and timed", wholeNumber, 300)
  .option("--seconds <seconds>", "length of one measurement", wholeNumber, 8)
  .option("--rounds <number>", "measurements of each kind", wholeNumber, 5)
  .action(async (names: string[], options: BenchFlags) => {
    const { bench } = await import("./cli/bench.ts");
    process.exitCode = await bench(names, options, signal);
  });

const models = program.command("models").description("the model store");
for (const action of ["fetch", "list", "verify"] as const) {
  const about = {
    fetch: "fetch and convert what is missing or damaged of the usual models, or of those named",
    list: "show the models and whether they are here",
    verify: "check every stored file against its hash",
  }[action];
  const command = models.command(action).description(about);
  if (action !== "list")
    command.argument("[id...]", "models, by default those that Haven uses unless told otherwise");
  command
    .option("--json", "the result as one line of JSON on standard output", false)
    .action(async (...args: readonly unknown[]) => {
      const { json } = command.opts<{ json: boolean }>();
      const ids = action === "list" ? [] : (args[0] as string[]);
      const { runModels } = await import("./cli/models.ts");
      process.exitCode = await runModels(action, { json, ids }, signal);
    });
}

program
  .command("doctor")
  .description("say what works on this machine and what does not, each with a remedy")
  .option("--config <file>", "configuration file")
  .option("--data <dir>", "data folder")
  .option("--json", "the result as one line of JSON on standard output", false)
  .action(async (options: { config?: string; data?: string; json: boolean }) => {
    const { doctor } = await import("./cli/doctor.ts");
    process.exitCode = await doctor(options, signal);
  });

// The clock's timers let the process end; a command that only waits must not end before it is done.
const alive = setInterval(() => {}, 2 ** 30);
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else {
    process.exitCode = exitCodeOf(error);
    const known = isAppError(error);
    if (known && error.code === "interrupted") process.stderr.write("haven: interrupted\n");
    else
      process.stderr.write(
        `haven: ${known ? error.message : `something went wrong that should not have: ${messageOf(error)}`}\n`,
      );
    if (!known && error instanceof Error && error.stack !== undefined)
      process.stderr.write(`${error.stack}\n`);
  }
} finally {
  clearInterval(alive);
}
