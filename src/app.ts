// The daemon, put together: every room is made here with what it needs, started in order and stopped in reverse. What
// flows between rooms flows over the bus and the few calls below.
import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { isDeepStrictEqual } from "node:util";
import { createApi } from "./api/api-server.ts";
import type { ApiDeps } from "./api/deps.ts";
import { apiDeps } from "./app-api.ts";
import { type BrokerChoice, chooseBroker, type SupervisorAccess } from "./app-broker.ts";
import { obey } from "./app-commands.ts";
import { ConfigWatch } from "./app-config-watch.ts";
import { EventDelivery } from "./app-delivery.ts";
import type { IdentityModels } from "./app-identity.ts";
import { LiveFrames } from "./app-live.ts";
import { PeopleOfHouse } from "./app-people.ts";
import { Recording } from "./app-recording.ts";
import { Reports } from "./app-reports.ts";
import { storedRooms } from "./app-rooms.ts";
import {
  activitySettings,
  houseWatchSettings,
  nightHours,
  visionMemoryLimit,
  visionSettings,
} from "./app-settings.ts";
import { systemInfo } from "./app-status.ts";
import { DaemonVitals } from "./app-vitals.ts";
import type { Config } from "./config/config.ts";
import type { ConfigFile } from "./config/config-file.ts";
import type { Clock } from "./core/clock.ts";
import { EventBus } from "./core/event-bus.ts";
import { isNight } from "./core/local-time.ts";
import type { Logger } from "./core/logger.ts";
import { oneAtATime } from "./core/one-at-a-time.ts";
import { every } from "./core/periodic.ts";
import type { Service } from "./core/service.ts";
import type { BusEvents } from "./domain/bus.ts";
import type { RecordedEvent } from "./domain/recording.ts";
import type { FrameObservation } from "./domain/track.ts";
import { DayBook } from "./history/day-book.ts";
import { ObservationLog } from "./history/observation-log.ts";
import { Retention } from "./history/retention.ts";
import type { BrokerAccess } from "./mqtt/embedded-broker.ts";
import { HavenMqtt } from "./mqtt/haven-mqtt.ts";
import type { ActivityUpdate } from "./pipeline/camera-activity.ts";
import { House } from "./pipeline/house.ts";
import { HouseWatch } from "./pipeline/house-watch.ts";
import type { CameraJob } from "./pipeline/vision-contract.ts";
import { FROM_THE_START } from "./pipeline/vision-contract.ts";
import { VisionSupervisor } from "./pipeline/vision-supervisor.ts";
import { openStore, type Store } from "./store/store.ts";

export interface AppOptions {
  readonly file: ConfigFile;
  readonly dataDir: string;
  readonly databasePath: string;
  readonly modelsDir: string;
  readonly panelDir: string | null;
  readonly version: string;
  readonly supervisor: SupervisorAccess | null;
  readonly clock: Clock;
  readonly log: Logger;
  readonly logLevel: string;
  /** 0..1, for jitter. */
  readonly random: () => number;
  /** What the models that tell people apart say of their own scales. */
  readonly identityModels: (reid: Config["reid"]) => Promise<IdentityModels>;
  /** Tries to get the models again after vision could not load them. */
  readonly repairModels: () => Promise<void>;
  /** The compiled file of a process that stands in for vision, for whoever tries out everything behind it. */
  readonly visionEntry?: string;
}

/** Home Assistant's ingress proxy: the only one that may connect to an app behind it. */
const INGRESS_PROXY = "172.30.32.2";
const INGRESS_PORT = 8099;
const STATS_EVERY = 30_000;
const CONFIG_LOOK_EVERY = 3_000;
const FALSE_ALARMS_EVERY = 3_600_000;

