// Remembers which cameras the vision process died over, and for how long one that keeps killing it stays closed. Pure:
// the supervisor tells it deaths, settings and times. Blame needs repetition, because at any moment some blameless
// camera is being decoded too.
import type { Millis } from "../core/clock.ts";
import type { NativePhase } from "../video/native-phase.ts";

/** A camera that vision is to watch, by what its stream is reached at. Times are monotonic milliseconds. */
export interface LedgerCamera {
  readonly id: string;
  readonly address: string;
}

export interface Death {
  readonly at: Millis;
  /** Ended by a signal that tells of broken native code, rather than by somebody who wanted it gone. */
  readonly fault: boolean;
  /** What FFmpeg was doing with each camera's stream. */
  readonly phases: ReadonlyMap<string, NativePhase>;
  /** Cameras that had only just been opened, apart from the others, to see whether it is them. */
  readonly trial: readonly string[];
  /** The camera whose decoder did not come back, where that was why the process was ended. */
  readonly stuck: string | null;
}

export interface Quarantine {
  readonly address: string;
  readonly until: Millis;
  readonly pause: Millis;
  /** Deaths that led to it. */
  readonly deaths: number;
}

interface Blame {
  readonly at: Millis;
  readonly suspects: readonly string[];
  /** Cameras that were being read when nobody was being decoded: only a second such death makes suspects of them. */
  readonly readers: readonly string[];
}

export interface CrashLedger {
  readonly blames: readonly Blame[];
  /** Of the last death, and not cleared since: opened after the others. */
  readonly suspected: readonly string[];
  /** Closed until a time, and watched for as long again afterwards. */
  readonly quarantines: ReadonlyMap<string, Quarantine>;
}

export const EMPTY_LEDGER: CrashLedger = { blames: [], suspected: [], quarantines: new Map() };

/** Three deaths in ten minutes: one is chance, two are bad luck, and a home is not to go blind more often than that. */
const DEATHS_BORNE = 2;
const WINDOW: Millis = 10 * 60_000;
const FIRST_PAUSE: Millis = 10 * 60_000;
const LONGEST_PAUSE: Millis = 2 * 60 * 60_000;

export interface DeathRecorded {
  readonly ledger: CrashLedger;
  /** Closed from now on because of this death. */
  readonly quarantined: readonly string[];
  /** Whom this death is laid to; empty when it tells of nobody. */
  readonly suspects: readonly string[];
}

/** `cameras`: all that vision is to watch, also those that are closed. */
export function recordDeath(
  ledger: CrashLedger,
  death: Death,
  cameras: readonly LedgerCamera[],
): DeathRecorded {
  const recent = ledger.blames.filter(({ at }) => death.at - at <= WINDOW);
  const blame = blameOf(death, recent);
  const { suspects } = blame;
  const blames = [...recent, blame];
  const suspected = suspects.length > 0 ? suspects : ledger.suspected;
  const culprit = culpritAmong(suspects, blames, ledger, death.at);
  const camera = cameras.find(({ id }) => id === culprit);
  // To close the only camera would help nobody: it goes on as well as it can.
  if (camera === undefined || cameras.length < 2) {
    return { ledger: { ...ledger, blames, suspected }, quarantined: [], suspects };
  }
  const before = ledger.quarantines.get(camera.id);
  const pause = before === undefined ? FIRST_PAUSE : Math.min(LONGEST_PAUSE, before.pause * 2);
  const deaths = deathsOf(camera.id, blames) + (before?.deaths ?? 0);
  return {
    ledger: {
      // What it did tells nothing of those who happened to be decoded beside it.
      blames: blames.filter((other) => !other.suspects.includes(camera.id)),
      suspected: suspected.filter((id) => id !== camera.id),
      quarantines: new Map(ledger.quarantines).set(camera.id, {
        address: camera.address,
        until: death.at + pause,
        pause,
        deaths,
      }),
    },
    quarantined: [camera.id],
    suspects,
  };
}

/** These were opened apart and have played without harm. */
export function recordCleared(ledger: CrashLedger, ids: readonly string[]): CrashLedger {
  return { ...ledger, suspected: ledger.suspected.filter((id) => !ids.includes(id)) };
}

