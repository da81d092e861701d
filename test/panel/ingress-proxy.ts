import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
} from "node:http";
import { type AddressInfo, connect } from "node:net";
import type { Duplex } from "node:stream";

export const PREFIX = "/api/hassio_ingress/Xy12-token";

/** The address Haven is told to be Home Assistant's proxy: as much this machine as 127.0.0.1. */
export const PROXY_ADDRESS = "127.0.0.2";

export interface ProxyOptions {
  readonly target: number;
  /** Sent as Home Assistant's Supervisor does. */
  readonly user: string;
  /** What the page around the panel holds, at "/". */
  readonly outerPage?: string;
}

/**
 * As much of Home Assistant's ingress as matters: takes the prefix away, says who is signed in, drops parameters of
 * content types and WebSocket extensions, and knows nothing at other paths.
 */
export async function startIngressProxy(options: ProxyOptions) {
  const strays: string[] = [];
  const server: Server = createServer((incoming, outgoing) => {
    const path = strip(incoming.url);
    if (path === null) {
      const isOuter = incoming.url === "/" && options.outerPage !== undefined;
      const isIcon = incoming.url === "/favicon.ico";
      if (!isOuter && !isIcon) strays.push(incoming.url ?? "");
      outgoing.writeHead(isOuter ? 200 : isIcon ? 204 : 404, { "content-type": "text/html; charset=utf-8" });
      outgoing.end(isOuter ? options.outerPage : undefined);
      return;
    }
    const upstream = request(
      {
        host: "127.0.0.1",
        port: options.target,
        localAddress: PROXY_ADDRESS,
        path,
        method: incoming.method,
        headers: forwarded(incoming, options.user),
        agent: false,
      },
      (answer) => {
        const type = answer.headers["content-type"]?.split(";")[0];
        outgoing.writeHead(answer.statusCode ?? 502, {
          ...answer.headers,
          ...(type === undefined ? {} : { "content-type": type }),
        });
        answer.pipe(outgoing);
      },
    );
    upstream.on("error", () => outgoing.writeHead(502).end("502: Bad Gateway"));
    incoming.pipe(upstream);
  });
  const tunnels = new Set<Duplex>();
  server.on("upgrade", (incoming, socket: Duplex, head: Buffer) => {
    const path = strip(incoming.url);
    if (path === null) {
      strays.push(incoming.url ?? "");
      socket.destroy();
      return;
    }
    const upstream = connect({ host: "127.0.0.1", port: options.target, localAddress: PROXY_ADDRESS });
    const headers = { ...forwarded(incoming, options.user), "sec-websocket-extensions": undefined };
    const lines = Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}: ${value}`],
    );
    upstream.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
    upstream.write(head);
    for (const [from, to] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      tunnels.add(from);
      from.on("error", () => to.destroy());
      from.on("close", () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}${PREFIX}/`,
    /** Paths outside of the prefix that were asked for. */
    strays,
    [Symbol.asyncDispose]: async () => {
      for (const tunnel of tunnels) tunnel.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function strip(url: string | undefined): string | null {
  return url?.startsWith(`${PREFIX}/`) === true ? url.slice(PREFIX.length) : null;
}

function forwarded({ headers }: IncomingMessage, user: string): IncomingHttpHeaders {
  return {
    ...headers,
    "x-ingress-path": PREFIX,
    "x-forwarded-host": headers.host,
    "x-forwarded-proto": "http",
    "x-forwarded-for": "192.168.1.77",
    "x-remote-user-id": "user-1",
    "x-remote-user-display-name": user,
  };
}
