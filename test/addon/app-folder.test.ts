// What Home Assistant's Supervisor finds when it looks at the app folder that addon/assemble.sh lays out.
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { DockerfileParser } from "dockerfile-ast";
import { validate } from "dockerfile-utils";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

let folder: string;
let app: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "haven-app-"));
  app = execFileSync("sh", ["addon/assemble.sh", join(folder, "repository")], { encoding: "utf8" }).trim();
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("the app repository", () => {
  it("has a name, and one app beside it", () => {
    expect(parse(readFileSync(join(folder, "repository/repository.yaml"), "utf8"))).toMatchObject({
      name: "Haven",
    });
    expect(readdirSync(join(folder, "repository")).sort()).toEqual(["haven", "repository.yaml"]);
  });

  it("holds all that the Supervisor and its store look for next to config.yaml", () => {
    const expected = [
      "config.yaml",
      "Dockerfile",
      "DOCS.md",
      "README.md",
      "CHANGELOG.md",
      "icon.png",
      "logo.png",
      "apparmor.txt",
      "translations/en.yaml",
    ];
    expect(expected.filter((name) => !existsSync(join(app, name)))).toEqual([]);
  });

  it("has no second file that would be taken for a manifest, nor a retired build.yaml", () => {
    const names = readdirSync(app, { recursive: true, encoding: "utf8" });
    expect(names.filter((name) => /(^|\/)config\.(ya?ml|json)$/.test(name))).toEqual(["config.yaml"]);
    expect(names.filter((name) => /(^|\/)build\.(ya?ml|json)$/.test(name))).toEqual([]);
  });

  it("is laid out into empty folders only, so that nothing of somebody's is mixed into it", () => {
    const again = spawnSync("sh", ["addon/assemble.sh", join(folder, "repository")], { encoding: "utf8" });
    expect(again.status).toBe(2);
    expect(again.stderr).toContain("not empty");
  });

  it.each([
    ["icon.png", 128, 128],
    ["logo.png", 250, 100],
  ])("has a %s of %i x %i pixels", (name, width, height) => {
    const png = readFileSync(join(app, name));
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width, height]);
  });
});

describe("the Dockerfile", () => {
  const text = readFileSync("addon/Dockerfile", "utf8");
  const dockerfile = DockerfileParser.parse(text);

  it("is valid", () => expect(validate(text).map(({ message }) => message)).toEqual([]));

  it("copies only what there is, in the project as in the app folder, and what the ignore file lets through", () => {
    const sources = dockerfile
      .getCOPYs()
      .filter((copy) => !copy.getFlags().some((flag) => flag.getName() === "from"))
      .flatMap((copy) => copy.getArguments().slice(0, -1))
      .map((argument) => argument.getValue());
    expect(sources.length).toBeGreaterThan(5);
    const allowed = readFileSync("addon/Dockerfile.dockerignore", "utf8")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1));
    for (const source of sources) {
      expect(existsSync(source), source).toBe(true);
      expect(existsSync(join(app, source)), `${source} in the app folder`).toBe(true);
      expect(allowed, source).toContain(source);
    }
  });

  it("takes from the build stage only what that stage has made", () => {
    const made = dockerfile
      .getCOPYs()
      .filter((copy) =>
        copy.getFlags().some((flag) => flag.getName() === "from" && flag.getValue() === "build"),
      )
      .map((copy) => copy.getArguments()[0]?.getValue());
    expect(made).toEqual([
      "/opt/haven/package.json",
      "/opt/haven/node_modules",
      "/opt/haven/dist",
      "/opt/haven-models",
    ]);
  });

  it("runs on glibc with the Node that package.json asks for, and knows where the models are", () => {
    for (const from of dockerfile.getFROMs()) expect(from.getImage()).toBe("node:20-bookworm-slim");
    const env = dockerfile.getENVs().flatMap((one) => one.getProperties());
    expect(env.find((property) => property.getName() === "HAVEN_MODELS_DIR")?.getValue()).toBe(
      "/opt/haven-models",
    );
  });

  it("says of itself what Home Assistant's builder would", () => {
    const labels = dockerfile
      .getInstructions()
      .filter((instruction) => instruction.getKeyword() === "LABEL")
      .map((instruction) => instruction.getArgumentsContent())
      .join(" ");
    for (const label of [
      /io\.hass\.type="app"/,
      /io\.hass\.version="\$\{BUILD_VERSION\}"/,
      /io\.hass\.arch="\$\{BUILD_ARCH\}"/,
    ])
      expect(labels).toMatch(label);
    const args = dockerfile.getARGs().map((one) => one.getProperty()?.getName());
    expect(args).toEqual(["BUILD_VERSION", "BUILD_ARCH"]);
  });

  it("asks the health of the port that the manifest sends Home Assistant to", () => {
    const [check] = dockerfile.getHEALTHCHECKs();
    const manifest = parse(readFileSync("config.yaml", "utf8")) as { ingress_port?: number };
    expect(check?.getRawArgumentsContent()).toContain(
      `http://127.0.0.1:${manifest.ingress_port ?? 8099}/healthz`,
    );
  });
});

