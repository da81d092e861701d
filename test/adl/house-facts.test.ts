import { describe, expect, it } from "vitest";
import { HouseFacts, type HouseFactsSettings } from "../../src/adl/house-facts.ts";
import type { Camera } from "../../src/domain/camera.ts";
import { type CameraAvailability, type CameraStatus, NO_HEALTH } from "../../src/domain/camera-status.ts";
import type { EventDraft } from "../../src/domain/events.ts";
import type { FrameObservation } from "../../src/domain/track.ts";
import type { Zone } from "../../src/domain/zone.ts";
import { film, hold, walk } from "../support/stick-figure.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SETTINGS: HouseFactsSettings = {
  night: { from: "21:00", until: "07:00" },
  timeZone: "Europe/Berlin",
  inactivityAfter: 30 * MINUTE,
  wanderingAfter: 20 * MINUTE,
  blindAfter: MINUTE,
};
const NOON = Date.parse("2026-11-20T12:00:00+01:00");
const EVENING = Date.parse("2026-11-20T21:00:00+01:00");
const POLYGON = [
  { x: 0, y: 0 },
  { x: 1, y: 0 },
  { x: 1, y: 1 },
];
const BED: Zone = { id: "b", name: "Bed", kind: "bed", leadsTo: null, polygon: POLYGON };

function camera(id: string, area: string | null, more: Partial<Camera> = {}): Camera {
  const flags = { enabled: true, privacy: false, zones: [], overlaps: [] };
  return {
    id,
    name: id,
    area,
    source: `rtsp://${id}`,
    substream: null,
    transport: "auto",
    ...flags,
    ...more,
  };
}

function status(cameraId: string, availability: CameraAvailability, since = 0): CameraStatus {
  const reason = availability === "online" ? null : `${cameraId} is ${availability}`;
  return { cameraId, availability, reason, blind: null, since, stream: null, ...NO_HEALTH };
}

interface Seen {
  readonly upright?: boolean;
  readonly people?: number;
  readonly inBed?: number;
  readonly moves?: boolean;
}

/** Walks to and fro for ever, or stands. */
const WALKING = film([{ at: [-1, 4], script: [walk([1, 4], 4), walk([-1, 4], 4), walk([1, 4], 4)] }]).slice(
  30,
  60,
);
const STANDING = film([{ at: [0, 4], script: [hold(3)] }]);

class Home {
  readonly facts: HouseFacts;
  at: number;
  drafts: EventDraft[] = [];
  #n = 0;

  constructor(cameras: readonly Camera[], at: number, settings = SETTINGS) {
    this.at = at;
    this.facts = new HouseFacts(settings, at);
    this.facts.configure(cameras, settings);
    for (const { id } of cameras) this.facts.status(status(id, "online"));
  }

