// The service on the real gallery, the real database and what people do to identities.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HouseIdentity } from "../../src/app-identity.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { newId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { EventDraft } from "../../src/domain/events.ts";
import { meanSize } from "../../src/domain/person.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { camera, direction, faces, like, START, tracklet } from "./house-of-people.ts";

const ROSA = direction("rosa");
const HUGO = direction("hugo");
const config = loadConfig("", { file: "haven.yaml", env: {} });
const models = { faceId: "sface", face: { accept: 0.42, margin: 0.08 }, appearance: { accept: 0.6 } };

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-identity-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Home extends AsyncDisposable {
  readonly house: HouseIdentity;
  readonly store: Store;
  readonly events: EventDraft[];
}

/** The daemon's identity on a database file, as after a start. */
async function home(atS = 0): Promise<Home> {
  const clock = new ManualClock(START + atS * 1000);
  const store = openStore({ path: join(folder, "haven.db"), clock, log: silentLogger });
  const events: EventDraft[] = [];
  const house = new HouseIdentity({
    store,
    clock,
    log: silentLogger,
    config,
    models,
    cameras: ["a", "b", "c"].map((id) => camera(id)),
    record: (draft) => {
      events.push(draft);
      store.events.insert(
        { eventId: newId(clock.now()), ...draft },
        { severity: 0, recordedAt: clock.now() },
      );
    },
    onIdentity: () => {},
    describePhoto: () => Promise.reject(new Error("no photo is uploaded here")),
  });
  await house.start();
  return {
    house,
    store,
    events,
    [Symbol.asyncDispose]: async () => {
      await house.stop();
      store[Symbol.dispose]();
    },
  };
}

/** Recorded before anybody knew who it was. */
function arrival(cameraId: string, trackId: number, atS: number): EventDraft {
  return {
    kind: "person_in",
    cameraId,
    area: cameraId,
    zone: null,
    trackId,
    personId: null,
    personName: null,
    identityCue: null,
    capturedAt: START + atS * 1000,
    mediaTimeS: atS,
    confidence: null,
    evidence: { box: { x1: 0, y1: 0, x2: 1, y2: 1 } },
  };
}

function ownersOf({ store }: Home, kind: string, cameraId: string): (string | null)[] {
  return store.events
    .list({ kinds: [kind], cameraId, since: null, until: null, before: null, limit: 10 })
    .map(({ personId }) => personId);
}

