import { describe, expect, it } from "vitest";
import { HouseFacts, type HouseFactsSettings } from "../../src/adl/house-facts.ts";
import { placeSlug, placeSlugs } from "../../src/mqtt/place-slugs.ts";
import { areaNamed, placesOf, placeValues } from "../../src/mqtt/places.ts";
import { AT, areaDay, camera, day, door } from "./examples.ts";

const SETTINGS: HouseFactsSettings = {
  night: { from: "21:00", until: "07:00" },
  inactivityAfter: 0,
  wanderingAfter: 0,
  blindAfter: 0,
};

describe("the slugs of places", () => {
  it.each([
    ["Living room", "living_room"],
    ["  Küche / Essplatz ", "kuche_essplatz"],
    ["Straße 7", "strasse_7"],
    ["Спальня", "spalnya"],
    ["寝室", "qinshi"],
    ["Rosa's room", "rosa_s_room"],
    ["W".repeat(80), "w".repeat(48)],
    ["!!!", ""],
  ])("spell %j in small Latin letters, digits and _", (name, slug) => {
    expect(placeSlug(name)).toBe(slug);
  });

  it("keep names apart that are spelt alike, in whatever order they come", () => {
    const names = ["Küche", "Kuche", "kuche", "!!!", "???", "K".repeat(60), "K".repeat(70)];
    const slugs = placeSlugs(names);
    expect(new Set(slugs.values()).size).toBe(names.length);
    for (const slug of slugs.values()) expect(slug).toMatch(/^[a-z0-9_]+$/);
    expect(slugs.get("Kuche")).toBe("kuche");
    expect(placeSlugs(names.toReversed())).toEqual(slugs);
  });

  it("do not change for the others when a place comes or goes", () => {
    const slugs = placeSlugs(["Bedroom", "Bed room", "bed_room"]);
    for (const [name, slug] of placeSlugs(["Bed room", "bed_room"])) expect(slugs.get(name)).toBe(slug);
    expect(placeSlugs(["bed_room", "Bed room", "Küche"]).get("bed_room")).toBe(slugs.get("bed_room"));
  });

  it("stay apart even from a name that looks like another one's slug", () => {
    const plain = placeSlugs(["Hall", "hall"]).get("hall") ?? "";
    const slugs = placeSlugs(["Hall", "hall", plain]);
    expect(plain).toMatch(/^hall_[0-9a-f]{6}$/);
    expect(slugs.get(plain)).toBe(plain);
    expect(new Set(slugs.values()).size).toBe(3);
  });
});

describe("the places of a household", () => {
  it("are the areas of its cameras and where their doors lead, each once", () => {
    const places = placesOf([
      camera({ area: "Bedroom", bed: false }),
      camera({ id: "b", area: "Bedroom", bed: true }),
      camera({
        id: "c",
        name: "Corridor",
        area: null,
        zones: [door("bathroom"), door("bathroom"), door(null)],
      }),
    ]);
    expect(places).toEqual([
      {
        kind: "area",
        name: "Bedroom",
        slug: "bedroom",
        facts: ["blind_minutes", "occupied_minutes", "in_bed_minutes", "bed_exits"],
      },
      { kind: "area", name: "Corridor", slug: "corridor", facts: ["blind_minutes", "occupied_minutes"] },
      { kind: "door", name: "bathroom", slug: "bathroom", facts: ["visits", "minutes"] },
      { kind: "door", name: "door", slug: "door", facts: ["visits", "minutes"] },
    ]);
  });

  it("are those the day itself counts", () => {
    const cameras = [
      camera({ zones: [...camera().zones, door("bathroom"), door(null)] }),
      camera({ id: "corridor", name: "Corridor", area: null, bed: false }),
    ];
    const facts = new HouseFacts(SETTINGS, AT);
    facts.configure(cameras, SETTINGS);
    facts.tick(AT + 10_000);
    const counted = facts.day().areas.map(({ area, inBedS }) => [area, inBedS !== null]);
    const told = placesOf(cameras).filter(({ kind }) => kind === "area");
    expect(told.map(({ name, facts: known }) => [name, known.length === 4])).toEqual(counted);
  });

  it("are found by name or slug where they are an area of the household's", () => {
    const cameras = [camera({ area: "Schlafzimmer Süd" }), camera({ id: "b", name: "Corridor", area: null })];
    expect(areaNamed(cameras, "Schlafzimmer Süd")).toBe("Schlafzimmer Süd");
    expect(areaNamed(cameras, "schlafzimmer_sud")).toBe("Schlafzimmer Süd");
    expect(areaNamed(cameras, "corridor")).toBe("Corridor");
    for (const other of ["Attic", "", "!!!"]) expect(areaNamed(cameras, other), other).toBeNull();
  });

  it("are told of in minutes, rounded down to the tenth, and as not known where the day says nothing", () => {
    const [bedroom, bathroom] = placesOf([camera({ zones: [...camera().zones, door("bathroom")] })]);
    if (bedroom === undefined || bathroom === undefined) throw new Error("no places");
    const today = day({ areas: [areaDay({ blindS: 59.9, occupiedS: 3600, inBedS: null, bedExits: 2 })] });
    expect(Object.fromEntries(placeValues(bedroom, today))).toEqual({
      blind_minutes: 0.9,
      occupied_minutes: 60,
      in_bed_minutes: null,
      bed_exits: null,
    });
    expect([...placeValues(bedroom, day({ areas: [] })).values()]).toEqual([null, null, null, null]);
    expect(Object.fromEntries(placeValues(bathroom, today))).toEqual({ visits: 0, minutes: 0 });
    const visited = day({ doors: [{ leadsTo: "bathroom", visits: 3, seconds: 600 }] });
    expect(Object.fromEntries(placeValues(bathroom, visited))).toEqual({ visits: 3, minutes: 10 });
  });
});
