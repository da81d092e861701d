import { monotonicFactory } from "ulid";

const nextUlid = monotonicFactory();

/** A ULID: sorts by time, unique across restarts, safe in topics and URLs. */
export function newId(at: number): string {
  // A clock derived from media time has fractions of a millisecond; a ULID has not.
  return nextUlid(Math.floor(at));
}
