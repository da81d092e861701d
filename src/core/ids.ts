import { monotonicFactory } from "ulid";

const nextUlid = monotonicFactory();

/** A ULID: sorts by time, unique across restarts, safe in topics and URLs. */
export function newId(at: number): string {
  return nextUlid(at);
}
