// People who walk out of a camera's picture and come back: what is made of every visit by the clothes alone, in the order in which
// they come. Ground truth follows each body as long as it is in the picture; who is who again is a second file.
import { systemClock } from "../../core/clock.ts";
import { AppError } from "../../core/errors.ts";
import { APPEARANCE_STATISTICS } from "../../domain/appearance-statistics.ts";
import { type Box, iou } from "../../domain/geometry.ts";
import type { TrackletSample } from "../../domain/tracklet.ts";
import type { BoxesByFrame, IdentifiedBox } from "../../evaluation/mot-challenge.ts";
import type { ReEntryReport, VisitReport } from "../../evaluation/reid-report.ts";
import {
  type CameraAppearance,
  cameraStatistics,
  comparableAppearance,
  unsettledThreshold,
  withTracklet,
} from "../../reid/appearance-space.ts";
import { decide } from "../../reid/decision.ts";
import { decisionSettings } from "../../reid/decision-settings.ts";
import { emptyMemory, learn, type Prototype, type PrototypeMemory } from "../../reid/prototype-memory.ts";
import { cosineToPerson, queriesOf, type TrackQuery } from "../../reid/scoring.ts";
import { emptySiteLikeness, siteThreshold, withPair } from "../../reid/site-threshold.ts";
import { gatherEvidence, NO_EVIDENCE, type Standardise } from "../../reid/track-evidence.ts";
import { dot } from "../../reid/unit-vector.ts";
import { blockedPersons, type TrackSpan } from "../../reid/whereabouts.ts";
import { openVideo } from "../../video/open-video.ts";
import { APPEARANCE_MODEL } from "../../vision/appearance-embedder.ts";
import type { BodyViewer } from "./body-crops.ts";
import type { TrialRules } from "./household-trials.ts";

/** A crop from every fifth frame, of bodies that nobody stands before and that are in the picture as a whole. */
const EVERY = 5;
const MOST_COVERED = 0.15;
/** Crops by which a visit is judged: those of its first checkpoints. */
const FIRST_CROPS = 12;
/** Every so many crops of a visit are offered to the memory. */
const TAUGHT = 3;
const OPEN = { live: false, connectTimeoutMs: 10_000, stallTimeoutMs: 10_000, clock: systemClock };

interface Seen {
  readonly frame: number;
  readonly descriptor: Float32Array;
}

interface VisitSeen {
  readonly id: number;
  readonly crops: readonly Seen[];
  /** Frames in which the ground truth has it. */
  readonly first: number;
  readonly last: number;
}

/** The bodies of ground truth as a camera would describe them. Frame n of the video is frame n of the ground truth. */
export async function lookAtVisits(
  viewer: BodyViewer,
  video: string,
  truth: BoxesByFrame<IdentifiedBox>,
  signal: AbortSignal,
): Promise<readonly VisitSeen[]> {
  const crops = new Map<number, Seen[]>();
  await using stream = await openVideo({ source: video, ...OPEN, signal });
  for (let frame = 1; ; frame += 1) {
    signal.throwIfAborted();
    using picture = await stream.next();
    if (picture === null) break;
    if (frame % EVERY !== 1) continue;
    const { width, height } = picture;
    const boxes = (truth.get(frame) ?? []).map((one) => ({ id: one.id, box: boxOf(one, width, height) }));
    for (const { id, box } of boxes) {
      if (
        !isClear(
          box,
          boxes.map((one) => one.box),
        )
      )
        continue;
      const descriptor = await viewer.describe(picture, box);
      crops.set(id, [...(crops.get(id) ?? []), { frame, descriptor }]);
    }
  }
  if (crops.size === 0)
    throw new AppError(
      "input.invalid",
      `${video} shows nobody of the ground truth: do the two belong together?`,
    );
  return [...crops]
    .map(([id, own]) => ({ id, crops: own, ...spanOf(id, truth) }))
    .sort((a, b) => a.first - b.first);
}

function boxOf({ left, top, width: w, height: h }: IdentifiedBox, width: number, height: number): Box {
  return { x1: left / width, y1: top / height, x2: (left + w) / width, y2: (top + h) / height };
}

function isClear(box: Box, all: readonly Box[]): boolean {
  if (box.x1 < 0 || box.y1 < 0 || box.x2 > 1 || box.y2 > 1) return false;
  return all.every((other) => other === box || iou(other, box) <= MOST_COVERED);
}

function spanOf(
  id: number,
  truth: BoxesByFrame<IdentifiedBox>,
): { readonly first: number; readonly last: number } {
  const frames = [...truth].filter(([, boxes]) => boxes.some((one) => one.id === id)).map(([frame]) => frame);
  return { first: Math.min(...frames), last: Math.max(...frames) };
}

interface Entry {
  readonly personId: string;
  readonly visits: VisitSeen[];
  memory: PrototypeMemory<Prototype>;
}

