// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is the syntax under test
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigFile } from "../../src/config/config-file.ts";
import { MASK, redactedConfig } from "../../src/config/redacted-config.ts";
import { isAppError } from "../../src/core/errors.ts";
import type { Camera } from "../../src/domain/camera.ts";

const TEXT = `# Our house
general: {log_level: debug} # for now

cameras:
  # the front door
  - id: door   # trailing
    name: Front door
    source: "rtsp://me:\${CAM_PASS}@10.0.0.5/live"   # H.264
    zones:
      - name: Mat # where parcels lie
        kind: floor
        polygon: [[0, 0.5], [1, 0.5], [1, 1]]
  - id: bed
    source: 'rtsp://10.0.0.6/live'

# end
`;

const ENV = { CAM_PASS: "s3cret" };
const NEW: Camera = {
  id: "attic",
  name: "Attic",
  area: "Attic",
  source: "rtsp://10.0.0.7/live?x=${1}",
  substream: null,
  transport: "auto",
  enabled: true,
  privacy: false,
  overlaps: [],
  zones: [
    {
      id: "sofa",
      name: "Sofa",
      kind: "sofa",
      leadsTo: null,
      polygon: [
        { x: 0.1, y: 0.2 },
        { x: 1, y: 0 },
        { x: 1, y: 1 },
      ],
    },
  ],
};

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "haven-config-"));
  path = join(folder, "haven.yaml");
});

afterEach(() => rm(folder, { recursive: true }));

async function open(text: string): Promise<ConfigFile> {
  await writeFile(path, text);
  return ConfigFile.open(path, ENV);
}

const text = () => readFile(path, "utf8");

function withCamera(file: ConfigFile, id: string, patch: Partial<Camera>): Promise<unknown> {
  return file.update((config) => ({
    ...config,
    cameras: config.cameras.map((camera) => (camera.id === id ? { ...camera, ...patch } : camera)),
  }));
}

