// `haven bench identity`: how long it takes to say who somebody is, by how many are known and where they are kept; and how
// long it takes to write down what was learned of a hundred people. Each answer is checked against all prototypes one by one.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { spreadOf } from "../../bench/spread.ts";
import { systemClock } from "../../core/clock.ts";
import { silentLogger } from "../../core/logger.ts";
import type { Cue } from "../../domain/tracklet.ts";
import { Gallery } from "../../identity/gallery.ts";
import { EVERYWHERE, type Likeness, type Scope } from "../../identity/people.ts";
import { decide } from "../../reid/decision.ts";
import { decisionSettings } from "../../reid/decision-settings.ts";
import type { TrackEvidence } from "../../reid/evidence.ts";
import { queriesOf } from "../../reid/scoring.ts";
import { dot } from "../../reid/unit-vector.ts";
import { openStore, type Store } from "../../store/store.ts";
import { type BenchContext, type BenchReport, rounded } from "./bench-report.ts";
import { fillStore, MODEL, personIdOf, picture, trackOf } from "./identity-population.ts";

const ALL_CUES: readonly Cue[] = ["face", "gait", "appearance"];
/** Tracks that are asked about, by turns; each of them is looked for among all prototypes too. */
const TRACKS = 40;
const CANDIDATES = 8;
const BATCH = 100;
const REGIONS = Array.from({ length: 10 }, (_, at) => `region-${at}`);

interface Case {
  readonly name: string;
  readonly persons: number;
  readonly prototypes: number;
  readonly cues: readonly Cue[];
  /** In memory, or all of them in the database. */
  readonly inMemory: number;
  readonly regions: readonly string[];
  readonly scope: Scope;
  /** Milliseconds the median is to stay below. */
  readonly limitMs: number;
}

const CASES: readonly Case[] = [
  {
    name: "1,000 active",
    persons: 1000,
    prototypes: 10,
    cues: ALL_CUES,
    inMemory: 2000,
    regions: [],
    scope: EVERYWHERE,
    limitMs: 1,
  },
  {
    name: "10,000 in SQLite",
    persons: 10_000,
    prototypes: 10,
    cues: ["face"],
    inMemory: 0,
    regions: [],
    scope: EVERYWHERE,
    limitMs: 5,
  },
  {
    name: "100,000 in SQLite",
    persons: 100_000,
    prototypes: 2,
    cues: ["face"],
    inMemory: 0,
    regions: REGIONS,
    scope: EVERYWHERE,
    limitMs: 50,
  },
  {
    name: "100,000, one of 10 regions",
    persons: 100_000,
    prototypes: 2,
    cues: ["face"],
    inMemory: 0,
    regions: REGIONS,
    scope: { region: "region-3", clientId: null },
    limitMs: 10,
  },
];

const SETTINGS = decisionSettings(
  {
    face: true,
    gait: true,
    appearance: true,
    gaitThreshold: 0.7,
    appearanceThreshold: 0.5,
    unknownBelow: 0.4,
    trackletFrames: 5,
    minHeightPx: 80,
  },
  { face: {}, appearance: {} },
);

interface Timing {
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly calls: number;
}

interface Row extends Timing {
  readonly case: Case;
  /** Tracks whose likest person by face is the one that looking at every prototype finds. */
  readonly right: number;
  readonly fileMb: number;
}

