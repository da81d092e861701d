// The whole house at work: the real program, real footage of a person, the real model, the embedded broker and a client.
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ModelStore, modelsDirectory } from "../../models/model-store.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { ensureDemoClip } from "../../src/demo/demo-clip.ts";
import { Daemon, type DaemonSetup, setUp } from "../support/daemon.ts";
import { brokerLogin, childrenOf, TemporaryFolder } from "../support/haven-process.ts";

const never = new AbortController().signal;
const CAMERA = "haven/camera/living_room";

let folder: TemporaryFolder;
let setup: DaemonSetup;
let daemon: Daemon;

beforeAll(async () => {
  await new ModelStore({ log: silentLogger }).ensure(["movenet-multipose", "movenet-thunder"], {
    signal: never,
  });
  const clip = await ensureDemoClip({ cacheDir: modelsDirectory(process.env), signal: never });
  folder = await TemporaryFolder.make();
  setup = await setUp(
    folder,
    `  - id: living_room\n    name: Living room\n    area: Lounge\n    source: ${JSON.stringify(clip)}`,
  );
  daemon = await Daemon.start(setup);
});

afterAll(async () => {
  await daemon[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const kinds = () => daemon.events().map((event) => event.kind);

// One story, told in order: each step goes on from where the one before it left the house.
describe.sequential("a day in the house", () => {
  it("announces the daemon and the camera to Home Assistant, retained", async () => {
    await daemon.until("the camera is online", () => daemon.last(`${CAMERA}/status`) === "online");
    expect(daemon.last("haven/status")).toBe("online");
    const device = JSON.parse(daemon.last("homeassistant/device/haven_cam_living_room/config") ?? "null");
    expect(device).toMatchObject({ device: { name: "Living room", suggested_area: "Lounge" } });
    expect(daemon.last("homeassistant/device/haven/config")).toContain('"name":"Haven"');
  });

  it("sees him come in, fall, and stay down, and says so", async () => {
    await daemon.until("a confirmed fall", () => kinds().includes("fall_confirmed"));
    // How soon it is found out that he is nobody known depends on the machine.
    const story = kinds().filter((kind) => kind !== "unknown_person");
    expect(story.slice(0, 4)).toEqual(["camera_online", "person_in", "fall_suspected", "fall_confirmed"]);
    expect(daemon.last(`${CAMERA}/occupancy`)).toBe("ON");
    expect(daemon.last(`${CAMERA}/person_count`)).toBe("1");
    const fall = daemon.events().find((event) => event.kind === "fall_confirmed");
    expect(fall).toMatchObject({
      event_type: "fall_confirmed",
      camera_id: "living_room",
      area: "Lounge",
    });
    const isKnown = fall?.person_id !== null;
    expect(fall?.person_name).toBe(isKnown ? "Visitor-A" : null);
    expect(fall).not.toHaveProperty("late");
    await daemon.until("the latch", () => daemon.last(`${CAMERA}/fall`) === "ON");
    await daemon.until("the alarm", () => daemon.last("haven/alarm/state") === "raised");
  });

  it("never retains an event", async () => {
    const login = brokerLogin(folder.path);
    const late = await connectAsync(`mqtt://127.0.0.1:${setup.mqttPort}`, { ...login, protocolVersion: 4 });
    const topics: string[] = [];
    late.on("message", (topic, _payload, packet) => {
      if (packet.retain) topics.push(topic);
    });
    await late.subscribeAsync("#");
    await daemon.until("a retained state for a late client", () => topics.includes(`${CAMERA}/fall`));
    expect(topics.filter((topic) => topic.endsWith("/event"))).toEqual([]);
    await late.endAsync();
  });

  it("keeps the fall in the database and shows the alarm to the panel", async () => {
    const { body: events } = await daemon.get("/api/events?kind=fall_confirmed");
    expect(events).toMatchObject({ events: [{ kind: "fall_confirmed", camera_id: "living_room" }] });
    const { body: alarms } = await daemon.get("/api/alarms");
    expect(alarms).toMatchObject({ alarms: [{ state: "raised", cause: "fall_confirmed", area: "Lounge" }] });
    const picture = await daemon.get("/api/cameras/living_room/snapshot.jpg");
    expect(picture.status).toBe(200);
    expect([...new Uint8Array(picture.body as ArrayBuffer).slice(0, 2)]).toEqual([0xff, 0xd8]);
  });

  it("loses neither the alarm nor the latch when the daemon is killed, and does not tell the fall again as new", async () => {
    await daemon.kill();
    daemon.client.end(true);
    const before = daemon.events().find((event) => event.kind === "fall_confirmed")?.event_id;
    daemon = await Daemon.start(setup);
    await daemon.until("the alarm is back", () => daemon.last("haven/alarm/state") === "raised");
    await daemon.until("the latch is back", () => daemon.last(`${CAMERA}/fall`) === "ON");
    await daemon.until("the camera is back", () => daemon.last(`${CAMERA}/status`) === "online");
    expect(daemon.events().filter((event) => event.event_id === before && event.late !== true)).toEqual([]);
  });

  it("lets anybody acknowledge, and everybody sees it", async () => {
    await daemon.client.publishAsync("haven/alarm/acknowledge", "PRESS", { qos: 1 });
    await daemon.until("the answer", () => daemon.last("haven/alarm/state") === "acknowledged");
    await daemon.until("the latch opens", () => daemon.last(`${CAMERA}/fall`) === "OFF");
    expect(kinds()).toContain("alarm_acknowledged");
    const { body } = await daemon.get("/api/alarms");
    expect(body).toMatchObject({ alarms: [{ state: "acknowledged", acknowledged_by: "mqtt" }] });
  });

  it("survives the death of the vision process: the camera goes, says so, and comes back", async () => {
    const [vision] = childrenOf(daemon.process.pid ?? 0);
    expect(vision).toBeDefined();
    const seen = daemon.heard.length;
    process.kill(vision ?? 0, "SIGKILL");
    const statuses = () =>
      daemon.heard
        .slice(seen)
        .filter(({ topic }) => topic === `${CAMERA}/status`)
        .map(({ payload }) => payload);
    await daemon.until("the camera is offline", () => statuses().includes("offline"));
    expect((await daemon.get("/healthz")).status).toBe(200);
    await daemon.until("the camera is online again", () => statuses().at(-1) === "online");
    expect(daemon.process.exitCode).toBeNull();
    expect(childrenOf(daemon.process.pid ?? 0)).not.toContain(vision);
    await daemon.until("people are seen again", () =>
      daemon.heard
        .slice(seen)
        .some(({ topic, payload }) => topic === `${CAMERA}/event` && payload.includes("person_in")),
    );
  });

  it("stops looking when privacy is switched on, and looks again when it is off", async () => {
    await daemon.client.publishAsync(`${CAMERA}/privacy/set`, "ON", { qos: 1 });
    await daemon.until("privacy", () => daemon.last(`${CAMERA}/status`) === "privacy");
    await daemon.until("nobody is claimed to be there", () => daemon.last(`${CAMERA}/occupancy`) === "OFF");
    expect((await daemon.get("/api/cameras/living_room/snapshot.jpg")).status).toBe(409);
    // The switch works at once; that it is in the file too comes a moment later.
    await vi.waitFor(async () => {
      const config = await daemon.get("/api/config");
      expect(config.body).toMatchObject({ config: { cameras: [{ privacy: true }] } });
    });
    await daemon.client.publishAsync(`${CAMERA}/privacy/set`, "OFF", { qos: 1 });
    await daemon.until("online again", () => daemon.last(`${CAMERA}/status`) === "online");
  });

  it("says goodbye when it is stopped", async () => {
    const gone = new Promise<number | null>((resolve) => daemon.process.once("close", resolve));
    daemon.process.kill("SIGTERM");
    expect(await gone).toBe(0);
    expect(daemon.last("haven/status")).toBe("offline");
  });
});
