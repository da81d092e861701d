// An npm registry on this machine: real HTTP, real tarballs, and the faults that real networks have.
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { create } from "tar";
import type { ModelPackage } from "../../models/manifest.ts";

/** What goes wrong with the requests for a tarball, first request first; after the last, nothing does. */
export type Fault =
  /** Sends this many bytes of the answer's body and then drops the connection. */
  | { readonly kind: "break"; readonly after: number }
  /** Sends this many bytes and then nothing more. */
  | { readonly kind: "stall"; readonly after: number }
  | { readonly kind: "ignore-range" }
  | { readonly kind: "status"; readonly status: number };

export interface TarballRequest {
  readonly range: string | null;
  /** Asked by npm itself rather than by us. */
  readonly byNpm: boolean;
}

export interface PublishedPackage extends ModelPackage {
  readonly tarball: Buffer;
}

export class LocalRegistry implements AsyncDisposable {
  readonly requests: TarballRequest[] = [];
  faults: Fault[] = [];
  /** Refuses whoever is not npm, as a registry behind a login does. */
  onlyForNpm = false;
  /** What the registry claims the sha512 to be, when it is not the truth. */
  claimedSha512: string | null = null;
  readonly #server: Server;
  readonly #packages = new Map<string, PublishedPackage>();

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<LocalRegistry> {
    const server = createServer();
    const registry = new LocalRegistry(server);
    server.on("request", (request, response) => registry.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return registry;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  publish(name: string, version: string, tarball: Buffer): PublishedPackage {
    const sha512 = createHash("sha512").update(tarball).digest("base64");
    const published = { name, version, sha512, tarball };
    this.#packages.set(name, published);
    return published;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = decodeURIComponent(request.url ?? "").slice(1);
    const published = this.#packages.get(path.replace(/\/-\/.*$/, ""));
    if (published === undefined) {
      response.writeHead(404, { "content-type": "application/json" }).end(`{"error":"not found"}`);
    } else if (path.includes("/-/")) {
      this.#sendTarball(published, request, response);
    } else {
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify(this.#document(published)));
    }
  }

  #document({ name, version, sha512 }: PublishedPackage): object {
    const dist = {
      tarball: `${this.url}${name}/-/file-${version}.tgz`,
      integrity: `sha512-${this.claimedSha512 ?? sha512}`,
    };
    return { name, "dist-tags": { latest: version }, versions: { [version]: { name, version, dist } } };
  }

  #sendTarball({ tarball }: PublishedPackage, request: IncomingMessage, response: ServerResponse): void {
    const range = request.headers.range ?? null;
    const byNpm = (request.headers["user-agent"] ?? "").startsWith("npm/");
    this.requests.push({ range, byNpm });
    const fault = this.faults.shift();
    if (this.onlyForNpm && !byNpm) return void response.writeHead(403).end();
    if (fault?.kind === "status") return void response.writeHead(fault.status).end();
    const from = fault?.kind === "ignore-range" ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    if (from >= tarball.length) {
      return void response.writeHead(416, { "content-range": `bytes */${tarball.length}` }).end();
    }
    const body = tarball.subarray(from);
    const place = { "content-range": `bytes ${from}-${tarball.length - 1}/${tarball.length}` };
    response.writeHead(from > 0 ? 206 : 200, {
      "content-length": body.length,
      ...(from > 0 ? place : {}),
    });
    if (fault?.kind === "break") response.write(body.subarray(0, fault.after), () => response.destroy());
    else if (fault?.kind === "stall") response.write(body.subarray(0, fault.after));
    else response.end(body);
  }
}

export interface PackageContent {
  readonly files: Readonly<Record<string, Buffer>>;
  /** Symbolic links by their path, and what they point to. */
  readonly links?: Readonly<Record<string, string>>;
  /** Executable among `files`. */
  readonly executable?: readonly string[];
}

/** A gzipped tarball as `npm publish` makes them. */
export async function packTarball(content: PackageContent): Promise<Buffer> {
  const folder = await mkdtemp(join(tmpdir(), "haven-package-"));
  try {
    for (const [path, data] of Object.entries(content.files)) {
      const full = join(folder, "package", path);
      await mkdir(dirname(full), { recursive: true });
      await writeFile(full, data, { mode: content.executable?.includes(path) === true ? 0o755 : 0o644 });
    }
    for (const [path, target] of Object.entries(content.links ?? {})) {
      await mkdir(dirname(join(folder, "package", path)), { recursive: true });
      await symlink(target, join(folder, "package", path));
    }
    await create({ gzip: true, cwd: folder, portable: true, file: join(folder, "out.tgz") }, ["package"]);
    return await readFile(join(folder, "out.tgz"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function sha256(data: Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Bytes that gzip cannot make smaller, the same for the same seed. */
export function incompressible(length: number, seed: number): Buffer {
  const data = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    data[i] = state >>> 24;
  }
  return data;
}
