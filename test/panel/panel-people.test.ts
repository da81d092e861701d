import { rmSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ReviewEntry } from "../../src/api/person-deps.ts";
import { AppError } from "../../src/core/errors.ts";
import type { PersonPresence } from "../../src/domain/identity.ts";
import type { Person } from "../../src/domain/person.ts";
import { startApi } from "../api/api-client.ts";
import { eventually } from "../api/eventually.ts";
import { FakeHome, JPEG } from "../api/fake-home.ts";
import { accessibilityProblems } from "./accessibility.ts";
import { PREFIX, PROXY_ADDRESS, startIngressProxy } from "./ingress-proxy.ts";
import { buildPanel, IN_BROWSER, launch, noBrowser, openPage, PHONE } from "./panel-in-browser.ts";

const HOUR = 3_600_000;
const LONG_NAME = "Maximiliane-Wilhelmine von und zu Hohenlohe-Waldenburg-Schillingsfürst";

/** A picture that browsers can open; what stands behind its end tells the fake what to see in it. */
function photo(name: string, sees = ""): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: "image/jpeg", buffer: Buffer.concat([JPEG, Buffer.from(sees)]) };
}

describe.skipIf(noBrowser)(`people in the panel, ${IN_BROWSER}`, () => {
  let browser: Browser;
  let panelDir: string;
  let home: FakeHome;
  let server: Awaited<ReturnType<typeof startApi>>;
  let url: string;
  /** What was uploaded, as the daemon got it. */
  let uploads: Buffer[];

  beforeAll(async () => {
    [panelDir, browser] = await Promise.all([buildPanel(), launch()]);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(panelDir, { recursive: true });
  });
  beforeEach(async () => {
    home = new FakeHome(Date.now());
    home.addCamera({ id: "bedroom", name: "Bedroom" });
    uploads = [];
    const { describePhoto } = home.persons;
    home.persons.describePhoto = (bytes) => {
      const upload = Buffer.from(bytes);
      uploads.push(upload);
      const sees = ["no face", "two faces", "blurred"].find((words) =>
        upload.toString("latin1").endsWith(words),
      );
      return describePhoto(Buffer.from(`____${sees ?? "one face"}`));
    };
    server = await startApi(home, { panelDir });
    url = `http://127.0.0.1:${server.port}/`;
  });
  afterEach(() => server[Symbol.asyncDispose]());

  const named = (name: string, change: Partial<Person> = {}) =>
    home.persons.add({ name, kind: "resident", ...change });

  function place(person: Person, change: Partial<PersonPresence> = {}): void {
    const name = person.name ?? person.label;
    const at = Date.now();
    const there: PersonPresence = {
      personId: person.id,
      name,
      kind: person.kind,
      named: person.name !== null,
      area: "Bedroom",
      cameraId: "bedroom",
      visible: true,
      home: true,
      since: at,
      lastSeenAt: at,
      cue: "face",
      confidence: 0.9,
      ...change,
    };
    home.persons.where = [...home.persons.where.filter(({ personId }) => personId !== person.id), there];
    home.tell({ kind: "presence" });
  }

  function ask(change: Partial<ReviewEntry>): ReviewEntry {
    const review: ReviewEntry = {
      id: `r${home.persons.open.length}`,
      createdAt: Date.now(),
      trackletId: "t1",
      person: null,
      candidate: null,
      cue: "face",
      score: 0.384,
      decision: null,
      answer: null,
      answeredAt: null,
      answeredBy: null,
      ...change,
    };
    home.persons.open.push(review);
    home.tell({ kind: "presence" });
    return review;
  }

  /** The entry that a change leaves behind. */
  function audit(id: string, action: string, personId: string): void {
    const entry = { id, at: Date.now(), by: "the panel", action, personId, details: {}, undoneAt: null };
    home.persons.entries.push(entry);
  }

  const rows = (page: Page) => page.locator("haven-people-view li");
  const toast = (page: Page) => page.locator("haven-undo-toast");
  const choose = (page: Page, files: Parameters<ReturnType<Page["locator"]>["setInputFiles"]>[0]) =>
    page.locator('input[type="file"]').setInputFiles(files);

  it("says what to do while nobody is known", async () => {
    await using opened = await openPage(browser, url, PHONE);
    const { page, errors } = opened;
    await page.getByRole("link", { name: "People", exact: true }).click();
    await page.getByRole("heading", { name: "People", level: 1 }).waitFor();
    await page.getByText(/Nobody is known yet\. Enrol somebody from photos, or name a visitor/).waitFor();
    home.persons.list = () => {
      throw new AppError("store.unavailable", "The disk is full.");
    };
    home.tell({ kind: "persons" });
    await page.getByText("The disk is full.").waitFor();
    expect(errors.filter((error) => !error.includes("503"))).toEqual([]);
  });

  it("lists residents, carers, then visitors, with where they are as it changes", async () => {
    const old = home.persons.add({ lastSeenAt: Date.now() - 50 * HOUR, visits: 4 });
    home.persons.add({ lastSeenAt: Date.now() - 2 * HOUR });
    const tom = named("Tom", { kind: "carer", lastSeenAt: Date.now() - 3 * HOUR });
    const rosa = named("Rosa Maria", { lastSeenAt: null, visits: 0 });
    named("Anna", { lastSeenAt: null, visits: 0 });
    home.persons.addExample(rosa.id, { picture: JPEG });
    place(tom, { home: false, visible: false, area: null, since: Date.now() });
    await using opened = await openPage(browser, `${url}#/people`);
    const { page, errors } = opened;
    const names = () => page.locator("haven-people-view li strong").allInnerTexts();
    await eventually(async () =>
      expect(await names()).toEqual(["Anna", "Rosa Maria", "Tom", "Visitor-B", "Visitor-A"]),
    );
    const picture = rows(page).nth(1).locator("img");
    await eventually(async () =>
      expect(await picture.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBe(32),
    );
    await rows(page).nth(0).getByText("A", { exact: true }).waitFor();
    await rows(page).nth(0).getByText("Not seen yet").waitFor();
    await rows(page)
      .nth(2)
      .getByText(/^Away since \d\d:\d\d$/)
      .waitFor();
    await rows(page).nth(3).getByText("Seen 2 hr. ago").waitFor();
    await rows(page).nth(4).getByText("Seen 2 days ago").waitFor();
    await rows(page).nth(4).getByText("· 4 visits").waitFor();

    place(rosa);
    await rows(page).nth(1).getByText("Bedroom, now").waitFor();
    place(rosa, { visible: false });
    await rows(page).nth(1).getByText("Last in Bedroom, just now").waitFor();
    await home.persons.forget(old.id, "Tom");
    await eventually(async () => expect(await rows(page).count()).toBe(4));
    expect(errors).toEqual([]);
  });

  it("gives a visitor a name, a kind and a consent, and takes it back", async () => {
    const { id } = home.persons.add();
    await using opened = await openPage(browser, `${url}#/people`, PHONE);
    const { page, errors } = opened;
    await page.getByRole("link", { name: /Visitor-A/ }).click();
    await page.getByRole("heading", { name: "Visitor-A", level: 1 }).waitFor();
    const save = page.getByRole("button", { name: "Save" });
    expect(await save.isDisabled()).toBe(true);
    await page.getByLabel("Name", { exact: true }).fill(" Rosa ");
    await page.getByLabel("Kind").selectOption("resident");
    await page.getByLabel("Who agreed").fill("Rosa herself");
    // What else happens meanwhile does not take away what was typed.
    home.tell({ kind: "persons" });
    audit("a1", "edit", id);
    // What Haven did by itself in the same moment is not what is taken back.
    audit("a2", "set_aside", id);
    await save.click();
    await page.getByRole("heading", { name: "Rosa", level: 1 }).waitFor();
    await page.getByText(/^\s*Noted \d\d:\d\d\./).waitFor();
    expect(home.persons.get(id)).toMatchObject({
      name: "Rosa",
      kind: "resident",
      consent: { by: "Rosa herself" },
    });
    await toast(page).getByText("Saved: Rosa.").waitFor();
    await toast(page).getByRole("button", { name: "Undo" }).click();
    await toast(page).getByText("Taken back.").waitFor();
    expect(home.persons.asked).toEqual([`change ${id} by the panel`, "undo a1 by the panel"]);

    // A name that is emptied is taken away; what somebody else changed in the meantime stays.
    await page.getByLabel("Name", { exact: true }).fill("");
    await home.persons.change(id, { kind: "carer" }, "Tom");
    await page.getByText("Carer · 1 visit").waitFor();
    await save.click();
    await page.getByRole("heading", { name: "Visitor-A", level: 1 }).waitFor();
    expect(home.persons.get(id)).toMatchObject({ name: null, kind: "carer" });
    home.persons.failure = new AppError("store.unavailable", "The disk is full.");
    await page.getByLabel("Name", { exact: true }).fill("Rosa");
    await save.click();
    await page.getByText("Not saved. The disk is full.").waitFor();
    expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Rosa");
    expect(errors.filter((error) => !error.includes("503"))).toEqual([]);
  });

  it("enrols somebody new, and says of each photo what became of it", async () => {
    await using opened = await openPage(browser, `${url}#/people`, PHONE);
    const { page, errors } = opened;
    await page.getByRole("link", { name: "Add a person" }).click();
    const add = page.getByRole("button", { name: "Add this person" });
    await add.click();
    await page.getByText("Give the person a name.").waitFor();
    await page.getByLabel("Name", { exact: true }).fill("Rosa");
    await page.getByLabel("Kind").selectOption("carer");
    await add.click();
    await page.getByText("Choose at least one photo.").waitFor();

    await choose(page, photo("garden.jpg", "no face"));
    await add.click();
    await page.getByText("Not taken. No face was found in it.").waitFor();
    expect(home.persons.people).toEqual([]);

    await choose(page, [photo("front.jpg"), photo("side.jpg", "blurred")]);
    await add.click();
    await page.getByText("Rosa is known now.").waitFor();
    const verdicts = page.locator("haven-photo-verdict");
    await verdicts.filter({ hasText: "front.jpg" }).getByText("Taken.", { exact: true }).waitFor();
    await verdicts
      .filter({ hasText: "side.jpg" })
      .getByText("Not taken. The face is blurred; hold still.")
      .waitFor();
    expect(home.persons.people).toMatchObject([{ name: "Rosa", kind: "carer", consent: null }]);
    // What goes on from here is hers, not somebody else's of the same name.
    await choose(page, photo("left.jpg"));
    await page.getByRole("button", { name: "Add photos" }).click();
    await verdicts.filter({ hasText: "left.jpg" }).getByText("Taken.", { exact: true }).waitFor();
    expect(home.persons.people).toHaveLength(1);
    await page.getByRole("link", { name: "Open their page" }).click();
    await page.getByRole("heading", { name: "Rosa", level: 1 }).waitFor();
    expect(errors.filter((error) => !error.includes("422"))).toEqual([]);
  });

  it("makes large photos smaller before it sends them, and says which it cannot open", async () => {
    const { id } = named("Rosa");
    await using opened = await openPage(browser, `${url}#/people/${id}`);
    const { page } = opened;
    const large = await page.evaluate(() => {
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [3000, 4000];
      return canvas.toDataURL("image/png").split(",")[1] ?? "";
    });
    const heic = Buffer.from("\0\0\0\x18ftypheic\0\0\0\0 and so on", "latin1");
    await choose(page, [
      { name: "large.png", mimeType: "image/png", buffer: Buffer.from(large, "base64") },
      photo("small.jpg"),
      { name: "phone.heic", mimeType: "image/heic", buffer: heic },
      { name: "notes.jpg", mimeType: "image/jpeg", buffer: Buffer.from("not a picture") },
    ]);
    await page
      .getByText(/This is a HEIC picture, which this browser cannot open\. Save it as JPEG/)
      .waitFor();
    await page.getByText("This is not a picture that can be opened. Choose a JPEG, PNG or WebP.").waitFor();
    await page.getByRole("button", { name: "Add photos" }).click();
    await eventually(() => expect(uploads).toHaveLength(2));
    expect(sizeOfJpeg(uploads[0] ?? Buffer.alloc(0))).toEqual({ width: 1500, height: 2000 });
    // As it was: it is small enough.
    expect(uploads[1]).toEqual(Buffer.from(JPEG));
    await page.getByText("Taken.", { exact: true }).nth(1).waitFor();
    await toast(page).getByText("Photos added.").waitFor();
  });

  it("names whom a photo looks like, and adds it anyway where people know better", async () => {
    const [rosa, tom] = [named("Rosa"), named("Tom")];
    const { enrol } = home.persons;
    home.persons.enrol = async (request) => {
      if (request.force) return enrol(request);
      throw new AppError("conflict", "this looks like Tom; add the photos there", {
        fields: { personId: tom.id },
      });
    };
    await using opened = await openPage(browser, `${url}#/people/${rosa.id}`);
    const { page } = opened;
    await choose(page, photo("twin.jpg"));
    await page.getByRole("button", { name: "Add photos" }).click();
    await page.getByText("This looks like Tom; add the photos there.").waitFor();
    const see = page.getByRole("link", { name: "See who that is" });
    expect(await see.getAttribute("href")).toBe(`#/people/${tom.id}`);
    await page.getByRole("button", { name: "Somebody else: add anyway" }).click();
    await page.getByText("Taken.", { exact: true }).waitFor();
    expect(home.persons.asked).toEqual(["enrol 1 by the panel, forced"]);
    expect(await see.count()).toBe(0);
  });

  it("asks whose face is meant where there are two in a photo", async () => {
    const { id } = named("Rosa");
    await using opened = await openPage(browser, `${url}#/people/${id}`, PHONE);
    const { page } = opened;
    await choose(page, photo("both.jpg", "two faces"));
    await page.getByRole("button", { name: "Add photos" }).click();
    await page.getByText("Whose face is meant?").waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole("button", { name: "Face 2 of 2" }).click();
    await page.getByText("Taken.", { exact: true }).waitFor();
    expect(home.persons.asked).toEqual(["enrol 1 by the panel"]);
  });

  it("shows what somebody is recognised by and where they were, and sets a wrong face aside", async () => {
    const { id } = named("Rosa");
    const at = Date.now();
    home.persons.addExample(id, { picture: JPEG, source: "photo" });
    home.persons.addExample(id, { picture: JPEG });
    home.persons.addExample(id, { cue: "appearance" });
    home.persons.addExample(id, { state: "negative" });
    const { setAside } = home.persons;
    home.persons.setAside = async (personId, exampleId, by) => {
      home.persons.stored = home.persons.stored.map((one) =>
        one.id === exampleId ? { ...one, state: "set_aside" } : one,
      );
      return setAside(personId, exampleId, by);
    };
    const stay = { personId: id, cameraId: "bedroom", cue: "face", trackletIds: [] } as const;
    home.persons.stays = [
      { ...stay, area: "Bedroom", from: at - 30 * HOUR, until: at - 21 * HOUR },
      { ...stay, area: "Bedroom", from: at - 2 * HOUR, until: at - HOUR },
      { ...stay, area: "Kitchen", from: at - HOUR, until: at - HOUR / 2 },
    ];
    await using opened = await openPage(browser, `${url}#/people/${id}`);
    const { page, errors } = opened;
    const faces = page.locator("haven-example-list li");
    await eventually(async () => expect(await faces.count()).toBe(2));
    await faces.nth(0).getByText("From a photo").waitFor();
    await faces.nth(1).getByText("Bedroom").waitFor();
    await page.getByText("Also kept, as numbers: 1 example of clothes, for a while only.").waitFor();
    const stays = page.locator("haven-stay-timeline li");
    // Of what began before, only the part that is shown counts.
    await stays.nth(0).filter({ hasText: "Bedroom" }).getByText("4 h", { exact: true }).waitFor();
    await stays.nth(1).filter({ hasText: "Kitchen" }).getByText("30 min").waitFor();
    const link = page.getByRole("link", { name: "Everything stored about Rosa" });
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    expect(download.suggestedFilename()).toBe(`${id}.json`);

    await page.getByRole("button", { name: "Set aside: face 2" }).click();
    await page.getByRole("button", { name: "Use again: face 2" }).click();
    await eventually(() =>
      expect(home.persons.asked).toEqual(["set e1 aside by the panel", "restore e1 by the panel"]),
    );
    expect(errors).toEqual([]);
  });

  it("takes back what stands in the history, and says when it cannot", async () => {
    const { id } = named("Rosa");
    audit("a1", "enrol", id);
    audit("a2", "undo", id);
    audit("a3", "merge", "p_other");
    await using opened = await openPage(browser, `${url}#/people/${id}`);
    const { page } = opened;
    const history = page.locator("haven-person-history");
    await eventually(async () => expect(await history.getByRole("listitem").count()).toBe(2));
    expect(await history.getByRole("button").count()).toBe(1);
    const undo = history.getByRole("button", { name: "Undo: Photos added" });
    home.persons.failure = new AppError("conflict", "Something was changed since that builds on it.");
    await undo.click();
    await history.getByText("Not taken back. Something was changed since that builds on it.").waitFor();
    home.persons.failure = null;
    await undo.click();
    await history.getByText("Photos added (undone)").waitFor();
    expect(home.persons.asked).toEqual(["undo a1 by the panel"]);
  });

  it("merges two who are one, against what Haven knows only when told again", async () => {
    const rosa = named("Rosa");
    const visitor = home.persons.add();
    const { merge } = home.persons;
    home.persons.merge = async (request) => {
      if (request.force) return merge(request);
      throw new AppError(
        "conflict",
        "Visitor-B and Rosa were in one picture at the same time, so they are two",
      );
    };
    await using opened = await openPage(browser, `${url}#/people/${visitor.id}`, PHONE);
    const { page } = opened;
    await page.getByRole("button", { name: "Merge with…" }).click();
    await page.getByLabel("The same person as").selectOption({ label: "Rosa" });
    // Whoever has a name stays, whosever page it is.
    await page.getByText("Rosa stays, and gets all that is known of Visitor-B.").waitFor();
    await page.getByRole("button", { name: "Merge", exact: true }).click();
    await page.getByText(/Not merged\. Visitor-B and Rosa were in one picture at the same time/).waitFor();
    expect(home.persons.asked).toEqual([]);
    audit("a1", "merge", rosa.id);
    await page.getByRole("button", { name: "Merge anyway" }).click();
    await page.getByRole("heading", { name: "Rosa", level: 1 }).waitFor();
    expect(new URL(page.url()).hash).toBe(`#/people/${rosa.id}`);
    expect(home.persons.asked).toEqual([`merge ${visitor.id} into ${rosa.id} by the panel, forced`]);
    await toast(page).getByText("Visitor-B and Rosa are one now.").waitFor();
    await toast(page).getByRole("button", { name: "Undo" }).waitFor();
  });

  it("forgets somebody only after it was said that this cannot be undone", async () => {
    const { id } = named("Rosa");
    await using opened = await openPage(browser, `${url}#/people/${id}`);
    const { page } = opened;
    const forget = page.getByRole("button", { name: "Forget Rosa" });
    await forget.click();
    await page.getByRole("dialog").getByText("This cannot be undone.").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    expect(home.persons.people).toHaveLength(1);
    await forget.click();
    await page.getByRole("button", { name: "Forget", exact: true }).click();
    await page.getByText(/Nobody is known yet/).waitFor();
    await toast(page).getByText("Rosa was forgotten.").waitFor();
    expect(await toast(page).getByRole("button", { name: "Undo" }).count()).toBe(0);
    expect(home.persons.asked).toEqual([`forget ${id} by the panel`]);
    await page.goto(`${url}#/people/${id}`);
    await page.getByText("This person is not known any more.").waitFor();
  });

  it("asks who somebody was, counts the questions on the tab, and passes the answers on", async () => {
    const [rosa, visitor] = [named("Rosa"), home.persons.add()];
    home.persons.addExample(rosa.id, { picture: JPEG });
    ask({ person: visitor, candidate: rosa });
    ask({ candidate: rosa, cue: "appearance", score: 0.9 });
    // Who it may have been was forgotten: nobody can answer that.
    ask({ person: visitor });
    await using opened = await openPage(browser, `${url}#/live`, PHONE);
    const { page, errors } = opened;
    await page.getByRole("link", { name: "2 questions: People" }).click();
    const card = page.getByRole("region", { name: "Is Visitor-B Rosa?" });
    await card.getByText(/Their faces are alike \(38\s%\), but not enough to be sure\./).waitFor();
    await eventually(async () => expect(await card.locator("img").count()).toBe(1));
    await page
      .getByRole("region", { name: "Was this Rosa?" })
      .getByText(/dressed alike \(90\s%\)/)
      .waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    home.persons.failure = new AppError("conflict", "Tom has answered this already.");
    await card.getByRole("button", { name: "Same person" }).click();
    await card.getByText("Not stored. Tom has answered this already.").waitFor();
    home.persons.failure = null;
    await card.getByRole("button", { name: "Same person" }).click();
    await card.waitFor({ state: "detached" });
    await page.getByRole("link", { name: "1 question: People" }).waitFor();
    await page.getByRole("button", { name: "Not sure" }).click();
    await page.getByRole("link", { name: "People", exact: true }).waitFor();
    expect(home.persons.asked).toEqual(["review r0 same by the panel", "review r1 unsure by the panel"]);
    // A question that comes up while somebody looks.
    ask({ person: visitor, candidate: rosa, id: "r9" });
    await page.getByRole("link", { name: "1 question: People" }).waitFor();
    expect(errors.filter((error) => !error.includes("409"))).toEqual([]);
  });

  it("works under Home Assistant's prefix, with what Home Assistant says who is signed in", async () => {
    const rosa = named("Rosa");
    home.persons.addExample(rosa.id, { picture: JPEG });
    await using inner = await startApi(home, { panelDir, ingress: { proxyAddress: PROXY_ADDRESS } });
    await using proxy = await startIngressProxy({ target: inner.port, user: "Anna" });
    await using opened = await openPage(browser, `${proxy.url}#/people/${rosa.id}`);
    const { page, errors } = opened;
    await page.getByRole("heading", { name: "Rosa", level: 1 }).waitFor();
    const face = page.locator("haven-example-list img");
    await eventually(async () =>
      expect(await face.evaluate((img) => (img as HTMLImageElement).naturalWidth)).toBe(32),
    );
    await choose(page, photo("front.jpg"));
    await page.getByRole("button", { name: "Add photos" }).click();
    await page.getByText("Taken.", { exact: true }).waitFor();
    expect(home.persons.asked).toEqual(["enrol 1 by Anna"]);
    expect(new URL(page.url()).pathname).toBe(`${PREFIX}/`);
    expect(proxy.strays).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("shows names as they are written, whatever they hold", async () => {
    const name = '<img src=x onerror="document.title=1">';
    const { id } = named(name);
    await using opened = await openPage(browser, `${url}#/people`);
    const { page, errors } = opened;
    await page.getByText(name).waitFor();
    await page.goto(`${url}#/people/${id}`);
    await page.getByRole("heading", { name, level: 1 }).waitFor();
    expect(await page.title()).not.toBe("1");
    expect(errors).toEqual([]);
  });

  describe.each(["light", "dark"] as const)("in %s", (colorScheme) => {
    it.each([
      [390, 844],
      [1440, 900],
    ])("every view can be read and touched at %d by %d", async (width, height) => {
      const rosa = named(LONG_NAME, { consent: { by: LONG_NAME, at: Date.now() } });
      const visitor = home.persons.add();
      place(rosa, { area: "Kitchen-and-dining-room-of-the-grandparents-in-law" });
      home.persons.addExample(rosa.id, { picture: JPEG });
      home.persons.addExample(rosa.id, { state: "set_aside" });
      audit("a1", "enrol", rosa.id);
      ask({ person: visitor, candidate: rosa });
      const at = Date.now();
      const stay = { personId: rosa.id, cameraId: "bedroom", cue: "face", trackletIds: [] } as const;
      home.persons.stays = [{ ...stay, area: LONG_NAME, from: at - HOUR, until: at }];
      await using opened = await openPage(browser, `${url}#/people`, {
        viewport: { width, height },
        colorScheme,
      });
      const { page, errors } = opened;
      await page.getByRole("button", { name: "Not sure" }).waitFor();
      await rows(page).nth(1).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.goto(`${url}#/people/+`);
      await choose(page, [
        photo("a-photo-with-a-name-that-does-not-fit-into-one-line-on-a-phone.jpg"),
        photo("b.jpg"),
      ]);
      await page.getByText("Ready to be sent.").nth(1).waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      await page.goto(`${url}#/people/${rosa.id}`);
      await page.getByRole("button", { name: "Merge with…" }).click();
      await page.getByLabel("The same person as").waitFor();
      await page.getByRole("button", { name: "Set aside: face 1" }).click();
      await toast(page).getByText("Set aside.").waitFor();
      expect(await accessibilityProblems(page)).toEqual([]);
      expect(errors).toEqual([]);
    });
  });
});

/** From its start of frame (ITU T.81, B.2.2). */
function sizeOfJpeg(jpeg: Buffer): { readonly width: number; readonly height: number } | null {
  for (let at = 2; at + 9 < jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    const marker = jpeg.readUInt16BE(at);
    if (marker === 0xffc0 || marker === 0xffc2)
      return { height: jpeg.readUInt16BE(at + 5), width: jpeg.readUInt16BE(at + 7) };
  }
  return null;
}
