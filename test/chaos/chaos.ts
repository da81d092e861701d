// `npm run chaos`: somebody falls in round after round while something fails, and the house has to hear of it exactly once as
// news. What has to hold is told in verdict.ts. A small version of it is part of `npm test`.
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, InvalidArgumentError } from "commander";
import { messageOf } from "../../src/core/errors.ts";
import { MOSQUITTO } from "./broker.ts";
import { FAULTS, type Fault, planRounds, type RoundPlan } from "./plan.ts";
import { playRound, type RoundResult } from "./round.ts";
import { noSmallDisk } from "./small-disk.ts";
import { rowsOf, tableOf } from "./table.ts";

interface Options {
  readonly rounds: number;
  readonly seed: number;
  readonly parallel: number;
  readonly longestOutage: number;
  readonly fault?: readonly Fault[];
  readonly only?: readonly number[];
  readonly json: boolean;
}

/** Starting a house takes most of the processor: houses are started one after another. */
const APART = 700;

async function run(options: Options): Promise<number> {
  const possible = FAULTS.filter((fault) => fault !== "disk full" || noSmallDisk === null);
  if (possible.length < FAULTS.length) process.stderr.write(`chaos: without full disks: ${noSmallDisk}\n`);
  process.stderr.write(
    `chaos: the broker is ${MOSQUITTO ?? "the embedded one's engine, as mosquitto is missing"}\n`,
  );
  const faults = possible.filter((fault) => options.fault?.includes(fault) ?? true);
  const { seed, rounds, longestOutage, only } = options;
  const plans = planRounds(seed, { rounds, faults, longestOutageMs: longestOutage * 1000 });
  const results = await inParallel(
    plans.filter(({ number }) => only?.includes(number) ?? true),
    options.parallel,
  );
  results.sort((a, b) => a.plan.number - b.plan.number);
  const failed = results.filter(({ complaints }) => complaints.length > 0);
  const rows = rowsOf(results, faults);
  if (options.json)
    process.stdout.write(
      `${JSON.stringify({ seed, rounds: results.length, failed: failed.map(plainly), faults: rows })}\n`,
    );
  else process.stdout.write(`seed ${seed}\n\n${tableOf(rows)}\n`);
  return failed.length === 0 ? 0 : 1;
}

async function inParallel(plans: readonly RoundPlan[], parallel: number): Promise<RoundResult[]> {
  const waiting = [...plans];
  const results: RoundResult[] = [];
  const lane = async (number: number) => {
    await sleep(number * APART);
    for (let plan = waiting.shift(); plan !== undefined; plan = waiting.shift()) {
      const result = await playRound(plan).catch((error: unknown) => broken(plan, error));
      results.push(result);
      await report(result, results.length, plans.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, plans.length) }, (_, number) => lane(number)));
  return results;
}

/** The trial itself failed: that is no proof either. */
function broken(plan: RoundPlan, error: unknown): RoundResult {
  const text = `the round could not be played: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`;
  return {
    plan,
    complaints: [{ kind: "state", text }],
    lateCopies: 0,
    cause: null,
    deliveryMs: null,
    log: null,
  };
}

async function report(result: RoundResult, done: number, of: number): Promise<void> {
  if (result.complaints.length === 0) {
    if (done % 10 === 0 || done === of) process.stderr.write(`chaos: ${done} of ${of} rounds\n`);
    return;
  }
  const { plan, complaints, log } = result;
  const lines = [
    `chaos: round ${plan.number}, ${describe(plan)}`,
    ...complaints.map(({ kind, text }) => `  ${kind}: ${text}`),
  ];
  if (log !== null) {
    const file = join(await mkdtemp(join(tmpdir(), "haven-chaos-log-")), `round-${plan.number}.log`);
    await writeFile(file, log);
    lines.push(`  the daemon's log: ${file}`);
  }
  process.stderr.write(`${lines.join("\n")}\n`);
}

function describe({ fault, offsetMs, awayMs, step, jumpMs, restart }: RoundPlan): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
  if (fault === "daemon killed between steps")
    return `${fault}: ${step}, away ${seconds(awayMs)}, ${restart}`;
  const what = fault.startsWith("clock")
    ? `by ${(jumpMs / 3_600_000).toFixed(2)} h`
    : `for ${seconds(awayMs)}`;
  return `${fault} ${seconds(offsetMs)} after the fall should be confirmed, ${what}, ${restart}`;
}

function plainly({ plan, complaints }: RoundResult) {
  return { ...plan, complaints: complaints.map(({ kind, text }) => `${kind}: ${text}`) };
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError("must be a whole number, 1 or more.");
  return value;
}

function faultsOf(text: string): Fault[] {
  return text.split(",").map((name) => {
    const fault = FAULTS.find((known) => known === name);
    if (fault === undefined) throw new InvalidArgumentError(`there are: ${FAULTS.join(", ")}.`);
    return fault;
  });
}

// Houses that stand are torn down on the way out.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => process.exit(130));

const program = new Command("chaos")
  .option("--rounds <number>", "how many; the faults take turns", wholeNumber, 100)
  .option("--seed <number>", "of what fails when and for how long", wholeNumber, 1)
  .option("--parallel <number>", "houses at the same time", wholeNumber, 6)
  .option("--longest-outage <seconds>", "of broker, network and disk", wholeNumber, 60)
  .option("--fault <names>", "only these, by commas", faultsOf)
  .option("--only <numbers>", "only these rounds of the seed, by commas", (text) =>
    text.split(",").map(wholeNumber),
  )
  .option("--json", "the result as one line of JSON", false);
program.parse();
process.exitCode = await run(program.opts<Options>());
