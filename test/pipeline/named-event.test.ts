import { describe, expect, it } from "vitest";
import type { EventDraft } from "../../src/domain/events.ts";
import { named } from "../../src/pipeline/named-event.ts";
import { identity, NEAR, person } from "./presence-rig.ts";

const ROSA = person("p_rosa", "Rosa");
const CAME: EventDraft = {
  kind: "person_in",
  cameraId: "hall",
  area: "Hall",
  zone: null,
  trackId: 7,
  personId: null,
  personName: null,
  identityCue: null,
  capturedAt: 0,
  mediaTimeS: 0,
  confidence: null,
  evidence: { box: NEAR },
};

describe("an event", () => {
  it("carries whoever its track is taken for, and why", () => {
    expect(named(CAME, identity("hall", 7, ROSA))).toEqual({
      ...CAME,
      personId: "p_rosa",
      personName: "Rosa",
      identityCue: "face",
    });
    const left: EventDraft = { ...CAME, kind: "person_out", evidence: { durationS: 3, lastBox: NEAR } };
    expect(named(left, identity("hall", 7, ROSA))).toMatchObject({ kind: "person_out", personId: "p_rosa" });
    expect(named(CAME, identity("hall", 7, person("p_x", null)))).toMatchObject({ personName: "Visitor-A" });
  });

  it.each([
    ["nobody is known", null],
    ["it is only tentative", identity("hall", 7, null, { tentativeId: "p_rosa" })],
    ["another track is meant", identity("hall", 8, ROSA)],
    ["another camera is meant", identity("kitchen", 7, ROSA)],
  ])("names nobody when %s", (_name, who) => {
    expect(named(CAME, who)).toEqual(CAME);
  });

  it("keeps whom it names already", () => {
    const told = { ...CAME, personId: "p_jon", personName: "Jon", identityCue: null };
    expect(named(told, identity("hall", 7, ROSA))).toEqual(told);
  });
});
