import { describe, expect, it } from "vitest";
import { BackgroundWatch, type Follower } from "../../src/camera/background-watch.ts";
import { type Box, iou } from "../../src/domain/geometry.ts";
import type { ForegroundRegion } from "../../src/domain/track.ts";
import {
  furnishedRoom,
  paint,
  photograph,
  ROOM,
  randomOf,
  type Scene,
  withPerson,
} from "../support/synthetic-room.ts";

const room = furnishedRoom();
/** Somebody of 40 % of the picture's height. */
const HEIGHT = 18;

/** Plays a scene to a watch: what it says, and when. */
class Film {
  readonly watch = new BackgroundWatch();
  timeS = 0;
  regions: readonly ForegroundRegion[] | null = null;
  /** Times at which there was any region. */
  readonly shown: number[] = [];
  readonly #random = randomOf(3);
  readonly #noise: number;

  constructor(noise = 1) {
    this.#noise = noise;
  }

  /** @param stepS between two pictures */
  play(
    seconds: number,
    scene: Scene | ((timeS: number) => Scene),
    tracks: readonly Follower[] | ((timeS: number) => readonly Follower[]) = [],
    stepS = 0.2,
  ): this {
    const from = this.timeS;
    for (; this.timeS < from + seconds - 1e-6; this.timeS += stepS) {
      const elapsed = this.timeS - from;
      const picture = photograph(
        typeof scene === "function" ? scene(elapsed) : scene,
        this.#noise,
        this.#random,
      );
      this.watch.observe(picture, this.timeS, typeof tracks === "function" ? tracks(elapsed) : tracks);
      this.regions = this.watch.regions;
      if ((this.regions?.length ?? 0) > 0) this.shown.push(this.timeS);
    }
    return this;
  }
}

const boxOf = (left: number, top: number, right: number, bottom: number): Box => ({
  x1: left / ROOM.width,
  y1: top / ROOM.height,
  x2: right / ROOM.width,
  y2: bottom / ROOM.height,
});

function track(id: number, box: Box, options: Partial<Follower> = {}): Follower {
  return { id, state: "confirmed", box, detected: true, lastSeenS: 0, ...options };
}

const upright = (x: number, y: number) => boxOf(x - 3.5, y - HEIGHT, x + 3.5, y);
const walker = (scene: Scene, x: number, y: number, contrast = -60) =>
  withPerson(scene, { x, y, height: HEIGHT, contrast });

/** An ellipse across, its middle at `x`, `y`. */
function lyingAt(scene: Scene, x: number, y: number, contrast = -60): Scene {
  return paint(scene.slice(), (cx, cy, old) => {
    const u = (cx + 0.5 - x) / (HEIGHT / 2);
    const v = (cy + 0.5 - y) / (HEIGHT * 0.19);
    return u * u + v * v <= 1 ? old + contrast : old;
  });
}
const LYING = boxOf(40 - HEIGHT / 2, 36 - 3.5, 40 + HEIGHT / 2, 36 + 3.5);

/** Comes in from the left, seen, and falls in the middle; lost on the way down. The last picture shows them lying. */
function fallen(film = new Film(), lie: Scene = lyingAt(room, 40, 36)): Film {
  film.play(5, room);
  film.play(
    4,
    (timeS) => walker(room, 5 + timeS * 8, 38),
    (timeS) => [track(1, upright(5 + timeS * 8, 38))],
  );
  return film.play(3, lie, (timeS) => (timeS < 2 ? [track(1, upright(37, 38), { detected: false })] : []));
}

function expectLying(film: Film): void {
  expect(film.regions).toHaveLength(1);
  const [region] = film.regions ?? [];
  expect(region && iou(region.box, LYING)).toBeGreaterThan(0.5);
}

