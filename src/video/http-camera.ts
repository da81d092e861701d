// Asks a camera's web server for pictures: passwords in HTTP's two ways, redirections, and plain reasons where it
// refuses. Node's own client, because it bears certificates that a camera signed for itself and headers that no other
// server would send.
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { AppError, type ErrorFields } from "../core/errors.ts";
import { httpReason, socketReason } from "./av-error.ts";
import { type Credentials, HttpAuthorization } from "./http-challenge.ts";
import type { SourceAddress } from "./source-address.ts";

const MAX_REDIRECTIONS = 5;
/** `Not my language`: it is no HTTP that Node understands, which FFmpeg may. */
const PARSE_FAILURE = /^HPE_/;

/** The answer is none in HTTP as Node knows it. */
export class NotHttp extends Error {}

export class HttpCamera implements Disposable {
  readonly #source: SourceAddress;
  readonly #start: URL;
  readonly #credentials: Credentials | null;
  // Asked many times a second: the connection is kept.
  readonly #plain = new HttpAgent({ keepAlive: true, maxSockets: 1 });
  // What FFmpeg does as well. A camera at home has no name that an authority would vouch for.
  readonly #secure = new HttpsAgent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  /** How the device wanted to be answered; told ahead from then on. */
  #authorization: HttpAuthorization | null = null;

  constructor(source: SourceAddress) {
    this.#source = source;
    const url = parsed(source);
    this.#credentials =
      url.username === "" && url.password === ""
        ? null
        : { user: unescaped(url.username), password: unescaped(url.password) };
    url.username = "";
    url.password = "";
    this.#start = url;
  }

  /**
   * The answer to a GET, its body unread. Whoever gets it reads it to its end or destroys it.
   * @throws AppError source.unreachable with the reason, and in its fields the `status` of a refusal; NotHttp; the signal's reason when aborted.
   */
  async get(signal: AbortSignal): Promise<IncomingMessage> {
    let url = this.#start;
    for (let hops = 0; hops <= MAX_REDIRECTIONS; hops += 1) {
      const response = await this.#getAt(url, signal);
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) return response;
      response.destroy();
      const { location } = response.headers;
      if (status < 300 || status >= 400 || location === undefined) throw this.#refused(status);
      url = new URL(location, url);
      if (url.protocol !== "http:" && url.protocol !== "https:") break;
    }
    throw this.#unreachable("it sends from one address to the next");
  }

  [Symbol.dispose](): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  /** One address, asked once more with the password when it wants one. */
  async #getAt(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
    const credentials = this.#mayKnow(url) ? this.#credentials : null;
    const response = await this.#request(url, credentials === null ? null : this.#authorization, signal);
    if (response.statusCode !== 401 || credentials === null) return response;
    // A digest's nonce wears out: an answer that was good before is asked for anew.
    const asked = response.headersDistinct["www-authenticate"] ?? [];
    this.#authorization = HttpAuthorization.answering(asked, credentials);
    response.destroy();
    if (this.#authorization === null) {
      throw this.#unreachable("it asks for the password in a way that Haven does not know");
    }
    return await this.#request(url, this.#authorization, signal);
  }

  /** A camera that sends elsewhere does not get the password sent there too, nor in the clear where it was not. */
  #mayKnow(url: URL): boolean {
    const sameHost = url.hostname === this.#start.hostname;
    return sameHost && (url.protocol === "https:" || this.#start.protocol === "http:");
  }

  #request(url: URL, authorization: HttpAuthorization | null, signal: AbortSignal): Promise<IncomingMessage> {
    signal.throwIfAborted();
    const target = url.pathname + url.search;
    const secure = url.protocol === "https:";
    const headers = {
      accept: "*/*",
      "user-agent": "Haven",
      ...(authorization === null
        ? {}
        : { authorization: authorization.headerFor({ method: "GET", target }) }),
    };
    const settings = {
      agent: secure ? this.#secure : this.#plain,
      headers,
      signal,
      insecureHTTPParser: true,
    };
    return new Promise((resolve, reject) => {
      const request = secure ? httpsRequest(url, settings) : httpRequest(url, settings);
      request.on("response", (response) => {
        // Its end is told to whoever reads it; a body that nobody reads breaks off unheard.
        response.on("error", () => undefined);
        resolve(response);
      });
      request.on("error", (error) => reject(signal.aborted ? signal.reason : this.#failure(error)));
      request.end();
    });
  }

  #failure(error: Error): Error {
    const code = "code" in error && typeof error.code === "string" ? error.code : "";
    if (PARSE_FAILURE.test(code)) return new NotHttp();
    return this.#unreachable(socketReason(code));
  }

  #refused(status: number): AppError {
    return this.#unreachable(httpReason(status), { status });
  }

  #unreachable(reason: string, fields: ErrorFields = {}): AppError {
    return new AppError("source.unreachable", `${this.#source.shown} cannot be reached: ${reason}.`, {
      fields,
    });
  }
}

function parsed(source: SourceAddress): URL {
  try {
    return new URL(source.address);
  } catch {
    throw new AppError("input.invalid", `${source.shown} is no web address; check its host and port.`);
  }
}

/** As it was typed, also where a "%" in it was meant as such. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
