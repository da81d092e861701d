import { rmSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../src/core/errors.ts";
import { startApi } from "../api/api-client.ts";
import { eventually } from "../api/eventually.ts";
import { aDay } from "../api/fake-care.ts";
import { anEvent, aTrack, FakeHome } from "../api/fake-home.ts";
import { accessibilityProblems } from "./accessibility.ts";
import { buildPanel, IN_BROWSER, launch, noBrowser, openPage, PHONE } from "./panel-in-browser.ts";

describe.skipIf(noBrowser)(`alarms and care in the panel, ${IN_BROWSER}`, () => {
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
    home.addCamera({ id: "bedroom" });
    home.addCamera({ id: "hall", name: "Hall", area: "Ground floor" });
    server = await startApi(home, { panelDir });
    url = `http://127.0.0.1:${server.port}/`;
  });
  afterEach(() => server[Symbol.asyncDispose]());

  /** Ten seconds before the alarm somebody stood, and lay from two seconds before it on. */
  function recordFall(id: string, raisedAt: number): void {
    const frames = Array.from({ length: 151 }, (_, sequence) => {
      const atS = sequence / 10 - 10;
      const box = atS < -2 ? { x1: 0.4, y1: 0.1, x2: 0.6, y2: 0.8 } : { x1: 0.2, y1: 0.8, x2: 0.7, y2: 0.98 };
      const stamp = {
        cameraId: "bedroom",
        sequence,
        capturedAt: raisedAt + atS * 1000,
        mediaTimeS: sequence / 10,
      };
      return { stamp, aspect: 16 / 9, tracks: [aTrack({ box, pose: null })] };
    });
    home.clips.set(id, { cameraId: "bedroom", raisedAt, frames, zones: [] });
  }

  it("says how far an alarm has gone, takes a name with the acknowledgement, and then asks what it was", async () => {
    await using opened = await openPage(browser, `${url}#/live`, PHONE);
    const { page, errors } = opened;
    const raisedAt = Date.now() - 65_000;
    const alarm = home.raise({
      raisedAt,
      level: 1,
      escalatedAt: raisedAt + 60_000,
      grownTo: "long_lie",
      test: true,
    });
    const card = page.locator("haven-alarm-card");
    await card.getByRole("alert").getByText("Level 1: Again").waitFor();
    await card.getByRole("alert").getByText("Now: lying on the floor for long").waitFor();
    await card.getByRole("alert").getByText("Test", { exact: true }).waitFor();
    // It runs, and is not spoken every second.
    const timer = card.getByRole("timer").first();
    const first = await timer.textContent();
    expect(first).toMatch(/^1:\d\d$/);
    await eventually(async () => expect(await timer.textContent()).not.toBe(first));
    expect(await card.getByRole("alert").getByRole("timer").count()).toBe(0);
    await card.getByText(/next: Others, in 1:\d\d/).waitFor();

    await card.getByLabel("Your name").fill("Rosa");
    await card.getByRole("button", { name: "Acknowledge" }).click();
    await card.getByText(/Acknowledged by Rosa at \d\d:\d\d/).waitFor();
    await card.getByRole("button", { name: "False alarm" }).click();
    await card.getByText("It was a false alarm, says Rosa.").waitFor();
    expect(home.alarmList[0]).toMatchObject({ id: alarm.id, answer: "false_alarm", answeredBy: "Rosa" });

    // Said too fast: the last answer stands.
    await card.getByRole("button", { name: "More" }).click();
    await card.getByRole("button", { name: "Change" }).click();
    await card.getByRole("button", { name: "Test", exact: true }).click();
    await card.getByText("It was a test, says Rosa.").waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("keeps an acknowledged alarm to one line for those who did not acknowledge it", async () => {
    await using opened = await openPage(browser, url);
    const { page } = opened;
    const { id } = home.raise();
    await page.getByRole("button", { name: "Acknowledge" }).waitFor();
    await home.alarms.acknowledge(id, "Tom");
    await page.getByText(/Acknowledged by Tom/).waitFor();
    expect(await page.getByRole("button", { name: "Real" }).count()).toBe(0);
    await page.getByRole("button", { name: "What was it?" }).click();
    home.alarms.answer = () => Promise.reject(new AppError("store.unavailable", "The disk is full."));
    await page.getByRole("button", { name: "Real" }).click();
    await page.getByText("Not stored. The disk is full.").waitFor();
  });

  it("replays what was seen as a drawing, at any moment of it", async () => {
    await using opened = await openPage(browser, url, { reducedMotion: "reduce" });
    const { page, errors } = opened;
    const alarm = home.raise();
    await page.getByRole("button", { name: "What was seen" }).click();
    // The clip is recorded until some seconds after the alarm.
    await page.getByText("Nothing was recorded around this alarm, or not yet.").waitFor();
    recordFall(alarm.id, alarm.raisedAt);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("5.0 s before").waitFor();
    expect(await drawnAt(page, 0.4, 0.5)).toBe(true);
    expect(await drawnAt(page, 0.2, 0.9)).toBe(false);
    await page.getByLabel("Moment").fill("1");
    await page.getByText("1.0 s after").waitFor();
    expect(await drawnAt(page, 0.4, 0.5)).toBe(false);
    expect(await drawnAt(page, 0.2, 0.9)).toBe(true);
    await page.getByRole("button", { name: "Play" }).click();
    await page.getByText("5.0 s after").waitFor();
    await page.getByRole("button", { name: "Play" }).waitFor();
    expect(errors.filter((error) => !error.includes("404"))).toEqual([]);
  });

  it("keeps an alarm of the past to be looked at and answered", async () => {
    const at = Date.now() - 3_600_000;
    const past = { raisedAt: at, acknowledgedAt: at, acknowledgedBy: "Tom", clearedAt: at };
    const { id } = home.raise({ ...past, state: "cleared", personName: "Rosa" });
    recordFall(id, at);
    await using opened = await openPage(browser, `${url}#/care`);
    const { page } = opened;
    await page.getByRole("link", { name: /Rosa fell: Bedroom/ }).click();
    await page.getByRole("heading", { name: "Rosa fell: Bedroom", level: 1 }).waitFor();
    await page.getByText(/by Tom, \d\d:\d\d/).waitFor();
    await page.getByLabel("Moment").waitFor();
    await page.getByRole("button", { name: "Real" }).click();
    await page.getByText("It was real, says the panel.").waitFor();
    expect(home.alarmList[0]?.answer).toBe("real");
  });

  it("snoozes a room, shows that on every view with the time left, and ends it", async () => {
    await using opened = await openPage(browser, `${url}#/care`, PHONE);
    const { page } = opened;
    await page.getByLabel("Where").selectOption("Bedroom");
    expect(await page.getByRole("group", { name: "Snooze for" }).getByRole("button").allInnerTexts()).toEqual(
      ["15 min", "30 min", "1 h", "2 h"],
    );
    await page.getByRole("button", { name: "30 min" }).click();
    for (const view of ["Events", "Cameras", "Live"]) {
      await page.getByRole("link", { name: view, exact: true }).click();
      await page.getByText("Bedroom: alarms snoozed by the panel.").waitFor();
    }
    await page
      .locator("haven-care-bar")
      .getByText(/^29:\d\d$/)
      .waitFor();
    // Whose end nobody can choose has no button for it.
    const carer = {
      area: "Ground floor",
      reason: "carer",
      by: "Tom",
      since: Date.now(),
      until: null,
    } as const;
    home.caring.become({ snoozes: [...home.caring.now.snoozes, carer] });
    await page.getByText("Ground floor: alarms snoozed while Tom is there.").waitFor();
    expect(await page.getByRole("button", { name: /^End the snooze/ }).count()).toBe(1);
    await page.getByRole("button", { name: "End the snooze of Bedroom" }).click();
    await page.getByText("Bedroom: alarms snoozed").waitFor({ state: "detached" });
    expect(home.caring.asked).toContain("end snooze Bedroom by the panel");
  });

  it("leads through a drill, stage by stage, and says what came of it", async () => {
    await using opened = await openPage(browser, `${url}#/care/drill`, PHONE);
    const { page, errors } = opened;
    await page.getByLabel("Camera").selectOption("bedroom");
    await page.getByRole("button", { name: "Begin the drill" }).click();
    await page.getByText("Walk into the room.").waitFor();
    await page.getByText("A drill is under way: alarms are marked as tests.").waitFor();
    home.caring.reach("person_seen", null);
    await page.getByText(/Let yourself down/).waitFor();
    home.caring.reach("fall_suspected", 0.42);
    await page.getByText("after 0.4 s").waitFor();
    await page.getByText("Stay down.", { exact: true }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    home.caring.reach("fall_confirmed", 2.3);
    home.caring.reach("alarm_raised", 2.31);
    home.caring.reach("delivered", 2.35);
    await page.getByRole("button", { name: "End the drill" }).click();
    const end = (stages: number) => {
      const all = [
        "started",
        "person_seen",
        "fall_suspected",
        "fall_confirmed",
        "alarm_raised",
        "delivered",
      ] as const;
      const evidence = {
        by: "Rosa",
        startedAt: Date.now(),
        until: Date.now(),
        stages: all.slice(0, stages).map((stage) => ({ stage, at: Date.now(), delayS: 2.35 })),
      };
      home.happen(anEvent("drill_ended", evidence, { cameraId: null, area: null, capturedAt: Date.now() }));
    };
    end(6);
    await page.getByRole("heading", { name: "The alarm works" }).waitFor();
    await page.getByText(/delivered 2\.4 s after you lay on the floor\. Nobody acknowledged it\./).waitFor();
    end(2);
    await page.getByRole("heading", { name: "You were seen, but no fall" }).waitFor();
    // A page that is opened later reads it.
    await page.reload();
    await page.getByRole("heading", { name: "You were seen, but no fall" }).waitFor();
    expect(home.caring.asked).toEqual(["drill bedroom by the panel", "end drill by the panel"]);
    expect(errors).toEqual([]);
  });

  it("shows what each sensitivity finds and invents before it is taken into use", async () => {
    await using opened = await openPage(browser, `${url}#/care/sensitivity`, PHONE);
    const { page } = opened;
    await page.getByText("Finds 98 of 100 falls as falls").waitFor();
    await page.getByText("Measured on 104 recorded falls and 45 recordings without one").waitFor();
    const use = page.getByRole("button", { name: "Use this value" });
    expect(await use.isDisabled()).toBe(true);
    await page.getByLabel(/Falling speed/).fill("0.5");
    await page.getByText("6.4 false alarms in 45 recordings without a fall.").waitFor();
    expect(home.caring.household.adl.fallSpeed).toBe(0.7);
    await use.click();
    await page.getByText("Saved: 0.50 is in use now.").waitFor();
    expect(home.caring.household.adl.fallSpeed).toBe(0.5);
    await page.getByRole("button", { name: "Back to 0.70, the default" }).click();
    home.settings.updateAdl = () =>
      Promise.reject(new AppError("config.unwritable", "haven.yaml cannot be written."));
    await use.click();
    await page.getByText("Not saved. haven.yaml cannot be written.").waitFor();
  });

  it("claims nothing about a sensitivity that has not been measured", async () => {
    home.caring.measured = { falls: 104, clipsWithout: 45, rows: [] };
    await using opened = await openPage(browser, `${url}#/care/sensitivity`);
    const { page } = opened;
    await page.getByText("What each value finds has not been measured for this version.").waitFor();
    expect(await page.getByText("Measured on").count()).toBe(0);
    await page.getByLabel(/Falling speed/).fill("1.5");
    await page.getByRole("button", { name: "Use this value" }).click();
    await eventually(() => expect(home.caring.household.adl.fallSpeed).toBe(1.5));
  });

  it("changes the mode, and what raises an alarm in it", async () => {
    await using opened = await openPage(browser, `${url}#/care`);
    const { page } = opened;
    await page.getByText("Night", { exact: true }).click();
    await page.getByText("Everybody is in bed.").waitFor();
    home.care.setMode = () => Promise.reject(new AppError("store.unavailable", "The disk is full."));
    await page.getByText("Away", { exact: true }).click();
    await page.getByText("The mode was not changed. The disk is full.").waitFor();
    expect(await page.getByRole("radio", { name: "Night" }).isChecked()).toBe(true);

    await page.getByRole("link", { name: "Change" }).click();
    await page.getByRole("checkbox", { name: "Sits on the edge of the bed, Night" }).check();
    await page.getByRole("checkbox", { name: "Got out of bed, Night" }).uncheck();
    await page.getByLabel("Night begins").fill("22:30");
    await page.getByLabel("Up at night, minutes").fill("");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Give a number: up at night, minutes.").waitFor();
    await page.getByLabel("Up at night, minutes").fill("30");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("Saved.").waitFor();
    expect(home.caring.household.alarms.armed.night).toEqual(["fall_confirmed", "wandering", "bed_edge"]);
    expect(home.caring.household.adl).toMatchObject({
      nightFrom: "22:30",
      wanderingAfterMinutes: 30,
      fallSpeed: 0.7,
    });
  });

  it("shows the day as it goes on, and the days before it", async () => {
    home.caring.past = [aDay("2026-11-19", { doors: [{ leadsTo: "Bathroom", visits: 3, seconds: 600 }] })];
    await using opened = await openPage(browser, `${url}#/care`, PHONE);
    const { page } = opened;
    await page.getByText("Nothing has been counted yet today.").waitFor();
    home.tell({ kind: "day", day: aDay("2026-11-20") });
    const bedroom = page.getByRole("region", { name: "Bedroom" });
    await bedroom.getByText("7 h 30 min").waitFor();
    await bedroom.getByText("Left the bed twice.").waitFor();
    await page.getByRole("region", { name: "Bathroom" }).getByText("5 visits, 25 min in all").waitFor();
    await page.getByRole("img", { name: "Bathroom, visits: Thu 3, Fri 5" }).waitFor();
  });
});

/** Whether anything of a person is drawn at a place of the replay, given as shares of it, or a pixel or two beside it. */
function drawnAt(page: Page, x: number, y: number): Promise<boolean> {
  return page.locator("haven-skeleton-replay canvas").evaluate(
    (element, at) => {
      const canvas = element as HTMLCanvasElement;
      const [left, top] = [Math.round(at.x * canvas.width), Math.round(at.y * canvas.height)];
      const pixels = canvas.getContext("2d")?.getImageData(left - 2, top, 5, 1).data ?? [];
      for (let i = 0; i < pixels.length; i += 4) {
        if (
          Math.hypot((pixels[i] ?? 0) - 0x5f, (pixels[i + 1] ?? 0) - 0xd4, (pixels[i + 2] ?? 0) - 0xff) < 60
        )
          return true;
      }
      return false;
    },
    { x, y },
  );
}