describe("an empty room", () => {
  it("is not known at first, and shows nothing then", () => {
    const film = new Film().play(0.5, room);
    expect(film.regions).toBeNull();
    film.play(10, room);
    expect(film.regions).toEqual([]);
    expect(film.shown).toEqual([]);
  });

  it.each([0, 2, 4])("shows nothing through noise of %f grey levels", (noise) => {
    expect(new Film(noise).play(60, room).shown).toEqual([]);
  });

  it("shows nothing while the sun and the camera's exposure come and go", () => {
    const film = new Film().play(90, (timeS) =>
      paint(room.slice(), (_x, _y, old) => old * (0.8 + 0.25 * Math.sin(timeS / 4) ** 2)),
    );
    expect(film.shown).toEqual([]);
  });

  it("shows nothing when the light is switched on or off, or a lamp lights one side", () => {
    const film = new Film().play(10, room);
    film.play(
      10,
      paint(room.slice(), (_x, _y, old) => old * 0.35),
    );
    film.play(10, room);
    film.play(
      20,
      paint(room.slice(), (x, _y, old) => old * (0.5 + 0.5 / (1 + Math.exp((x - 40) / 15)))),
    );
    expect(film.shown).toEqual([]);
  });

  it("shows nothing after the camera turns to infrared and back", () => {
    // Cloth that is dark by day is bright in infrared.
    const infrared = paint(room.slice(), (x, y, old) => 190 - 0.8 * old + 20 * Math.sin(x / 5 + y / 7));
    const film = new Film().play(10, room);
    film.play(
      0.6,
      paint(room.slice(), () => 10),
    );
    film.play(30, infrared).play(30, room);
    expect(film.shown).toEqual([]);
  });

  it("shows nothing where a television plays", () => {
    const random = randomOf(8);
    const film = new Film().play(120, (timeS) => {
      const shade = 40 + 150 * random();
      const lasts = timeS % 7 < 3;
      return paint(room.slice(), (x, y, old) =>
        x >= 50 && x < 62 && y >= 8 && y < 16 ? (lasts ? shade : 60 + 100 * random()) : old,
      );
    });
    expect(film.shown).toEqual([]);
  });

  it("is learned anew within seconds when the camera is turned", () => {
    const other = furnishedRoom(23);
    const film = new Film().play(20, room).play(20, other);
    expect(film.shown.filter((timeS) => timeS > 23)).toEqual([]);
    expect(film.regions).toEqual([]);
  });

  it("shows nothing when the camera shakes, and nothing that lasts when it was knocked aside by half a degree", () => {
    const shifted = (by: number) =>
      paint(
        room.slice(),
        (x, y) => room[y * ROOM.width + Math.min(ROOM.width - 1, Math.max(0, x + by))] ?? 0,
      );
    const film = new Film().play(20, room).play(2, (timeS) => shifted(Math.round(2 * Math.sin(timeS * 20))));
    film.play(20, room);
    expect(film.regions).toEqual([]);
    film.play(620, shifted(1), [], 0.5);
    expect(film.regions).toEqual([]);
  });
});

describe("somebody who went down and was lost", () => {
  it("is shown within two seconds, where they lie, since they came to lie there", () => {
    const film = fallen();
    expectLying(film);
    const [region] = film.regions ?? [];
    expect(film.shown[0]).toBeLessThan(9 + 2);
    expect(region?.sinceS).toBeGreaterThan(8.5);
    expect(region?.sinceS).toBeLessThan(10);
    expect(region?.share).toBeGreaterThan(0.02);
  });

  it("is shown though they are nearly as dark as the floor", () => {
    expectLying(fallen(new Film(), lyingAt(room, 40, 36, -14)));
  });

  it("is shown for as long as they lie there: an hour later still", () => {
    expectLying(fallen().play(3600, lyingAt(room, 40, 36), [], 1));
  });

  it("is shown though they had lain there, seen, for a quarter of an hour before they were lost", () => {
    const lying = lyingAt(room, 40, 36);
    const film = fallen().play(900, lying, [track(2, LYING)], 0.5);
    const lostS = film.timeS;
    film.play(2, lying);
    expectLying(film);
    expect(film.regions?.[0]?.sinceS).toBeGreaterThan(lostS - 1);
    expectLying(film.play(1200, lying, [], 0.5));
  });

  it("is not shown while they are seen, nor soon after they were seen to get up", () => {
    const film = fallen();
    const before = film.shown.length;
    film.play(2, lyingAt(room, 40, 36), [track(2, LYING)]);
    film.play(
      4,
      (timeS) => walker(room, 40 + timeS * 8, 40),
      (timeS) => [track(2, upright(40 + timeS * 8, 40))],
    );
    expect(film.shown.length).toBeLessThanOrEqual(before + 1);
    film.play(3, room);
    expect(film.regions).toEqual([]);
  });

  it("and gets up unseen, is gone within three seconds", () => {
    const film = fallen().play(3, room);
    expect(film.regions).toEqual([]);
  });

  it("is still shown when the light is switched, and in infrared", () => {
    const dim = (scene: Scene) => paint(scene.slice(), (_x, _y, old) => old * 0.4);
    const infrared = (scene: Scene) =>
      paint(scene.slice(), (x, y, old) => 190 - 0.8 * old + 20 * Math.sin(x / 5 + y / 7));
    const lying = lyingAt(room, 40, 36);
    const film = fallen();
    expectLying(film.play(20, dim(lying)));
    expectLying(film.play(20, infrared(lying)));
    expectLying(film.play(20, lying));
    // Up at last.
    expect(film.play(5, room).regions).toEqual([]);
  });

  it("is shown again after a carer bent over them and left", () => {
    const lying = lyingAt(room, 40, 36);
    const film = fallen();
    film.play(10, walker(lying, 40, 40, 70), [track(5, boxOf(30, 18, 50, 42))]);
    film.play(
      5,
      (timeS) => walker(lying, 40 + timeS * 8, 40, 70),
      (timeS) => [track(5, upright(40 + timeS * 8, 40))],
    );
    expectLying(film.play(2, lying));
  });

  it("is shown though they were in view from the start and their place was never seen empty", () => {
    const lying = lyingAt(room, 40, 36);
    const film = new Film().play(10, lying, [track(1, LYING)]);
    film.play(60, lying);
    expect(film.regions).toHaveLength(1);
    expect(iou(film.regions?.[0]?.box ?? LYING, LYING)).toBeGreaterThan(0.5);
    expect(film.play(5, room).regions).toEqual([]);
  });
});