/** `who` says which person each id of the ground truth is; null where nobody has said so. */
export function reEntries(
  visits: readonly VisitSeen[],
  who: ReadonlyMap<number, string> | null,
  rules: TrialRules,
): ReEntryReport {
  let light: CameraAppearance | null = null;
  let alike = emptySiteLikeness(APPEARANCE_MODEL);
  const entries: Entry[] = [];
  const asked: { readonly visit: VisitSeen; readonly query: TrackQuery }[] = [];
  const reports: VisitReport[] = [];
  const personOf = (visit: VisitSeen) => who?.get(visit.id) ?? null;
  for (const visit of visits) {
    const early = visit.crops.slice(0, FIRST_CROPS);
    light = withTracklet(light, early.map(sampleOf));
    const statistics = cameraStatistics(APPEARANCE_STATISTICS, light);
    const standardise: Standardise = (sample) => comparableAppearance(sample, statistics);
    const seen = gatherEvidence(NO_EVIDENCE, checkpointOf(early), standardise);
    const query = queriesOf(seen)[0];
    if (query === undefined) continue;
    for (const other of asked) {
      if (other.visit.last >= visit.first) alike = withPair(alike, dot(other.query.vector, query.vector));
    }
    asked.push({ visit, query });
    const start = rules.appearance.accept ?? 0;
    const raised = Math.max(siteThreshold(alike, start), unsettledThreshold(start, light));
    const blocked = blockedPersons(
      spanUntil(visit, visit.first),
      entries.flatMap(({ personId, visits: own }) =>
        own.map((one) => ({ personId, ...spanUntil(one, Math.min(one.last, visit.first)) })),
      ),
      () => 0,
    );
    const candidates = entries.map(({ personId, memory }) => {
      const score = cosineToPerson(query, remembered(memory));
      const scores = score === null ? {} : { appearance: score };
      return {
        personId,
        scores,
        negative: null,
        blocked: blocked.get(personId) ?? null,
        sinceSeenHereS: null,
      };
    });
    const settings = decisionSettings(rules.rules, { face: {}, appearance: rules.appearance }, raised);
    const decision = decide(seen, candidates, settings);
    const linked = entries.find(({ personId }) => personId === decision.personId);
    const own = personOf(visit);
    reports.push({
      id: visit.id,
      outcome: decision.outcome,
      linked_to: linked?.visits.map(({ id }) => id) ?? [],
      came_back:
        own !== null && entries.some(({ visits: before }) => before.some((one) => personOf(one) === own)),
      right:
        linked === undefined || own === null ? null : linked.visits.every((one) => personOf(one) === own),
      score: decision.cues[0]?.score ?? null,
      threshold: raised,
    });
    const entry = linked ?? { personId: `visit ${visit.id}`, visits: [], memory: emptyMemory("appearance") };
    if (linked === undefined) entries.push(entry);
    entry.visits.push(visit);
    entry.memory = taught(entry.memory, visit, standardise, rules);
  }
  return {
    visits: reports,
    came_back: reports.filter((one) => one.came_back).length,
    relinked: reports.filter((one) => one.right === true).length,
    false_links: reports.filter((one) => one.right === false).length,
    people_known: who !== null,
  };
}

function taught(
  memory: PrototypeMemory<Prototype>,
  { crops }: VisitSeen,
  standardise: Standardise,
  rules: TrialRules,
): PrototypeMemory<Prototype> {
  return crops
    .filter((_, index) => index % TAUGHT === 0)
    .reduce((known, crop) => {
      const vector = standardise(sampleOf(crop));
      if (vector === null) return known;
      const { modelId } = sampleOf(crop);
      const example = {
        modelId,
        vector,
        quality: 0.8,
        facing: null,
        source: "sighting",
        capturedAt: 0,
      } as const;
      return learn<Prototype>(known, example, 0, rules.memory).memory;
    }, memory);
}

function remembered({ prototypes, mean }: PrototypeMemory<Prototype>) {
  return mean === null ? prototypes : [...prototypes, { modelId: APPEARANCE_MODEL, vector: mean }];
}

function sampleOf({ descriptor }: Seen) {
  return { modelId: APPEARANCE_MODEL, descriptor };
}

/** Frames for milliseconds: only which comes first counts. */
function spanUntil({ id, first }: VisitSeen, last: number): TrackSpan {
  return { cameraId: "video", trackId: id, from: first, to: last, box: null };
}

/** As of a body that is large enough: the question is what clothes tell, not when they count. */
function checkpointOf(crops: readonly Seen[]) {
  const samples = crops.map(
    (crop): TrackletSample => ({
      capturedAt: crop.frame,
      mediaTimeS: 0,
      box: { x1: 0, y1: 0, x2: 1, y2: 1 },
      quality: 0.8,
      facing: null,
      face: null,
      appearance: sampleOf(crop),
      picture: null,
    }),
  );
  return { samples, gait: null, frames: 1000, heightPx: 1000 };
}