export async function benchIdentity({ flags, progress, signal }: BenchContext): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), "haven-bench-identity-"));
  try {
    const rows: Row[] = [];
    let store: Store | null = null;
    let filled = "";
    let plainMs = Number.NaN;
    let batch: Timing | null = null;
    for (const [at, one] of CASES.entries()) {
      progress(at / (CASES.length + 1), one.name);
      await setImmediate();
      signal.throwIfAborted();
      const path = join(folder, `${one.persons}.db`);
      if (filled !== path) {
        store?.[Symbol.dispose]();
        store = openStore({ path, clock: systemClock, log: silentLogger });
        fillStore(store, { ...one, at: Date.now() });
        filled = path;
      }
      if (store === null) continue;
      const gallery = openGallery(store, one.inMemory);
      const tracks = tracksOf(one);
      const time = timed((flags.seconds * 1000) / 4, (call) => {
        const track = tracks[call % tracks.length];
        if (track !== undefined) identify(gallery, track.evidence, one.scope);
      });
      const fileMb = store.size().fileBytes / 1_000_000;
      rows.push({
        ...time,
        case: one,
        right: tracks.filter((track) => agrees(gallery, one, track)).length,
        fileMb,
      });
      if (at > 0) continue;
      plainMs = timed((flags.seconds * 1000) / 8, (call) => {
        const track = tracks[call % tracks.length];
        if (track !== undefined) bestByFace(one, track.evidence);
      }).medianMs;
      batch = timeBatches(gallery, flags.seconds * 250);
    }
    store?.[Symbol.dispose]();
    progress(1, "done");
    return report(rows, batch, plainMs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function openGallery(store: Store, inMemory: number): Gallery {
  const gallery = new Gallery({
    store,
    clock: systemClock,
    log: silentLogger,
    settings: {
      memory: { limit: 10, blend: 0.3, acceptFace: 0.42, appearanceTtl: 86_400_000 },
      keepPictures: true,
    },
    syncS: 5,
    inMemory,
  });
  gallery.load();
  return gallery;
}

/** All that is done between a stable tracklet and its identity, models left out. */
function identify(gallery: Gallery, evidence: TrackEvidence, scope: Scope): readonly Likeness[] {
  const found = gallery.search(evidence, scope, CANDIDATES);
  decide(
    evidence,
    found.map((likeness) => ({ ...likeness, blocked: null, sinceSeenHereS: null })),
    SETTINGS,
  );
  return found;
}

interface Track {
  readonly person: number;
  readonly evidence: TrackEvidence;
}

function tracksOf({ persons, cues, regions, scope }: Case): Track[] {
  return Array.from({ length: TRACKS }, (_, at) => {
    const anybody = Math.floor((persons / TRACKS) * (at + 0.5));
    // Of the region that is asked for.
    const region =
      scope.region === null ? anybody % Math.max(1, regions.length) : regions.indexOf(scope.region);
    const person = regions.length === 0 ? anybody : anybody - (anybody % regions.length) + region;
    return { person, evidence: trackOf(person, cues, at) };
  });
}

function agrees(gallery: Gallery, one: Case, { evidence }: Track): boolean {
  const [likest] = identify(gallery, evidence, one.scope)
    .filter(({ scores }) => scores.face !== undefined)
    .sort((a, b) => (b.scores.face ?? 0) - (a.scores.face ?? 0));
  const plain = bestByFace(one, evidence);
  return likest?.personId === plain.personId && Math.abs((likest.scores.face ?? 0) - plain.score) < 1e-4;
}

const packedFaces = new Map<string, Float32Array>();

/** Every prototype and mean of everybody in scope, one by one. */
function bestByFace(
  one: Case,
  evidence: TrackEvidence,
): { readonly personId: string; readonly score: number } {
  const query = queriesOf(evidence).find(({ cue }) => cue === "face");
  const each = one.prototypes + 1;
  const length = query?.vector.length ?? 0;
  const packed = packedFaces.get(String(one.persons)) ?? packFaces(one, length);
  let best = { personId: "", score: Number.NEGATIVE_INFINITY };
  if (query === undefined) return best;
  const step = one.scope.region === null ? 1 : one.regions.length;
  const first = one.scope.region === null ? 0 : one.regions.indexOf(one.scope.region);
  for (let person = first; person < one.persons; person += step)
    for (let number = 0; number < each; number += 1) {
      const from = (person * each + number) * length;
      const score = dot(query.vector, packed.subarray(from, from + length));
      if (score > best.score) best = { personId: personIdOf(person), score };
    }
  return best;
}

function packFaces({ persons, prototypes }: Case, length: number): Float32Array {
  packedFaces.clear();
  const each = prototypes + 1;
  const packed = new Float32Array(persons * each * length);
  for (let person = 0; person < persons; person += 1)
    for (let number = 0; number < each; number += 1)
      packed.set(picture(person, "face", number), (person * each + number) * length);
  packedFaces.set(String(persons), packed);
  return packed;
}

/** What a sync writes when of a hundred people something was learned: a face each, where they were, the tracklet. */
function timeBatches(gallery: Gallery, ms: number): Timing {
  let number = 0;
  const prepare = () => {
    const at = Date.now();
    for (let person = 0; person < BATCH; person += 1) {
      number += 1;
      const personId = personIdOf(person);
      const origin = {
        modelId: MODEL,
        quality: 0.9,
        facing: null,
        source: "sighting",
        picture: null,
      } as const;
      const seen = { cameraId: "hall", trackletId: `t${number}`, capturedAt: at };
      const vector = picture(person, "face", 5000 + number);
      gallery.learn(personId, [{ ...origin, ...seen, cue: "face", vector }]);
      const size = { trackletId: seen.trackletId, widthPx: 100, heightPx: 250 };
      gallery.seen(personId, { cameraId: "hall", at, size, heightM: null });
      gallery.putTracklet({
        trackletId: seen.trackletId,
        cameraId: "hall",
        trackId: number,
        area: null,
        firstAt: at,
        lastAt: at,
        frames: 20,
        quality: 0.8,
        personId,
        cue: "face",
        confidence: 0.9,
        decision: "{}",
      });
    }
  };
  return timed(ms, () => gallery.flush(), prepare);
}

function timed(ms: number, task: (call: number) => void, prepare: () => void = () => {}): Timing {
  const times: number[] = [];
  for (let call = 0; call < 20; call += 1) {
    prepare();
    task(call);
  }
  const until = performance.now() + ms;
  for (let call = 0; call < 20 || performance.now() < until; call += 1) {
    prepare();
    const before = performance.now();
    task(call);
    times.push(performance.now() - before);
  }
  const sorted = times.sort((a, b) => a - b);
  const p95Ms = sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN;
  return { medianMs: spreadOf(sorted).median, p95Ms, calls: sorted.length };
}

function report(rows: readonly Row[], batch: Timing | null, plainMs: number): BenchReport {
  const line = (name: string, { medianMs, p95Ms, calls }: Timing, limitMs: number, rest: string) =>
    `  ${name.padEnd(28)} ${medianMs.toFixed(2)} ms, 95 % below ${p95Ms.toFixed(2)} ms (${calls} times; at most ${limitMs} ms)${rest}`;
  const first = rows[0];
  return {
    lines: [
      ...rows.map((row) =>
        line(
          row.case.name,
          row,
          row.case.limitMs,
          `; ${row.case.prototypes} prototypes of ${row.case.cues.join(", ")} each, ${row.fileMb.toFixed(0)} MB; right ${row.right} of ${TRACKS}`,
        ),
      ),
      ...(batch === null ? [] : [line(`writing ${BATCH} persons`, batch, 10, "")]),
      `  every face prototype of 1,000 one by one: ${plainMs.toFixed(2)} ms`,
    ],
    figures: {
      cases: rows.map((row) => ({
        name: row.case.name,
        persons: row.case.persons,
        prototypes: row.case.prototypes,
        cues: row.case.cues,
        in_memory: row.case.inMemory > 0,
        median_ms: rounded(row.medianMs, 3),
        p95_ms: rounded(row.p95Ms, 3),
        limit_ms: row.case.limitMs,
        right: row.right,
        tracks: TRACKS,
        file_mb: rounded(row.fileMb, 1),
      })),
      batch:
        batch === null ? null : { median_ms: rounded(batch.medianMs, 3), p95_ms: rounded(batch.p95Ms, 3) },
    },
    // A decision among 1,000 by all cues, against looking at each of their face prototypes: below 1 is faster.
    ratio: first === undefined ? null : rounded(first.medianMs / plainMs, 2),
  };
}
