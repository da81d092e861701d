import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "../core/errors.ts";
import { redactUrl } from "../core/logger.ts";

export type SourceKind = "file" | "rtsp" | "http";

/** A camera's source, understood. `address` may hold a password: it goes to FFmpeg and nowhere else. */
export interface SourceAddress {
  readonly kind: SourceKind;
  readonly address: string;
  /** What may be shown and logged: no user, no password, no query. */
  readonly shown: string;
}

const SCHEMES: Readonly<Record<string, SourceKind>> = {
  "rtsp:": "rtsp",
  "rtsps:": "rtsp",
  "http:": "http",
  "https:": "http",
};

/**
 * Understands a source as people write it: a path, file://, rtsp(s):// or http(s)://.
 * @throws AppError input.invalid for anything else; FFmpeg's own protocols (concat:, pipe:, ...) are not for sources.
 */
export function parseSource(source: string): SourceAddress {
  const text = source.trim();
  if (text === "") {
    throw new AppError(
      "input.invalid",
      "The camera has no source; give an rtsp:// or http(s):// address or a file.",
    );
  }
  const scheme = /^([a-z][a-z0-9+.-]*:)\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) return fileAddress(text);
  if (scheme === "file:") return fileAddress(pathOf(text));
  const kind = SCHEMES[scheme];
  if (kind === undefined) {
    throw new AppError(
      "input.invalid",
      `"${redactUrl(text)}" cannot be opened: ${scheme}// is not supported; use an rtsp:// or http(s):// address or a file.`,
    );
  }
  return { kind, address: escapeCredentials(text), shown: redactUrl(text) };
}

function fileAddress(path: string): SourceAddress {
  return { kind: "file", address: path, shown: path };
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (cause) {
    throw new AppError("input.invalid", `"${url}" is not a file address on this machine; give the path.`, {
      cause,
    });
  }
}

/** FFmpeg takes `name:rest` for a protocol: the prefix makes any file name just a file name. */
export function fileUrlForFfmpeg(path: string): string {
  return `file:${isAbsolute(path) ? path : `./${path}`}`;
}

const HOST_AND_PORT = /^(\[[0-9a-f:.%]+\]|[^:@[\]]+)(:\d+)?$/i;

/**
 * Passwords are pasted as they are, with @, /, # and % in them. FFmpeg ends the host at the first of "/?#" and decodes
 * %XX, so the user and password are percent-encoded where they are not already.
 */
function escapeCredentials(url: string): string {
  const start = url.indexOf("://") + 3;
  const rest = url.slice(start);
  const end = rest.search(/[/?#]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  const inner = authority.lastIndexOf("@");
  // "user:pa" before the first slash is no host and port: the password goes on, up to the last "@".
  const at = HOST_AND_PORT.test(authority.slice(inner + 1)) ? inner : rest.lastIndexOf("@");
  if (at === -1) return url;
  const [user = "", ...password] = rest.slice(0, at).split(":");
  const credentials = [user, ...(password.length === 0 ? [] : [password.join(":")])];
  return `${url.slice(0, start)}${credentials.map(escapePart).join(":")}@${rest.slice(at + 1)}`;
}

function escapePart(text: string): string {
  return text.replace(/%(?![0-9a-f]{2})|[^%A-Za-z0-9._~!$&'()*+,;=-]/gi, encodeURIComponent);
}
