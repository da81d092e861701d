import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Sleeper } from "../../src/adl/sleepers.ts";
import { storedRooms } from "../../src/app-rooms.ts";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { openStore, type Store } from "../../src/store/store.ts";

const SLEEPER: Sleeper = {
  zoneId: "bed",
  box: { x1: 0.1, y1: 0.5, x2: 0.6, y2: 0.8 },
  bodyLength: 0.5,
  inBedS: 3600,
};

let folder: string;
let store: Store;
let clock: ManualClock;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-rooms-"));
  clock = new ManualClock(1_800_000_000_000);
  store = openStore({ path: join(folder, "haven.db"), clock, log: silentLogger });
});

afterEach(() => {
  store[Symbol.dispose]();
  rmSync(folder, { recursive: true, force: true });
});

const memory = () => storedRooms({ store, clock, log: silentLogger });

describe("what is kept of a room", () => {
  it("says who was in bed when the daemon ended, and for how long by now", () => {
    memory().saveSleepers("bedroom", [SLEEPER]);
    clock.advance(600_000);
    expect(memory().loadSleepers("bedroom")).toEqual([{ ...SLEEPER, inBedS: 4200 }]);
    expect(memory().loadSleepers("hall")).toEqual([]);
  });

  it("says nothing of who was in bed hours ago, or by a clock that was set back since", () => {
    memory().saveSleepers("bedroom", [SLEEPER]);
    clock.advance(50 * 60_000);
    expect(memory().loadSleepers("bedroom")).toEqual([]);
    clock.jumpTo(clock.now() - 7_200_000);
    expect(memory().loadSleepers("bedroom")).toEqual([]);
  });

  it("is found out anew where it cannot be read, and is gone with the camera", () => {
    for (const damaged of [[{ zoneId: 1 }], "nobody", [{ ...SLEEPER, box: null }], [null]]) {
      store.state.set("sleepers.bedroom", { at: clock.now(), sleepers: damaged });
      expect(memory().loadSleepers("bedroom")).toEqual([]);
    }
    store.state.set("floor.bedroom", { version: 1, aspect: 1.5, feet: "everywhere" });
    expect(memory().loadFloor("bedroom")).toBeNull();
    memory().saveSleepers("bedroom", [SLEEPER]);
    memory().forget("bedroom");
    expect(store.state.get("sleepers.bedroom")).toBeNull();
    expect(store.state.get("floor.bedroom")).toBeNull();
  });
});