export class App implements Service {
  readonly #options: AppOptions;
  readonly #bus: EventBus<BusEvents>;
  readonly #store: Store;
  readonly #recording: Recording;
  readonly #observations: ObservationLog;
  readonly #retention: Retention;
  readonly #vision: VisionSupervisor;
  readonly #house: House;
  readonly #watch: HouseWatch;
  readonly #people: PeopleOfHouse;
  readonly #book: DayBook;
  readonly #live: LiveFrames;
  readonly #broker: BrokerChoice;
  readonly #mqtt: HavenMqtt;
  readonly #delivery: EventDelivery;
  readonly #api: ReturnType<typeof createApi>;
  readonly #vitals: DaemonVitals;
  readonly #repair: () => Promise<void>;
  readonly #configWatch: ConfigWatch;
  readonly #reports: Reports;
  #stopping = false;
  #config: Config;
  #timers: Disposable[] = [];
  #announcedCameras: ReadonlySet<string> = new Set();

  /** Opens the database; throws AppError store.* or config.invalid. Everything else begins with `start`. */
  constructor(options: AppOptions) {
    const { clock, log, random, file, dataDir } = options;
    this.#options = options;
    this.#config = file.config;
    this.#vitals = new DaemonVitals(clock);
    this.#repair = oneAtATime(options.repairModels, (error) =>
      log.error({ err: error }, "the models could not be repaired; trying again later"),
    );
    const room = (name: string) => log.child({ room: name });
    this.#bus = new EventBus(log);
    this.#broker = chooseBroker(this.#config, options.supervisor, { dataDir, log: room("mqtt") });
    this.#store = openStore({ path: options.databasePath, clock, log: room("store") });
    this.#recording = new Recording({
      store: this.#store,
      clock,
      log: room("alarms"),
      random,
      alarms: this.#config.alarms,
      isNight: (at) => isNight(at, nightHours(this.#config)),
      announce: (recorded) => this.#announce(recorded),
    });
    const { storage, history } = this.#config;
    this.#observations = new ObservationLog({
      store: this.#store,
      clock,
      log: room("history"),
      syncS: storage.syncS,
    });
    this.#retention = new Retention({
      store: this.#store,
      clock,
      log: room("history"),
      settings: { ...history, maxMb: storage.maxMb },
    });
    this.#vision = new VisionSupervisor({
      clock,
      log: room("vision"),
      random,
      settings: visionSettings(this.#config, options.modelsDir),
      logLevel: options.logLevel,
      memoryLimitBytes: (load) => visionMemoryLimit(this.#config, load),
      entry: options.visionEntry,
    });
    this.#book = new DayBook(this.#store, room("history"));
    this.#watch = new HouseWatch({
      clock,
      log: room("house"),
      bus: this.#bus,
      days: this.#book,
      settings: houseWatchSettings(this.#config),
      record: (draft) => this.#recording.record(draft),
    });
    this.#people = new PeopleOfHouse({
      config: this.#config,
      clock,
      log: room("identity"),
      bus: this.#bus,
      store: this.#store,
      vision: this.#vision,
      care: this.#recording.care,
      record: (draft) => this.#recording.record(draft),
      models: options.identityModels,
    });
    this.#house = new House({
      clock,
      log: room("house"),
      bus: this.#bus,
      vision: this.#vision.events,
      settings: activitySettings(this.#config),
      record: (draft) => this.#recording.record(this.#people.named(draft)),
      onObserved: (observation, update) => this.#observed(observation, update),
      memory: storedRooms({ store: this.#store, clock, log: room("house") }),
      fallLatched: (cameraId) => this.#recording.alarms.isFallLatched(cameraId),
      onLying: (cameraId, lying) => this.#vision.attend(cameraId, lying),
    });
    this.#live = new LiveFrames(this.#house, this.#vision, this.#people);
    this.#mqtt = new HavenMqtt({
      version: options.version,
      panelUrl: null,
      credentials: this.#broker.credentials,
      // The same over restarts, another one for another installation on the same broker.
      clientId: `haven-${createHash("sha256").update(`${hostname()}\0${dataDir}`).digest("hex").slice(0, 12)}`,
      onCommand: (command) =>
        obey(command, {
          alarms: this.#recording.alarms,
          care: this.#recording.care,
          log: room("mqtt"),
          setPrivacy: (cameraId, on) => this.#setPrivacy(cameraId, on),
        }),
      clock,
      random,
      log: room("mqtt"),
    });
    this.#configWatch = new ConfigWatch({ file, log, apply: (config) => this.#apply(config) });
    this.#delivery = new EventDelivery(this.#recording.outbox, this.#mqtt, clock);
    this.#reports = new Reports({
      config: () => this.#config,
      house: this.#house,
      recording: this.#recording,
      delivery: this.#delivery,
      vitals: this.#vitals,
      mqtt: this.#mqtt,
      log,
    });
    this.#api = createApi(this.#apiDeps(room("api")), {
      version: options.version,
      host: options.supervisor === null ? this.#config.api.host : "0.0.0.0",
      port: options.supervisor === null ? this.#config.api.port : INGRESS_PORT,
      ingress: options.supervisor === null ? null : { proxyAddress: INGRESS_PROXY },
      token: this.#config.api.token ?? null,
      allowedHosts: this.#config.api.allowedHosts,
      panelDir: options.panelDir,
    });
  }

  /** The embedded broker's access once started; null when the broker is somebody else's. */
  get brokerAccess(): BrokerAccess | null {
    return this.#broker.embedded?.access ?? null;
  }

  get panelPort(): number {
    return this.#api.port;
  }

  /** Throws AppError port.taken and the like; then everything that was started is stopped again. */
  async start(): Promise<void> {
    try {
      await this.#watch.start();
      await this.#recording.start();
      await this.#people.start();
      this.#wire();
      await this.#api.start();
      await this.#broker.embedded?.start();
      this.#apply(this.#config);
      this.#mqtt.setAlarm(this.#recording.alarms.list());
      this.#mqtt.setCare(this.#recording.care.state());
      this.#mqtt.setDay(this.#watch.today());
      this.#mqtt.removeUnknownCameras();
      this.#mqtt.removeUnknownPersons();
      await this.#mqtt.start();
      await this.#vision.start();
      await this.#observations.start();
      await this.#retention.start();
      await this.#delivery.start();
      const { clock, log } = this.#options;
      const onError = (error: unknown) => log.error({ err: error }, "a periodic task failed");
      this.#timers = [
        every(clock, STATS_EVERY, () => this.#reports.stats(), onError),
        every(clock, CONFIG_LOOK_EVERY, () => this.#configWatch.look(), onError),
        every(clock, FALSE_ALARMS_EVERY, () => this.#reports.falseAlarms(), onError),
      ];
      this.#reports.stats();
      this.#reports.falseAlarms();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    for (const timer of this.#timers) timer[Symbol.dispose]();
    this.#vitals[Symbol.dispose]();
    // Eyes first, so that nothing new happens; the voice last, so that what happened is still told.
    await this.#vision.stop();
    this.#house[Symbol.dispose]();
    await this.#people.stop();
    await this.#watch.stop();
    this.#live[Symbol.dispose]();
    await this.#api.stop();
    await this.#recording.stop();
    await this.#delivery.stop();
    await this.#mqtt.stop();
    await this.#broker.embedded?.stop();
    await this.#observations.stop();
    await this.#retention.stop();
    this.#store[Symbol.dispose]();
  }

  #wire(): void {
    this.#house.start();
    this.#people.tell(this.#mqtt);
    this.#bus.on("camera_status", (status) => this.#mqtt.setCameraStatus(status));
    this.#bus.on("room_state", (room) => this.#mqtt.setRoomState(room));
    this.#bus.on("alarms", (alarms) => this.#mqtt.setAlarm(alarms));
    this.#bus.on("care", (care) => this.#mqtt.setCare(care));
    this.#bus.on("day", (day) => this.#mqtt.setDay(day));
    this.#recording.alarms.onChange((alarms) => this.#bus.emit("alarms", alarms));
    this.#recording.care.onChange((care) => this.#bus.emit("care", care));
    this.#vision.events.on("state", (state) => {
      // That the graphics were lost is told at once.
      if (this.#vitals.note(state) && !this.#stopping) this.#reports.stats();
      if (state.kind === "fatal" && state.code.startsWith("model.")) void this.#repair();
    });
  }

  #announce({ event, delivery }: RecordedEvent): void {
    if (delivery !== "logged") this.#bus.emit("event", event);
    this.#watch.fact(event);
    this.#reports.heard(event.kind);
    // Worth telling while it happens; nobody waits for it when the broker is away.
    if (delivery === "live") this.#mqtt.sendEvent(event, { late: false, ageS: 0 }).catch(() => {});
  }

  /** Takes a configuration into use: what did not change goes on undisturbed. */
  #apply(config: Config): void {
    const before = this.#config;
    this.#config = config;
    const ids = new Set(config.cameras.map((camera) => camera.id));
    for (const id of this.#announcedCameras) if (!ids.has(id)) this.#mqtt.removeCamera(id);
    this.#announcedCameras = ids;
    for (const camera of config.cameras) this.#mqtt.setCamera(camera);
    this.#watch.configure(config.cameras, houseWatchSettings(config));
    this.#people.configure(config);
    this.#house.configure(config.cameras, activitySettings(config));
    for (const camera of config.cameras) {
      const status = this.#house.status(camera.id);
      if (status !== null) this.#mqtt.setCameraStatus(status);
    }
    const jobs = config.cameras.map(
      (camera): CameraJob => ({ camera, playback: { kind: "live", loop: true }, resume: FROM_THE_START }),
    );
    this.#vision.configure(jobs, visionSettings(config, this.#options.modelsDir));
    this.#recording.configure({ alarms: config.alarms, adl: config.adl, cameras: config.cameras });
    this.#retention.configure({ ...config.history, maxMb: config.storage.maxMb });
    if (config.general.logLevel !== before.general.logLevel)
      this.#options.log.level = config.general.logLevel;
    const { mqtt, api, storage } = config;
    const settled = { mqtt: before.mqtt, api: before.api, storage: before.storage };
    if (!isDeepStrictEqual({ mqtt, api, storage }, settled))
      this.#options.log.warn("changes to mqtt, api and storage take effect when Haven is restarted");
  }

  #observed(observation: FrameObservation, update: ActivityUpdate): void {
    const { postures, room, inBed } = update;
    this.#recording.observe(observation);
    this.#watch.observe({ observation, postures, people: room.personCount, inBed: inBed.size });
    this.#observations.observe(observation, postures);
    this.#people.observe(observation);
  }

  /** The switch works at once; that the file cannot be written is said, and must not keep a camera watching. */
  #setPrivacy(cameraId: string, on: boolean): void {
    const cameras = this.#config.cameras.map((camera) =>
      camera.id === cameraId ? { ...camera, privacy: on } : camera,
    );
    this.#apply({ ...this.#config, cameras });
    this.#options.file
      .update((config) => ({
        ...config,
        cameras: config.cameras.map((camera) =>
          camera.id === cameraId ? { ...camera, privacy: on } : camera,
        ),
      }))
      .catch((error: unknown) =>
        this.#options.log.error({ err: error }, "the privacy switch could not be saved"),
      );
  }

  #apiDeps(log: Logger): ApiDeps {
    const { clock, file } = this.#options;
    return apiDeps({
      clock,
      log,
      file,
      bus: this.#bus,
      store: this.#store,
      house: this.#house,
      vision: this.#vision,
      recording: this.#recording,
      book: this.#book,
      watch: this.#watch,
      apply: (config) => this.#apply(config),
      status: () =>
        systemInfo({
          startedAt: this.#vitals.startedAt,
          vision: this.#vision.state,
          providerSince: this.#vitals.providerSince,
          quarantined: this.#config.cameras
            .filter(({ id }) => this.#vision.quarantined.includes(id))
            .map(({ name }) => name),
          mqtt: this.#mqtt.state,
          broker: this.#broker.describe(),
          unwritten: this.#recording.unwritten,
          store: this.#store,
        }),
      live: this.#live,
      persons: this.#people.api(),
    });
  }
}
