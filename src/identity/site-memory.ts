// What the site itself teaches about clothes: how each camera sees people on average, and how like people look who are
// certainly two. Kept in the database, some seconds behind.
import { isAppError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import { APPEARANCE_STATISTICS } from "../domain/appearance-statistics.ts";
import type { Tracklet } from "../domain/tracklet.ts";
import {
  type CameraAppearance,
  cameraStatistics,
  comparableAppearance,
  readCameraAppearance,
  unsettledThreshold,
  withTracklet,
} from "../reid/appearance-space.ts";
import type { TrackEvidence } from "../reid/evidence.ts";
import { queriesOf, type TrackQuery } from "../reid/scoring.ts";
import {
  emptySiteLikeness,
  readSiteLikeness,
  type SiteLikeness,
  siteThreshold,
  withPair,
} from "../reid/site-threshold.ts";
import type { Standardise } from "../reid/track-evidence.ts";
import { dot } from "../reid/unit-vector.ts";

/** Small things that outlive a restart. Both throw AppError store.*. */
export interface RememberedState {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
}

/** The model whose statistics are shipped; one of a household's own is compared as it is. */
const SHIPPED_MODEL = "centernet-appearance";

export class SiteMemory {
  readonly #state: RememberedState;
  readonly #log: Logger;
  /** null: looked for, and there is nothing. */
  readonly #cameras = new Map<string, CameraAppearance | null>();
  readonly #standardise = new Map<string, Standardise>();
  readonly #likeness = new Map<string, SiteLikeness>();
  /** Keys whose value the database does not have yet. */
  readonly #unsaved = new Set<string>();
  #failing = false;

  constructor(state: RememberedState, log: Logger) {
    this.#state = state;
    this.#log = log;
  }

  /** How a camera's descriptors become comparable. */
  standardise(cameraId: string): Standardise {
    const known = this.#standardise.get(cameraId);
    if (known !== undefined) return known;
    const statistics = cameraStatistics(APPEARANCE_STATISTICS, this.#camera(cameraId));
    const standardise: Standardise = (sample) =>
      comparableAppearance(sample, sample.modelId === SHIPPED_MODEL ? statistics : null);
    this.#standardise.set(cameraId, standardise);
    return standardise;
  }

  /**
   * How like clothes have to be to mean anything here, `start` being enough elsewhere: by what people look like who are seen at
   * the same time, and by how well the camera knows its light.
   */
  raisedAlone(
    { cameraId, evidence }: { readonly cameraId: string; readonly evidence: TrackEvidence },
    start: number,
  ): number {
    const modelId = evidence.appearances[0]?.modelId;
    if (modelId === undefined) return start;
    const alike = siteThreshold(this.#likenessOf(modelId), start);
    if (modelId !== SHIPPED_MODEL) return alike;
    return Math.max(alike, unsettledThreshold(start, this.#camera(cameraId)));
  }

  /** One track more in this camera: once each. Answers whether there was anything to learn from. */
  learnLook({ cameraId, samples }: Pick<Tracklet, "cameraId" | "samples">): boolean {
    const looks = samples.flatMap(({ appearance }) =>
      appearance?.modelId === SHIPPED_MODEL ? [appearance] : [],
    );
    if (looks.length === 0) return false;
    this.#cameras.set(cameraId, withTracklet(this.#camera(cameraId), looks));
    this.#standardise.delete(cameraId);
    this.#unsaved.add(cameraKey(cameraId));
    return true;
  }

  /** Two tracks that are certainly two people: once each pair. */
  learnPair(one: TrackEvidence, other: TrackEvidence): void {
    const [a, b] = [clothes(one), clothes(other)];
    if (a === null || b === null || a.modelId !== b.modelId || a.vector.length !== b.vector.length) return;
    this.#likeness.set(a.modelId, withPair(this.#likenessOf(a.modelId), dot(a.vector, b.vector)));
    this.#unsaved.add(likenessKey(a.modelId));
  }

  /** What the database will not take now waits for the next time. */
  sync(): void {
    try {
      for (const key of [...this.#unsaved]) {
        this.#state.set(key, this.#valueOf(key));
        this.#unsaved.delete(key);
      }
      this.#failing = false;
    } catch (error) {
      if (!isAppError(error)) throw error;
      if (!this.#failing) this.#log.warn({ err: error }, "what was learned of the site cannot be kept yet");
      this.#failing = true;
    }
  }

  #camera(cameraId: string): CameraAppearance | null {
    const known = this.#cameras.get(cameraId);
    if (known !== undefined) return known;
    const stored = readCameraAppearance(this.#read(cameraKey(cameraId)), SHIPPED_MODEL);
    this.#cameras.set(cameraId, stored);
    return stored;
  }

  #likenessOf(modelId: string): SiteLikeness {
    const known = this.#likeness.get(modelId);
    if (known !== undefined) return known;
    const stored = this.#read(likenessKey(modelId));
    const likeness = stored === null ? emptySiteLikeness(modelId) : readSiteLikeness(stored, modelId);
    this.#likeness.set(modelId, likeness);
    return likeness;
  }

  #valueOf(key: string): unknown {
    for (const [id, value] of this.#cameras) if (cameraKey(id) === key) return value;
    for (const [id, value] of this.#likeness) if (likenessKey(id) === key) return value;
    return null;
  }

  #read(key: string): unknown {
    try {
      return this.#state.get(key);
    } catch (error) {
      if (!isAppError(error)) throw error;
      this.#log.warn({ err: error }, "what was learned of the site before cannot be read");
      return null;
    }
  }
}

function cameraKey(cameraId: string): string {
  return `identity.appearance.${cameraId}`;
}

function likenessKey(modelId: string): string {
  return `identity.likeness.${modelId}`;
}

function clothes(evidence: TrackEvidence): TrackQuery | null {
  return queriesOf(evidence).find(({ cue }) => cue === "appearance") ?? null;
}
