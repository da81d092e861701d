import { describe, expect, it } from "vitest";
import { projectOf, readProject } from "./architecture/project.ts";
import { MAX_LINES, ROOMS, ROOTS } from "./architecture/rooms.ts";
import * as rules from "./architecture/rules.ts";

const project = readProject(process.cwd());

describe("the house keeps to its plan", () => {
  it("looks at the code of every root", () => expect(rules.somethingIsChecked(project)).toEqual([]));
  it("gives every source file a room", () => expect(rules.everyFileHasARoom(project)).toEqual([]));
  it("lets rooms import only the rooms in their row", () =>
    expect(rules.roomsImportOnlyWhatTheTableAllows(project)).toEqual([]));
  it("keeps npm packages in their rooms", () => expect(rules.packagesStayInTheirRoom(project)).toEqual([]));
  it("keeps pure rooms free of Node", () => expect(rules.pureRoomsStayPure(project)).toEqual([]));
  it("computes no import", () => expect(rules.importsCanBeRead(project)).toEqual([]));
  it("has no circle of rooms", () => expect(rules.roomsFormNoCycle(project)).toEqual([]));
  it("has no barrels", () => expect(rules.noBarrels(project)).toEqual([]));
  it("has no names that say nothing", () => expect(rules.namesSaySomething(project)).toEqual([]));
  it("has one config.yaml, at the top level", () => expect(rules.oneManifest(project)).toEqual([]));
  it("has no file with a second idea in it", () => expect(rules.filesHoldOneIdea(project)).toEqual([]));

  it("has a table whose rows exist and form no circle", () => {
    const edges = (name: string) => (ROOMS[name]?.rooms === "*" ? [] : (ROOMS[name]?.rooms ?? []));
    const unknown = Object.keys(ROOMS).flatMap((name) =>
      edges(name).filter((room) => ROOMS[room] === undefined),
    );
    expect(unknown).toEqual([]);
    const depth = (name: string, seen: readonly string[]): number =>
      seen.includes(name)
        ? Number.POSITIVE_INFINITY
        : 1 + Math.max(0, ...edges(name).map((r) => depth(r, [...seen, name])));
    for (const name of Object.keys(ROOMS))
      expect(depth(name, []), name).toBeLessThan(Object.keys(ROOMS).length);
  });
});

/** A house of the given files, with one innocent file in every root. */
function house(files: Record<string, string>) {
  const all: Record<string, string> = {
    "config.yaml": "",
    ...Object.fromEntries(
      ROOTS.map((root) => [`${root}/${root === "src" ? "core/" : ""}innocent.ts`, "export {};"]),
    ),
    ...files,
  };
  return projectOf(Object.keys(all), (path) => all[path] ?? "");
}

