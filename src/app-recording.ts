// Recorder, alarms and outbox need one another: this is where they are joined. The same three run in the daemon and in
// the analysis of files.
import { AlarmService, type AlarmSettings } from "./alarms/alarm-service.ts";
import { Outbox } from "./alarms/outbox.ts";
import type { Clock } from "./core/clock.ts";
import type { Logger } from "./core/logger.ts";
import type { EventDraft, HavenEvent } from "./domain/events.ts";
import type { RecordedEvent } from "./domain/recording.ts";
import { EventRecorder } from "./history/event-recorder.ts";
import type { Store } from "./store/store.ts";

export interface RecordingOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
  /** 0..1, for the jitter of retries. */
  readonly random: () => number;
  readonly alarms: AlarmSettings;
  readonly announce: (recorded: RecordedEvent) => void;
}

export class Recording {
  readonly alarms: AlarmService;
  readonly outbox: Outbox;
  readonly #recorder: EventRecorder;

  constructor(options: RecordingOptions) {
    const { store, clock, log, random, announce } = options;
    this.outbox = new Outbox({ store, clock, log, random });
    this.alarms = new AlarmService({
      settings: options.alarms,
      store,
      clock,
      log,
      record: (draft) => this.record(draft),
    });
    this.#recorder = new EventRecorder({
      store,
      clock,
      log,
      random,
      announce,
      deliveries: this.outbox,
      react: (event) => this.alarms.react(event),
    });
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
    await this.alarms.start();
  }

  async stop(): Promise<void> {
    await this.alarms.stop();
    this.#recorder.stop();
  }
}
