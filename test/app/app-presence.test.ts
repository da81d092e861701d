import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createPresence, presenceSettings, tellPresence } from "../../src/app-presence.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { EventBus } from "../../src/core/event-bus.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { BusEvents } from "../../src/domain/bus.ts";
import { NO_HEALTH } from "../../src/domain/camera-status.ts";
import { havenMqtt } from "../mqtt/examples.ts";
import { House } from "../mqtt/house.ts";
import { Observer, retainedOn } from "../mqtt/observer.ts";
import { AT, camera, identity, NEAR, person } from "../pipeline/presence-rig.ts";
import { RecordingRig } from "../support/recording-rig.ts";

const CONFIG = loadConfig("", { file: "/haven.yaml", env: {} });
const CAMERAS = [camera("bedroom", "Bedroom")];
const CARLA = person("p_carla", "Carla", { kind: "carer" });

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-presence-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The daemon's part for who is where: database, care and MQTT are real. */
class Daemon implements AsyncDisposable {
  readonly clock: ManualClock;
  readonly rig: RecordingRig;
  readonly bus = new EventBus<BusEvents>(silentLogger);
  readonly presence;
  readonly mqtt;

  constructor(house: House, clock: ManualClock, everybody = [CARLA]) {
    this.clock = clock;
    this.rig = new RecordingRig(join(folder, "haven.db"), { clock });
    this.mqtt = havenMqtt(house.broker.credentials).haven;
    this.presence = createPresence({
      config: CONFIG,
      clock,
      log: silentLogger,
      bus: this.bus,
      store: this.rig.store,
      people: { persons: () => everybody, person: (id) => everybody.find((one) => one.id === id) ?? null },
      care: this.rig.care,
    });
    tellPresence(this.bus, this.mqtt);
  }

  async start(): Promise<this> {
    await this.rig.care.start();
    this.presence.configure(CAMERAS, presenceSettings(CONFIG));
    await this.presence.start();
    for (const one of CAMERAS) this.mqtt.setCamera(one);
    this.mqtt.removeUnknownCameras();
    this.mqtt.removeUnknownPersons();
    await this.mqtt.start();
    return this;
  }

  see(seconds: number, trackIds: readonly number[]): void {
    for (let frame = 0; frame < seconds * 5; frame += 1) {
      const tracks = trackIds.map((id) => {
        const state = "confirmed" as const;
        const times = { firstSeenS: 0, lastSeenS: 0 };
        return { id, state, box: NEAR, confidence: 1, pose: null, detected: true, ...times };
      });
      const stamp = { cameraId: "bedroom", sequence: 0, capturedAt: this.clock.now(), mediaTimeS: 0 };
      this.presence.observe({ stamp, aspect: 1, tracks });
      this.clock.advance(200);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.presence.stop();
    await this.mqtt.stop();
    await this.rig.care.stop();
    this.rig[Symbol.dispose]();
  }
}

it("holds back an area's alarms while a carer is seen there, and no longer than that", async () => {
  await using house = await House.open();
  const clock = new ManualClock(AT);
  await using daemon = await new Daemon(house, clock).start();
  daemon.see(1, [4]);
  expect(daemon.rig.care.state().snoozes).toEqual([]);
  daemon.bus.emit("identity", identity("bedroom", 4, CARLA));
  daemon.see(300, [4]);
  expect(daemon.rig.care.state().snoozes).toMatchObject([{ area: "Bedroom", reason: "carer", by: "Carla" }]);
  daemon.see(180, []);
  expect(daemon.rig.care.state().snoozes).toEqual([]);
});

it("tells over MQTT where everybody is, also after a restart, and that a room is watched again", async () => {
  await using house = await House.open();
  await using listener = await Observer.at(house.broker.access);
  const clock = new ManualClock(AT);
  {
    await using daemon = await new Daemon(house, clock).start();
    await listener.hears("haven/person/p_carla/area", "away");
    await listener.hears("haven/area/bedroom/occupancy", "None");
    daemon.bus.emit("camera_status", {
      cameraId: "bedroom",
      availability: "online",
      reason: null,
      blind: null,
      since: AT,
      stream: null,
      ...NO_HEALTH,
    });
    daemon.see(1, [4]);
    await listener.hears("haven/area/bedroom/occupancy", "OFF");
    daemon.bus.emit("identity", identity("bedroom", 4, CARLA));
    await listener.hears("haven/person/p_carla/area", "Bedroom");
    await listener.hears("haven/people_home", "1");
  }
  {
    await using _ = await new Daemon(house, clock).start();
    await listener.caughtUp();
    expect((await retainedOn(house.broker.access)).get("haven/person/p_carla/area")).toBe("Bedroom");
    await listener.hears("haven/status", "online");
    await listener.hears("haven/area/bedroom/occupancy", "None");
    expect(listener.payloads("haven/person/p_carla/presence")).toEqual(["not_home", "home", "home"]);
  }
  // Forgotten while the daemon was not running.
  await using _ = await new Daemon(house, clock, []).start();
  await listener.hears("haven/person/p_carla/area", "");
  await listener.hears("homeassistant/device/haven_person_p_carla/config", "");
  await listener.hears("haven/people_home", "0");
});
