// Who may talk to the api: decided purely, from what a request says of itself and where its socket comes from.
// Three attackers are in mind: a web page in a resident's browser (cross-site requests, DNS rebinding), somebody else in
// the network, and, behind Home Assistant, other containers that pretend to be its proxy.
import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

export interface AccessPolicy {
  /**
   * With ingress, the only address that may connect (Home Assistant's app security: 172.30.32.2, the Supervisor on its
   * own network); null without.
   */
  readonly proxyAddress: string | null;
  /** Whether only this machine can reach the port. */
  readonly loopback: boolean;
  readonly allowedHosts: readonly string[];
  readonly token: string | null;
}

export interface AccessRequest {
  readonly method: string;
  /** Without query. */
  readonly path: string;
  readonly queryToken: string | null;
  readonly upgrade: boolean;
  readonly remoteAddress: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export type Verdict =
  | { readonly kind: "granted"; readonly user: string | null }
  | { readonly kind: "refused"; readonly status: 400 | 401 | 403 | 421; readonly detail: string };

export function judge(policy: AccessPolicy, request: AccessRequest): Verdict {
  const health = request.path === "/healthz" && !request.upgrade;
  const known = policy.token !== null && presentsToken(policy.token, request);

  if (policy.proxyAddress !== null) {
    const remote = plainAddress(request.remoteAddress);
    // The image's own health check runs inside the container.
    if (remote !== policy.proxyAddress && !(health && isLoopback(remote))) {
      return refuse(
        403,
        "Haven takes requests from Home Assistant only; open it from Home Assistant's sidebar.",
      );
    }
  } else if (!known) {
    const host = hostName(request.headers.host);
    if (host === null) return refuse(400, "The request does not say which host it is for.");
    if (!isOwnName(host, policy)) {
      return refuse(421, "Haven does not go by this name; add it to api.allowed_hosts if it is yours.");
    }
  }

  if (health) return { kind: "granted", user: null };

  // Whoever has the token is no web page that borrows a visitor's browser.
  const changes = request.upgrade || !["GET", "HEAD", "OPTIONS"].includes(request.method);
  if (changes && !known && !isSameOrigin(request.headers, policy.proxyAddress !== null)) {
    return refuse(403, "Another site sent this request; use Haven's own panel.");
  }

  // Home Assistant has already signed the user in.
  if (policy.token !== null && policy.proxyAddress === null && !known && !isPanelFile(request)) {
    return refuse(401, "Haven asks for its access token (api.token).");
  }
  return { kind: "granted", user: policy.proxyAddress === null ? null : ingressUser(request.headers) };
}

/** The name of the signed-in user as the Supervisor tells it; it strips what a browser sends under these names. */
export function ingressUser(headers: IncomingHttpHeaders): string | null {
  for (const name of ["x-remote-user-display-name", "x-remote-user-name"]) {
    const value = headers[name];
    if (typeof value !== "string") continue;
    const shown = printable(fromLatin1(value));
    if (shown !== "") return shown;
  }
  return null;
}

/** At most 80 characters, none of which breaks a line or a log. */
export function printable(text: string): string {
  const clean = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ").trim();
  return [...clean].slice(0, 80).join("").trim();
}

export function isLoopback(address: string): boolean {
  const plain = plainAddress(address);
  return plain === "::1" || plain === "localhost" || (isIP(plain) === 4 && plain.startsWith("127."));
}

/** ::ffff:172.30.32.2 is 172.30.32.2: what a socket that listens on both families says of an IPv4 peer. */
function plainAddress(address: string | undefined): string {
  return (address ?? "").toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
}

/**
 * Against DNS rebinding: a page of an attacker's domain may point that name at this machine and then counts as of our
 * origin, but it cannot change the name in the Host header. Addresses cannot be rebound; names without a public suffix
 * cannot be owned by somebody outside.
 */
function isOwnName(host: string, policy: AccessPolicy): boolean {
  if (policy.allowedHosts.some((allowed) => allowed.toLowerCase() === host)) return true;
  if (host === "localhost" || host.endsWith(".localhost")) return true;
  if (policy.loopback) return isLoopback(host);
  if (isIP(host) !== 0 || !host.includes(".")) return true;
  return [".local", ".lan", ".home", ".internal", ".localdomain", ".home.arpa"].some((end) =>
    host.endsWith(end),
  );
}

/** Lower-case name or address without port and brackets; null when it is none. */
function hostName(host: string | undefined): string | null {
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host)) return null;
  const url = parseUrl(`http://${host}`);
  if (url === null || url.hostname === "") return null;
  return url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
}

function isSameOrigin(headers: IncomingHttpHeaders, proxied: boolean): boolean {
  // Browsers set this themselves and no page can change it, but only over TLS or on localhost.
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin" || site === "none";
  const { origin } = headers;
  // Programs send no origin; browsers always do when something is to be changed.
  if (origin === undefined) return true;
  const from = parseUrl(origin);
  if (from === null || from.host === "") return false;
  const forwarded = proxied ? headers["x-forwarded-host"] : undefined;
  const hosts = [headers.host, ...(typeof forwarded === "string" ? forwarded.split(",") : [])];
  return hosts.some(
    (host) => host !== undefined && parseUrl(`${from.protocol}//${host.trim()}`)?.host === from.host,
  );
}

function presentsToken(token: string, request: AccessRequest): boolean {
  const bearer = /^Bearer\s+(.+)$/i.exec(request.headers.authorization ?? "")?.[1]?.trim();
  return [bearer, request.queryToken].some((given) => typeof given === "string" && sameSecret(given, token));
}

/** Hashed first, so that neither content nor length shows in the time it takes. */
function sameSecret(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text, "utf8").digest();
  return timingSafeEqual(digest(a), digest(b));
}

/** The panel itself holds no secrets; it asks for the token when the api does. */
function isPanelFile(request: AccessRequest): boolean {
  return !request.upgrade && !/^\/+api(\/|$)/i.test(request.path);
}

/** Node reads header bytes as Latin-1; the Supervisor sends names as UTF-8. */
function fromLatin1(value: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(value, "latin1"));
  } catch {
    return value;
  }
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function refuse(status: 400 | 401 | 403 | 421, detail: string): Verdict {
  return { kind: "refused", status, detail };
}
