import { rmSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startApi } from "../api/api-client.ts";
import { eventually } from "../api/eventually.ts";
import { anEvent, anIdentity, aTrack, FakeHome, JPEG } from "../api/fake-home.ts";
import { PREFIX, PROXY_ADDRESS, startIngressProxy } from "./ingress-proxy.ts";
import { buildPanel, IN_BROWSER, launch, noBrowser, openPage, PHONE } from "./panel-in-browser.ts";

describe.skipIf(noBrowser)(`the live side of the panel, ${IN_BROWSER}`, () => {
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
    // The browser's own time is what it compares with.
    home = new FakeHome(Date.now());
    home.addCamera({ id: "bedroom" });
    home.addCamera({ id: "hall", name: "Hall", area: "Ground floor" });
    server = await startApi(home, { panelDir });
    url = `http://127.0.0.1:${server.port}/`;
  });
  afterEach(() => server[Symbol.asyncDispose]());

  const tile = (page: Page, name: string) => page.getByRole("link", { name: new RegExp(name) });

  it("works under Home Assistant's prefix, and asks for nothing outside of it", async () => {
    await using inner = await startApi(home, { panelDir, ingress: { proxyAddress: PROXY_ADDRESS } });
    await using proxy = await startIngressProxy({ target: inner.port, user: "Rosa" });
    await using opened = await openPage(browser, proxy.url);
    const { page, errors } = opened;
    await tile(page, "Bedroom").waitFor();
    await page.locator("haven-snapshot img").first().waitFor();
    const alarm = home.raise();
    await page.getByRole("button", { name: "Acknowledge" }).click();
    await page.getByText("Acknowledged by Rosa").waitFor();
    expect(home.acknowledgements).toEqual([{ id: alarm.id, by: "Rosa" }]);
    for (const view of ["Care", "Events", "Cameras", "Live"]) {
      await page.getByRole("link", { name: view, exact: true }).click();
      await page.getByRole("heading", { name: view, level: 1 }).waitFor();
    }
    await page.reload();
    await tile(page, "Bedroom").waitFor();
    expect(new URL(page.url()).pathname).toBe(`${PREFIX}/`);
    expect(proxy.strays).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("wears the theme of the Home Assistant around it", async () => {
    await using inner = await startApi(home, { panelDir, ingress: { proxyAddress: PROXY_ADDRESS } });
    const outerPage = `<html style="--primary-background-color: rgb(17, 34, 51); --primary-text-color: rgb(250, 240, 230)">
      <body><iframe src="${PREFIX}/" style="width: 900px; height: 600px"></iframe></body></html>`;
    await using proxy = await startIngressProxy({ target: inner.port, user: "Rosa", outerPage });
    await using opened = await openPage(browser, proxy.origin, { colorScheme: "light" });
    const { page, errors } = opened;
    const frame = page.frameLocator("iframe");
    await frame.getByRole("heading", { name: "Live" }).waitFor();
    const look = () =>
      frame
        .locator("body")
        .evaluate((body) => [getComputedStyle(body).backgroundColor, getComputedStyle(body).color]);
    expect(await look()).toEqual(["rgb(17, 34, 51)", "rgb(250, 240, 230)"]);
    expect(await frame.locator("html").getAttribute("data-scheme")).toBe("dark");
    await page.evaluate(() =>
      document.documentElement.style.setProperty("--primary-background-color", "rgb(240, 240, 240)"),
    );
    await eventually(async () => expect((await look())[0]).toBe("rgb(240, 240, 240)"));
    expect(errors).toEqual([]);
  });

  it("shows an alarm on every view, and to everybody that it was acknowledged", async () => {
    await using one = await openPage(browser, url);
    await using two = await openPage(browser, `${url}#/events`);
    await one.page.getByRole("heading", { name: "Live" }).waitFor();
    home.raise({ cameraId: "hall", area: "Ground floor" });
    const { page } = one;
    for (const view of ["Cameras", "Events", "Live"]) {
      await page.getByRole("link", { name: view, exact: true }).click();
      await page.getByRole("heading", { name: view, level: 1 }).waitFor();
      const card = page.locator("haven-alarm-card").filter({ hasText: "Fall: Ground floor" });
      await card
        .getByRole("alert")
        .getByText(/Since \d\d:\d\d/)
        .waitFor();
    }
    expect(await page.title()).toContain("Fall: Ground floor");
    await page.getByRole("link", { name: "Look" }).click();
    await page.getByRole("heading", { name: "Hall" }).waitFor();

    await page.getByRole("button", { name: "Acknowledge" }).click();
    for (const viewer of [one.page, two.page])
      await viewer.getByText(/Acknowledged by the panel at \d\d:\d\d/).waitFor();
    expect(await two.page.getByRole("button", { name: "Acknowledge" }).count()).toBe(0);
    expect(await page.title()).toBe("Haven");

    home.alarmList = [];
    home.tell({ kind: "alarms" });
    await page.getByText("Acknowledged by").waitFor({ state: "detached" });
  });

  it("says that somebody is up again, and still asks for an answer", async () => {
    await using one = await openPage(browser, url);
    const { page } = one;
    const alarm = home.raise();
    await page.getByRole("button", { name: "Acknowledge" }).waitFor();
    expect(await page.getByText(/Up again at/).count()).toBe(0);
    home.alarmList = [{ ...alarm, recoveredAt: alarm.raisedAt + 60_000 }];
    home.tell({ kind: "alarms" });
    await page.getByText(/Up again at \d\d:\d\d/).waitFor();
    await page.getByRole("button", { name: "Acknowledge" }).waitFor();
  });

  it("lets several alarms be acknowledged in one go, and keeps them within the screen", async () => {
    await using opened = await openPage(browser, url, PHONE);
    const { page } = opened;
    const ids = Array.from({ length: 5 }, () => home.raise().id);
    await page.getByRole("button", { name: "Acknowledge all 5" }).waitFor();
    const banner = await page.locator("haven-alarm-banner").boundingBox();
    expect(banner?.height).toBeLessThanOrEqual(740 * 0.6 + 1);
    // What is real and has waited longest stands first, and one name is enough for all.
    home.alarmList = home.alarmList.map((alarm, i) => ({ ...alarm, test: i === 0, level: i === 2 ? 1 : 0 }));
    home.tell({ kind: "alarms" });
    await page.locator("haven-alarm-card").first().getByText("Level 1: Again").waitFor();
    await page.locator("haven-alarm-card").last().getByText("Test", { exact: true }).waitFor();
    expect(await page.getByLabel("Your name").count()).toBe(1);
    await page.getByRole("button", { name: "Acknowledge all 5" }).click();
    await eventually(() => expect(home.acknowledgements.map(({ id }) => id).sort()).toEqual(ids.sort()));
    await page
      .getByRole("button", { name: /Acknowledge/ })
      .first()
      .waitFor({ state: "detached" });
  });

  it("says so when an acknowledgement did not get through", async () => {
    await using opened = await openPage(browser, url);
    const { page } = opened;
    home.raise();
    await page.getByRole("button", { name: "Acknowledge" }).waitFor();
    home.alarmList = home.alarmList.map((alarm) => ({ ...alarm, id: "another" }));
    await page.getByRole("button", { name: "Acknowledge" }).click();
    await page.getByText("Not acknowledged. There is no such alarm.").waitFor();
    expect(await page.getByRole("button", { name: "Acknowledge" }).isEnabled()).toBe(true);
  });

  it("follows rooms and cameras as they change", async () => {
    await using opened = await openPage(browser, url);
    const { page } = opened;
    await tile(page, "Bedroom").getByText("Nobody").waitFor();
    home.setRoom("bedroom", { occupied: true, personCount: 2 });
    await tile(page, "Bedroom").getByText("2 people").waitFor();
    home.setRoom("bedroom", { personCount: 1, bedOccupied: true });
    await tile(page, "Bedroom").getByText("Somebody in bed").waitFor();
    home.setStatus("hall", {
      availability: "offline",
      reason: "The camera does not answer.",
      since: Date.now() - 120_000,
    });
    await tile(page, "Hall").getByText("Offline for 2 min").waitFor();
    await tile(page, "Hall").getByText("The camera does not answer.").waitFor();
    home.setRoom("hall", { fall: true });
    await page.locator("haven-camera-tile").first().filter({ hasText: "Hall" }).waitFor();
  });

  it("draws the live picture with what was seen in it, and people without picture when asked", async () => {
    await using opened = await openPage(browser, `${url}#/live/bedroom`);
    const { page, errors } = opened;
    const received: number[] = [];
    page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => {
        if (typeof payload !== "string") received.push(payload.length);
      }),
    );
    await page.reload();
    await page.getByText("Waiting for the first picture…").waitFor();
    const showing = setInterval(
      () => home.show("bedroom", { activity: { posture: "sitting", fall: null } }),
      50,
    );
    try {
      await page.getByText("1 person: sitting").waitFor();
      // The picture is one blue; the left edge of the box lies at 0.4 of the width.
      expect(await colourAt(page, 0.1, 0.1)).toEqual("picture");
      expect(await colourAt(page, 0.4, 0.5)).toEqual("box");
      expect(await page.getByRole("img", { name: /Live picture. 1 person: sitting/ }).count()).toBe(1);

      // Far more than may be on the way at once: each that was shown makes room for another.
      await eventually(() => expect(received.length).toBeGreaterThan(20));

      await page.getByRole("switch", { name: /Skeletons only/ }).click();
      await eventually(async () => expect(await colourAt(page, 0.1, 0.1)).toBe("ground"));
      await eventually(async () => expect(await colourAt(page, 0.4, 0.5)).toBe("box"));
      // The picture is not even sent: what was on its way may still bring one, and from then on none does.
      const bare = (received[0] ?? 0) - JPEG.length + 10;
      await eventually(() => expect(received.at(-1)).toBeLessThan(bare));
      const since = received.length;
      await eventually(() => expect(received.length).toBeGreaterThan(since + 10));
      expect(received.slice(since).filter((length) => length >= bare)).toEqual([]);
    } finally {
      clearInterval(showing);
    }
    await page.getByRole("link", { name: "Back to all cameras" }).click();
    await page.getByText("Pictures are hidden").first().waitFor();
    await eventually(() => expect(home.watchers("bedroom")).toBe(0));
    expect(await page.locator("haven-snapshot").count()).toBe(0);
    expect(errors).toEqual([]);
  });

  it("never shows an old picture as a live one", async () => {
    await using opened = await openPage(browser, "about:blank");
    const { page } = opened;
    await page.clock.install();
    await page.goto(`${url}#/live/bedroom`);
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    home.show("bedroom");
    await page.getByText("1 person", { exact: true }).waitFor();
    await page.clock.fastForward(7000);
    await page.getByText(/No new picture for [5-9] s: this is an old one/).waitFor();
    home.show("bedroom");
    await page.getByText(/this is an old one/).waitFor({ state: "detached" });
  });

  it("marks a fall in the picture and never calls anybody by a number", async () => {
    await using opened = await openPage(browser, `${url}#/live/bedroom`);
    const { page } = opened;
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    const tracks = [aTrack({ id: 4711, pose: null })];
    home.show("bedroom", { tracks, activity: { posture: "lying", fall: "confirmed" } });
    await page.getByText("1 person: fallen").waitFor();
    expect(await colourAt(page, 0.4, 0.5)).toBe("fallen");
    expect(
      await page.locator("haven-app").evaluate((app) => (app.shadowRoot?.textContent ?? "").includes("4711")),
    ).toBe(false);
  });

  it("shows why there is no picture, and takes up again when there is one", async () => {
    home.setStatus("bedroom", { availability: "offline", reason: "The camera does not answer." });
    await using opened = await openPage(browser, `${url}#/live/bedroom`);
    const { page } = opened;
    await page.getByText("The camera does not answer.").waitFor();
    expect(home.watchers("bedroom")).toBe(0);
    home.setStatus("bedroom", { availability: "online", reason: null });
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    await home.cameras.update("bedroom", { privacy: true });
    home.setStatus("bedroom", { availability: "privacy" });
    await page.getByText("Privacy on").waitFor();
    await eventually(() => expect(home.watchers("bedroom")).toBe(0));
  });

  it("says why a camera sees nothing, and how much of its pictures is looked at", async () => {
    home.addCamera({ id: "bedroom" });
    await using opened = await openPage(browser, `${url}#/live`);
    const { page } = opened;
    home.setStatus("bedroom", { pace: "reduced", analysedFps: 2.5 });
    await page
      .getByText("2.5 pictures a second, fewer than it should: this machine cannot keep up")
      .waitFor();
    home.setStatus("bedroom", { pace: "resting" });
    await page.getByText("cannot keep up").waitFor({ state: "detached" });
    home.setStatus("bedroom", {
      availability: "blind",
      blind: "covered",
      reason: "Something covers the camera.",
    });
    await page.getByText(/^Covered/).waitFor();
    await page.getByText("Something covers the camera.").waitFor();

    await page.goto(`${url}#/cameras`);
    await page.getByText(/^Covered/).waitFor();
    home.setStatus("bedroom", {
      availability: "online",
      blind: null,
      reason: null,
      pace: "resting",
      inputSize: 384,
      decoder: "vaapi",
      damagedPackets: 1,
      stream: { width: 640, height: 360, fps: 25, codec: "h264", durationS: null },
    });
    await page
      .getByText(
        "Rests while nothing moves and nobody is there, scaled to 384 pixels, decoded by vaapi, 1 damaged packet",
      )
      .waitFor();
  });

  it("says at once that the connection is lost, comes back by itself, and then knows what it missed", async () => {
    await using opened = await openPage(browser, url);
    const { page } = opened;
    await tile(page, "Bedroom").waitFor();
    const { port } = server;
    await server.api.stop();
    await page.getByText(/Connection lost/).waitFor({ timeout: 2000 });
    home.raise();
    await using again = await startApi(home, { panelDir, port });
    expect(again.port).toBe(port);
    await page.getByRole("alert").filter({ hasText: "Fall: Bedroom" }).waitFor();
    expect(await page.getByText(/Connection lost/).count()).toBe(0);
  });

  it("says who is who: over the box, at the tile, in events and on an alarm, as text only", async () => {
    const name = "<img src=x onerror=document.title=1>";
    const where = {
      personId: "p_rosa",
      name,
      kind: "resident",
      named: true,
      area: "Bedroom",
      cameraId: "bedroom",
      visible: true,
      home: true,
      since: null,
      lastSeenAt: Date.now(),
      cue: "face",
      confidence: 0.9,
    } as const;
    await using opened = await openPage(browser, url);
    const { page, errors } = opened;
    await tile(page, "Bedroom").waitFor();
    home.setRoom("bedroom", { occupied: true, personCount: 2 });
    home.persons.where = [where];
    home.tell({ kind: "presence" });
    await tile(page, "Bedroom").getByText(`${name} and 1 more`).waitFor();
    await page.evaluate(() => {
      const { fillText } = CanvasRenderingContext2D.prototype;
      CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
        document.body.dataset.painted = text;
        fillText.call(this, text, ...at);
      };
    });
    await tile(page, "Bedroom").click();
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    home.show("bedroom", {
      activity: { posture: "sitting", fall: null },
      identities: [anIdentity({ personName: name })],
    });
    await page.getByText(`1 person: ${name} sitting`).waitFor();
    expect(await page.locator("body").getAttribute("data-painted")).toBe(
      "<img src=x onerror=docu… · sitting",
    );
    home.happen(anEvent("bed_exit", { box: BOX, previousS: 60, night: true }, { personName: name }));
    await page.getByText(`${name} got out of bed`).waitFor();
    home.raise({ personName: name });
    await page.getByRole("alert").getByText(`${name} fell: Bedroom`).waitFor();
    expect(await page.title()).not.toBe("1");
    expect(errors).toEqual([]);
  });

  it("goes on watching after the connection came back", async () => {
    await using opened = await openPage(browser, `${url}#/live/bedroom`);
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    const { port } = server;
    await server.api.stop();
    await eventually(() => expect(home.watchers("bedroom")).toBe(0));
    await using _again = await startApi(home, { panelDir, port });
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    home.show("bedroom");
    await opened.page.getByText("1 person", { exact: true }).waitFor();
  });

  it("asks for the token when Haven does, and opens with the right one only", async () => {
    await using locked = await startApi(home, { panelDir, token: "a token of many letters" });
    await using opened = await openPage(browser, `http://127.0.0.1:${locked.port}/`);
    const { page } = opened;
    await page.getByLabel("Token").fill("wrong");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByLabel("Token").fill("a token of many letters");
    await page.getByRole("button", { name: "Open" }).click();
    await tile(page, "Bedroom").waitFor();
    await page.locator("haven-snapshot img").first().waitFor();
    await page.reload();
    await tile(page, "Bedroom").waitFor();
  });
});

const BOX = { x1: 0, y1: 0, x2: 1, y2: 1 };

/** What is painted at a place of the live canvas, given as shares of its size, or a pixel or two beside it. */
function colourAt(page: Page, x: number, y: number): Promise<string> {
  return page.locator("haven-live-canvas canvas").evaluate(
    (element, at) => {
      const canvas = element as HTMLCanvasElement;
      const context = canvas.getContext("2d");
      const [left, top] = [Math.round(at.x * canvas.width), Math.round(at.y * canvas.height)];
      const pixels = context?.getImageData(left - 2, top, 5, 1).data ?? [];
      const known = {
        box: [0x5f, 0xd4, 0xff],
        fallen: [0xff, 0x52, 0x47],
        picture: [0x33, 0x66, 0x99],
        ground: [0x1b, 0x1f, 0x25],
      };
      for (const [name, [red = 0, green = 0, blue = 0]] of Object.entries(known)) {
        for (let i = 0; i < pixels.length; i += 4) {
          const [r = 0, g = 0, b = 0] = [pixels[i], pixels[i + 1], pixels[i + 2]];
          if (Math.hypot(r - red, g - green, b - blue) < 30) return name;
        }
      }
      return [...pixels].join(" ");
    },
    { x, y },
  );
}
