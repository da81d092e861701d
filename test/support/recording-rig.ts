// Recorder, alarms and outbox on a real database, with time in the test's hand.
import { AlarmService, type AlarmSettings } from "../../src/alarms/alarm-service.ts";
import { Outbox } from "../../src/alarms/outbox.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { Alarm } from "../../src/domain/alarm.ts";
import type { EventDraft, HavenEvent } from "../../src/domain/events.ts";
import type { RecordedEvent } from "../../src/domain/recording.ts";
import { type EventReaction, EventRecorder } from "../../src/history/event-recorder.ts";
import { openStore, type Store } from "../../src/store/store.ts";

export const SETTINGS: AlarmSettings = {
  throttleS: 20,
  clearOnRecovery: false,
  clearAcknowledgedAfterMinutes: 30,
};

export class RecordingRig implements Disposable {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly alarms: AlarmService;
  readonly recorder: EventRecorder;
  readonly announced: RecordedEvent[] = [];
  /** What listeners to alarms were told, newest first. */
  readonly boards: (readonly Alarm[])[] = [];
  /** Called at every announcement. */
  onAnnounce: (recorded: RecordedEvent) => void = () => {};

  constructor(
    path: string,
    options: {
      readonly clock?: ManualClock;
      readonly settings?: AlarmSettings;
      readonly react?: (event: HavenEvent, alarms: AlarmService) => EventReaction;
    } = {},
  ) {
    this.clock = options.clock ?? new ManualClock(1_000_000);
    const parts = { clock: this.clock, log: silentLogger, random: () => 0 };
    this.store = openStore({ path, ...parts });
    this.outbox = new Outbox({ store: this.store, ...parts });
    this.alarms = new AlarmService({
      settings: options.settings ?? SETTINGS,
      store: this.store,
      ...parts,
      record: (draft) => this.recorder.record(draft),
    });
    const react = options.react ?? ((event, alarms) => alarms.react(event));
    this.recorder = new EventRecorder({
      store: this.store,
      ...parts,
      react: (event) => react(event, this.alarms),
      deliveries: this.outbox,
      announce: (recorded) => {
        this.announced.push(recorded);
        this.onAnnounce(recorded);
      },
    });
    this.alarms.onChange((open) => this.boards.push(open));
  }

  record(draft: EventDraft): HavenEvent {
    return this.recorder.record(draft);
  }

  /** `fall_confirmed durable`, with a star when announced without having been stored. */
  get told(): string[] {
    return this.announced.map(
      ({ event, delivery, stored }) => `${event.kind} ${delivery}${stored ? "" : "*"}`,
    );
  }

  get stored(): string[] {
    const all = { kinds: null, cameraId: null, since: null, until: null, before: null, limit: 100_000 };
    return this.store.events
      .list(all)
      .map(({ kind }) => kind)
      .reverse();
  }

  /** `raised`, `acknowledged`: open alarms, newest first. */
  get states(): string[] {
    return this.alarms.list().map(({ state }) => state);
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}
