import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { AlarmJson, AlarmsJson, EventsJson, ProblemJson, SystemJson } from "../../src/api/contract.ts";
import type { FallEvidence } from "../../src/domain/activity.ts";
import { call, startApi } from "./api-client.ts";
import { anEvent, FakeHome, STARTED } from "./fake-home.ts";

const FALL: FallEvidence = {
  peakSpeed: 1.19,
  drop: 0.7,
  posture: "lying",
  signs: [],
  descentAtS: 10,
  groundAtS: 10.6,
  onGroundS: 2,
  box: { x1: 0, y1: 0.5, x2: 0.5, y2: 1 },
};

let home: FakeHome;
let server: Awaited<ReturnType<typeof startApi>>;

beforeEach(async () => {
  home = new FakeHome();
  home.addCamera({ id: "bedroom" });
  server = await startApi(home);
});
afterEach(() => server[Symbol.asyncDispose]());

describe("events", () => {
  beforeEach(() => {
    for (let i = 0; i < 5; i += 1) {
      home.happen(
        anEvent(
          "person_in",
          { box: FALL.box },
          { capturedAt: STARTED + i * 1000, cameraId: i % 2 === 0 ? "bedroom" : "hall" },
        ),
      );
    }
    home.happen(anEvent("fall_confirmed", FALL, { capturedAt: STARTED + 9000 }));
  });

  it("come newest first, as on every other wire", async () => {
    const { json } = await call<EventsJson>(server.port, "/api/events");
    expect(json.events).toHaveLength(6);
    expect(json.next).toBeNull();
    expect(json.events[0]).toMatchObject({
      kind: "fall_confirmed",
      camera_id: "bedroom",
      captured_at: "2026-11-20T08:00:09.000Z",
      media_time_s: 12.346,
      person_name: null,
      evidence: { peak_speed: 1.19, on_ground_s: 2, posture: "lying" },
    });
  });

  it("are filtered by kinds and camera", async () => {
    const ofKind = async (query: string) =>
      (await call<EventsJson>(server.port, `/api/events?${query}`)).json.events;
    expect(await ofKind("kind=fall_confirmed,long_lie")).toHaveLength(1);
    expect(await ofKind("kind=fall_confirmed&kind=person_in")).toHaveLength(6);
    expect(await ofKind("camera_id=hall")).toHaveLength(2);
    expect(await ofKind("camera_id=attic")).toHaveLength(0);
  });

  it("come in pages that neither miss nor repeat one", async () => {
    const seen: string[] = [];
    let next: string | null = "";
    for (let page = 0; next !== null && page < 9; page += 1) {
      const { json }: { json: EventsJson } = await call<EventsJson>(
        server.port,
        `/api/events?limit=2&before=${next}`,
      );
      seen.push(...json.events.map((event) => event.event_id));
      next = json.next;
    }
    expect(seen).toHaveLength(6);
    expect(new Set(seen).size).toBe(6);
    expect(next).toBeNull();
  });

  it.each([
    "limit=0",
    "limit=201",
    "limit=-1",
    "limit=1e2",
    "limit=x",
    "kind=party",
    "kind=",
    "before=%27%20or%201",
    "limit=1&limit=2",
    "camera_id=a&camera_id=b",
  ])("are refused for ?%s", async (query) => {
    const { status, json } = await call<ProblemJson>(server.port, `/api/events?${query}`);
    expect(status).toBe(400);
    expect(json.detail).toMatch(/\.$/);
  });
});

describe("alarms", () => {
  it("are listed until they are cleared", async () => {
    const alarm = home.raise();
    const { json } = await call<AlarmsJson>(server.port, "/api/alarms");
    expect(json.alarms).toEqual([
      {
        id: alarm.id,
        state: "raised",
        cause: "fall_confirmed",
        cause_event_id: alarm.causeEventId,
        grown_to: null,
        camera_id: "bedroom",
        area: "Bedroom",
        person_name: null,
        raised_at: "2026-11-20T08:00:00.000Z",
        acknowledged_at: null,
        acknowledged_by: null,
        recovered_at: null,
        cleared_at: null,
        level: 0,
        escalated_at: null,
        answer: null,
        answered_at: null,
        answered_by: null,
        test: false,
      },
    ]);
  });

  it("are acknowledged by the name that was given, or the panel", async () => {
    const path = (id: string) => `/api/alarms/${id}/acknowledge`;
    const first = home.raise();
    const { status, json } = await call<AlarmJson>(server.port, path(first.id), {
      method: "POST",
      body: { by: "Rosa" },
    });
    expect(status).toBe(200);
    expect(json).toMatchObject({ state: "acknowledged", acknowledged_by: "Rosa" });
    await call(server.port, path(home.raise().id), { method: "POST" });
    expect(home.acknowledgements.map(({ by }) => by)).toEqual(["Rosa", "the panel"]);
  });

  it("keep the first who acknowledged", async () => {
    const { id } = home.raise();
    await call(server.port, `/api/alarms/${id}/acknowledge`, { method: "POST", body: { by: "Rosa" } });
    const { json } = await call<AlarmJson>(server.port, `/api/alarms/${id}/acknowledge`, {
      method: "POST",
      body: { by: "Tom" },
    });
    expect(json.acknowledged_by).toBe("Rosa");
  });

  it("that do not exist cannot be acknowledged", async () => {
    const { status, json } = await call<ProblemJson>(server.port, "/api/alarms/nope/acknowledge", {
      method: "POST",
    });
    expect(status).toBe(404);
    expect(json.detail).toBe("There is no such alarm.");
  });

  it.each([[{ by: "" }], [{ by: "a".repeat(81) }], [{ by: 1 }], [{ who: "Rosa" }], [["Rosa"]]])(
    "are not acknowledged by %j",
    async (body) => {
      const { id } = home.raise();
      expect(
        (await call(server.port, `/api/alarms/${id}/acknowledge`, { method: "POST", body })).status,
      ).toBe(400);
      expect(home.acknowledgements).toEqual([]);
    },
  );
});

describe("the daemon itself", () => {
  it("says how it is", async () => {
    const { json } = await call<SystemJson>(server.port, "/api/system");
    expect(json).toMatchObject({
      version: "0.0.0-test",
      home_assistant: false,
      vision: {
        state: "running",
        provider: "cpu",
        provider_reason: "webgpu: there is no adapter",
        provider_since: "2025-11-20T08:00:00.000Z",
        workers: 1,
      },
      mqtt: { state: "connected", broker: "mqtt://broker:1883" },
      database_bytes: 4096,
      problems: [],
    });
  });

  it("shows its configuration and the schema of it", async () => {
    expect((await call(server.port, "/api/config")).json).toEqual({ config: { api: { port: 8099 } } });
    expect((await call(server.port, "/api/config/schema")).json).toMatchObject({ type: "object" });
  });

  it("answers a watchdog with 200 when it is well and 503 when not", async () => {
    expect(await call(server.port, "/healthz")).toMatchObject({ status: 200, json: { status: "ok" } });
    home.healthy = false;
    expect(await call(server.port, "/healthz")).toMatchObject({ status: 503, json: { status: "failing" } });
  });
});
