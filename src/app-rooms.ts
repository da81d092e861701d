// What has to outlive a restart of each room, in the database: its learned floor, and who is in bed.
import { FloorMap } from "./adl/floor-map.ts";
import { parseSleepers, type Sleeper } from "./adl/sleepers.ts";
import type { Clock } from "./core/clock.ts";
import { isAppError, messageOf } from "./core/errors.ts";
import type { Logger } from "./core/logger.ts";
import type { RoomMemory } from "./pipeline/house.ts";
import type { Store } from "./store/store.ts";

/** Who was in bed so long ago is not taken to be there still: they are saved every quarter of an hour, and an update takes minutes. */
const SLEEPERS_HOLD_MS = 45 * 60_000;

/** What cannot be read or kept is found out anew: nothing fails for it. */
export function storedRooms(parts: {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Logger;
}): RoomMemory {
  const { store, clock, log } = parts;
  const floorKey = (cameraId: string) => `floor.${cameraId}`;
  const sleepersKey = (cameraId: string) => `sleepers.${cameraId}`;
  const attempt = <T>(cameraId: string, task: () => T, otherwise: T): T => {
    try {
      return task();
    } catch (error) {
      if (!isAppError(error)) throw error;
      log.warn({ cameraId, reason: messageOf(error) }, "what was known of a room cannot be kept or read");
      return otherwise;
    }
  };
  const forgetFloor = (cameraId: string) =>
    attempt(cameraId, () => store.state.delete(floorKey(cameraId)), undefined);
  return {
    loadFloor: (cameraId) =>
      attempt(cameraId, () => FloorMap.parse(store.state.get(floorKey(cameraId))), null)?.record() ?? null,
    saveFloor: (cameraId, floor) =>
      attempt(cameraId, () => store.state.set(floorKey(cameraId), floor), undefined),
    forgetFloor,
    loadSleepers: (cameraId) =>
      attempt<readonly Sleeper[]>(
        cameraId,
        () => sleepersOf(store.state.get(sleepersKey(cameraId)), clock.now()),
        [],
      ),
    saveSleepers: (cameraId, sleepers) =>
      attempt(
        cameraId,
        () => store.state.set(sleepersKey(cameraId), { at: clock.now(), sleepers }),
        undefined,
      ),
    forget: (cameraId) => {
      forgetFloor(cameraId);
      attempt(cameraId, () => store.state.delete(sleepersKey(cameraId)), undefined);
    },
  };
}

function sleepersOf(kept: unknown, now: number): readonly Sleeper[] {
  if (kept === null || typeof kept !== "object") return [];
  const { at, sleepers } = kept as { readonly at?: unknown; readonly sleepers?: unknown };
  const gone = typeof at === "number" ? now - at : Number.NaN;
  if (!(gone >= 0 && gone <= SLEEPERS_HOLD_MS)) return [];
  return parseSleepers(sleepers).map((sleeper) => ({
    ...sleeper,
    inBedS: sleeper.inBedS === null ? null : sleeper.inBedS + gone / 1000,
  }));
}
