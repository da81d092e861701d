// HTTP's two ways of asking for a password (RFC 7235, 7617, 7616) and our answers. Many cameras guard their pictures
// with digest, some old ones without `qop` (RFC 2069).
import { createHash, randomBytes } from "node:crypto";

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

interface Challenge {
  /** In small letters. */
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

export interface HttpRequestLine {
  readonly method: string;
  /** Path and query as they are sent. */
  readonly target: string;
}

const HASHES: Readonly<Record<string, string>> = { MD5: "md5", "SHA-256": "sha256" };
const PARAMETER = /^[\s,]*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/;
const SCHEME = /^[\s,]*([A-Za-z][\w-]*)(?=[\s,]|$)/;

/** Answers a device's challenge, and the same one again without being asked: a digest counts its uses. */
export class HttpAuthorization {
  readonly #credentials: Credentials;
  readonly #challenge: Challenge;
  #uses = 0;

  private constructor(credentials: Credentials, challenge: Challenge) {
    this.#credentials = credentials;
    this.#challenge = challenge;
  }

  /**
   * @param headers every `WWW-Authenticate`; a device that refuses without one is answered as HTTP's plain way
   * @returns null when it asks for something that is not known here
   */
  static answering(headers: readonly string[], credentials: Credentials): HttpAuthorization | null {
    const challenges = headers.flatMap(challengesIn);
    if (challenges.length === 0) challenges.push({ scheme: "basic", parameters: new Map() });
    // A digest does not show the password to whoever listens.
    const chosen =
      challenges.find((challenge) => challenge.scheme === "digest" && canDigest(challenge)) ??
      challenges.find(({ scheme }) => scheme === "basic");
    return chosen === undefined ? null : new HttpAuthorization(credentials, chosen);
  }

  /**
   * The value of the `Authorization` header of the next request.
   * @param cnonce the client's own random word
   */
  headerFor(request: HttpRequestLine, cnonce: string = randomBytes(16).toString("hex")): string {
    if (this.#challenge.scheme === "digest") return this.#digest(request, cnonce);
    const { user, password } = this.#credentials;
    return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  }

  /** RFC 7616, 3.4. */
  #digest({ method, target }: HttpRequestLine, cnonce: string): string {
    const { parameters } = this.#challenge;
    const { user, password } = this.#credentials;
    const given = (key: string) => parameters.get(key) ?? "";
    const algorithm = algorithmOf(this.#challenge);
    const session = algorithm.endsWith("-SESS");
    const hash = (text: string) =>
      createHash(HASHES[session ? algorithm.slice(0, -"-SESS".length) : algorithm] ?? "md5")
        .update(text)
        .digest("hex");
    const realm = given("realm");
    const nonce = given("nonce");
    const secret = hash(`${user}:${realm}:${password}`);
    const first = session ? hash(`${secret}:${nonce}:${cnonce}`) : secret;
    const second = hash(`${method}:${target}`);
    const fields = [
      `username="${escapeQuoted(user)}"`,
      `realm="${realm}"`,
      `nonce="${nonce}"`,
      `uri="${target}"`,
    ];
    if (parameters.has("algorithm")) fields.push(`algorithm=${given("algorithm")}`);
    if (parameters.has("opaque")) fields.push(`opaque="${given("opaque")}"`);
    if (parameters.has("qop")) {
      this.#uses += 1;
      const count = this.#uses.toString(16).padStart(8, "0");
      fields.push("qop=auth", `nc=${count}`, `cnonce="${cnonce}"`);
      fields.push(`response="${hash(`${first}:${nonce}:${count}:${cnonce}:auth:${second}`)}"`);
    } else {
      if (session) fields.push(`cnonce="${cnonce}"`);
      fields.push(`response="${hash(`${first}:${nonce}:${second}`)}"`);
    }
    return `Digest ${fields.join(", ")}`;
  }
}

/** One header may hold several challenges: `Digest realm="a", nonce="b", Basic realm="c"`. */
function challengesIn(header: string): Challenge[] {
  const found: { scheme: string; parameters: Map<string, string> }[] = [];
  for (let rest = header; rest.trim() !== ""; ) {
    const parameter = PARAMETER.exec(rest);
    const scheme = parameter === null ? SCHEME.exec(rest) : null;
    if (parameter !== null) {
      const [, key = "", quoted, bare = ""] = parameter;
      // Values are kept as they were sent: they are sent back and hashed the same.
      found.at(-1)?.parameters.set(key.toLowerCase(), quoted ?? bare);
    } else if (scheme !== null) {
      found.push({ scheme: (scheme[1] ?? "").toLowerCase(), parameters: new Map() });
    } else {
      return found;
    }
    rest = rest.slice((parameter ?? scheme)?.[0].length);
  }
  return found;
}

function canDigest(challenge: Challenge): boolean {
  const qop = challenge.parameters.get("qop");
  const offersAuth = qop === undefined || qop.split(",").some((word) => word.trim().toLowerCase() === "auth");
  return offersAuth && HASHES[algorithmOf(challenge).replace(/-SESS$/, "")] !== undefined;
}

function algorithmOf({ parameters }: Challenge): string {
  return (parameters.get("algorithm") ?? "MD5").toUpperCase();
}

function escapeQuoted(text: string): string {
  return text.replace(/["\\]/g, "\\$&");
}