  /** A second in which a camera sees somebody so. */
  see(cameraId: string, { upright = true, people = 1, inBed = 0, moves = false }: Seen): void {
    const frames = moves ? WALKING : STANDING;
    for (const frame of frames) {
      this.#n += 1;
      const stamp = { ...frame.stamp, cameraId, mediaTimeS: this.#n / 10 };
      const observation: FrameObservation = { ...frame, stamp, tracks: people > 0 ? frame.tracks : [] };
      const postures = new Map(frame.tracks.map(({ id }) => [id, upright ? "standing" : "sitting"] as const));
      this.facts.observe({ observation, postures, people, inBed }, this.at);
    }
  }

  wait(time: number, every = 5000): EventDraft[] {
    const told: EventDraft[] = [];
    for (const until = this.at + time; this.at < until; this.at += every)
      told.push(...this.facts.tick(this.at).drafts);
    this.drafts.push(...told);
    return told;
  }
}

describe("an area", () => {
  it("is blind when none of its cameras can see, and watched again when one can", () => {
    const home = new Home([camera("a", "Kitchen"), camera("b", "Kitchen"), camera("c", "Hall")], NOON);
    home.facts.status(status("a", "offline", NOON));
    expect(home.wait(5 * MINUTE)).toEqual([]);
    home.facts.status(status("b", "blind", NOON + MINUTE));
    const told = home.wait(5 * MINUTE);
    expect(told).toMatchObject([
      { kind: "area_blind", area: "Kitchen", cameraId: null, evidence: { reason: "b is blind" } },
    ]);
    home.facts.status(status("a", "online"));
    expect(home.wait(MINUTE)).toMatchObject([
      { kind: "area_watched", area: "Kitchen", evidence: { blindS: 300 } },
    ]);
  });

  it("is not blind for a camera that is switched off, and one without an area is an area of its own", () => {
    const cameras = [camera("a", null), camera("b", null, { enabled: false })];
    const home = new Home(cameras, NOON);
    expect(home.wait(10 * MINUTE)).toEqual([]);
    home.facts.status(status("a", "privacy"));
    expect(home.wait(10 * MINUTE)).toMatchObject([{ kind: "area_blind", area: "a" }]);
    expect(home.facts.day().areas).toMatchObject([{ area: "a", blindS: 600 }]);
  });

  it("is blind, too, before its camera was ever reached", () => {
    const facts = new HouseFacts(SETTINGS, NOON);
    facts.configure([camera("a", "Kitchen")], SETTINGS);
    const told = [0, 30, 61].flatMap((seconds) => facts.tick(NOON + seconds * 1000).drafts);
    expect(told).toMatchObject([{ kind: "area_blind", area: "Kitchen" }]);
  });
});

describe("the house", () => {
  it("tells of nobody moving while somebody is at home", () => {
    const home = new Home([camera("a", "Kitchen")], NOON);
    home.see("a", { moves: true });
    home.see("a", {});
    const told = home.wait(2 * HOUR);
    expect(told).toMatchObject([{ kind: "inactivity", area: "Kitchen", evidence: { lastMovedAt: NOON } }]);
    home.see("a", { moves: true });
    home.see("a", {});
    expect(home.wait(2 * HOUR)).toHaveLength(1);
  });

  it("tells of somebody up and about at night, once they have been in bed", () => {
    const settings = { ...SETTINGS, inactivityAfter: 0 };
    const home = new Home([camera("a", "Bedroom", { zones: [BED] })], EVENING, settings);
    home.see("a", { upright: true });
    expect(home.wait(HOUR)).toEqual([]);
    home.see("a", { upright: false, inBed: 1 });
    expect(home.wait(30 * MINUTE)).toEqual([]);
    home.see("a", { upright: true });
    expect(home.wait(HOUR).filter(({ kind }) => kind === "wandering")).toMatchObject([
      { area: "Bedroom", evidence: { upSince: EVENING + 90 * MINUTE, upS: 1200, areas: ["Bedroom"] } },
    ]);
  });

  it("takes who is still up two hours into the night for wandering, too, and everybody where no bed is drawn", () => {
    const withBed = new Home([camera("a", "Bedroom", { zones: [BED] })], EVENING);
    withBed.see("a", { upright: true });
    const late = withBed.wait(3 * HOUR).filter(({ kind }) => kind === "wandering");
    expect(late).toMatchObject([{ capturedAt: EVENING + 2 * HOUR + 20 * MINUTE }]);
    const without = new Home([camera("a", "Hall")], EVENING);
    without.see("a", { upright: true });
    expect(without.wait(HOUR).map(({ kind }) => kind)).toContain("wandering");
  });

  it("counts people who two cameras of a room see once, and those in bed in the dark as in bed", () => {
    const cameras = [camera("a", "Bedroom", { zones: [BED] }), camera("b", "Bedroom")];
    const home = new Home(cameras, NOON);
    home.see("a", { upright: false, inBed: 1 });
    home.see("b", { upright: false });
    home.wait(10 * MINUTE);
    home.facts.status(status("a", "blind"));
    home.wait(10 * MINUTE);
    expect(home.facts.day().areas).toEqual([
      { area: "Bedroom", blindS: 0, occupiedS: 1195, inBedS: 1195, bedExits: 0, falls: 0 },
    ]);
  });

  it("takes a sleeper whom a second camera sees, too, for the only one there", () => {
    const cameras = [camera("a", "Bedroom", { zones: [BED] }), camera("b", "Bedroom")];
    const home = new Home(cameras, EVENING);
    home.see("a", { upright: false, inBed: 1 });
    home.see("b", { upright: false });
    expect(home.wait(2 * HOUR)).toEqual([]);
  });

  it("says nothing of a room whose camera is away", () => {
    const home = new Home([camera("a", "Bedroom", { zones: [BED] })], NOON);
    home.see("a", { inBed: 1 });
    home.wait(5 * MINUTE);
    home.facts.status(status("a", "offline"));
    home.wait(5 * MINUTE);
    expect(home.facts.day().areas).toMatchObject([{ blindS: 300, occupiedS: 295, inBedS: 295 }]);
  });

  it("ends the day at local midnight and hands it over once", () => {
    const home = new Home([camera("a", "Kitchen")], EVENING);
    const ended = [];
    for (let at = EVENING; at < EVENING + 6 * HOUR; at += 10_000) ended.push(...home.facts.tick(at).ended);
    expect(ended).toMatchObject([{ date: "2026-11-20" }]);
    expect(home.facts.day().date).toBe("2026-11-21");
  });

  it("enters what happened for the area it happened in", () => {
    const home = new Home([camera("a", null)], NOON);
    const fact = { kind: "bed_exit", cameraId: "a", area: null } as EventDraft;
    home.facts.fact(fact);
    expect(home.facts.day().areas).toMatchObject([{ area: "a", bedExits: 1 }]);
  });
});

describe("a restart", () => {
  const kitchen = [camera("a", "Kitchen")];

  it("goes on with the day, the quiet spell and what was told to be blind; the gap counts as blind", () => {
    const before = new Home(kitchen, NOON);
    before.see("a", { moves: true });
    before.see("a", {});
    before.wait(40 * MINUTE);
    expect(before.drafts.map(({ kind }) => kind)).toEqual(["inactivity"]);
    before.facts.status(status("a", "offline", before.at));
    before.wait(2 * MINUTE);
    const json: unknown = JSON.parse(JSON.stringify(before.facts.snapshot()));

    const after = new Home(kitchen, before.at + HOUR);
    expect(after.facts.restore(json)).toBe(true);
    after.see("a", {});
    const told = after.wait(HOUR);
    expect(told.map(({ kind }) => kind)).toEqual(["area_watched"]);
    const [area] = after.facts.day().areas;
    expect(area?.blindS).toBeGreaterThan(3600);
    expect(area?.blindS).toBeLessThan(3600 + 200);
  });

  it("begins anew from what is no snapshot", () => {
    const { facts } = new Home(kitchen, NOON);
    facts.tick(NOON);
    const good = JSON.parse(JSON.stringify(facts.snapshot())) as Record<string, unknown>;
    const day = good.day as Record<string, unknown>;
    const bad: unknown[] = [null, 3, "x", [], {}, { ...good, version: 2 }, { ...good, day: null }];
    bad.push({ ...good, day: { ...day, at: "noon" } }, { ...good, day: { ...day, areas: [{ area: 1 }] } });
    bad.push({ ...good, day: { ...day, date: "yesterday" } }, { ...good, day: { ...day, doors: [{}] } });
    for (const value of bad) expect(facts.restore(value)).toBe(false);
    expect(facts.restore({ ...good, inactivity: { kind: "asleep" }, sights: [{}] })).toBe(true);
  });
});
