// What the api room asks about care: mode, snoozes, drills, days, and the settings a household changes from the panel.
import { FALL_SPEED_TRADE_OFF } from "./adl/fall-speed-trade-off.ts";
import type { CareService } from "./alarms/care-service.ts";
import type { ApiDeps, CareAdmin, HouseholdSettings } from "./api/deps.ts";
import type { Config } from "./config/config.ts";
import type { ConfigFile } from "./config/config-file.ts";
import { FALL_SPEED } from "./config/watching-schema.ts";
import type { Clock } from "./core/clock.ts";
import { localDay } from "./core/local-time.ts";
import type { DayBook } from "./history/day-book.ts";
import type { HouseWatch } from "./pipeline/house-watch.ts";

const DAY_MS = 86_400_000;

export function careAdmin(care: CareService): CareAdmin {
  return {
    state: () => care.state(),
    setMode: async (mode, by) => care.setMode(mode, by),
    snooze: async (request) => care.snooze(request),
    endSnooze: async (area, by) => care.endSnooze(area, by),
    startDrill: async (cameraId, by) => care.startDrill(cameraId, by),
    endDrill: async (by) => care.endDrill(by),
  };
}

export function dayList(parts: {
  readonly clock: Clock;
  readonly book: DayBook;
  readonly watch: HouseWatch;
}): ApiDeps["days"] {
  const { clock, book, watch } = parts;
  return {
    async list(from, to) {
      const today = watch.today();
      const last = to ?? today.date;
      // Noon of a local day is in that day wherever the clocks change.
      const first = from ?? localDay(Date.parse(`${last}T12:00:00`) - 6 * DAY_MS);
      const over = book.list(first, last).filter(({ date }) => date !== today.date);
      return first <= today.date && today.date <= last ? [...over, today] : over;
    },
    today: () => (watch.today().date === localDay(clock.now()) ? watch.today() : null),
  };
}

export function householdSettings(
  file: ConfigFile,
  apply: (config: Config) => void,
): Pick<ApiDeps, "settings" | "sensitivity"> {
  return {
    settings: {
      current: (): HouseholdSettings => file.config,
      async updateAdl(patch) {
        apply(await file.update((config) => ({ ...config, adl: { ...config.adl, ...patch } })));
      },
      async updateAlarms({ armed }) {
        if (armed === undefined) return;
        const lists = { home: [...armed.home], night: [...armed.night], away: [...armed.away] };
        apply(await file.update((config) => ({ ...config, alarms: { ...config.alarms, armed: lists } })));
      },
      fallSpeed: { least: FALL_SPEED.minimum, most: FALL_SPEED.maximum, default: FALL_SPEED.default },
    },
    sensitivity: { tradeOff: () => FALL_SPEED_TRADE_OFF },
  };
}
