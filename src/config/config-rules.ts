// What no single value can get wrong by itself: doubled ids, polygons without an inside, thresholds in the wrong order.
// The rules look at whatever could be read, so that all mistakes are told at once.
import type { Problem } from "./config-problem.ts";
import type { ConfigPath } from "./source-lines.ts";

/** `isSound` says of a path that nothing at or below it is wrong already. */
export function brokenRules(tree: unknown, isSound: (path: ConfigPath) => boolean): readonly Problem[] {
  const cameras = listAt(tree, "cameras");
  return [
    ...doubledIds(cameras, ["cameras"], "another camera"),
    ...cameras.flatMap((camera, index) => [
      ...doubledIds(listAt(camera, "zones"), ["cameras", index, "zones"], "another zone of this camera"),
      ...flatPolygons(camera, ["cameras", index, "zones"], isSound),
    ]),
    ...unknownOverlaps(cameras, isSound),
    ...escalationOrder(tree, isSound),
    ...ordered(tree, isSound, { low: ["tracker", "low"], high: ["tracker", "high"], what: "not above" }),
    ...ordered(tree, isSound, { low: ["tracker", "low"], high: ["tracker", "new_track"], what: "not above" }),
    ...ordered(tree, isSound, {
      low: ["adl", "min_ground_duration"],
      high: ["adl", "long_lie_after_seconds"],
      what: "below",
    }),
    ...ordered(tree, isSound, {
      low: ["adl", "on_floor_after_seconds"],
      high: ["adl", "long_lie_after_seconds"],
      what: "not above",
    }),
    ...passwordWithoutUser(tree),
  ];
}

function doubledIds(items: readonly unknown[], path: ConfigPath, other: string): readonly Problem[] {
  const first = new Map<string, number>();
  return items.flatMap((item, index) => {
    const id = valueAt(item, ["id"]);
    if (typeof id !== "string") return [];
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, index);
      return [];
    }
    return [
      {
        path: [...path, index, "id"],
        text: `is "${id}", which ${other} (number ${earlier + 1}) has already`,
      },
    ];
  });
}

/** A camera that is named to see the same place has to be there, and be another one. */
function unknownOverlaps(
  cameras: readonly unknown[],
  isSound: (path: ConfigPath) => boolean,
): readonly Problem[] {
  const ids = cameras.map((camera) => valueAt(camera, ["id"]));
  return cameras.flatMap((camera, index) =>
    listAt(camera, "overlaps").flatMap((other, place) => {
      const path = ["cameras", index, "overlaps", place];
      if (!isSound(path)) return [];
      if (other === ids[index]) return [{ path, text: `is "${other}", the camera itself` }];
      return ids.includes(other) ? [] : [{ path, text: `is "${other}", which no camera has as its id` }];
    }),
  );
}

function escalationOrder(tree: unknown, isSound: (path: ConfigPath) => boolean): readonly Problem[] {
  const levels = listAt(valueAt(tree, ["alarms"]), "escalation");
  return levels.flatMap((level, index) => {
    const path = ["alarms", "escalation", index, "after_seconds"];
    const here = valueAt(level, ["after_seconds"]);
    const before = valueAt(levels[index - 1], ["after_seconds"]);
    if (!isSound(path) || typeof here !== "number" || typeof before !== "number" || here > before) return [];
    return [{ path, text: `is ${here}: it must be above the level before it, which is ${before}` }];
  });
}

/** A polygon narrower than a thousandth of the picture's area holds nobody: its corners lie on a line. */
const LEAST_AREA = 0.001;

function flatPolygons(
  camera: unknown,
  path: ConfigPath,
  isSound: (path: ConfigPath) => boolean,
): readonly Problem[] {
  return listAt(camera, "zones").flatMap((zone, index) => {
    const polygonPath = [...path, index, "polygon"];
    const polygon = listAt(zone, "polygon");
    if (!isSound(polygonPath) || polygon.length < 3) return [];
    return area(polygon as readonly (readonly [number, number])[]) >= LEAST_AREA
      ? []
      : [{ path: polygonPath, text: "has (nearly) no inside; give corners that go once around the zone" }];
  });
}

/** Shoelace formula, in shares of the picture. */
function area(polygon: readonly (readonly [number, number])[]): number {
  const twice = polygon.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = polygon[(index + 1) % polygon.length] ?? [x, y];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.abs(twice) / 2;
}

function ordered(
  tree: unknown,
  isSound: (path: ConfigPath) => boolean,
  rule: { readonly low: ConfigPath; readonly high: ConfigPath; readonly what: "below" | "not above" },
): readonly Problem[] {
  const low = valueAt(tree, rule.low);
  const high = valueAt(tree, rule.high);
  if (!isSound(rule.low) || !isSound(rule.high) || typeof low !== "number" || typeof high !== "number")
    return [];
  return low < high || (low === high && rule.what === "not above")
    ? []
    : [
        {
          path: rule.low,
          text: `is ${low}: it must be ${rule.what} ${rule.high.join(".")}, which is ${high}`,
        },
      ];
}

function passwordWithoutUser(tree: unknown): readonly Problem[] {
  return valueAt(tree, ["mqtt", "password"]) !== undefined &&
    valueAt(tree, ["mqtt", "username"]) === undefined
    ? [{ path: ["mqtt", "username"], text: "is missing; a password needs the user it belongs to" }]
    : [];
}

function listAt(node: unknown, key: string): readonly unknown[] {
  const value = valueAt(node, [key]);
  return Array.isArray(value) ? value : [];
}

function valueAt(node: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null
        ? (value as Record<string | number, unknown>)[step]
        : undefined,
    node,
  );
}
