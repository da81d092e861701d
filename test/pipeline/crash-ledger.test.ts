// Who is blamed for the deaths of the vision process, and for how long.
import { describe, expect, it } from "vitest";
import {
  type CrashLedger,
  type Death,
  EMPTY_LEDGER,
  nextRelease,
  opensLast,
  quarantinedAt,
  reconcile,
  recordCleared,
  recordDeath,
} from "../../src/pipeline/crash-ledger.ts";
import type { NativePhase } from "../../src/video/native-phase.ts";

const MINUTE = 60_000;
const cameras = ["hall", "bath", "bed"].map((id) => ({ id, address: `rtsp://${id}` }));

type Phases = Readonly<Record<string, NativePhase>>;

/** A ledger that is told one death after another. */
class Book {
  ledger: CrashLedger = EMPTY_LEDGER;

  dies(at: number, phases: Phases, more: Partial<Death> = {}, watched = cameras) {
    const death: Death = {
      at,
      fault: true,
      phases: new Map(Object.entries(phases)),
      trial: [],
      stuck: null,
      ...more,
    };
    const { ledger, quarantined, suspects } = recordDeath(this.ledger, death, watched);
    this.ledger = ledger;
    return { quarantined, suspects };
  }

  closed(at: number): string[] {
    return [...quarantinedAt(this.ledger, at).keys()];
  }
}

describe("the crash ledger", () => {
  it("suspects whoever was being opened or decoded, and nobody who was merely being read", () => {
    const book = new Book();
    const { suspects, quarantined } = book.dies(0, { hall: "decode", bath: "read", bed: "open" });
    expect(suspects).toEqual(["hall", "bed"]);
    expect(quarantined).toEqual([]);
  });

  it("closes a camera at its third death in ten minutes, not at its second", () => {
    const book = new Book();
    expect(book.dies(0, { hall: "decode" }).quarantined).toEqual([]);
    expect(book.dies(4 * MINUTE, { hall: "open" }).quarantined).toEqual([]);
    expect(book.dies(9 * MINUTE, { hall: "decode" }).quarantined).toEqual(["hall"]);
    expect(book.closed(9 * MINUTE)).toEqual(["hall"]);
    expect(nextRelease(book.ledger, 9 * MINUTE)).toBe(19 * MINUTE);
  });

  it("bears a death every six minutes", () => {
    const book = new Book();
    for (let at = 0; at < 60 * MINUTE; at += 6 * MINUTE)
      expect(book.dies(at, { hall: "decode" }).quarantined).toEqual([]);
  });

  it("does not close one of two that look the same, and closes the right one once they were told apart", () => {
    const book = new Book();
    for (const at of [0, 1, 2])
      expect(book.dies(at, { hall: "decode", bath: "decode" }).quarantined).toEqual([]);
    const apart = book.dies(3, { hall: "decode", bath: "decode" }, { trial: ["bath"] });
    expect(apart).toEqual({ suspects: ["bath"], quarantined: ["bath"] });
  });

  it("does not hold what a closed camera did against those beside it", () => {
    const book = new Book();
    for (const at of [0, 1]) book.dies(at, { hall: "decode", bath: "decode" });
    book.dies(2, { bath: "decode" });
    expect(book.closed(3)).toEqual(["bath"]);
    expect(book.dies(4, { hall: "decode" }).quarantined).toEqual([]);
  });

  it("blames nobody when the models or a caller ended the process", () => {
    const book = new Book();
    for (const at of [0, 1, 2, 3, 4]) {
      expect(book.dies(at, { hall: null, bath: "read" }, { fault: false }).suspects).toEqual([]);
    }
  });

  it("finds a stream that crashes while it is read, once two such deaths have it in common", () => {
    const book = new Book();
    expect(book.dies(0, { hall: "read", bath: "read", bed: null }).suspects).toEqual([]);
    expect(book.dies(1, { hall: null, bath: "read", bed: "read" }).suspects).toEqual(["bath"]);
    expect(book.dies(2, { hall: "read", bath: "read" }, { trial: ["bath"] }).suspects).toEqual(["bath"]);
    expect(book.dies(3, { hall: "read", bath: "read" }, { trial: ["bath"] }).quarantined).toEqual(["bath"]);
  });

  it("lays it to the camera whose decoder did not come back, whatever the others were at", () => {
    const book = new Book();
    const { suspects } = book.dies(0, { hall: "decode", bath: "decode" }, { stuck: "bath", fault: false });
    expect(suspects).toEqual(["bath"]);
  });

  it("never closes the only camera of a home", () => {
    const book = new Book();
    for (const at of [0, 1, 2, 3, 4])
      expect(book.dies(at, { hall: "decode" }, {}, cameras.slice(0, 1)).quarantined).toEqual([]);
  });

  it("closes it again at once when it kills on parole, each time twice as long, up to two hours", () => {
    const book = new Book();
    for (const at of [0, 1, 2]) book.dies(at, { hall: "decode" });
    const pauses: number[] = [];
    for (let round = 0; round < 6; round++) {
      const closed = quarantinedAt(book.ledger, (nextRelease(book.ledger, 2) ?? 0) - 1).get("hall");
      pauses.push((closed?.pause ?? 0) / MINUTE);
      const at = (closed?.until ?? 0) + 1000;
      expect(opensLast(book.ledger, at)).toEqual(["hall"]);
      expect(book.dies(at, { hall: "open" }, { trial: ["hall"] }).quarantined).toEqual(["hall"]);
    }
    expect(pauses).toEqual([10, 20, 40, 80, 120, 120]);
  });

  it("forgets a quarantine when the camera has behaved for as long as it was closed", () => {
    const book = new Book();
    for (const at of [0, 1, 2]) book.dies(at, { hall: "decode" });
    book.ledger = reconcile(book.ledger, cameras, 20 * MINUTE + 2);
    expect(opensLast(book.ledger, 20 * MINUTE + 2)).toEqual([]);
    expect(book.dies(21 * MINUTE, { hall: "decode" }).quarantined).toEqual([]);
  });

  it("frees a camera at once when its address changes, and forgets what the old one did", () => {
    const book = new Book();
    for (const at of [0, 1, 2]) book.dies(at, { hall: "decode" });
    const moved = cameras.map((camera) => ({ ...camera, address: `${camera.address}/2` }));
    book.ledger = reconcile(book.ledger, moved, 3);
    expect(book.closed(3)).toEqual([]);
    expect(opensLast(book.ledger, 3)).toEqual([]);
    expect(book.dies(4, { hall: "decode" }).quarantined).toEqual([]);
  });

  it("opens suspects last, those with the fewest deaths first, until they are cleared", () => {
    const book = new Book();
    book.dies(0, { hall: "decode" });
    book.dies(1, { hall: "decode", bed: "decode" });
    expect(opensLast(book.ledger, 1)).toEqual(["bed", "hall"]);
    book.ledger = recordCleared(book.ledger, ["bed"]);
    expect(opensLast(book.ledger, 1)).toEqual(["hall"]);
  });
});