describe("each rule finds what it is there for", () => {
  it("an innocent house offends nobody", () => {
    for (const rule of Object.values(rules)) expect(rule(house({}))).toEqual([]);
  });

  it("nothing to look at", () => {
    expect(rules.somethingIsChecked(projectOf([], () => ""))).toHaveLength(ROOTS.length);
    expect(rules.somethingIsChecked(projectOf(["src/core/a.ts"], () => ""))).toHaveLength(ROOTS.length - 1);
  });

  it("a folder that is in no row", () => {
    expect(rules.everyFileHasARoom(house({ "src/attic/box.ts": "" }))).toEqual([
      expect.stringContaining("src/attic/box.ts"),
    ]);
    expect(rules.everyFileHasARoom(house({ "src/main.ts": "", "src/cli/run.ts": "" }))).toEqual([]);
  });

  it.each([
    ["an import", `import { Store } from "../store/database.ts";`],
    ["an import of a type", `import type { Store } from "../store/database.ts";`],
    ["an import for its effect", `import "../store/database.ts";`],
    ["a re-export", `export { Store } from "../store/database.ts"; export const x = 1;`],
    ["an export of everything", `export * from "../store/database.ts"; export const x = 1;`],
    ["a dynamic import", `const store = await import("../store/database.ts");`],
    ["a type from an import expression", `export type S = import("../store/database.ts").Store;`],
    ["a require", `const store = require("../store/database.ts");`],
    ["a worker's entry", `const path = entryPoint(import.meta.url, "../store/database.ts");`],
  ])("a room entered that the row does not list, by %s", (_, code) => {
    const project = house({ "src/mqtt/client.ts": code, "src/store/database.ts": "export {};" });
    expect(rules.roomsImportOnlyWhatTheTableAllows(project)).toEqual([
      "src/mqtt/client.ts: room mqtt may not import src/store/database.ts of room store",
    ]);
  });

  it("but a process may be started that the composition root puts together", () => {
    const code = `const path = entryPoint(import.meta.url, "../vision-main.ts");`;
    const project = house({
      "src/pipeline/supervisor.ts": code,
      "src/vision-main.ts": `import "./pipeline/a.ts";`,
    });
    expect(rules.roomsImportOnlyWhatTheTableAllows(project)).toEqual([]);
    expect(rules.roomsFormNoCycle(project)).toEqual([]);
    const imported = house({
      "src/pipeline/supervisor.ts": `import "../vision-main.ts";`,
      "src/vision-main.ts": "",
    });
    expect(rules.roomsImportOnlyWhatTheTableAllows(imported)).toHaveLength(1);
  });

  it("what only looks like an import is none", () => {
    const code = `// import "../store/database.ts"\nexport const text = 'import "../store/database.ts"';`;
    expect(rules.roomsImportOnlyWhatTheTableAllows(house({ "src/mqtt/client.ts": code }))).toEqual([]);
  });

  it("a daemon's value in the panel, where its type is welcome", () => {
    const value = house({ "panel/src/view.ts": `import { toWire } from "../../src/domain/events.ts";` });
    const type = house({ "panel/src/view.ts": `import { type Zone } from "../../src/domain/zone.ts";` });
    const room = house({ "panel/src/view.ts": `import type { X } from "../../src/api/server.ts";` });
    expect(rules.roomsImportOnlyWhatTheTableAllows(value)).toEqual([
      expect.stringContaining("other than as a type"),
    ]);
    expect(rules.roomsImportOnlyWhatTheTableAllows(type)).toEqual([]);
    expect(rules.roomsImportOnlyWhatTheTableAllows(room)).toHaveLength(1);
  });

  it("a file imported that lies in no room", () => {
    const project = house({ "src/core/a.ts": `import data from "../../test/data.ts";` });
    expect(rules.roomsImportOnlyWhatTheTableAllows(project)).toEqual([expect.stringContaining("in no room")]);
  });

  it("an npm package outside its room, by whatever path in it", () => {
    for (const specifier of ["mqtt", "mqtt/api"])
      expect(
        rules.packagesStayInTheirRoom(house({ "src/adl/fall.ts": `import {} from "${specifier}";` })),
      ).toEqual(["src/adl/fall.ts: room adl may not import mqtt, which belongs to mqtt"]);
  });

  it("an npm package that belongs to no room, scoped or not", () => {
    const project = house({ "src/cli/run.ts": `import {} from "@left/pad/x"; import {} from "lodash";` });
    expect(rules.packagesStayInTheirRoom(project)).toEqual([
      expect.stringContaining("may not import @left/pad, which stands in no row"),
      expect.stringContaining("may not import lodash, which stands in no row"),
    ]);
  });

  it("a pure room that reaches for the world, with or without the prefix", () => {
    for (const specifier of ["node:fs", "fs", "fs/promises"])
      expect(
        rules.pureRoomsStayPure(house({ "src/adl/fall.ts": `import {} from "${specifier}";` })),
      ).toHaveLength(1);
    expect(rules.pureRoomsStayPure(house({ "src/video/open.ts": `import {} from "node:fs";` }))).toEqual([]);
  });

  it("an import nobody can read", () => {
    expect(rules.importsCanBeRead(house({ "src/video/a.ts": "await import(name);" }))).toHaveLength(1);
    expect(rules.importsCanBeRead(house({ "src/video/a.ts": "await import(`./b.ts`);" }))).toEqual([]);
  });

  it("rooms that import one another", () => {
    const project = house({
      "src/video/a.ts": `import "../camera/b.ts";`,
      "src/camera/b.ts": `import "../api/c.ts";`,
      "src/api/c.ts": `import "../video/a.ts";`,
    });
    expect(rules.roomsFormNoCycle(project)).toEqual([
      expect.stringMatching(/video -> camera -> api -> video/),
    ]);
  });

  it("a barrel, by its name or by what is in it", () => {
    expect(rules.noBarrels(house({ "src/video/index.ts": "export const x = 1;" }))).toHaveLength(1);
    expect(rules.noBarrels(house({ "src/video/all.ts": `export * from "./a.ts";` }))).toHaveLength(1);
  });

  it("a name that says nothing, of a file or a folder", () => {
    for (const path of [
      "src/video/utils.ts",
      "src/common/a.ts",
      "test/helpers/b.ts",
      "src/api/http-helper.ts",
    ])
      expect(rules.namesSaySomething(house({ [path]: "" })), path).toHaveLength(1);
    expect(rules.namesSaySomething(house({ "src/video/frame.ts": "" }))).toEqual([]);
  });

  it("a second config.yaml, and a missing first one", () => {
    expect(rules.oneManifest(house({ "test/addon/config.yaml": "" }))).toHaveLength(1);
    expect(rules.oneManifest(house({ "src/config/config.json": "" }))).toHaveLength(1);
    expect(rules.oneManifest({ paths: [], sources: [] })).toHaveLength(1);
  });

  it("a file that has grown too long", () => {
    const long = "export {};\n".repeat(MAX_LINES + 1);
    expect(rules.filesHoldOneIdea(house({ "src/video/long.ts": long }))).toEqual([
      expect.stringContaining(`has ${MAX_LINES + 1} lines`),
    ]);
  });

  it("a file that cannot be parsed", () => {
    expect(() => house({ "src/video/broken.ts": "const = 4;" })).toThrow(
      "src/video/broken.ts cannot be parsed",
    );
  });
});
