import { describe, expect, it } from "vitest";
import {
  initials,
  inOrder,
  mergeOrder,
  reviewReason,
  staysByArea,
  whereSentence,
} from "../../panel/src/words/people-words.ts";
import { personToWire } from "../../src/api/person-mapping.ts";
import { DECISION_REASONS, type DecisionReason } from "../../src/domain/identity.ts";
import type { Person } from "../../src/domain/person.ts";
import { FakeHome, STARTED } from "../api/fake-home.ts";

const AT = new Date(STARTED).toISOString();
const MINUTE = 60_000;

describe("people in words", () => {
  const { persons } = new FakeHome();
  const wire = (change: Partial<Person>) => personToWire(persons.add(change), persons, STARTED);

  it("have initials in whole letters", () => {
    expect(initials("Rosa")).toBe("R");
    expect(initials("rosa maria lópez")).toBe("RL");
    expect(initials("Visitor-AB")).toBe("VA");
    expect(initials("👩‍👧 Ünal")).toBe("👩‍👧Ü");
    expect(initials(" - ")).toBe("");
  });

  it("come residents, carers, visitors; those who belong here by name", () => {
    const all = [wire({}), wire({ name: "Tom", kind: "carer" }), wire({ name: "Zoe", kind: "resident" })];
    all.push(wire({ name: "anna", kind: "resident" }), wire({}));
    expect(inOrder(all).map(({ name, label }) => name ?? label)).toEqual([
      "anna",
      "Zoe",
      "Tom",
      "Visitor-A",
      "Visitor-E",
    ]);
  });

  it("go by the later of two sights, and by presence before either", () => {
    const presence = {
      person_id: "p",
      name: "Rosa",
      kind: "resident",
      named: true,
      area: "Kitchen",
      camera_id: "c",
      visible: false,
      home: true,
      since: null,
      last_seen_at: new Date(STARTED - 5 * MINUTE).toISOString(),
      cue: null,
      confidence: null,
    } as const;
    const seen = { last_seen_at: new Date(STARTED - 2 * MINUTE).toISOString() };
    expect(whereSentence(seen, presence, STARTED)).toBe("Last in Kitchen, 2 min. ago");
    expect(whereSentence({ last_seen_at: null }, presence, STARTED)).toBe("Last in Kitchen, 5 min. ago");
    expect(whereSentence(seen, { ...presence, area: null, visible: true }, STARTED)).toBe("At home, now");
    expect(whereSentence(seen, { ...presence, home: false }, STARTED)).toBe("Away");
    expect(whereSentence(seen, { ...presence, home: false, since: AT }, STARTED)).toMatch(
      /^Away since \d\d:/,
    );
    expect(whereSentence({ last_seen_at: null }, null, STARTED)).toBe("Not seen yet");
  });

  it("are merged into whoever has a name", () => {
    const named = (name: string | null) => ({ name });
    const [rosa, tom, nobody] = [named("Rosa"), named("Tom"), named(null)];
    expect(mergeOrder(rosa, tom)).toEqual({ from: tom, into: rosa });
    expect(mergeOrder(nobody, rosa)).toEqual({ from: nobody, into: rosa });
    expect(mergeOrder(rosa, nobody)).toEqual({ from: nobody, into: rosa });
  });

  it("say of every reason for a question what kept Haven from being sure", () => {
    const said = (...reasons: readonly DecisionReason[]) =>
      reviewReason({ cue: "face", score: -0.2, decision: { outcome: "unknown", confidence: 0, reasons } });
    for (const reason of DECISION_REASONS)
      expect(said(reason)).toMatch(/^Their faces are alike \(0\s%\), but .+\.$/);
    expect(said("face", "face_margin")).toMatch(/somebody else is nearly as like/);
    expect(reviewReason({ cue: "gait", score: 0.5, decision: null })).toMatch(/^They move alike \(50\s%\)/);
  });

  it("were in each area for as long as falls within the time that is shown", () => {
    const stay = (area: string | null, from: number, to: number) => ({
      camera_id: "c",
      area,
      from: new Date(from).toISOString(),
      to: new Date(to).toISOString(),
      duration_s: 0,
      cue: null,
      tracklet_ids: [],
    });
    const stays = [
      stay("Hall", -500, 100),
      stay(null, 200, 400),
      stay("Hall", 900, 2000),
      stay("Attic", -9, -1),
    ];
    expect(staysByArea(stays, { from: 0, to: 1000, nameOf: (id) => `Camera ${id}` })).toEqual([
      {
        area: "Hall",
        seconds: 0.2,
        spans: [
          { from: 0, to: 0.1 },
          { from: 0.9, to: 1 },
        ],
      },
      { area: "Camera c", seconds: 0.2, spans: [{ from: 0.2, to: 0.4 }] },
    ]);
  });
});