/** Forgets what is over, what was removed, and what was said of an address that is another now. */
export function reconcile(ledger: CrashLedger, cameras: readonly LedgerCamera[], at: Millis): CrashLedger {
  const addresses = new Map(cameras.map(({ id, address }) => [id, address]));
  const quarantines = new Map(
    [...ledger.quarantines].filter(
      ([id, { address, until, pause }]) => addresses.get(id) === address && at < until + pause,
    ),
  );
  const freed = new Set([...ledger.quarantines.keys()].filter((id) => !quarantines.has(id)));
  const known = (id: string) => addresses.has(id) && !freed.has(id);
  return {
    blames: ledger.blames
      .filter((blame) => at - blame.at <= WINDOW)
      .map((blame) => ({ ...blame, suspects: blame.suspects.filter(known) })),
    suspected: ledger.suspected.filter(known),
    quarantines,
  };
}

/** Cameras that are closed at this time. */
export function quarantinedAt(ledger: CrashLedger, at: Millis): ReadonlyMap<string, Quarantine> {
  return new Map([...ledger.quarantines].filter(([, { until }]) => at < until));
}

/** Cameras to be opened after the others and apart: suspects first by fewest deaths, so that the innocent wait least. */
export function opensLast(ledger: CrashLedger, at: Millis): readonly string[] {
  const paroled = [...ledger.quarantines].filter(([, { until }]) => at >= until).map(([id]) => id);
  const weight = (id: string) => deathsOf(id, ledger.blames) + (ledger.quarantines.get(id)?.deaths ?? 0);
  const ids = new Set([...ledger.suspected, ...paroled]);
  const closed = quarantinedAt(ledger, at);
  return [...ids].filter((id) => !closed.has(id)).sort((a, b) => weight(a) - weight(b));
}

/** When the next closed camera is to be tried again; null when none is closed. */
export function nextRelease(ledger: CrashLedger, at: Millis): Millis | null {
  const times = [...quarantinedAt(ledger, at).values()].map(({ until }) => until);
  return times.length === 0 ? null : Math.min(...times);
}

/** Whom one death points to. A camera on trial answers for it before those that have long been playing. */
function blameOf(death: Death, recent: readonly Blame[]): Blame {
  const { at, fault, phases, stuck, trial } = death;
  const blame = (suspects: readonly string[], readers: readonly string[] = []) => ({ at, suspects, readers });
  if (stuck !== null) return blame([stuck]);
  const within = (wanted: readonly NativePhase[]) =>
    [...phases].filter(([, phase]) => wanted.includes(phase)).map(([id]) => id);
  const onTrial = (ids: readonly string[]) => ids.filter((id) => trial.includes(id));
  const parsing = within(["open", "decode"]);
  if (parsing.length > 0) return blame(onTrial(parsing).length > 0 ? onTrial(parsing) : parsing);
  // A camera is nearly always being read, mostly waiting for the network: that alone says nothing.
  if (!fault) return blame([]);
  const readers = within(["read"]);
  if (onTrial(readers).length > 0) return blame(onTrial(readers));
  const unexplained = recent.findLast((other) => other.suspects.length === 0 && other.readers.length > 0);
  if (unexplained === undefined) return blame([], readers);
  return blame(
    readers.filter((id) => unexplained.readers.includes(id)),
    readers,
  );
}

/** The suspect with too many deaths, and more than anybody else; one on parole needs a single one that is its own. */
function culpritAmong(
  suspects: readonly string[],
  blames: readonly Blame[],
  ledger: CrashLedger,
  at: Millis,
): string | null {
  const [only] = suspects;
  const record = only === undefined ? undefined : ledger.quarantines.get(only);
  if (only !== undefined && suspects.length === 1 && record !== undefined && at >= record.until) return only;
  const counts = new Map<string, number>();
  for (const id of blames.flatMap((blame) => blame.suspects)) counts.set(id, (counts.get(id) ?? 0) + 1);
  const most = Math.max(0, ...counts.values());
  const worst = [...counts].filter(([, count]) => count === most).map(([id]) => id);
  const [culprit] = worst;
  if (most <= DEATHS_BORNE || worst.length !== 1 || culprit === undefined) return null;
  return suspects.includes(culprit) ? culprit : null;
}

function deathsOf(id: string, blames: readonly Blame[]): number {
  return blames.filter((blame) => blame.suspects.includes(id)).length;
}
