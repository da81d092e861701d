// Two places know the defaults: the configuration, for people, and each room, for whoever uses it by itself.
import { expect, it } from "vitest";
import { DEFAULT_ADL_SETTINGS } from "../../src/adl/adl-settings.ts";
import { activitySettings } from "../../src/app-settings.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { DEFAULT_OCCUPANCY_SETTINGS } from "../../src/presence/occupancy-machine.ts";

it("gives rooms the same defaults from an empty configuration as they have by themselves", () => {
  const settings = activitySettings(loadConfig("", { file: "/haven.yaml", env: {} }));
  expect(settings.adl).toEqual(DEFAULT_ADL_SETTINGS);
  expect(settings.presence).toEqual({
    personTimeoutS: DEFAULT_OCCUPANCY_SETTINGS.outAfterS,
    occupancyHoldS: DEFAULT_OCCUPANCY_SETTINGS.emptyAfterS,
  });
});
