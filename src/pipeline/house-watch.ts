// Looks at the whole house once a second: records what its facts tell, keeps the account of the day, and sends the
// summary of the last one at the hour the household has set.
import type { CameraGlance, HouseFactsSettings } from "../adl/house-facts.ts";
import { HouseFacts } from "../adl/house-facts.ts";
import type { Clock, Millis } from "../core/clock.ts";
import type { EventBus } from "../core/event-bus.ts";
import { lastAt, localDay } from "../core/local-time.ts";
import type { Logger } from "../core/logger.ts";
import { every } from "../core/periodic.ts";
import type { Service } from "../core/service.ts";
import type { BusEvents } from "../domain/bus.ts";
import type { Camera } from "../domain/camera.ts";
import type { DaySummary } from "../domain/care.ts";
import type { EventDraft } from "../domain/events.ts";

/** Where days are kept. */
export interface DayKeeper {
  house(): unknown;
  saveHouse(snapshot: unknown): void;
  add(day: DaySummary): void;
  latest(): DaySummary | null;
  told: string | null;
}

export interface HouseWatchSettings extends HouseFactsSettings {
  /** Local time at which the summary of the last day is told; empty for never. */
  readonly summaryAt: string;
}

export interface HouseWatchOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly bus: EventBus<BusEvents>;
  readonly days: DayKeeper;
  readonly settings: HouseWatchSettings;
  readonly record: (draft: EventDraft) => void;
}

const LOOK_EVERY = 1000;
/** How often the day so far is shown and kept: a crash costs no more of it. */
const SHOW_EVERY = 60_000;

export class HouseWatch implements Service {
  readonly #options: HouseWatchOptions;
  readonly #facts: HouseFacts;
  #settings: HouseWatchSettings;
  #subscriptions: Disposable[] = [];
  #shownAt: Millis = Number.NEGATIVE_INFINITY;

  constructor(options: HouseWatchOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#facts = new HouseFacts(options.settings, options.clock.now());
  }

  async start(): Promise<void> {
    const { clock, bus, log, days } = this.#options;
    const kept = days.house();
    if (kept !== null && !this.#facts.restore(kept))
      log.warn("the account of the day cannot be read and is begun anew");
    this.#subscriptions = [
      bus.on("camera_status", (status) => this.#facts.status(status)),
      every(
        clock,
        LOOK_EVERY,
        () => this.#look(),
        (error) => log.error({ err: error }, "the look at the whole house failed"),
      ),
    ];
  }

  async stop(): Promise<void> {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
    if (this.#subscriptions.length > 0) this.#options.days.saveHouse(this.#facts.snapshot());
    this.#subscriptions = [];
  }

  configure(cameras: readonly Camera[], settings: HouseWatchSettings): void {
    this.#settings = settings;
    this.#facts.configure(cameras, settings);
  }

  observe(glance: CameraGlance): void {
    this.#facts.observe(glance, glance.observation.stamp.capturedAt);
  }

  /** Every event, once. */
  fact(event: EventDraft): void {
    this.#facts.fact(event);
  }

  today(): DaySummary {
    return this.#facts.day();
  }

  #look(): void {
    const { clock, bus, days, record } = this.#options;
    const now = clock.now();
    const { drafts, day, ended } = this.#facts.tick(now);
    for (const draft of drafts) record(draft);
    for (const over of ended) days.add(over);
    this.#tellSummary(now);
    if (now >= this.#shownAt && now - this.#shownAt < SHOW_EVERY && ended.length === 0) return;
    this.#shownAt = now;
    days.saveHouse(this.#facts.snapshot());
    bus.emit("day", day);
  }

  /** Of the last day that is over, once, at its hour or as soon after it as Haven runs. */
  #tellSummary(now: Millis): void {
    const { days, record } = this.#options;
    const { summaryAt, timeZone } = this.#settings;
    if (summaryAt === "" || localDay(lastAt(summaryAt, now, timeZone), timeZone) !== localDay(now, timeZone))
      return;
    const day = days.latest();
    if (day === null || day.date === days.told) return;
    days.told = day.date;
    record({
      kind: "daily_summary",
      evidence: day,
      cameraId: null,
      area: null,
      zone: null,
      trackId: null,
      personId: null,
      personName: null,
      identityCue: null,
      capturedAt: now,
      mediaTimeS: null,
      confidence: null,
    });
  }
}
