import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type {
  AlarmClipJson,
  CareJson,
  DaysJson,
  SensitivityJson,
  SettingsJson,
} from "../../src/api/care-contract.ts";
import type { AlarmJson, AlarmsJson, CameraJson, ProblemJson } from "../../src/api/contract.ts";
import { type Call, call, startApi, TestViewer } from "./api-client.ts";
import { eventually } from "./eventually.ts";
import { aDay } from "./fake-care.ts";
import { aTrack, FakeHome, STARTED } from "./fake-home.ts";

let home: FakeHome;
let server: Awaited<ReturnType<typeof startApi>>;

beforeEach(async () => {
  home = new FakeHome();
  home.addCamera({ id: "bedroom" });
  server = await startApi(home);
});
afterEach(() => server[Symbol.asyncDispose]());

const send = <T>(method: string, path: string, body?: unknown) =>
  call<T>(server.port, path, { method, ...(body === undefined ? {} : { body }) });

async function refused(path: string, request: Call, status: number, detail: RegExp): Promise<void> {
  const before = JSON.stringify([home.alarmList, home.caring.now, home.caring.household, home.caring.asked]);
  const reply = await call<ProblemJson>(server.port, path, request);
  expect(reply.status).toBe(status);
  expect(reply.headers["content-type"]).toMatch(/^application\/problem\+json/);
  // A field's name begins a sentence in capitals.
  expect(reply.json.detail).toMatch(new RegExp(detail, "i"));
  expect(reply.json.detail).toMatch(/^[A-Za-z"][^\n]{5,250}\.$/);
  expect(JSON.stringify([home.alarmList, home.caring.now, home.caring.household, home.caring.asked])).toBe(
    before,
  );
}

describe("what an alarm was", () => {
  it("is answered by name, may be answered anew, and acknowledges the alarm", async () => {
    const { id } = home.raise();
    const path = `/api/alarms/${id}/answer`;
    const first = await send<AlarmJson>("POST", path, { answer: "real", by: "Rosa" });
    expect(first.status).toBe(200);
    expect(first.json).toMatchObject({
      state: "acknowledged",
      acknowledged_by: "Rosa",
      answer: "real",
      answered_by: "Rosa",
      answered_at: "2026-11-20T08:00:00.000Z",
    });
    const { json } = await send<AlarmJson>("POST", path, { answer: "false_alarm" });
    expect(json).toMatchObject({
      answer: "false_alarm",
      answered_by: "the panel",
      acknowledged_by: "Rosa",
    });
  });

  it.each<[unknown, RegExp]>([
    [{}, /answer is one of real, false_alarm, test/],
    [{ answer: "maybe" }, /one of real/],
    [{ answer: ["real"] }, /one of real/],
    [{ answer: "real", by: "" }, /by is empty/],
    [{ answer: "real", why: "x" }, /"why" is no field of an answer/],
    [[], /JSON object/],
  ])("is not %j", async (body, detail) => {
    const { id } = home.raise();
    await refused(`/api/alarms/${id}/answer`, { method: "POST", body }, 400, detail);
  });

  it("cannot be said of an alarm that is not there", () =>
    refused("/api/alarms/no/answer", { method: "POST", body: { answer: "real" } }, 404, /no such alarm/));
});

describe("alarms of the past", () => {
  it("are listed on request, with how far each went", async () => {
    const at = STARTED - 3_600_000;
    home.raise({
      state: "cleared",
      clearedAt: at,
      level: 2,
      escalatedAt: at,
      grownTo: "long_lie",
      test: true,
    });
    const open = home.raise();
    const ids = async (query: string) =>
      (await send<AlarmsJson>("GET", `/api/alarms${query}`)).json.alarms.map(({ id }) => id);
    expect(await ids("")).toEqual([open.id]);
    expect(await ids("?all=false")).toEqual([open.id]);
    const { json } = await send<AlarmsJson>("GET", "/api/alarms?all=true");
    expect(json.alarms).toHaveLength(2);
    expect(json.alarms[1]).toMatchObject({
      level: 2,
      grown_to: "long_lie",
      escalated_at: "2026-11-20T07:00:00.000Z",
      test: true,
      answer: null,
    });
  });

  it("are not listed for anything but true and false", () =>
    refused("/api/alarms?all=yes", {}, 400, /all is one of true, false/));
});

describe("the moments around an alarm", () => {
  it("come as poses by the time of the alarm, and never as pictures", async () => {
    const alarm = home.raise();
    const frames = [-10_000, -9900, 0].map((offset, sequence) => ({
      stamp: { cameraId: "bedroom", sequence, capturedAt: STARTED + offset, mediaTimeS: sequence / 10 },
      aspect: 16 / 9,
      tracks: [aTrack({ pose: null }), aTrack({ id: 8, state: "ended" })],
    }));
    const polygon = [
      { x: 0, y: 0.5 },
      { x: 1, y: 0.5 },
      { x: 1, y: 1 },
    ];
    const zones = [{ id: "bed", name: "Bed", kind: "bed", polygon, leadsTo: null } as const];
    home.clips.set(alarm.id, { cameraId: "bedroom", raisedAt: STARTED, frames, zones });
    const { status, json, text } = await send<AlarmClipJson>("GET", `/api/alarms/${alarm.id}/clip`);
    expect(status).toBe(200);
    expect(json).toMatchObject({ alarm_id: alarm.id, camera_id: "bedroom", zones: [{ kind: "bed" }] });
    expect(json.frames.map((frame) => frame.at_s)).toEqual([-10, -9.9, 0]);
    // A track that ended is nobody to be drawn.
    expect(json.frames[0]?.tracks).toEqual([
      {
        id: 7,
        state: "confirmed",
        box: [0.4, 0.2, 0.6, 0.9],
        confidence: 0.8765,
        pose: null,
        posture: null,
        fall: null,
        person: null,
      },
    ]);
    expect(text).not.toMatch(/jpeg|picture/);
  });

  it("are not there for every alarm", async () => {
    const { id } = home.raise();
    await refused(`/api/alarms/${id}/clip`, {}, 404, /Nothing was recorded around this alarm/);
    await refused("/api/alarms/no/clip", {}, 404, /no such alarm/);
  });
});

describe("care", () => {
  it("says mode, what is armed, snoozes, drill, and whom an alarm is told", async () => {
    home.caring.become({
      snoozes: [{ area: "Bedroom", reason: "carer", by: "Tom", since: STARTED, until: null }],
    });
    const { json } = await send<CareJson>("GET", "/api/care");
    expect(json).toEqual({
      mode: "auto",
      effective_mode: "home",
      armed: ["fall_confirmed", "long_lie"],
      snoozes: [
        { area: "Bedroom", reason: "carer", by: "Tom", since: "2026-11-20T08:00:00.000Z", until: null },
      ],
      drill: null,
      snooze_max_minutes: 120,
      levels: [
        { name: "Again", after_seconds: 60 },
        { name: "Others", after_seconds: 180 },
        { name: "Emergency contact", after_seconds: 300 },
      ],
    });
  });

  it("changes its mode, and tells every viewer", async () => {
    using viewer = await TestViewer.open(server.port);
    await eventually(() => expect(viewer.of("hello")[0]?.care.mode).toBe("auto"));
    const { json } = await send<CareJson>("POST", "/api/care/mode", { mode: "night", by: "Rosa" });
    expect(json).toMatchObject({ mode: "night", effective_mode: "night" });
    expect(home.caring.asked).toEqual(["mode night by Rosa"]);
    await eventually(() => expect(viewer.of("care")[0]?.care.mode).toBe("night"));
  });

  it("snoozes an area or the house, and ends it", async () => {
    const { json } = await send<CareJson>("POST", "/api/care/snooze", { minutes: 30, area: "Bedroom" });
    expect(json.snoozes).toEqual([
      {
        area: "Bedroom",
        reason: "hand",
        by: "the panel",
        since: "2026-11-20T08:00:00.000Z",
        until: "2026-11-20T08:30:00.000Z",
      },
    ]);
    await send("POST", "/api/care/snooze", { minutes: 5, by: "Tom" });
    await send("DELETE", "/api/care/snooze?area=Bedroom");
    await send("DELETE", "/api/care/snooze", { by: "Tom" });
    expect(home.caring.asked).toEqual([
      "snooze Bedroom for 30 by the panel",
      "snooze all for 5 by Tom",
      "end snooze Bedroom by the panel",
      "end snooze all by Tom",
    ]);
    expect((await send<CareJson>("GET", "/api/care")).json.snoozes).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    ["/api/care/mode", {}, /mode is one of auto, home, night, away/],
    ["/api/care/mode", { mode: "party" }, /mode is one of/],
    ["/api/care/snooze", {}, /minutes is a number from 1 to 1440/],
    ["/api/care/snooze", { minutes: 0 }, /minutes is a number/],
    ["/api/care/snooze", { minutes: "30" }, /minutes is a number/],
    ["/api/care/snooze", { minutes: 1441 }, /minutes is a number/],
    ["/api/care/snooze", { minutes: 121 }, /at most 120 minutes/],
    ["/api/care/snooze", { minutes: 5, area: "Attic" }, /No camera is in this area/],
    ["/api/care/snooze", { minutes: 5, area: "" }, /area is empty/],
    ["/api/care/snooze", { minutes: 5, until: 1 }, /"until" is no field of a snooze/],
    ["/api/drill", { camera_id: "../x" }, /camera_id has small letters/],
    ["/api/drill", { by: 7 }, /by is a text/],
  ])("POST %s refuses %j", (path, body, detail) => refused(path, { method: "POST", body }, 400, detail));

  it("does not end snoozes of two areas at once", () =>
    refused("/api/care/snooze?area=a&area=b", { method: "DELETE" }, 400, /area is given once/));
});

describe("a drill", () => {
  it("begins, shows its stages with their delays, and ends", async () => {
    using viewer = await TestViewer.open(server.port);
    await eventually(() => expect(viewer.of("hello")).toHaveLength(1));
    const begun = await send<CareJson>("POST", "/api/drill", { camera_id: "bedroom", by: "Rosa" });
    expect(begun.status).toBe(201);
    expect(begun.json.drill).toMatchObject({
      camera_id: "bedroom",
      by: "Rosa",
      stages: [{ stage: "started" }],
    });
    home.caring.reach("fall_confirmed", 2.3456);
    await eventually(() =>
      expect(viewer.of("care").at(-1)?.care.drill?.stages[1]).toEqual({
        stage: "fall_confirmed",
        at: "2026-11-20T08:00:00.000Z",
        delay_s: 2.346,
      }),
    );
    await refused("/api/drill", { method: "POST" }, 409, /under way already/);
    expect((await send<CareJson>("DELETE", "/api/drill")).json.drill).toBeNull();
  });

  it("is not begun for a camera that is not there", () =>
    refused("/api/drill", { method: "POST", body: { camera_id: "attic" } }, 404, /no camera with this id/));
});

describe("days", () => {
  it("come with what was seen and when nobody could have been", async () => {
    home.caring.past = [aDay("2026-11-19", { doors: [], areas: [] })];
    home.caring.current = aDay("2026-11-20");
    const { json } = await send<DaysJson>("GET", "/api/days?from=2026-11-19&to=2026-11-20");
    expect(json.days).toEqual([
      { date: "2026-11-19", areas: [], doors: [], alarms: 1, false_alarms: 0 },
      {
        date: "2026-11-20",
        areas: [
          { area: "Bedroom", blind_s: 600, occupied_s: 30_000, in_bed_s: 27_000, bed_exits: 2, falls: 0 },
          { area: "Hall", blind_s: 0, occupied_s: 1800, in_bed_s: null, bed_exits: 0, falls: 1 },
        ],
        doors: [{ leads_to: "Bathroom", visits: 5, seconds: 1500 }],
        alarms: 1,
        false_alarms: 0,
      },
    ]);
    await send("GET", "/api/days");
    expect(home.caring.asked).toEqual(["days 2026-11-19 2026-11-20", "days - -"]);
  });

  it("of today are told as they go on", async () => {
    using viewer = await TestViewer.open(server.port);
    await eventually(() => expect(viewer.of("hello")[0]?.day).toBeNull());
    home.tell({ kind: "day", day: aDay("2026-11-20") });
    await eventually(() => expect(viewer.of("day")[0]?.day.date).toBe("2026-11-20"));
  });

  it.each<[string, RegExp]>([
    ["from=yesterday", /from is a day such as 2026-11-20/],
    ["to=2026-02-30", /to is a day/],
    ["from=2026-13-01", /from is a day/],
    ["from=2026-11-20&to=2026-11-19", /from is a day before to/],
    ["from=2020-01-01&to=2026-01-01", /At most 366 days/],
    ["from=2026-11-01&from=2026-11-02", /from is given once/],
  ])("are not had for ?%s", (query, detail) => refused(`/api/days?${query}`, {}, 400, detail));
});

describe("settings a household changes", () => {
  it("are shown, and changed one by one", async () => {
    const { json } = await send<SettingsJson>("PATCH", "/api/settings/adl", {
      fall_speed: 0.65,
      night_from: "22:30",
      bed_edge_after_seconds: 0,
    });
    expect(json.adl).toEqual({
      fall_speed: 0.65,
      bed_edge_after_seconds: 0,
      night_from: "22:30",
      night_until: "07:00",
      inactivity_after_minutes: 0,
      wandering_after_minutes: 20,
    });
    const armed = await send<SettingsJson>("PATCH", "/api/settings/alarms", {
      armed: { night: ["bed_edge", "fall_confirmed", "bed_edge"] },
    });
    expect(armed.json.alarms.armed).toEqual({
      home: ["fall_confirmed"],
      night: ["bed_edge", "fall_confirmed"],
      away: ["fall_confirmed", "unknown_person"],
    });
    expect((await send<SettingsJson>("GET", "/api/settings")).json).toEqual(armed.json);
  });

  it.each<[string, unknown, RegExp]>([
    ["adl", { fall_speed: "fast" }, /fall_speed is a number/],
    ["adl", { fall_speed: 9 }, /it must be at most 2/],
    ["adl", { night_from: 22 }, /night_from is a text/],
    ["adl", { min_ground_duration: 1 }, /"min_ground_duration" is no field of these settings/],
    ["alarms", { armed: [] }, /armed is an object/],
    ["alarms", { armed: { night: "all" } }, /armed\.night is a list/],
    ["alarms", { armed: { night: ["person_in"] } }, /armed\.night\[0\] is one of fall_confirmed/],
    ["alarms", { armed: { party: [] } }, /"party" is no field of armed/],
    ["alarms", { escalation: [] }, /"escalation" is no field/],
  ])("%s refuses %j", (section, body, detail) =>
    refused(`/api/settings/${section}`, { method: "PATCH", body }, 400, detail),
  );

  it("are only those of known sections", () =>
    refused("/api/settings/mqtt", { method: "PATCH", body: {} }, 404, /nothing at this address/));
});

describe("sensitivity", () => {
  it("comes with what each value found and invented, and on how much that was measured", async () => {
    const { json } = await send<SensitivityJson>("GET", "/api/sensitivity");
    expect(json).toMatchObject({
      fall_speed: 0.7,
      least: 0.4,
      most: 2,
      default: 0.7,
      falls: 104,
      clips_without: 45,
    });
    expect(json.rows[2]).toEqual({
      fall_speed: 0.7,
      detected_share: 0.981,
      noticed_share: 1,
      false_alarms: 0.6,
    });
  });
});

describe("doors and overlapping views of a camera", () => {
  const polygon = [
    [0, 0],
    [0.2, 0],
    [0.2, 0.9],
  ];
  const door = { id: "door", name: "Door", kind: "door", polygon };
  const patch = (body: unknown) => send<CameraJson>("PATCH", "/api/cameras/bedroom", body);

  it("are kept by whoever changes the rest, and changed by who names them", async () => {
    const first = await patch({ zones: [{ ...door, leads_to: "Bathroom" }], overlaps: ["hall"] });
    expect(first.json.zones[0]?.leads_to).toBe("Bathroom");
    expect(first.json.overlaps).toEqual(["hall"]);
    const moved = await patch({ name: "Night room", zones: [{ ...door, name: "Bath door" }] });
    expect(moved.json).toMatchObject({
      name: "Night room",
      overlaps: ["hall"],
      zones: [{ id: "door", name: "Bath door", leads_to: "Bathroom" }],
    });
    const cleared = await patch({ zones: [{ ...door, leads_to: null }], overlaps: [] });
    expect(cleared.json).toMatchObject({ overlaps: [], zones: [{ leads_to: null }] });
  });

  it.each<[unknown, RegExp]>([
    [{ overlaps: "hall" }, /overlaps is a list/],
    [{ overlaps: ["Hall!"] }, /overlaps\[0\] has small letters/],
    [{ overlaps: Array.from({ length: 17 }, (_, i) => `c${i}`) }, /at most 16 others/],
    [{ zones: [{ ...door, leads_to: 5 }] }, /leads_to is a text/],
  ])("are refused as %j", (body, detail) =>
    refused("/api/cameras/bedroom", { method: "PATCH", body }, 400, detail),
  );
});