describe("nobody", () => {
  it("is left behind by who was in view from the start and walks off, seen or not", () => {
    const there = walker(room, 40, 38);
    const seen = new Film().play(5, there, [track(1, upright(40, 38))]);
    seen.play(
      6,
      (timeS) => walker(room, 40 + timeS * 10, 38),
      (timeS) => (timeS < 4 ? [track(1, upright(40 + timeS * 10, 38))] : []),
    );
    expect(seen.play(5, room).shown).toEqual([]);
    const unseen = new Film().play(5, there);
    unseen.play(6, (timeS) => walker(room, 40 + timeS * 10, 38)).play(5, room);
    expect(unseen.shown).toEqual([]);
  });

  it("is a moved chair: shown as a thing, and learned after ten minutes", () => {
    const moved = paint(room.slice(), (x, y, old) => (x >= 60 && x < 68 && y >= 30 && y < 42 ? 30 : old));
    const film = new Film().play(10, room).play(30, moved);
    expect(film.regions).toHaveLength(1);
    expect(film.play(540, moved, [], 0.5).regions).toHaveLength(1);
    expect(film.play(60, moved, [], 0.5).regions).toEqual([]);
  });

  it("is a chair that somebody moves who is seen to walk on", () => {
    const moved = paint(room.slice(), (x, y, old) => (x >= 36 && x < 44 && y >= 30 && y < 42 ? 30 : old));
    const film = new Film().play(5, room);
    film.play(
      4,
      (timeS) => walker(timeS > 3.5 ? moved : room, 5 + timeS * 9, 38),
      (timeS) => [track(1, upright(5 + timeS * 9, 38))],
    );
    film.play(1, walker(moved, 41, 38), [track(1, upright(41, 38), { detected: false })]);
    film.play(
      4,
      (timeS) => walker(moved, 41 + timeS * 9, 38),
      (timeS) => [track(1, upright(41 + timeS * 9, 38))],
    );
    expect(film.play(30, moved).regions).toHaveLength(1);
    expect(film.play(620, moved, [], 0.5).regions).toEqual([]);
  });

  it("but where somebody vanished, what is there is not learned after ten minutes", () => {
    expectLying(fallen().play(1200, lyingAt(room, 40, 36), [], 0.5));
  });

  it("is the shadow beside somebody who sits there, seen", () => {
    const shadow = paint(room.slice(), (x, y, old) =>
      x >= 45 && x < 48 && y >= 32 && y < 39 ? old * 0.7 : old,
    );
    const film = new Film().play(10, room).play(60, walker(shadow, 40, 38), [track(1, upright(40, 38))]);
    expect(film.shown).toEqual([]);
  });
});

describe("a watch", () => {
  it("begins anew with pictures of another size, and with another recording", () => {
    const film = fallen();
    film.watch.observe({ width: 40, height: 40, data: new Uint8Array(1600) }, film.timeS + 1, []);
    expect(film.watch.regions).toBeNull();
    const again = fallen();
    again.watch.observe(photograph(room, 1, randomOf(1)), 0, []);
    expect(again.watch.regions).toBeNull();
  });

  it("takes less than a millisecond a picture", () => {
    const film = fallen();
    const lying = lyingAt(room, 40, 36);
    const pictures = Array.from({ length: 50 }, (_, index) => photograph(lying, 1, randomOf(index)));
    const started = process.cpuUsage();
    for (let index = 0; index < 1000; index += 1) {
      const picture = pictures[index % 50];
      if (picture !== undefined) film.watch.observe(picture, film.timeS + 1 + index, []);
    }
    const { user } = process.cpuUsage(started);
    expect(user / 1000).toBeLessThan(1000);
  });
});
