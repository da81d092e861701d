// Who is who and who is where, put together in the daemon: tracklets and frames come in from vision, names go to events, the
// panel and Home Assistant.
import type { CareService } from "./alarms/care-service.ts";
import type { PersonAdmin as PersonsOfApi } from "./api/person-deps.ts";
import { HouseIdentity, type IdentityModels, NO_MODELS } from "./app-identity.ts";
import { apiPersons } from "./app-persons.ts";
import { createPresence, presenceSettings, tellPresence } from "./app-presence.ts";
import type { Config } from "./config/config.ts";
import type { Clock } from "./core/clock.ts";
import type { EventBus } from "./core/event-bus.ts";
import type { Logger } from "./core/logger.ts";
import type { Service } from "./core/service.ts";
import type { BusEvents } from "./domain/bus.ts";
import type { EventDraft } from "./domain/events.ts";
import type { TrackIdentity } from "./domain/identity.ts";
import type { FrameObservation } from "./domain/track.ts";
import { PersonUpkeep } from "./identity/person-upkeep.ts";
import type { HavenMqtt } from "./mqtt/haven-mqtt.ts";
import { named } from "./pipeline/named-event.ts";
import type { PresenceService } from "./pipeline/presence-service.ts";
import type { VisionSupervisor } from "./pipeline/vision-supervisor.ts";
import type { Store } from "./store/store.ts";

export interface PeopleOfHouseOptions {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  readonly bus: EventBus<BusEvents>;
  readonly store: Store;
  readonly vision: VisionSupervisor;
  readonly care: Pick<CareService, "setCarers">;
  readonly record: (draft: EventDraft) => void;
  /** What the models that tell people apart say of their own scales. Never rejects. */
  readonly models: (reid: Config["reid"]) => Promise<IdentityModels>;
}

export class PeopleOfHouse implements Service {
  readonly #options: PeopleOfHouseOptions;
  readonly #identity: HouseIdentity;
  readonly #presence: PresenceService;
  readonly #upkeep: PersonUpkeep;
  #config: Config;
  #models: IdentityModels = NO_MODELS;
  #subscriptions: Disposable[] = [];

  constructor(options: PeopleOfHouseOptions) {
    const { config, clock, log, bus, store, vision, care, record } = options;
    this.#options = options;
    this.#config = config;
    this.#identity = new HouseIdentity({
      store,
      clock,
      log,
      config,
      models: NO_MODELS,
      cameras: [],
      record,
      onIdentity: (identity) => bus.emit("identity", identity),
      describePhoto: (photo) => vision.questions.describePhoto(photo),
    });
    this.#upkeep = new PersonUpkeep({ admin: this.#identity.admin, clock, log });
    this.#presence = createPresence({ config, clock, log, bus, store, people: this.#identity.gallery, care });
  }

  async start(): Promise<void> {
    const { vision, bus, models } = this.#options;
    this.#models = await models(this.#config.reid);
    await this.#identity.start();
    await this.#upkeep.start();
    this.#subscriptions = [
      vision.events.on("tracklet", (tracklet) => this.#identity.service.observe(tracklet)),
      this.#identity.gallery.onChange(() => bus.emit("persons", undefined)),
    ];
    this.#presence.configure(this.#config.cameras, presenceSettings(this.#config));
    await this.#presence.start();
  }

  async stop(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    this.#subscriptions = [];
    await this.#presence.stop();
    await this.#upkeep.stop();
    await this.#identity.stop();
  }

  /** Before the house is configured, which tells how its rooms are. */
  configure(config: Config): void {
    const before = this.#config.reid;
    this.#config = config;
    this.#identity.configure(config, this.#models, config.cameras);
    this.#presence.configure(config.cameras, presenceSettings(config));
    if (config.reid.faceModel !== before.faceModel || config.reid.appearanceModel !== before.appearanceModel)
      void this.#readModels();
  }

  /** Tells Home Assistant who is where. */
  tell(mqtt: HavenMqtt): void {
    tellPresence(this.#options.bus, mqtt);
  }

  /** Every frame that was analysed. */
  observe(observation: FrameObservation): void {
    this.#identity.service.seen(observation);
    this.#presence.observe(observation);
  }

  /** With whoever the track is taken for. */
  named(draft: EventDraft): EventDraft {
    const { cameraId, trackId } = draft;
    if (cameraId === null || trackId === null) return draft;
    return named(draft, this.#identity.service.identityOf(cameraId, trackId));
  }

  /** Who the tracks of a camera are taken for right now. */
  identities(cameraId: string): readonly TrackIdentity[] {
    return this.#identity.service.identities(cameraId);
  }

  api(): PersonsOfApi {
    const { store, vision } = this.#options;
    return apiPersons({
      people: this.#identity.gallery,
      admin: this.#identity.admin,
      store,
      presence: this.#presence,
      settings: () => this.#config.reid,
      faceModel: () =>
        this.#config.reid.enabled && this.#config.reid.face ? this.#identity.faceModel : null,
      describePhoto: (photo) => vision.questions.describePhoto(photo),
    });
  }

  async #readModels(): Promise<void> {
    this.#models = await this.#options.models(this.#config.reid);
    this.#identity.configure(this.#config, this.#models, this.#config.cameras);
  }
}
