// Households made up of people in pictures: five who live there, seen by one camera, and what the decision makes of them and of
// strangers in another. Through the same memory, statistics and decision as in a living house.
import { APPEARANCE_STATISTICS } from "../../domain/appearance-statistics.ts";
import type { BodyCrop } from "../../evaluation/reid-evaluation.ts";
import {
  type CameraAppearance,
  cameraStatistics,
  comparableAppearance,
  unsettledThreshold,
  withTracklet,
} from "../../reid/appearance-space.ts";
import { decide } from "../../reid/decision.ts";
import { decisionSettings, type HouseholdRules, type ModelThresholds } from "../../reid/decision-settings.ts";
import type { TrackEvidence } from "../../reid/evidence.ts";
import { emptyMemory, learn, type MemoryRules, type Prototype } from "../../reid/prototype-memory.ts";
import { cosineToPerson, queriesOf } from "../../reid/scoring.ts";
import { isUnit } from "../../reid/unit-vector.ts";
import { APPEARANCE_MODEL } from "../../vision/appearance-embedder.ts";

export interface TrialRules {
  readonly rules: HouseholdRules;
  readonly appearance: ModelThresholds;
  readonly memory: MemoryRules;
  readonly trials: number;
  readonly random: () => number;
}

/** Shares of how often each happened. */
export interface HouseholdResult {
  /** How often each resident has been seen by each camera before, so that it knows its light. */
  readonly visits_before: number;
  /** Of residents who come into another camera's view. */
  readonly residents: {
    readonly relinked: number;
    readonly wrong: number;
    readonly new: number;
    readonly unknown: number;
  };
  readonly strangers: { readonly taken_for_somebody: number; readonly new: number; readonly unknown: number };
}

const RESIDENTS = 5;
const STRANGERS = 3;
const CROPS_OF_A_TRACK = 4;

interface Household {
  readonly residents: readonly string[];
  readonly strangers: readonly string[];
  readonly cameras: readonly [string, string];
  readonly cropsOf: (personId: string, cameraId: string) => readonly BodyCrop[];
}

interface Counts {
  relinked: number;
  wrong: number;
  new: number;
  unknown: number;
}

/** null where there are not enough people in two cameras. */
export function householdTrials(
  crops: readonly BodyCrop[],
  visitsBefore: number,
  rules: TrialRules,
): HouseholdResult | null {
  const people = [...new Set(crops.map(({ personId }) => personId))];
  const [first, second] = [...new Set(crops.map(({ cameraId }) => cameraId))].sort();
  if (people.length < RESIDENTS + STRANGERS || first === undefined || second === undefined) return null;
  const byPlace = new Map<string, BodyCrop[]>();
  for (const crop of crops) {
    const place = `${crop.personId} ${crop.cameraId}`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), crop]);
  }
  const residents: Counts = { relinked: 0, wrong: 0, new: 0, unknown: 0 };
  const strangers: Counts = { relinked: 0, wrong: 0, new: 0, unknown: 0 };
  for (let trial = 0; trial < rules.trials; trial += 1) {
    const order = shuffled(people, rules.random);
    const house: Household = {
      residents: order.slice(0, RESIDENTS),
      strangers: order.slice(RESIDENTS, RESIDENTS + STRANGERS),
      cameras: trial % 2 === 0 ? [first, second] : [second, first],
      cropsOf: (personId, cameraId) => byPlace.get(`${personId} ${cameraId}`) ?? [],
    };
    live(house, visitsBefore, rules, (personId, outcome) => {
      const counts = house.residents.includes(personId) ? residents : strangers;
      counts[outcome] += 1;
    });
  }
  const share = (counts: Counts, count: number) =>
    count / Math.max(1, counts.relinked + counts.wrong + counts.new + counts.unknown);
  return {
    visits_before: visitsBefore,
    residents: {
      relinked: share(residents, residents.relinked),
      wrong: share(residents, residents.wrong),
      new: share(residents, residents.new),
      unknown: share(residents, residents.unknown),
    },
    strangers: {
      taken_for_somebody: share(strangers, strangers.wrong),
      new: share(strangers, strangers.new),
      unknown: share(strangers, strangers.unknown),
    },
  };
}

/** Everybody comes into the second camera's view once, as one track. */
function live(
  { residents, strangers, cameras, cropsOf }: Household,
  visitsBefore: number,
  { rules, appearance, memory, random }: TrialRules,
  tell: (personId: string, outcome: keyof Counts) => void,
): void {
  const [home, other] = cameras;
  const light = (cameraId: string) =>
    Array.from({ length: visitsBefore }, () => residents)
      .flat()
      .reduce<CameraAppearance | null>(
        (known, personId) => withTracklet(known, cropsOf(personId, cameraId).map(asSample)),
        null,
      );
  const [lightAtHome, lightElsewhere] = [light(home), light(other)];
  const comparable = (known: CameraAppearance | null, crop: BodyCrop): Float32Array[] => {
    const vector = comparableAppearance(asSample(crop), cameraStatistics(APPEARANCE_STATISTICS, known));
    return vector === null ? [] : [vector];
  };
  const known = residents.map((personId) => ({
    personId,
    memory: cropsOf(personId, home)
      .flatMap((crop) => comparable(lightAtHome, crop))
      .reduce(
        (memories, vector) => learn(memories, prototypeOf(vector), 0, memory).memory,
        emptyMemory("appearance"),
      ),
  }));
  const start = appearance.accept ?? 0;
  const settings = decisionSettings(
    rules,
    { face: {}, appearance },
    unsettledThreshold(start, lightElsewhere),
  );
  for (const personId of [...residents, ...strangers]) {
    const track = shuffled(cropsOf(personId, other), random).slice(0, CROPS_OF_A_TRACK);
    const seen = evidenceOf(track.flatMap((crop) => comparable(lightElsewhere, crop)));
    const [query] = queriesOf(seen);
    const candidates = known.map(({ personId: id, memory: { prototypes, mean } }) => {
      const vectors = [
        ...prototypes,
        ...(mean === null ? [] : [{ modelId: APPEARANCE_MODEL, vector: mean }]),
      ];
      const score = query === undefined ? null : cosineToPerson(query, vectors);
      const scores = score === null ? {} : { appearance: score };
      return { personId: id, scores, negative: null, blocked: null, sinceSeenHereS: null };
    });
    const { outcome, personId: taken } = decide(seen, candidates, settings);
    if (taken === null) tell(personId, outcome === "new" ? "new" : "unknown");
    else tell(personId, taken === personId ? "relinked" : "wrong");
  }
}

function asSample({ descriptor }: BodyCrop) {
  return { modelId: APPEARANCE_MODEL, descriptor };
}

function prototypeOf(vector: Float32Array): Prototype {
  const { modelId, quality } = { modelId: APPEARANCE_MODEL, quality: 0.8 };
  return { modelId, quality, vector, facing: null, source: "sighting", capturedAt: 0 };
}

function evidenceOf(vectors: readonly Float32Array[]): TrackEvidence {
  const appearances = vectors
    .filter(isUnit)
    .map((vector) => ({ modelId: APPEARANCE_MODEL, vector, quality: 0.8, facing: null }));
  return { faces: [], appearances, gait: null, frames: 100, heightPx: 1000 };
}

/** Fisher and Yates. */
function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}