describe("writing back", () => {
  it("changes one value and leaves every other character of a tidy file alone", async () => {
    const tidy = TEXT.replace("   # trailing", " # trailing").replace("   # H.264", " # H.264");
    const file = await open(tidy);
    await withCamera(file, "bed", { privacy: true });
    expect(await text()).toBe(tidy.replace("10.0.0.6/live'\n", "10.0.0.6/live'\n    privacy: true\n"));
  });

  it("keeps comments and references when the address around them changes", async () => {
    const file = await open(TEXT);
    await withCamera(file, "door", { source: "rtsp://me:s3cret@10.0.0.99/other" });
    expect(await text()).toContain('source: "rtsp://me:${CAM_PASS}@10.0.0.99/other" # H.264');
    expect(await text()).not.toContain("s3cret");
    expect(file.config.cameras[0]?.source).toBe("rtsp://me:s3cret@10.0.0.99/other");
  });

  it("adds a camera without its defaults, and what was typed is no reference", async () => {
    const file = await open(TEXT);
    await file.update((config) => ({ ...config, cameras: [...config.cameras, NEW] }));
    const written = await text();
    expect(written).toContain("  - id: attic\n    name: Attic\n    area: Attic\n");
    expect(written).toContain("x=$${1}");
    expect(written).toContain("- [0.1, 0.2]");
    expect(written).not.toContain("enabled");
    expect((await ConfigFile.open(path, ENV)).config).toEqual(file.config);
    expect(file.config.cameras[2]).toEqual(NEW);
  });

  it("removes a camera together with its comments, and reorders the others", async () => {
    const file = await open(TEXT);
    await file.update((config) => ({ ...config, cameras: [NEW, ...config.cameras.slice(1)] }));
    const written = await text();
    expect(written).not.toContain("Front door");
    expect(written.indexOf("attic")).toBeLessThan(written.indexOf("id: bed"));
    expect(written).toContain("# end");
  });

  it("keeps a zone's id when the zone is renamed", async () => {
    const file = await open(TEXT);
    const zones = (file.config.cameras[0]?.zones ?? []).map((zone) => ({ ...zone, name: "Doormat" }));
    await withCamera(file, "door", { zones });
    expect((await ConfigFile.open(path, ENV)).config.cameras[0]?.zones[0]).toMatchObject({
      id: "mat",
      name: "Doormat",
    });
    expect(await text()).toContain("where parcels lie");
  });

  it("writes into sections that are missing, empty or only defaults, and takes settings out again", async () => {
    const file = await open("# top\ninference:\nmqtt: {url: mqtt://a}\n");
    await file.update((config) => {
      const { url: _, ...mqtt } = config.mqtt;
      return {
        ...config,
        inference: { ...config.inference, fps: 5 },
        api: { ...config.api, allowedHosts: ["haven.local"] },
        mqtt: { ...mqtt, embedded: { ...mqtt.embedded, port: 1999 } },
      };
    });
    expect(await text()).toBe(
      "# top\ninference:\n  fps: 5\nmqtt: {embedded: {port: 1999}}\napi:\n  allowed_hosts:\n    - haven.local\n",
    );
  });

  it("begins a file where there was none, for its owner's eyes only", async () => {
    const file = await ConfigFile.open(path, ENV);
    await file.update((config) => ({ ...config, cameras: [NEW] }));
    expect((await ConfigFile.open(path, ENV)).config.cameras).toEqual([NEW]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(["haven.yaml"]);
  });

  it("keeps the file's mode and follows a symlink", async () => {
    const file = await open(TEXT);
    await chmod(path, 0o640);
    const link = join(folder, "link.yaml");
    await symlink(path, link);
    await withCamera(await ConfigFile.open(link, ENV), "bed", { name: "Bed" });
    expect((await stat(path)).mode & 0o777).toBe(0o640);
    expect(await text()).toContain("name: Bed");
    expect((await file.reload()).kind).toBe("changed");
  });

  it("refuses what the schema refuses, and writes nothing", async () => {
    const file = await open(TEXT);
    await expect(withCamera(file, "bed", { id: "door" })).rejects.toThrow(
      'cameras[1].id: is "door", which another camera (number 1) has already',
    );
    await expect(withCamera(file, "bed", { source: "gopher://x" })).rejects.toThrow(
      "cameras[1].source: give an rtsp://",
    );
    expect(await text()).toBe(TEXT);
    expect(file.config.cameras[1]?.id).toBe("bed");
  });

  it("refuses a change that the file's own shape does not allow, rather than writing something else", async () => {
    const aliased =
      "cameras:\n  - id: a\n    source: x.mp4\n    zones: &z\n      - {name: B, kind: bed, polygon: [[0,0],[1,0],[1,1]]}\n  - id: b\n    source: y.mp4\n    zones: *z\n";
    const file = await open(aliased);
    const error: unknown = await withCamera(file, "a", { zones: [] }).catch((thrown: unknown) => thrown);
    expect(isAppError(error, "config.unwritable")).toBe(true);
    expect(await text()).toBe(aliased);
  });

  it("builds on edits that others made in the meantime", async () => {
    const file = await open(TEXT);
    await writeFile(path, TEXT.replace("Front door", "Back door"));
    await Promise.all([
      withCamera(file, "bed", { name: "Bed" }),
      withCamera(file, "bed", { area: "Bedroom" }),
    ]);
    expect(file.config.cameras.map(({ name, area }) => [name, area])).toEqual([
      ["Back door", null],
      ["Bed", "Bedroom"],
    ]);
  });

  it("says so when the file cannot be written", async () => {
    const file = await open(TEXT);
    // Where the temporary file would go stands a folder: this stops root too.
    await mkdir(`${path}.${process.pid}.tmp`);
    const error: unknown = await withCamera(file, "bed", { name: "Bed" }).catch((thrown: unknown) => thrown);
    expect(isAppError(error, "config.unwritable")).toBe(true);
    expect(await text()).toBe(TEXT);
    expect(file.config.cameras[1]?.name).toBe("bed");
  });
});

describe("reloading", () => {
  it("tells whether anything changed", async () => {
    const file = await open(TEXT);
    expect((await file.reload()).kind).toBe("unchanged");
    await writeFile(path, `${TEXT}# one more comment\n`);
    expect((await file.reload()).kind).toBe("unchanged");
    await writeFile(path, TEXT.replace("debug", "warn"));
    expect(await file.reload()).toMatchObject({ kind: "changed", config: { general: { logLevel: "warn" } } });
  });

  it("refuses a broken file and goes on with the old configuration", async () => {
    const file = await open(TEXT);
    const before = file.config;
    await writeFile(path, TEXT.replace("id: bed", "id: door"));
    const answer = await file.reload();
    expect(answer.kind).toBe("refused");
    expect(answer.kind === "refused" && answer.error.message).toMatch(
      /haven\.yaml:13 cameras\[1\]\.id: is "door"/,
    );
    expect(file.config).toBe(before);
    await expect(withCamera(file, "bed", { name: "x" })).rejects.toThrow("cameras[1].id");
    await writeFile(path, TEXT.replace("debug", "warn"));
    expect((await file.reload()).kind).toBe("changed");
  });

  it("refuses a file that is gone or unreadable", async () => {
    const file = await open(TEXT);
    await rm(path);
    expect(await file.reload()).toMatchObject({ kind: "refused", error: { code: "config.unreadable" } });
    expect(file.config.cameras).toHaveLength(2);
    await symlink(path, path);
    expect(await file.reload()).toMatchObject({ kind: "refused", error: { code: "config.unreadable" } });
  });
});

describe("what is shown of the configuration", () => {
  it("holds no password, whichever way it got in", async () => {
    const file = await open(
      `${TEXT.replace('    source: "rtsp', '    substream: "rtsp://me:${CAM_PASS}@10.0.0.5/small"\n    source: "rtsp')}mqtt: {url: "mqtt://u:s3cret@broker", username: u, password: "\${CAM_PASS}"}\napi: {token: s3cret-s3cret}\n`,
    );
    const shown = redactedConfig(file.config);
    expect(JSON.stringify(shown)).not.toContain("s3cret");
    expect(shown.mqtt).toMatchObject({ url: "mqtt://broker", username: "u", password: MASK });
    expect(shown.cameras[0]?.source).toBe("rtsp://10.0.0.5/live");
    expect(shown.cameras[0]?.substream).toBe("rtsp://10.0.0.5/small");
  });
});
