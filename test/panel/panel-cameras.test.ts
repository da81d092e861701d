import { rmSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../src/core/errors.ts";
import { startApi } from "../api/api-client.ts";
import { eventually } from "../api/eventually.ts";
import { aDay } from "../api/fake-care.ts";
import { anEvent, FakeHome } from "../api/fake-home.ts";
import { accessibilityProblems } from "./accessibility.ts";
import { buildPanel, IN_BROWSER, launch, noBrowser, openPage, PHONE } from "./panel-in-browser.ts";

const BOX = { x1: 0, y1: 0.5, x2: 0.5, y2: 1 };
const FALL = {
  peakSpeed: 1.19,
  drop: 0.7,
  posture: "lying",
  descentAtS: 10,
  groundAtS: 10.6,
  onGroundS: 2.1,
  box: BOX,
  signs: [],
} as const;

const LONG_NAME = "Bedroom of the grandparents-in-law-with-a-very-long-name";
const AREA = { blindS: 600, occupiedS: 30_000, inBedS: 27_000, bedExits: 2, falls: 1 };

describe.skipIf(noBrowser)(`events and cameras in the panel, ${IN_BROWSER}`, () => {
  let browser: Browser;
  let panelDir: string;
  let home: FakeHome;
  let server: Awaited<ReturnType<typeof startApi>>;
  let url: string;

  beforeAll(async () => {
    [panelDir, browser] = await Promise.all([buildPanel(), launch()]);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(panelDir, { recursive: true });
  });
  beforeEach(async () => {
    home = new FakeHome(Date.now());
    server = await startApi(home, { panelDir });
    url = `http://127.0.0.1:${server.port}/`;
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it("begins with adding a camera when there is none, and offers the demo", async () => {
    await using opened = await openPage(browser, url, PHONE);
    const { page, errors } = opened;
    await page.getByRole("heading", { name: "Add a camera" }).waitFor();
    await page.getByText("npm run demo").waitFor();

    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Give the camera a name.").waitFor();
    await page.getByLabel("Name").fill("Kitchen");
    await page.getByLabel("Room", { exact: true }).fill("Kitchen");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Give the camera's address.").waitFor();
    await page.getByLabel("Address").fill("rtsp://u:p@192.168.1.30/1");

    home.testAnswer = new AppError("source.unreachable", "The camera at 192.168.1.30 refuses this password.");
    await page.getByRole("button", { name: "Test" }).click();
    await page.getByText("The camera at 192.168.1.30 refuses this password.").waitFor();
    home.testAnswer = new FakeHome().testAnswer;
    await page.getByRole("button", { name: "Test" }).click();
    await page.getByText("640 × 384, 25 frames a second, h264").waitFor();
    expect(home.tested).toEqual(["rtsp://u:p@192.168.1.30/1", "rtsp://u:p@192.168.1.30/1"]);
    const shown = page.getByRole("img", { name: "Picture of the camera" });
    expect(await shown.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBe(32);

    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Kitchen" }).waitFor();
    expect(home.views.get("kitchen")?.camera).toMatchObject({
      name: "Kitchen",
      area: "Kitchen",
      source: "rtsp://u:p@192.168.1.30/1",
      zones: [],
      overlaps: [],
    });
    // The browser itself notes the refused test.
    expect(errors.filter((error) => !error.includes("422"))).toEqual([]);
  });

  it("changes a camera without knowing its password, and tests it with it", async () => {
    home.addCamera({ id: "bedroom" });
    await using opened = await openPage(browser, `${url}#/cameras/bedroom`);
    const { page } = opened;
    expect(await page.getByLabel("Address").inputValue()).toBe("rtsp://192.168.1.20/stream1");
    await page.getByRole("button", { name: "Test" }).click();
    await page.getByText(/640 × 384/).waitFor();
    await page.getByLabel("Name").fill("Night room");
    // What the daemon says in between does not wipe out what was typed.
    home.setStatus("bedroom", { analysedFps: 5 });
    home.setRoom("bedroom", { occupied: true });
    await page.getByLabel("Room", { exact: true }).fill("");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Night room" }).waitFor();
    expect(home.views.get("bedroom")?.camera).toMatchObject({
      name: "Night room",
      area: null,
      source: "rtsp://viewer:s3cret@192.168.1.20/stream1?key=abc",
    });
    expect(home.tested).toEqual(["rtsp://viewer:s3cret@192.168.1.20/stream1?key=abc"]);
  });

  it("lets a zone be drawn by touch, corrected by keys, and saved", async () => {
    home.addCamera({ id: "bedroom" });
    await using opened = await openPage(browser, `${url}#/cameras/bedroom`, PHONE);
    const { page, errors } = opened;
    await page.getByRole("img", { name: "Picture of the camera" }).waitFor();
    await page.getByRole("button", { name: "Bed", exact: true }).click();
    await page.getByText('Tap the corners of "Bed" in the picture').waitFor();
    const stage = page.locator("haven-zone-stage .stage");
    const tap = async (x: number, y: number) => {
      const box = await stage.boundingBox();
      if (box !== null) await stage.tap({ position: { x: x * box.width, y: y * box.height } });
    };
    await tap(0.2, 0.4);
    await tap(0.8, 0.4);
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText('Draw at least three corners of "Bed", or remove it.').waitFor();

    await page.getByRole("button", { name: /^Bed Bed/ }).click();
    await tap(0.8, 0.9);
    await tap(0.2, 0.9);
    await tap(0.5, 0.1);
    await page.getByRole("button", { name: "Undo corner" }).click();
    await page.getByRole("button", { name: /Corner 1 of Bed/ }).press("ArrowLeft");
    await page.getByLabel("Name of the zone").fill("Mother's bed");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Bedroom", level: 1 }).waitFor();
    const zones = home.views.get("bedroom")?.camera.zones;
    expect(zones).toMatchObject([{ name: "Mother's bed", kind: "bed" }]);
    const corners = zones?.[0]?.polygon ?? [];
    for (const [index, [x, y]] of [
      [0.19, 0.4],
      [0.8, 0.4],
      [0.8, 0.9],
      [0.2, 0.9],
    ].entries()) {
      expect(corners[index]?.x).toBeCloseTo(x ?? 0, 1.7);
      expect(corners[index]?.y).toBeCloseTo(y ?? 0, 1.7);
    }
    expect(corners).toHaveLength(4);
    expect(errors).toEqual([]);
  });

  it("moves a corner by dragging and keeps a zone's id", async () => {
    const polygon = [
      { x: 0.2, y: 0.2 },
      { x: 0.8, y: 0.2 },
      { x: 0.5, y: 0.8 },
    ];
    home.addCamera({
      id: "bedroom",
      zones: [{ id: "sofa-1", name: "Sofa", kind: "sofa", polygon, leadsTo: null }],
    });
    await using opened = await openPage(browser, `${url}#/cameras/bedroom`);
    const { page } = opened;
    await page.getByRole("button", { name: /^Sofa Sofa/ }).click();
    const stage = await page.locator("haven-zone-stage .stage").boundingBox();
    if (stage === null) throw new Error("no stage");
    await page.getByRole("button", { name: /Corner 3 of Sofa/ }).hover();
    await page.mouse.down();
    await page.mouse.move(stage.x + stage.width * 0.6, stage.y + stage.height * 0.9, { steps: 4 });
    await page.mouse.up();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Bedroom", level: 1 }).waitFor();
    const zone = home.views.get("bedroom")?.camera.zones[0];
    expect(zone?.id).toBe("sofa-1");
    expect(zone?.polygon).toHaveLength(3);
    expect(zone?.polygon[2]?.x).toBeCloseTo(0.6, 1.7);
    expect(zone?.polygon[2]?.y).toBeCloseTo(0.9, 1.7);
  });

  it("takes where a door leads, and which other camera sees the same place", async () => {
    const polygon = [
      { x: 0.1, y: 0.2 },
      { x: 0.3, y: 0.2 },
      { x: 0.2, y: 0.9 },
    ];
    home.addCamera({ id: "hall", name: "Hall" });
    home.addCamera({
      id: "bedroom",
      zones: [{ id: "door", name: "Door", kind: "door", polygon, leadsTo: null }],
    });
    await using opened = await openPage(browser, `${url}#/cameras/bedroom`);
    const { page } = opened;
    await page.getByRole("button", { name: /^Door Door/ }).click();
    await page.getByLabel("Leads to").fill("Bathroom");
    await page.getByRole("checkbox", { name: "Hall" }).check();
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "Bedroom", level: 1 }).waitFor();
    expect(home.views.get("bedroom")?.camera).toMatchObject({
      overlaps: ["hall"],
      zones: [{ id: "door", leadsTo: "Bathroom", polygon }],
    });
  });

  it("switches privacy on and off, showing what is and not what was wished for", async () => {
    home.addCamera({ id: "bedroom" });
    await using opened = await openPage(browser, `${url}#/cameras`);
    const { page } = opened;
    const privacy = page.getByRole("switch", { name: /Privacy/ });
    await privacy.click();
    await eventually(() => expect(home.views.get("bedroom")?.camera.privacy).toBe(true));
    await eventually(async () => expect(await privacy.isChecked()).toBe(true));
    home.cameras.update = () =>
      Promise.reject(new AppError("config.unwritable", "haven.yaml cannot be written."));
    await privacy.click();
    await page.getByText("Privacy of Bedroom was not changed. haven.yaml cannot be written.").waitFor();
    expect(await privacy.isChecked()).toBe(true);
  });

  it("removes a camera only after asking", async () => {
    home.addCamera({ id: "bedroom" });
    home.addCamera({ id: "hall", name: "Hall" });
    await using opened = await openPage(browser, `${url}#/cameras/bedroom`);
    const { page } = opened;
    await page.getByRole("button", { name: "Remove camera" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("button", { name: "Remove camera" }).click();
    await page.keyboard.press("Escape");
    expect(home.views.size).toBe(2);
    await page.getByRole("button", { name: "Remove camera" }).click();
    await page.getByRole("button", { name: "Remove", exact: true }).click();
    await page.getByRole("heading", { name: "Cameras" }).waitFor();
    expect([...home.views.keys()]).toEqual(["hall"]);
  });

  it("acknowledges under the name that was given on this device", async () => {
    home.addCamera({ id: "bedroom" });
    await using opened = await openPage(browser, `${url}#/cameras`);
    const { page } = opened;
    await page
      .getByText(/Vision is running on the processor, for .*MQTT: connected \(mqtt:\/\/broker:1883\)\./s)
      .waitFor();
    await page.getByText("Not on the graphics: webgpu: there is no adapter.").waitFor();
    await page.getByLabel("Your name").fill("Tom");
    await page.getByLabel("Your name").blur();
    home.raise();
    await page.getByRole("button", { name: "Acknowledge" }).click();
    await page.getByText(/Acknowledged by Tom/).waitFor();
  });

  it("lists events with their evidence, joins new ones, and filters alarms", async () => {
    home.addCamera({ id: "bedroom" });
    const now = Date.now();
    for (let i = 0; i < 60; i += 1)
      home.happen(anEvent("person_in", { box: BOX }, { capturedAt: now - 86_400_000 - i * 1000 }));
    home.happen(anEvent("fall_confirmed", FALL, { capturedAt: now - 120_000 }));
    await using opened = await openPage(browser, `${url}#/events`);
    const { page } = opened;
    const rows = page.locator("haven-event-row");
    await eventually(async () => expect(await rows.count()).toBe(50));
    for (const words of [
      "Fall",
      "Bedroom",
      "On the floor for 2 s; came down at 1.2 body lengths a second.",
      "2 min. ago",
    ]) {
      await rows.first().getByText(words, { exact: true }).waitFor();
    }
    await page.getByRole("heading", { name: "Today" }).waitFor();
    await page.getByRole("heading", { name: "Yesterday" }).waitFor();
    await page.getByRole("button", { name: "Show older" }).click();
    await eventually(async () => expect(await rows.count()).toBe(61));

    home.happen(
      anEvent("bed_exit", { box: BOX, previousS: 7500, night: true }, { capturedAt: now, zone: "Bed" }),
    );
    await rows.first().filter({ hasText: "Got out of bed" }).getByText("Was in bed for 2 h 5 min.").waitFor();
    await page.getByRole("switch", { name: "Alarms only" }).click();
    await eventually(async () => expect(await rows.count()).toBe(1));
    await rows.first().getByText("Fall", { exact: true }).waitFor();
  });

  it("shows names as they are written, whatever they hold", async () => {
    const name = '<img src=x onerror="document.title=1">';
    home.addCamera({ id: "bedroom", name, area: "<b>Bed</b>" });
    home.happen(anEvent("camera_offline", { reason: name }, { area: name, capturedAt: Date.now() }));
    home.raise({ area: name, personName: name });
    await using opened = await openPage(browser, url);
    const { page, errors } = opened;
    await page.getByRole("alert").getByText(`${name} fell: ${name}`).waitFor();
    for (const view of ["Events", "Cameras"]) {
      await page.getByRole("link", { name: view, exact: true }).click();
      await page.locator("main").getByText(name).first().waitFor();
    }
    expect(await page.title()).not.toBe("1");
    expect(errors).toEqual([]);
  });

  describe.each(["light", "dark"] as const)("on a phone of 360 by 740, %s", (colorScheme) => {
    const views: readonly (readonly [string, string, (page: Page) => Promise<unknown>])[] = [
      ["all cameras", "#/live", (page) => page.getByText("Privacy on").waitFor()],
      ["one camera", "#/live/bedroom", (page) => page.getByText("Skeletons only").waitFor()],
      ["a camera that is offline", "#/live/hall", (page) => page.getByText("does not answer").waitFor()],
      ["events", "#/events", (page) => page.locator("haven-event-row").nth(18).waitFor()],
      ["care", "#/care", (page) => page.getByRole("heading", { name: "Latest alarms" }).waitFor()],
      ["a drill", "#/care/drill", (page) => page.getByRole("button", { name: "Begin the drill" }).waitFor()],
      ["sensitivity", "#/care/sensitivity", (page) => page.getByText("Measured on").waitFor()],
      ["alarm rules", "#/care/rules", (page) => page.getByRole("button", { name: "Save" }).waitFor()],
      ["cameras", "#/cameras", (page) => page.getByText("Vision is running").waitFor()],
      ["adding", "#/cameras/+", (page) => page.getByLabel("Address").waitFor()],
      [
        "changing with a zone open",
        "#/cameras/bedroom",
        (page) => page.getByRole("button", { name: /^Bed Bed/ }).click(),
      ],
    ];

    it("every view can be read and touched, with alarms above", async () => {
      const polygon = [
        { x: 0.2, y: 0.2 },
        { x: 0.8, y: 0.2 },
        { x: 0.5, y: 0.8 },
      ];
      home.addCamera({
        id: "bedroom",
        name: LONG_NAME,
        zones: [{ id: "bed", name: "Bed", kind: "bed", polygon, leadsTo: null }],
      });
      home.addCamera(
        { id: "hall", name: "Hall" },
        {
          availability: "offline",
          reason: "The camera at a-very-long-host-name.of-a-camera.example.internal does not answer.",
        },
      );
      home.addCamera({ id: "bath", name: "Bath", privacy: true }, { availability: "privacy" });
      const evidences = {
        by: null,
        alarmId: "a",
        cause: "fall_confirmed",
        causeEventId: "e",
        raisedAt: 0,
        level: 0,
        test: false,
      } as const;
      for (const kind of ["alarm_raised", "alarm_acknowledged", "alarm_cleared"] as const)
        home.happen(anEvent(kind, evidences, { capturedAt: Date.now() }));
      for (const kind of [
        "fall_suspected",
        "fall_confirmed",
        "fall_recovered",
        "on_floor",
        "long_lie",
      ] as const)
        home.happen(anEvent(kind, FALL, { capturedAt: Date.now() }));
      for (const kind of ["bed_entry", "bed_exit"] as const)
        home.happen(anEvent(kind, { box: BOX, previousS: 60, night: false }, { capturedAt: Date.now() }));
      for (const kind of ["camera_offline", "camera_blind"] as const)
        home.happen(anEvent(kind, { reason: "It is dark." }, { capturedAt: Date.now() }));
      home.happen(anEvent("camera_online", { offlineS: 7 }, { capturedAt: Date.now() }));
      home.happen(anEvent("person_in", { box: BOX }, { capturedAt: Date.now() }));
      home.happen(anEvent("person_out", { durationS: 61, lastBox: BOX }, { capturedAt: Date.now() }));
      home.happen(anEvent("unknown_person", { similarity: null }, { capturedAt: Date.now() }));
      home.happen(anEvent("face_matched", { similarity: 0.7 }, { capturedAt: Date.now() }));
      home.happen(
        anEvent("identity_changed", { previousPersonId: null, reasons: [] }, { capturedAt: Date.now() }),
      );
      home.happen(
        anEvent(
          "alarm_escalated",
          { ...evidences, level: 2, name: "Others", round: 1 },
          { capturedAt: Date.now() },
        ),
      );
      home.raise();
      const { id } = home.raise({ area: null, cameraId: "hall" });
      await home.alarms.acknowledge(id, "Rosa");
      home.caring.current = aDay("2026-11-20", { areas: [{ area: LONG_NAME, ...AREA }] });
      home.caring.past = [aDay("2026-11-19")];
      await home.care.snooze({ minutes: 30, area: LONG_NAME, by: "Rosa" });
      await using opened = await openPage(browser, url, { ...PHONE, colorScheme, reducedMotion: "reduce" });
      const { page, errors } = opened;
      await page.getByRole("button", { name: "Acknowledge" }).waitFor();
      for (const [name, hash, ready] of views) {
        await page.evaluate((to) => {
          location.hash = to;
        }, hash);
        await ready(page);
        expect(await accessibilityProblems(page), name).toEqual([]);
      }
      expect(errors).toEqual([]);
    });
  });
});
