import { expect, it } from "vitest";
import { newId } from "../../src/core/ids.ts";

it("gives ids that sort by the order in which they were made, whatever the clock does", () => {
  const ids = [5_000.75, 5_000.25, 4_000, 6_000].map(newId);
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(4);
});
