import { randomBytes } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { AppError, messageOf } from "../core/errors.ts";

export interface BrokerPassword {
  readonly username: string;
  readonly password: string;
  /** Made just now: the moment to show it to whoever sets the house up. */
  readonly created: boolean;
}

const USERNAME = "haven";
/** 144 bits, 24 characters without any that need quoting in YAML or a URL. */
const PASSWORD_BYTES = 18;

/**
 * The user and password of the embedded broker, made on first use. Kept as they are and not hashed: the owner has to be
 * able to look them up for the next client, and whoever can read the file (mode 0600) can read the daemon's data anyway.
 * @throws AppError `config.unreadable` when the file is there but cannot be used.
 */
export function brokerPassword(file: string): BrokerPassword {
  const existing = read(file);
  if (existing !== null) return { ...existing, created: false };
  const made = { username: USERNAME, password: randomBytes(PASSWORD_BYTES).toString("base64url") };
  try {
    mkdirSync(dirname(file), { recursive: true });
    // Under another name first: a crash in between must not leave half a password behind.
    rmSync(`${file}.new`, { force: true });
    writeFileSync(`${file}.new`, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new AppError(
      "config.unreadable",
      `The broker's password cannot be written to ${file} (${messageOf(error)}): make the data folder writable.`,
      { cause: error },
    );
  }
  return { ...made, created: true };
}

function read(file: string): { username: string; password: string } | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
    chmodSync(file, 0o600);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw unusable(file, messageOf(error), error);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw unusable(file, "it is not JSON", error);
  }
  const { username, password } = (value ?? {}) as {
    readonly username?: unknown;
    readonly password?: unknown;
  };
  if (typeof username !== "string" || username === "" || typeof password !== "string" || password === "")
    throw unusable(file, "it holds no username and password", undefined);
  return { username, password };
}

function unusable(file: string, reason: string, cause: unknown): AppError {
  const message = `${file} cannot be used (${reason}): repair it, or delete it to get a new broker password.`;
  return new AppError("config.unreadable", message, { cause });
}
