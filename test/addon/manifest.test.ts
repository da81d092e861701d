import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { parseHaOptions } from "../../src/config/ha-options.ts";
import { type Manifest, manifestFaults, translationFaults } from "./manifest-rules.ts";

const manifest = parse(readFileSync("config.yaml", "utf8")) as Manifest;
const translations: unknown = parse(readFileSync("translations/en.yaml", "utf8"));
const packageJson = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };

describe("config.yaml, the app's manifest", () => {
  it("keeps to Home Assistant's rules", () => expect(manifestFaults(manifest)).toEqual([]));

  it("has the version that the daemon says it is", () => expect(manifest.version).toBe(packageJson.version));

  it("lets everybody at home see the alarm, through Home Assistant only", () => {
    expect(manifest).toMatchObject({ ingress: true, panel_admin: false });
    expect(manifest.ports ?? {}).toEqual({});
    expect(manifest.host_network).toBeUndefined();
  });

  it("offers exactly the options that the daemon reads, in values it takes", () => {
    const given = {
      log_level: "debug",
      mqtt_host: "192.168.1.10",
      mqtt_port: 1884,
      mqtt_username: "haven",
      mqtt_password: "secret",
    };
    expect(Object.keys(manifest.schema ?? {}).sort()).toEqual(Object.keys(given).sort());
    expect(parseHaOptions(JSON.stringify(given))).toEqual({
      logLevel: "debug",
      mqtt: { host: "192.168.1.10", port: 1884, username: "haven", password: "secret" },
    });
    expect(parseHaOptions(JSON.stringify(manifest.options))).toEqual({ logLevel: "info", mqtt: null });
    const levels = String(manifest.schema?.log_level)
      .replace(/^list\(|\)$/g, "")
      .split("|");
    for (const level of levels)
      expect(parseHaOptions(JSON.stringify({ log_level: level })).logLevel).toBe(level);
  });

  it("names every option for people, and no other", () =>
    expect(translationFaults(translations, manifest)).toEqual([]));
});

describe("each rule of the manifest finds what it is there for", () => {
  it.each<[string, Record<string, unknown>, string]>([
    ["a missing key", { slug: undefined }, "slug"],
    ["an unknown key", { gpu: true }, "gpu"],
    ["a deprecated architecture", { arch: ["armv7"] }, "arch.0"],
    ["a slug with a space", { slug: "ha ven" }, "slug"],
    ["a version that is a number", { version: 0.1 }, "version"],
    ["a service the Supervisor does not know", { services: ["mqtt:wants"] }, "services.0"],
    ["a folder that older Supervisors refuse", { map: [{ type: "app_config" }] }, "map.0.type"],
    ["a stop time out of range", { timeout: 3000 }, "timeout"],
    ["a default that is told again", { startup: "application" }, "startup"],
    ["a command that a cold backup does not run", { backup_pre: "true" }, "backup_pre"],
    ["an option of an unknown type", { schema: { log_level: "text" } }, "schema.log_level"],
    ["an option that is in no schema", { options: { log_level: "info", more: 1 } }, "options.more"],
    ["a default that does not fit", { options: { log_level: "loud" } }, "options.log_level"],
    [
      "a default of an optional option",
      { options: { log_level: "info", mqtt_port: 1883 } },
      "options.mqtt_port",
    ],
    ["a required option without a default", { options: {} }, "options.log_level"],
  ])("%s", (_, change, place) => {
    const changed = JSON.parse(JSON.stringify({ ...manifest, ...change })) as unknown;
    expect(manifestFaults(changed)).toContainEqual(expect.stringContaining(place));
  });

  it("an option without a name, a name without an option, a key that would be dropped", () => {
    const named = (translations as { configuration: Record<string, unknown> }).configuration;
    const { mqtt_host: _, ...fewer } = named;
    expect(translationFaults({ configuration: fewer }, manifest)).toEqual(["mqtt_host: has no translation"]);
    expect(translationFaults({ configuration: { ...named, ghost: { name: "Ghost" } } }, manifest)).toEqual([
      "ghost: is translated but no option",
    ]);
    expect(translationFaults({ configuration: named, title: "Haven" }, manifest)).toHaveLength(1);
  });
});
