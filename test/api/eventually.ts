import { vi } from "vitest";

/** Waits until `check` no longer throws; long enough for a machine that does much else at the same time. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 15_000, interval: 20 });
}
