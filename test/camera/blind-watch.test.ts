import { beforeAll, describe, expect, it } from "vitest";
import { BlindWatch } from "../../src/camera/blind-watch.ts";
import { MotionDetector } from "../../src/camera/motion-detector.ts";
import type { LumaImage } from "../../src/domain/frame.ts";
import {
  furnishedRoom,
  paint,
  photograph,
  ROOM,
  randomOf,
  type Scene,
  withPerson,
} from "../support/synthetic-room.ts";

/** Analysed pictures a second: fewer than a camera sends, for speed; media time is all that counts. */
const FPS = 4;
const FAULT_S = 40;

interface Change {
  readonly timeS: number;
  readonly cause: string | null;
}

/** What a watch says, and when, as long as `picture` goes on; somebody is seen in it while `people` says so. */
class Session {
  readonly watch: BlindWatch;
  readonly #motion = new MotionDetector();
  readonly #random = randomOf(3);
  timeS = 0;
  changes: Change[] = [];
  #said: string | null = null;

  constructor(watch = new BlindWatch()) {
    this.watch = watch;
  }

  show(seconds: number, picture: (timeS: number) => Scene | LumaImage, { noise = 1, people = 0 } = {}): this {
    const untilS = this.timeS + seconds;
    for (; this.timeS < untilS; this.timeS += 1 / FPS) {
      const shown = picture(this.timeS);
      const luma = shown instanceof Float32Array ? photograph(shown, noise, this.#random) : shown;
      const { moving } = this.#motion.observe(luma, this.timeS);
      const blind = this.watch.observe(luma, this.timeS, { moving, people });
      const cause = blind?.cause ?? null;
      if (cause !== this.#said) this.changes.push({ timeS: this.timeS, cause });
      this.#said = cause;
    }
    return this;
  }
}

const room = furnishedRoom();
const session = () => new Session().show(FAULT_S, () => room);
const flat = (x: number, y: number) => 90 + 40 * Math.sin(x / 50) + y / 3;

/** The room through a camera that looks `dx`, `dy` cells further and is rolled by `degrees`. */
function turned(base: Scene, dx: number, dy: number, degrees = 0): Scene {
  const beyond = furnishedRoom(12);
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  return paint(base.slice(), (x, y) => {
    const u = x - ROOM.width / 2;
    const v = y - ROOM.height / 2;
    const sx = Math.round(ROOM.width / 2 + cos * u - sin * v + dx);
    const sy = Math.round(ROOM.height / 2 + sin * u + cos * v + dy);
    const outside = sx < 0 || sy < 0 || sx >= ROOM.width || sy >= ROOM.height;
    // What comes into view is another piece of furniture.
    return outside ? (beyond[y * ROOM.width + x] ?? 0) : (base[sy * ROOM.width + sx] ?? 0);
  });
}

describe("a camera that sees is not called blind", () => {
  it("while the room lies empty", () => {
    expect(session().show(400, () => room).changes).toEqual([]);
  });

  it("when somebody walks through and stands close before it", () => {
    const passed = session()
      .show(60, (timeS) => withPerson(room, { x: (timeS * 4) % 80, y: 40, height: 25, contrast: -50 }), {
        people: 1,
      })
      .show(15, () => withPerson(room, { x: 40, y: 60, height: 75, contrast: -60 }), { people: 1 })
      .show(30, () => room);
    expect(passed.changes).toEqual([]);
  });

  it("when the light fails slowly, down to a tenth, and comes back", () => {
    const dusk = session()
      .show(120, (timeS) =>
        paint(room.slice(), (_x, _y, old) => old * Math.max(0.12, 1 - (timeS - FAULT_S) / 100)),
      )
      .show(60, () => room);
    expect(dusk.changes).toEqual([]);
  });

  it("when a lamp is switched on, and off again", () => {
    const lamp = (strength: number) => () =>
      paint(
        room.slice(),
        (x, y, old) => old * (0.35 + strength * Math.exp(-((x - 60) ** 2 + (y - 8) ** 2) / 700)),
      );
    const evening = session().show(60, lamp(0)).show(120, lamp(1.1)).show(60, lamp(0)).show(60, lamp(1.1));
    expect(evening.changes).toEqual([]);
  });

  it("when it turns to infrared, where some things are as bright as others are dark, and back", () => {
    const random = randomOf(5);
    const inverted = Array.from({ length: 20 * 12 }, () => random() < 0.3);
    const infrared = paint(room.slice(), (x, y, old) => {
      const lit = 1.2 - Math.hypot(x - 40, y - 22) / 60;
      return (inverted[Math.floor(y / 4) * 20 + Math.floor(x / 4)] ? 200 - old : old) * lit * 0.8;
    });
    expect(
      session()
        .show(90, () => infrared)
        .show(60, () => room).changes,
    ).toEqual([]);
  });

  it("when furniture is moved: a third of the picture is another", () => {
    const other = furnishedRoom(21);
    const rearranged = paint(room.slice(), (x, y, old) => (x < 27 ? (other[y * ROOM.width + x] ?? 0) : old));
    expect(session().show(120, () => rearranged).changes).toEqual([]);
  });

  it("when its encoder repeats a still picture for twenty seconds between keyframes", () => {
    let still: LumaImage | null = null;
    let keyframe = -1;
    const random = randomOf(8);
    const saving = new Session().show(300, (timeS) => {
      if (still === null || Math.floor(timeS / 20) !== keyframe) still = photograph(room, 0.3, random);
      keyframe = Math.floor(timeS / 20);
      return still;
    });
    expect(saving.changes).toEqual([]);
  });
});

describe("a camera that does not see", () => {
  const fault = (picture: (timeS: number) => Scene | LumaImage, seconds: number, noise = 1) => {
    const run = session()
      .show(seconds, picture, { noise })
      .show(40, () => room);
    return run.changes.map(({ cause, timeS }) => ({ cause, afterS: timeS - FAULT_S }));
  };

  it("is said to be dark within twelve seconds of a black picture, with noise and a date in it, and to see again", () => {
    const black = paint(room.slice(), (x, y) => (y < 3 && x < 20 && x % 2 === 0 ? 200 : 8));
    const [dark, sees, ...more] = fault(() => black, 60, 2);
    expect(dark?.cause).toBe("dark");
    expect(dark?.afterS).toBeLessThan(12);
    expect(sees?.cause).toBeNull();
    expect(sees?.afterS).toBeLessThan(66);
    expect(more).toEqual([]);
  });

  it.each([
    ["a plain surface", () => paint(room.slice(), flat)],
    [
      "a hand that lets a rim of the picture through",
      () => paint(room.slice(), (x, y, old) => (x < ROOM.width * 0.84 ? flat(x, y) : old)),
    ],
    ["a white cloth", () => paint(room.slice(), (x) => 235 - x / 10)],
  ] as const)("is said to be covered within 30 seconds by %s", (_name, cover) => {
    const covered = cover();
    const [first, sees, ...more] = fault(() => covered, 60);
    expect(first?.cause).toBe("covered");
    expect(first?.afterS).toBeLessThan(30);
    expect(sees?.cause).toBeNull();
    expect(more).toEqual([]);
  });

  it.each([
    ["15 % to the side", 12, 0, 0],
    ["15 % up", 0, -7, 0],
    ["15 degrees over", 0, 0, 15],
    ["6 % aside and up", 5, 3, 0],
    ["to another wall", 80, 0, 0],
  ])(
    "is said to be moved within 30 seconds when turned %s, and until it is turned back",
    (_name, dx, dy, degrees) => {
      const elsewhere = turned(room, dx, dy, degrees);
      const [moved, back, ...more] = fault(() => elsewhere, 120);
      expect(moved?.cause).toBe("moved");
      expect(moved?.afterS).toBeLessThan(30);
      expect(back?.cause).toBeNull();
      expect(back?.afterS).toBeGreaterThan(120);
      expect(more).toEqual([]);
    },
  );

  it("is said to be frozen after 90 seconds of one and the same picture, and at the next to see", () => {
    const still = photograph(room, 1, randomOf(4));
    const [frozen, sees, ...more] = fault(() => still, 150);
    expect(frozen).toMatchObject({ cause: "frozen" });
    expect(frozen?.afterS).toBeGreaterThanOrEqual(90);
    expect(frozen?.afterS).toBeLessThan(93);
    expect(sees?.cause).toBeNull();
    expect(sees?.afterS).toBeLessThan(152);
    expect(more).toEqual([]);
  });

  it("says why in a sentence", () => {
    const watch = new BlindWatch();
    const black = { ...ROOM, data: new Uint8Array(ROOM.width * ROOM.height) };
    let blind = watch.observe(black, 0, { moving: false, people: 0 });
    expect(blind).toBeNull();
    for (let timeS = 0; timeS < 20; timeS += 0.25)
      blind = watch.observe(black, timeS, { moving: false, people: 0 });
    expect(blind).toEqual({
      cause: "dark",
      reason: "The picture is black: is the lens covered or the light off?",
    });
  });
});

describe("what a camera has learned of its view", () => {
  const elsewhere = turned(room, 12, 0);

  it("outlives a restart", () => {
    const reference = session().watch.snapshot();
    expect(reference).not.toBeNull();
    const kept = JSON.parse(JSON.stringify(reference));
    expect(new Session(new BlindWatch(kept)).show(60, () => room).changes).toEqual([]);
    const moved = new Session(new BlindWatch(kept)).show(60, () => elsewhere);
    expect(moved.changes.map(({ cause }) => cause)).toEqual(["moved"]);
  });

  it("is not told before it is known", () => {
    expect(new BlindWatch().snapshot()).toBeNull();
    expect(new Session().show(10, () => room).watch.snapshot()).toBeNull();
  });

  it("is given up when the new view is accepted", () => {
    const run = session().show(60, () => elsewhere);
    expect(run.changes.at(-1)?.cause).toBe("moved");
    run.watch.accept();
    run.show(100, () => elsewhere);
    expect(run.changes.map(({ cause }) => cause)).toEqual(["moved", null]);
    run.show(60, () => room);
    expect(run.changes.at(-1)?.cause).toBe("moved");
  });

  it("is refused when damaged", () => {
    expect(() => new BlindWatch({ ...ROOM, looks: ["AAAA"] })).toThrow("learn anew");
  });
});

describe("after half a day", () => {
  let run: Session;

  beforeAll(() => {
    run = session();
    const elsewhere = photograph(turned(room, 12, 0), 1, randomOf(1));
    const nudged = { ...elsewhere, data: elsewhere.data.map((value, at) => (at === 99 ? value ^ 1 : value)) };
    // Half a day of pictures would be many: they come every two minutes, each a little different.
    for (let timeS = FAULT_S; timeS < FAULT_S + 12 * 3600 + 300; timeS += 120) {
      const luma = timeS % 240 === FAULT_S ? elsewhere : nudged;
      const blind = run.watch.observe(luma, timeS, { moving: false, people: 0 });
      const cause = blind?.cause ?? null;
      if (cause !== (run.changes.at(-1)?.cause ?? null)) run.changes.push({ timeS, cause });
    }
  });

  it("a view nobody has turned back is the camera's view", () => {
    expect(run.changes.map(({ cause }) => cause)).toEqual(["moved", null]);
    expect(run.changes.at(-1)?.timeS).toBeGreaterThan(12 * 3600);
  });
});
