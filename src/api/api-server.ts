// The daemon's web side: HTTP and WebSocket for the panel and for programs, and the panel's own files. Decides who may
// ask (access-rules.ts), parses what comes in (request-parsers.ts), and asks the rest of the daemon through ApiDeps.
// Nothing here knows a prefix: Home Assistant's ingress serves it under one, a browser on the same machine without.
import { createServer, type IncomingMessage, type Server, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express";
import { AppError, isAppError, messageOf } from "../core/errors.ts";
import type { Service } from "../core/service.ts";
import { type AccessPolicy, isLoopback, judge, type Verdict } from "./access-rules.ts";
import type { CallerName } from "./alarm-routes.ts";
import { cameraRoutes } from "./camera-routes.ts";
import type { HealthJson, ProblemJson } from "./contract.ts";
import type { ApiDeps, ApiOptions } from "./deps.ts";
import { homeRoutes } from "./home-routes.ts";
import { LiveHub } from "./live-hub.ts";
import { panelFiles } from "./panel-files.ts";
import { PanelSockets } from "./panel-sockets.ts";
import { photoRoutes } from "./photo-routes.ts";
import { problem, problemOf, sendProblem } from "./problem.ts";

/** The largest sensible request is a camera with all its zones drawn, about 40 kB. */
const MAX_BODY = "128kb";

/** Time a caller has to send a whole request; guards against those that never finish. */
const REQUEST_TIMEOUT = 30_000;

export interface ApiServer extends Service {
  /** The port it listens on; 0 before it is started. */
  readonly port: number;
}

/** Throws nothing; `start` throws port.taken or config.invalid when it cannot listen. */
export function createApi(deps: ApiDeps, options: ApiOptions): ApiServer {
  return new HttpApi(deps, options);
}

class HttpApi implements ApiServer {
  readonly #deps: ApiDeps;
  readonly #options: ApiOptions;
  readonly #policy: AccessPolicy;
  readonly #hub: LiveHub;
  readonly #sockets: PanelSockets;
  #server: Server | null = null;

  constructor(deps: ApiDeps, options: ApiOptions) {
    this.#deps = deps;
    this.#options = options;
    this.#policy = {
      proxyAddress: options.ingress?.proxyAddress ?? null,
      loopback: isLoopback(options.host),
      allowedHosts: options.allowedHosts,
      token: options.token,
    };
    this.#hub = new LiveHub(deps);
    this.#sockets = new PanelSockets(deps, this.#hub, options);
  }

  get port(): number {
    return (this.#server?.address() as AddressInfo | null)?.port ?? 0;
  }

  async start(): Promise<void> {
    const server = createServer({ requestTimeout: REQUEST_TIMEOUT, headersTimeout: 10_000 }, this.#app());
    server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    await listen(server, this.#options);
    this.#server = server;
    this.#sockets.start();
    const { ingress, token, host } = this.#options;
    if (ingress === null && token === null && !this.#policy.loopback) {
      this.#deps.log.warn(
        { host },
        "anybody in this network can open the panel: set api.token to ask for one",
      );
    }
    this.#deps.log.info({ host, port: this.port }, "the panel is open");
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    this.#sockets.stop();
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  }

  #app(): Express {
    const app = express();
    app.disable("x-powered-by");
    app.disable("etag");
    app.use(securityHeaders, this.#guard());

    app.get("/healthz", (_request, response) => {
      const ok = this.#deps.health.check();
      response.status(ok ? 200 : 503).json({ status: ok ? "ok" : "failing" } satisfies HealthJson);
    });
    app.use("/api/persons", photoRoutes(this.#deps, this.#nameOf));
    app.use("/api", jsonOnly, express.json({ limit: MAX_BODY, inflate: false }));
    app.use("/api/cameras", cameraRoutes(this.#deps.cameras, this.#hub));
    app.use(
      "/api",
      homeRoutes(this.#deps, {
        version: this.#options.version,
        homeAssistant: this.#options.ingress !== null,
        nameOf: this.#nameOf,
      }),
    );
    app.use(panelFiles(this.#options.panelDir));
    app.use((_request, response) => sendProblem(response, problem(404, "There is nothing at this address.")));
    app.use(this.#errors());
    return app;
  }

  readonly #nameOf: CallerName = (response, given) => {
    const user = (response.locals.user as string | null | undefined) ?? null;
    return user ?? (this.#options.ingress !== null ? "Home Assistant" : (given ?? "the panel"));
  };

  #guard(): RequestHandler {
    return (request, response, next) => {
      const { token } = request.query;
      const verdict = judge(this.#policy, {
        method: request.method,
        path: request.path,
        queryToken: typeof token === "string" ? token : null,
        upgrade: false,
        remoteAddress: request.socket.remoteAddress,
        headers: request.headers,
      });
      if (verdict.kind === "granted") {
        response.locals.user = verdict.user;
        next();
        return;
      }
      if (verdict.status === 401) response.setHeader("WWW-Authenticate", 'Bearer realm="haven"');
      sendProblem(response, problem(verdict.status, verdict.detail));
    };
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Until the WebSocket takes over, nobody else listens for this socket's errors.
    const onError = () => socket.destroy();
    socket.on("error", onError);
    const [path = "/", query = ""] = (request.url ?? "/").split("?", 2);
    const verdict = judge(this.#policy, {
      method: request.method ?? "GET",
      path,
      queryToken: new URLSearchParams(query).get("token"),
      upgrade: true,
      remoteAddress: request.socket.remoteAddress,
      headers: request.headers,
    });
    const refusal = this.#refusal(verdict, path);
    if (refusal !== null) {
      refuseUpgrade(socket, refusal);
      return;
    }
    socket.off("error", onError);
    this.#sockets.accept(request, socket, head);
  }

  #refusal(verdict: Verdict, path: string): ProblemJson | null {
    if (verdict.kind === "refused") return problem(verdict.status, verdict.detail);
    if (path !== "/ws") return problem(404, "There is nothing at this address.");
    return this.#sockets.isFull ? problem(503, "Too many panels are open; close some.") : null;
  }

  #errors(): ErrorRequestHandler {
    return (error: unknown, request, response, _next) => {
      const body = problemOf(error);
      if (isAppError(error, "interrupted") && response.destroyed) return;
      // The path only, and no sentence: a query may hold the token, a sentence the name of somebody.
      const fields = { method: request.method, path: request.path, status: body.status };
      if (body.status === 500) this.#deps.log.error({ ...fields, err: error }, "a request failed");
      else this.#deps.log.debug({ ...fields, problem: body.type }, "a request was refused");
      if (response.headersSent) response.destroy();
      else sendProblem(response, body);
    };
  }
}

/**
 * Framing stays possible from our own origin: Home Assistant shows the panel in a frame. Referrers would carry the
 * token to other sites.
 */
const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    "Content-Security-Policy":
      "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; " +
      "connect-src 'self' ws: wss:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
  });
  next();
};

