import { describe, expect, it } from "vitest";
import { parseHaOptions } from "../../src/config/ha-options.ts";

describe("the app's options", () => {
  it("may be left out, or emptied in the dialog", () => {
    expect(parseHaOptions("{}")).toEqual({ logLevel: null, mqtt: null });
    expect(parseHaOptions('{"mqtt_host": "", "mqtt_password": "", "log_level": null}')).toEqual({
      logLevel: null,
      mqtt: null,
    });
  });

  it("name a broker of the user's own", () => {
    const json =
      '{"log_level": "debug", "mqtt_host": "10.0.0.2", "mqtt_username": "u", "mqtt_password": "p", "new": 1}';
    expect(parseHaOptions(json)).toEqual({
      logLevel: "debug",
      mqtt: { host: "10.0.0.2", port: 1883, username: "u", password: "p" },
    });
  });

  it("are refused all at once, and passwords are not repeated", () => {
    expect(() => parseHaOptions('{"log_level": "loud", "mqtt_port": 0, "mqtt_password": 4711}')).toThrow(
      'app option log_level: must be one of fatal, error, warn, info, debug, trace, not "loud"\n' +
        "app option mqtt_port: must be from 1 to 65535, not 0\n" +
        "app option mqtt_password: must be text (put it in quotes)",
    );
    expect(() => parseHaOptions("{")).toThrow("save them anew in Home Assistant");
    expect(() => parseHaOptions("[]")).toThrow();
  });
});
