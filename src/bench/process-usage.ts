// What a process has used so far, as the kernel counts it: of any process, so that nobody has to report on himself.
import { readdirSync, readFileSync } from "node:fs";
import { AppError } from "../core/errors.ts";

export interface ProcessUsage {
  /** CPU time of all its threads, ended ones included, milliseconds. The kernel tells it in steps of 10 ms. */
  readonly cpuMs: number;
  /** Of its first thread alone: in Node the one that runs the program. Milliseconds. */
  readonly mainThreadCpuMs: number;
  readonly rssBytes: number;
  /** Of it, what belongs to no file: memory that cannot simply be read again. Bytes. */
  readonly anonymousBytes: number;
}

/** Ticks per second in which Linux tells CPU times to programs (USER_HZ), on every architecture Node runs on. */
const TICKS_PER_S = 100;

/** Throws AppError `input.invalid` where there is no /proc, `not-found` when the process is gone. */
export function usageOf(pid: number): ProcessUsage {
  if (process.platform !== "linux")
    throw new AppError(
      "input.invalid",
      "What other processes use can only be measured on Linux, which tells it in /proc.",
    );
  const status = read(`/proc/${pid}/status`);
  return {
    cpuMs: cpuMsOf(read(`/proc/${pid}/stat`)),
    mainThreadCpuMs: cpuMsOf(read(`/proc/${pid}/task/${pid}/stat`)),
    rssBytes: kilobytes(status, "VmRSS"),
    anonymousBytes: kilobytes(status, "RssAnon"),
  };
}

/** The processes that this one has started and that are alive. */
export function childrenOf(pid: number): readonly number[] {
  const ids: number[] = [];
  for (const thread of readdirSync(`/proc/${pid}/task`))
    ids.push(...read(`/proc/${pid}/task/${thread}/children`).split(" ").filter(Boolean).map(Number));
  return ids;
}

/**
 * CPU time that all processors of the machine together have spent on anything, milliseconds: what is left of it after one's
 * own processes is what others took.
 */
export function machineBusyMs(): number {
  const times = /^cpu +(.*)$/m.exec(read("/proc/stat"))?.[1]?.split(" ").map(Number) ?? [];
  // user nice system idle iowait irq softirq steal; guests are counted in user.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0, steal = 0] = times;
  return ((user + nice + system + irq + softIrq + steal) * 1000) / TICKS_PER_S;
}

/** proc(5): fields 14 and 15, counted behind the name in brackets, which may hold anything. */
function cpuMsOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_S;
}

function kilobytes(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1024;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new AppError("not-found", "The process that was being measured is gone.", { cause });
  }
}
