import type { ApiDeps, HomeNews, HouseholdSettings, TradeOff } from "../../src/api/deps.ts";
import type { Clock } from "../../src/core/clock.ts";
import { AppError } from "../../src/core/errors.ts";
import type { CareState, DaySummary, Drill, DrillStage } from "../../src/domain/care.ts";

const SETTINGS: HouseholdSettings = {
  adl: {
    fallSpeed: 0.7,
    bedEdgeAfterS: 10,
    nightFrom: "21:00",
    nightUntil: "07:00",
    inactivityAfterMinutes: 0,
    wanderingAfterMinutes: 20,
  },
  alarms: {
    armed: {
      home: ["fall_confirmed"],
      night: ["fall_confirmed", "bed_exit", "wandering"],
      away: ["fall_confirmed", "unknown_person"],
    },
    snoozeMaxMinutes: 120,
    escalation: [
      { name: "Again", afterS: 60 },
      { name: "Others", afterS: 180 },
      { name: "Emergency contact", afterS: 300 },
    ],
  },
};

const TRADE_OFF: TradeOff = {
  falls: 104,
  clipsWithout: 45,
  rows: [
    { fallSpeed: 0.5, detectedShare: 1, noticedShare: 1, falseAlarms: 6.4 },
    { fallSpeed: 0.6, detectedShare: 0.99, noticedShare: 1, falseAlarms: 3 },
    { fallSpeed: 0.7, detectedShare: 0.981, noticedShare: 1, falseAlarms: 0.6 },
    { fallSpeed: 0.8, detectedShare: 0.95, noticedShare: 0.99, falseAlarms: 0.2 },
    { fallSpeed: 1, detectedShare: 0.8, noticedShare: 0.95, falseAlarms: 0 },
  ],
};

const NO_CARE: CareState = {
  mode: "auto",
  effectiveMode: "home",
  armed: ["fall_confirmed", "long_lie"],
  snoozes: [],
  drill: null,
};

/** Modes, snoozes, drills, days and settings, made up in memory. */
export class FakeCare {
  readonly #clock: Clock;
  readonly #tell: (news: HomeNews) => void;
  now: CareState = NO_CARE;
  household: HouseholdSettings = SETTINGS;
  measured: TradeOff = TRADE_OFF;
  past: DaySummary[] = [];
  current: DaySummary | null = null;
  readonly asked: string[] = [];

  constructor(clock: Clock, tell: (news: HomeNews) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  readonly care: ApiDeps["care"] = {
    state: () => this.now,
    setMode: async (mode, by) => {
      this.asked.push(`mode ${mode} by ${by}`);
      return this.become({ mode, effectiveMode: mode === "auto" ? "home" : mode });
    },
    snooze: async ({ minutes, area, by }) => {
      if (minutes > this.household.alarms.snoozeMaxMinutes)
        throw new AppError("input.invalid", "A snooze lasts at most 120 minutes.");
      this.asked.push(`snooze ${area ?? "all"} for ${minutes} by ${by}`);
      const since = this.#clock.now();
      const snooze = { area, reason: "hand", by, since, until: since + minutes * 60_000 } as const;
      return this.become({ snoozes: [...this.now.snoozes, snooze] });
    },
    endSnooze: async (area, by) => {
      this.asked.push(`end snooze ${area ?? "all"} by ${by}`);
      return this.become({
        snoozes: this.now.snoozes.filter((other) => other.area !== area || other.reason === "carer"),
      });
    },
    startDrill: async (cameraId, by) => {
      if (this.now.drill !== null) throw new AppError("conflict", "A drill is under way already.");
      this.asked.push(`drill ${cameraId ?? "any"} by ${by}`);
      const at = this.#clock.now();
      const drill: Drill = { id: "d1", cameraId, by, startedAt: at, until: at + 600_000, stages: [] };
      return this.become({ drill: { ...drill, stages: [{ stage: "started", at, delayS: null }] } });
    },
    endDrill: async (by) => {
      this.asked.push(`end drill by ${by}`);
      return this.become({ drill: null });
    },
  };

  readonly days: ApiDeps["days"] = {
    list: async (from, to) => {
      this.asked.push(`days ${from ?? "-"} ${to ?? "-"}`);
      return this.current === null ? this.past : [...this.past, this.current];
    },
    today: () => this.current,
  };

  readonly settings: ApiDeps["settings"] = {
    fallSpeed: { least: 0.4, most: 2, default: 0.7 },
    current: () => this.household,
    updateAdl: async (patch) => {
      if ((patch.fallSpeed ?? 1) > 2)
        throw new AppError("config.invalid", "adl.fall_speed is 9: it must be at most 2");
      this.household = { ...this.household, adl: { ...this.household.adl, ...patch } };
    },
    updateAlarms: async (patch) => {
      this.household = { ...this.household, alarms: { ...this.household.alarms, ...patch } };
    },
  };

  readonly sensitivity: ApiDeps["sensitivity"] = { tradeOff: () => this.measured };

  become(change: Partial<CareState>): CareState {
    this.now = { ...this.now, ...change };
    this.#tell({ kind: "care", care: this.now });
    return this.now;
  }

  reach(stage: DrillStage, delayS: number | null): void {
    const { drill } = this.now;
    if (drill === null) return;
    const stages = [...drill.stages, { stage, at: this.#clock.now(), delayS }];
    this.become({ drill: { ...drill, stages } });
  }
}

export function aDay(date: string, change: Partial<DaySummary> = {}): DaySummary {
  return {
    date,
    areas: [
      { area: "Bedroom", blindS: 600, occupiedS: 30_000, inBedS: 27_000, bedExits: 2, falls: 0 },
      { area: "Hall", blindS: 0, occupiedS: 1800, inBedS: null, bedExits: 0, falls: 1 },
    ],
    doors: [{ leadsTo: "Bathroom", visits: 5, seconds: 1500 }],
    alarms: 1,
    falseAlarms: 0,
    ...change,
  };
}
