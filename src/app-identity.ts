// Gallery, identity service and what people do to identities need one another: this is where they are joined. The same run in
// the daemon, in the analysis of files and in measurements.
import type { ModelEntry } from "../models/manifest.ts";
import type { Config } from "./config/config.ts";
import type { Clock } from "./core/clock.ts";
import type { Logger } from "./core/logger.ts";
import type { Service } from "./core/service.ts";
import type { Camera } from "./domain/camera.ts";
import type { EventDraft } from "./domain/events.ts";
import type { TrackIdentity } from "./domain/identity.ts";
import type { PhotoDescription } from "./domain/tracklet.ts";
import { Gallery, type GallerySettings } from "./identity/gallery.ts";
import { IdentityService } from "./identity/identity-service.ts";
import type { IdentitySettings } from "./identity/identity-settings.ts";
import { keptReviews } from "./identity/kept-reviews.ts";
import { PersonAdmin } from "./identity/person-admin.ts";
import { decisionSettings, type ModelThresholds } from "./reid/decision-settings.ts";
import type { Store } from "./store/store.ts";

/** What the manifests of the models that are set say of their own scales. */
export interface IdentityModels {
  /** By which faces are kept; null when the model cannot be had. */
  readonly faceId: string | null;
  readonly face: ModelThresholds;
  readonly appearance: ModelThresholds;
}

/** Nothing is known of them: the usual scales. */
export const NO_MODELS: IdentityModels = { faceId: null, face: {}, appearance: {} };

export type ReidConfig = Pick<Config, "reid" | "storage">;

export interface HouseIdentityOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: ReidConfig;
  readonly models: IdentityModels;
  readonly cameras: readonly Camera[];
  readonly record: (draft: EventDraft) => void;
  readonly onIdentity: (identity: TrackIdentity) => void;
  readonly describePhoto: (photo: Uint8Array) => Promise<PhotoDescription>;
}

export class HouseIdentity implements Service {
  readonly gallery: Gallery;
  readonly service: IdentityService;
  readonly admin: PersonAdmin;
  #config: ReidConfig;
  #models: IdentityModels;

  constructor(options: HouseIdentityOptions) {
    const { store, clock, log, config, models } = options;
    this.#config = config;
    this.#models = models;
    const people = new Gallery({
      store,
      clock,
      log,
      settings: gallerySettings(config, models),
      syncS: config.storage.syncS,
    });
    this.gallery = people;
    this.service = new IdentityService({
      ...options,
      people,
      settings: identitySettings(config, models),
      reviews: keptReviews(store, clock),
      state: store.state,
      absorb: (visitorId, personId) => {
        this.admin.absorb(visitorId, personId);
      },
    });
    this.admin = new PersonAdmin({
      people,
      store,
      clock,
      log,
      live: this.service,
      describePhoto: options.describePhoto,
      settings: () => {
        const { visitorDays, keepPictures } = this.#config.reid;
        const faceThreshold = rulesOf(this.#config, this.#models).face?.accept ?? 1;
        return { faceThreshold, visitorDays, keepPictures };
      },
    });
  }

  async start(): Promise<void> {
    await this.gallery.start();
    await this.service.start();
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.gallery.stop();
  }

  /** The model faces are compared by, and the cosine that makes one person of two; null when it cannot be had. */
  get faceModel(): { readonly id: string; readonly accept: number } | null {
    const { faceId } = this.#models;
    const accept = rulesOf(this.#config, this.#models).face?.accept;
    return faceId === null || accept === undefined ? null : { id: faceId, accept };
  }

  configure(config: ReidConfig, models: IdentityModels, cameras: readonly Camera[]): void {
    this.#config = config;
    this.#models = models;
    this.gallery.configure(gallerySettings(config, models));
    this.service.configure(identitySettings(config, models), config.reid.enabled ? cameras : []);
  }
}

/** Of manifest entries; null for a model that cannot be had, whose scale is then the usual one. */
export function identityModels(
  face: Pick<ModelEntry, "id" | "thresholds"> | null,
  appearance: Pick<ModelEntry, "thresholds"> | null,
): IdentityModels {
  return { faceId: face?.id ?? null, face: face?.thresholds ?? {}, appearance: appearance?.thresholds ?? {} };
}

export function identitySettings({ reid }: ReidConfig, models: IdentityModels): IdentitySettings {
  const { travelS: travelSeconds, travel, keepPictures } = reid;
  return { rules: reid, models, travel: { travelSeconds, travel }, keepPictures };
}

function gallerySettings(config: ReidConfig, models: IdentityModels): GallerySettings {
  const { prototypes, prototypeBlend, appearanceTtlS, keepPictures } = config.reid;
  return {
    memory: {
      limit: prototypes,
      blend: prototypeBlend,
      acceptFace: rulesOf(config, models).face?.accept ?? 1,
      appearanceTtl: appearanceTtlS * 1000,
    },
    keepPictures,
  };
}

/** A face that is not looked at decides nothing, and yet has its scale. */
function rulesOf({ reid }: ReidConfig, models: IdentityModels) {
  return decisionSettings({ ...reid, face: true }, models);
}
