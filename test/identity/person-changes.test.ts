import { describe, expect, it } from "vitest";
import {
  type AuditedChange,
  type Change,
  gathered,
  logAsJson,
  logFromJson,
  personsIn,
  standsInTheWay,
  stillSo,
} from "../../src/identity/person-changes.ts";

const entry = (auditId: string, ...changes: Change[]): AuditedChange => ({
  auditId,
  action: "merge",
  log: { changes, notes: {} },
});
const moved = (ids: readonly string[], from: string, to: string): Change => ({
  of: "embedding",
  ids,
  from: { personId: from },
  to: { personId: to },
});
const named = (id: string, from: string | null, to: string): Change => ({
  of: "person",
  ids: [id],
  from: { name: from },
  to: { name: to },
});
const made = (id: string): Change => ({ of: "person", ids: [id], from: null, to: { label: "Visitor-A" } });

describe("what stands in the way of taking a change back", () => {
  it("is a later one that moved the same rows", () => {
    const first = entry("1", moved(["e1", "e2"], "p_a", "p_b"));
    const later = [entry("2", moved(["e9"], "p_b", "p_c")), entry("3", moved(["e2"], "p_b", "p_d"))];
    expect(standsInTheWay(first.log, later)?.auditId).toBe("3");
  });

  it("is not one that changed another column of the same row, or other rows of the same person", () => {
    const first = entry("1", moved(["e1"], "p_a", "p_b"), named("p_b", null, "Rosa"));
    const later = [
      entry("2", { of: "embedding", ids: ["e1"], from: { state: "prototype" }, to: { state: "set_aside" } }),
      entry("3", { of: "person", ids: ["p_b"], from: { kind: "visitor" }, to: { kind: "carer" } }),
      entry("4", moved(["e5"], "p_b", "p_c")),
    ];
    expect(standsInTheWay(first.log, later)).toBeNull();
  });

  it("is anything that was built on a person whom the change made", () => {
    const first = entry("1", made("p_new"));
    expect(standsInTheWay(first.log, [entry("2", moved(["e7"], "p_a", "p_new"))])?.auditId).toBe("2");
    expect(standsInTheWay(first.log, [entry("2", named("p_new", null, "Rosa"))])?.auditId).toBe("2");
    expect(standsInTheWay(first.log, [entry("2", moved(["e7"], "p_a", "p_b"))])).toBeNull();
  });

  it("is a merging of somebody to whom something would go back", () => {
    const first = entry("1", moved(["t1"], "p_a", "p_new"));
    const merged: Change = {
      of: "person",
      ids: ["p_a"],
      from: { status: "active", mergedInto: null },
      to: { status: "merged", mergedInto: "p_b" },
    };
    expect(standsInTheWay(first.log, [entry("2", merged)])?.auditId).toBe("2");
    expect(standsInTheWay(first.log, [entry("2", { ...merged, ids: ["p_c"] })])).toBeNull();
  });

  it("is never a figure, which is counted back", () => {
    const figures: Change = { of: "figures", ids: ["p_b"], from: { visits: 1 }, to: { visits: 3 } };
    expect(standsInTheWay(entry("1", figures).log, [entry("2", figures)])).toBeNull();
  });
});

describe("a change in the audit", () => {
  it("tells rows that went the same way at once", () => {
    expect(gathered([moved(["e1"], "a", "b"), moved(["e2"], "a", "c"), moved(["e3"], "a", "b")])).toEqual([
      moved(["e1", "e3"], "a", "b"),
      moved(["e2"], "a", "c"),
    ]);
  });

  it("reads back as it was written, and is no change when it holds anything else", () => {
    const { log } = entry("1", moved(["e1"], "p_a", "p_b"), made("p_c"));
    expect(logFromJson(logAsJson(log))).toEqual(log);
    for (const other of [
      "{}",
      "[]",
      "null",
      '{"forgotten":true}',
      '{"changes":[{}],"notes":{}}',
      '{"changes":[{"of":"embedding","ids":["e"],"from":{"vector":[1]},"to":{}}],"notes":{}}',
    ])
      expect(logFromJson(other)).toBeNull();
  });

  it("names everybody it moved", () => {
    const { log } = entry("1", moved(["e1"], "p_a", "p_b"), {
      of: "person",
      ids: ["p_c"],
      from: { mergedInto: null },
      to: { mergedInto: "p_d" },
    });
    expect(personsIn(log).sort()).toEqual(["p_a", "p_b", "p_c", "p_d"]);
  });

  it("goes back only where the row is still as the change left it", () => {
    const change: Change = {
      of: "tracklet",
      ids: ["t"],
      from: { personId: "p_a", cue: "face" },
      to: { personId: "p_b", cue: null },
    };
    expect(stillSo({ personId: "p_b", cue: null }, change)).toEqual({ personId: "p_a", cue: "face" });
    expect(stillSo({ personId: "p_x", cue: null }, change)).toEqual({ cue: "face" });
    expect(stillSo({ personId: "p_x", cue: "face" }, change)).toBeNull();
  });
});
