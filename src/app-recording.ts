// Recorder, alarms, care, clips and outbox need one another: this is where they are joined. The same run in the daemon and
// in the analysis of files.
import { AlarmService, type AlarmSettings } from "./alarms/alarm-service.ts";
import { CareService, type CareSettings } from "./alarms/care-service.ts";
import { Outbox } from "./alarms/outbox.ts";
import type { Clock, Millis } from "./core/clock.ts";
import type { Logger } from "./core/logger.ts";
import { areaOf, type Camera } from "./domain/camera.ts";
import type { EventDraft, HavenEvent } from "./domain/events.ts";
import type { RecordedEvent } from "./domain/recording.ts";
import type { FrameObservation } from "./domain/track.ts";
import { AlarmClips } from "./history/alarm-clips.ts";
import { EventRecorder } from "./history/event-recorder.ts";
import type { Store } from "./store/store.ts";

export interface RecordingOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0..1, for the jitter of retries. */
  readonly random: () => number;
  readonly alarms: AlarmSettings & CareSettings;
  /** Whether a moment, as wall time, lies within the household's night hours; left out: it is never night. */
  readonly isNight?: (at: Millis) => boolean;
  readonly announce: (recorded: RecordedEvent) => void;
}

export class Recording {
  readonly alarms: AlarmService;
  readonly care: CareService;
  readonly clips: AlarmClips;
  readonly outbox: Outbox;
  readonly #recorder: EventRecorder;

  constructor(options: RecordingOptions) {
    const { store, clock, log, random, announce } = options;
    const parts = { store, clock, log, record: (draft: EventDraft) => this.record(draft) };
    this.outbox = new Outbox({ ...parts, random, onDelivered: (event) => this.care.delivered(event) });
    this.care = new CareService({
      ...parts,
      settings: options.alarms,
      isNight: options.isNight ?? (() => false),
    });
    this.alarms = new AlarmService({
      ...parts,
      settings: options.alarms,
      judge: (event) => this.care.judge(event),
    });
    this.clips = new AlarmClips(parts);
    this.alarms.onChange((open) => this.clips.alarms(open));
    this.#recorder = new EventRecorder({
      ...parts,
      random,
      deliveries: this.outbox,
      react: (event) => ({ ...this.alarms.react(event), state: this.care.remember(event) }),
      announce: (recorded) => {
        announce(recorded);
        this.care.heard(recorded.event);
      },
    });
  }

  /** Settings and cameras as they are now. `adl` is kept beside the clips: what falls and beds are judged by. */
  configure(config: {
    readonly alarms: AlarmSettings & CareSettings;
    readonly adl: unknown;
    readonly cameras: readonly Camera[];
  }): void {
    this.alarms.configure(config.alarms, config.cameras);
    const cameras = config.cameras.map((camera) => ({ ...camera, area: areaOf(camera) }));
    this.care.configure(config.alarms, cameras);
    this.clips.configure(config.cameras, config.adl);
  }

  /** Every frame that was analysed: for what is kept of it around an alarm, and for a drill under way. */
  observe(observation: FrameObservation): void {
    this.clips.observe(observation);
    if (observation.tracks.some((track) => track.state === "confirmed" && track.detected))
      this.care.seen(observation.stamp.cameraId);
  }

  /** Never throws for what the database does: then the event waits in memory. */
  record(draft: EventDraft): HavenEvent {
    return this.#recorder.record(draft);
  }

  /** Events in memory that the database has not taken yet. */
  get unwritten(): number {
    return this.#recorder.waiting();
  }

  async start(): Promise<void> {
    await this.clips.start();
    await this.alarms.start();
    await this.care.start();
  }

  async stop(): Promise<void> {
    await this.alarms.stop();
    await this.care.stop();
    await this.clips.stop();
    this.#recorder.stop();
  }
}