/** Forms of other sites can send anything but JSON without asking first. */
const jsonOnly: RequestHandler = (request, response, next) => {
  const isEmpty =
    request.headers["transfer-encoding"] === undefined && !Number(request.headers["content-length"]);
  if (isEmpty || request.is("application/json") !== false) return next();
  sendProblem(response, problem(415, "Send the body as application/json."));
};

function refuseUpgrade(socket: Duplex, body: ProblemJson): void {
  const text = JSON.stringify(body);
  socket.end(
    `HTTP/1.1 ${body.status} ${STATUS_CODES[body.status] ?? ""}\r\nConnection: close\r\n` +
      `Content-Type: application/problem+json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

function listen(server: Server, { host, port }: ApiOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      reject(listenError(error, host, port));
    });
    server.listen({ host, port }, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): AppError {
  const options = { fields: { host, port }, cause: error };
  switch (error.code) {
    case "EADDRINUSE":
      return new AppError(
        "port.taken",
        `Port ${port} is taken by another program; stop it, or choose another port with api.port in haven.yaml.`,
        options,
      );
    case "EACCES":
      return new AppError(
        "port.taken",
        `Haven may not listen on port ${port}; choose one above 1023 with api.port in haven.yaml.`,
        options,
      );
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new AppError(
        "config.invalid",
        `${host} is no address of this machine; set api.host in haven.yaml to 127.0.0.1, or 0.0.0.0 for all.`,
        options,
      );
    default:
      return new AppError("internal", `Haven cannot listen on ${host}:${port}: ${messageOf(error)}`, options);
  }
}
