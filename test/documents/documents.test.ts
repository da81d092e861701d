// What the documents promise, held against the code they speak of.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { identityRoutes } from "../../src/api/identity-routes.ts";
import { personRoutes } from "../../src/api/person-routes.ts";
import { photoRoutes } from "../../src/api/photo-routes.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { EVENT_KINDS } from "../../src/domain/events.ts";
import { AREA_STATES } from "../../src/mqtt/area-states.ts";
import { CAMERA_STATES, PERSON_STATES, TOPICS } from "../../src/mqtt/topics.ts";
import { FakeHome } from "../api/fake-home.ts";

const DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "addon/DOCS.md", "addon/README.md"];
const readme = readFileSync("README.md", "utf8");
const scripts = Object.keys(
  (JSON.parse(readFileSync("package.json", "utf8")) as { scripts: object }).scripts,
);

describe.each(DOCUMENTS)("%s", (document) => {
  const text = readFileSync(document, "utf8");

  it("links to files and pictures that are there", () => {
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, path = ""]) => path);
    expect(links.filter((path) => !existsSync(join(dirname(document), path)))).toEqual([]);
  });

  it("names npm scripts that there are", () => {
    const named = [...text.matchAll(/npm run (?:-s )?([a-z]+)/g)].map(([, name = ""]) => name);
    expect(named.filter((name) => !scripts.includes(name))).toEqual([]);
  });

  it("speaks of no events that do not exist", () => {
    const words = [...text.matchAll(/`((?:person|fall|bed|alarm|camera|long|on)_[a-z_]+)`/g)].map(
      ([, word = ""]) => word,
    );
    const others = new Set(["on_floor", "camera_id", "person_id", ...CAMERA_STATES, ...AREA_STATES]);
    expect(
      words.filter((word) => !(EVENT_KINDS as readonly string[]).includes(word) && !others.has(word)),
    ).toEqual([]);
  });
});

describe("the README", () => {
  it("shows a configuration that Haven takes as it is", () => {
    const [, yaml = ""] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
    const env = { CAMERA_PASSWORD: "secret", MQTT_PASSWORD: "secret", HAVEN_TOKEN: "a-long-enough-token" };
    const config = loadConfig(yaml, { file: "haven.yaml", env });
    expect(config.cameras.map(({ id }) => id)).toEqual(["living_room", "bedroom"]);
    expect(config.cameras.flatMap(({ zones }) => zones.map(({ kind }) => kind))).toEqual([
      "sofa",
      "bed",
      "door",
    ]);
  });

  it("tells the command line as it is: every command, and no other", () => {
    const section = readme.split("## Command line")[1]?.split("\n## ")[0] ?? "";
    const told = new Set([...section.matchAll(/^\| `([a-z]+)/gm)].map(([, name = ""]) => name));
    const help = spawnSync(process.execPath, ["dist/src/main.js", "--help"], { encoding: "utf8" }).stdout;
    const real = [...help.matchAll(/^ {2}([a-z]+)(?: .*)?$/gm)].map(([, name = ""]) => name);
    const commands = real.filter((name) => name !== "help");
    expect(commands.length).toBeGreaterThan(4);
    expect([...told].sort()).toEqual(commands.sort());
  });

  it("tells of every request about persons, and of no other", () => {
    const nobody = () => "";
    const home = new FakeHome();
    const routers = [
      ["/api/persons", personRoutes(home, nobody)],
      ["/api/persons", photoRoutes(home, nobody)],
      ["/api", identityRoutes(home.persons, nobody)],
    ] as const;
    const real = routers.flatMap(([prefix, { stack }]) =>
      stack.flatMap(({ route }) =>
        route === undefined
          ? []
          : `${prefix}${route.path}`.replace(/\/$/, "").replace(":id", "ID").replace(":eid", "EID"),
      ),
    );
    const section = readme.split("## HTTP")[1]?.split("\n## ")[0] ?? "";
    const told = [...section.matchAll(/(?:GET|POST|DELETE) (\/api\/[\w/.-]+)`/g)].map(
      ([, path = ""]) => path,
    );
    expect([...new Set(told)].sort()).toEqual([...new Set(real)].sort());
  });

  it("tells of every topic that Haven speaks or listens to", () => {
    const row = (topic: string) =>
      new RegExp(`\`[^\`]*${topic.replace("haven/", "")}|{[^}]*\\b${topic.split("/").at(-1)}\\b`);
    const own = Object.values(TOPICS).filter((topic) => topic.startsWith("haven/"));
    expect(own.filter((topic) => !row(topic).test(readme))).toEqual([]);
    const states = CAMERA_STATES.filter((state) => !state.endsWith("_attributes"));
    const untold = (thing: string, all: readonly string[]) =>
      all.filter((state) => !new RegExp(`haven/${thing}/\\S*\\b${state}\\b`).test(readme));
    expect(untold("camera/ID", states)).toEqual([]);
    expect(untold("person/ID", [...PERSON_STATES, "event"])).toEqual([]);
    expect(untold("area/AREA", AREA_STATES)).toEqual([]);
  });
});
