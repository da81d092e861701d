// Footage and labels that are not part of the project: in the folder HAVEN_TEST_DATA names, or beside the checkout.
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

const ROOT = process.env.HAVEN_TEST_DATA ?? resolve("../shared/data");

/** For the titles of tests that need it. */
export const WITH_FOOTAGE = "needs the footage of ../shared/data or HAVEN_TEST_DATA";

/** The path of something in that folder; null where it is not. For `describe.skipIf`. */
export function measuringFootage(...parts: readonly string[]): string | null {
  const path = join(ROOT, ...parts);
  return existsSync(path) ? path : null;
}
