// Recorder, alarms, care, clips and outbox on a real database, with time in the test's hand.
import { AlarmService, type AlarmSettings } from "../../src/alarms/alarm-service.ts";
import { CareService, type CareSettings } from "../../src/alarms/care-service.ts";
import { Outbox } from "../../src/alarms/outbox.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { Alarm } from "../../src/domain/alarm.ts";
import type { EventDraft, HavenEvent } from "../../src/domain/events.ts";
import type { RecordedEvent } from "../../src/domain/recording.ts";
import { AlarmClips } from "../../src/history/alarm-clips.ts";
import { type EventReaction, EventRecorder } from "../../src/history/event-recorder.ts";
import { openStore, type Store } from "../../src/store/store.ts";

/** Without escalation, so that time may pass in a test without anybody being told. */
export const SETTINGS: AlarmSettings & CareSettings = {
  throttleS: 20,
  clearOnRecovery: false,
  clearAcknowledgedAfterMinutes: 30,
  escalation: [],
  escalationRepeatS: 0,
  mode: "home",
  armed: {
    home: ["fall_confirmed"],
    night: ["fall_confirmed", "bed_exit", "wandering"],
    away: ["fall_confirmed", "unknown_person"],
  },
  snoozeByCarer: true,
  snoozeMaxMinutes: 120,
};

export class RecordingRig implements Disposable {
  readonly clock: ManualClock;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly alarms: AlarmService;
  readonly care: CareService;
  readonly clips: AlarmClips;
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
      /** In place of one opened at the path. */
      readonly store?: Store;
      readonly settings?: AlarmSettings & CareSettings;
      readonly isNight?: (at: number) => boolean;
      readonly react?: (event: HavenEvent, alarms: AlarmService) => EventReaction;
    } = {},
  ) {
    this.clock = options.clock ?? new ManualClock(1_000_000);
    const parts = { clock: this.clock, log: silentLogger, random: () => 0 };
    this.store = options.store ?? openStore({ path, ...parts });
    const settings = options.settings ?? SETTINGS;
    const record = (draft: EventDraft) => this.recorder.record(draft);
    this.outbox = new Outbox({
      store: this.store,
      ...parts,
      onDelivered: (event) => this.care.delivered(event),
    });
    this.care = new CareService({
      settings,
      store: this.store,
      ...parts,
      record,
      isNight: options.isNight ?? (() => false),
    });
    this.alarms = new AlarmService({
      settings,
      store: this.store,
      ...parts,
      record,
      judge: (event) => this.care.judge(event),
    });
    this.clips = new AlarmClips({ store: this.store, ...parts });
    this.alarms.onChange((open) => this.clips.alarms(open));
    const react =
      options.react ?? ((event, alarms) => ({ ...alarms.react(event), state: this.care.remember(event) }));
    this.recorder = new EventRecorder({
      store: this.store,
      ...parts,
      react: (event) => react(event, this.alarms),
      deliveries: this.outbox,
      announce: (recorded) => {
        this.announced.push(recorded);
        this.onAnnounce(recorded);
        this.care.heard(recorded.event);
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