describe("identity in the database", () => {
  it("keeps ids, labels and looks over restarts, in the middle of a visit as well", async () => {
    let id: string | null = null;
    {
      await using before = await home();
      before.house.service.observe(tracklet("a", 1, faces(ROSA)));
      id = before.house.service.identityOf("a", 1)?.personId ?? null;
      expect(id).toMatch(/^p_[0-9a-z]{26}$/);
    }
    {
      await using after = await home(7);
      after.house.service.observe(tracklet("a", 1, faces(ROSA, 3, 0.9, "later"), { fromS: 7, ended: true }));
      expect(after.house.service.identityOf("a", 1)).toMatchObject({ personId: id, personName: "Visitor-A" });
      after.house.service.observe(tracklet("b", 2, faces(HUGO), { fromS: 60 }));
      expect(after.house.service.identityOf("b", 2)?.personName).toBe("Visitor-B");
    }
    await using last = await home(100);
    expect(last.house.gallery.persons()).toHaveLength(2);
    expect(last.store.tracklets.recent(10).filter(({ personId }) => personId === id)).toHaveLength(2);
  });

  it("averages a person's size over cameras, each tracklet counted once", async () => {
    await using here = await home();
    for (const [index, [id, heightPx]] of (
      [
        ["a", 250],
        ["b", 260],
        ["c", 245],
      ] as const
    ).entries())
      for (const part of [0, 1])
        here.house.service.observe(
          tracklet(id, 1, faces(ROSA, 3, 0.9, `${id}${part}`), {
            fromS: index * 60,
            toS: index * 60 + 5 + part,
            heightPx,
            checkpoint: part,
            ended: part === 1,
          }),
        );
    const [person, ...others] = here.house.gallery.persons();
    expect(others).toEqual([]);
    expect(meanSize(person?.sizes ?? [])?.heightPx).toBeCloseTo(251.67, 1);
    expect(person?.sizes.map(({ count }) => count)).toEqual([1, 1, 1]);
  });

  it("makes a visitor part of a resident with what was recorded of them, and can be taken back", async () => {
    await using here = await home();
    const { service, gallery, admin } = here.house;
    service.observe(tracklet("a", 1, faces(ROSA), { ended: true }));
    const rosa = service.identityOf("a", 1)?.personId ?? "";
    admin.edit(rosa, { name: "Rosa", kind: "resident" }, "test");
    service.observe(tracklet("b", 5, faces(direction("odd angle"), 1), { fromS: 60, toS: 66 }));
    const visitor = service.identityOf("b", 5)?.personId ?? "";
    expect(visitor).not.toBe(rosa);
    service.observe(
      tracklet("b", 5, [...faces(ROSA, 2, 0.95, "clear")], { fromS: 60, toS: 70, checkpoint: 1 }),
    );
    expect(service.identityOf("b", 5)).toMatchObject({ personId: rosa, personName: "Rosa", cue: "face" });
    expect(gallery.person(visitor)?.id).toBe(rosa);
    expect(gallery.persons().map(({ id }) => id)).toEqual([rosa]);
    gallery.flush();
    const { trackletId } = here.store.tracklets.recent(1)[0] ?? { trackletId: "" };
    expect(here.store.tracklets.find(trackletId)).toMatchObject({ personId: rosa, cue: "face" });
    expect(admin.audit({ personId: null, before: null, limit: 10 })[0]).toMatchObject({
      by: "Haven",
      action: "absorb",
    });
  });

  it("corrects what was recorded of a track before it was known, and again when it was somebody else", async () => {
    await using here = await home();
    const { service, gallery, admin } = here.house;
    here.store.events.insert(
      { eventId: newId(START), ...arrival("a", 1, 1) },
      { severity: 0, recordedAt: START },
    );
    here.store.events.insert(
      { eventId: newId(START), ...arrival("a", 9, 1) },
      { severity: 0, recordedAt: START },
    );
    service.observe(tracklet("a", 1, faces(ROSA)));
    gallery.flush();
    const rosa = service.identityOf("a", 1)?.personId ?? null;
    expect(new Set(ownersOf(here, "person_in", "a"))).toEqual(new Set([rosa, null]));
    admin.notThem(rosa ?? "", service.trackletIdOf("a", 1) ?? "", "test");
    gallery.flush();
    const other = service.identityOf("a", 1)?.personId ?? null;
    expect(other).not.toBe(rosa);
    expect(ownersOf(here, "person_in", "a")).not.toContain(rosa);
  });

  it("follows a correction at once, and remembers who it is not", async () => {
    await using here = await home();
    const { service, admin } = here.house;
    service.observe(tracklet("a", 1, faces(ROSA), { ended: true }));
    const rosa = service.identityOf("a", 1)?.personId ?? "";
    admin.edit(rosa, { name: "Rosa", kind: "resident" }, "test");
    const twin = like(ROSA, 0.6, "twin");
    service.observe(tracklet("b", 1, faces(twin, 3, 0.98), { fromS: 60 }));
    expect(service.identityOf("b", 1)?.personId).toBe(rosa);
    admin.notThem(rosa, service.trackletIdOf("b", 1) ?? "", "test");
    expect(service.identityOf("b", 1)?.personId).not.toBe(rosa);
    service.observe(tracklet("c", 1, faces(twin, 3, 0.98, "next day"), { fromS: 86_400 }));
    expect(service.identityOf("c", 1)?.personId).not.toBe(rosa);
  });

  it("keeps questions about close cases where they can be answered", async () => {
    await using here = await home();
    const { service, admin } = here.house;
    service.observe(tracklet("a", 1, faces(HUGO, 3, 0.99), { ended: true }));
    const visitor = service.identityOf("a", 1)?.personId;
    for (const trackId of [2, 3])
      service.observe(
        tracklet("b", trackId, [{ face: like(HUGO, 0.44, "cousin") }], { fromS: 60 * trackId, ended: true }),
      );
    expect(admin.reviews("open")).toMatchObject([{ personId: null, candidateId: visitor, cue: "face" }]);
  });
});