describe("the container's entrypoint", () => {
  /** A stand-in for node that tells how it was called, and the folders of the container. */
  function start(
    args: readonly string[],
    options: { readonly config: boolean },
  ): { uid: string; command: string; home: string } {
    const root = mkdtempSync(join(folder, "container-"));
    for (const name of ["bin", "data", ...(options.config ? ["config"] : [])]) mkdirSync(join(root, name));
    writeFileSync(join(root, "data/options.json"), "{}", { mode: 0o600 });
    writeFileSync(
      join(root, "bin/node"),
      `#!/bin/sh\ncat ${root}/data/options.json >/dev/null && id -u && echo "$*" && echo "$HOME"\n`,
    );
    chmodSync(join(root, "bin/node"), 0o755);
    for (const path of [folder, root]) chmodSync(path, 0o755);
    const output = execFileSync("sh", ["addon/entrypoint.sh", ...args], {
      encoding: "utf8",
      env: {
        PATH: `${join(root, "bin")}${delimiter}${process.env.PATH}`,
        HOME: "/root",
        HAVEN_USER: "nobody",
        HAVEN_APP_DIR: "/app",
        HAVEN_DATA_DIR: join(root, "data"),
        HAVEN_CONFIG_DIR: join(root, "config"),
      },
    });
    const [uid = "", command = "", home = ""] = output.replaceAll(root, "").split("\n");
    return { uid, command, home };
  }

  it("keeps haven.yaml where Home Assistant shows it to the user, else with the data", () => {
    expect(start([], { config: true }).command).toBe(
      "/app/dist/src/main.js run --data /data --config /config/haven.yaml",
    );
    expect(start([], { config: false }).command).toBe("/app/dist/src/main.js run --data /data");
  });

  it("runs another command when it is given one", () => {
    expect(start(["doctor", "--json"], { config: true }).command).toBe("/app/dist/src/main.js doctor --json");
  });

  it.skipIf(process.getuid?.() !== 0)(
    "gives up root, and still reads what root has written (needs root)",
    () => {
      const nobody = execFileSync("id", ["-u", "nobody"], { encoding: "utf8" }).trim();
      const { uid, home } = start([], { config: true });
      expect(uid).toBe(nobody);
      expect(home).not.toBe("/root");
    },
  );
});

describe("the AppArmor profile", () => {
  const text = readFileSync("addon/apparmor.txt", "utf8");
  const rules = text.split("\n").map((line) => line.trim());

  it("is one profile, named so that the Supervisor can put the app's full name in its place", () => {
    const profiles = text.split("\n").filter((line) => /^profile ([^ ]+).*$/.test(line));
    expect(profiles).toEqual(["profile haven flags=(attach_disconnected,mediate_deleted) {"]);
    expect(text.match(/\{\s*$/gm)).toHaveLength(text.match(/^\s*\}/gm)?.length ?? 0);
  });

  it("does not open the whole file system or all capabilities", () => {
    expect(rules).not.toContain("file,");
    expect(rules).not.toContain("capability,");
    expect(rules.filter((rule) => /^\/(\*\*)? .*w/.test(rule))).toEqual([]);
  });

  it("allows what the image and the manifest need", () => {
    for (const path of ["/data/** rwk,", "/config/** rwk,", "/dev/dri/** rw,"]) expect(rules).toContain(path);
    expect(rules.some((rule) => rule.includes("/opt/haven-models/**"))).toBe(true);
  });

  const parser = ["/usr/sbin/apparmor_parser", "/sbin/apparmor_parser"].find((path) => existsSync(path));
  it.skipIf(parser === undefined)("compiles (needs apparmor_parser)", () => {
    const compiled = spawnSync(parser ?? "", ["--skip-kernel-load", "--skip-cache", "addon/apparmor.txt"], {
      encoding: "utf8",
    });
    expect(compiled.stderr.match(/error|syntax/i)).toBeNull();
    expect(compiled.status).toBe(0);
  });
});

describe("the scripts", () => {
  it.each(["addon/assemble.sh", "addon/entrypoint.sh", ".ci/run"])("%s has no syntax error", (path) => {
    expect(spawnSync(path === ".ci/run" ? "bash" : "sh", ["-n", path]).status).toBe(0);
  });

  it("continuous integration's can be started as it is", () => {
    expect(statSync(".ci/run").mode & 0o111).not.toBe(0);
  });
});
