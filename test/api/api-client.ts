import { type IncomingHttpHeaders, request } from "node:http";
import { WebSocket } from "ws";
import { createApi } from "../../src/api/api-server.ts";
import type { LiveFrameHeader, ServerMessage } from "../../src/api/contract.ts";
import type { ApiDeps, ApiOptions } from "../../src/api/deps.ts";

/** The api on a free port of this machine, stopped when disposed. */
export async function startApi(deps: ApiDeps, options: Partial<ApiOptions> = {}) {
  const api = createApi(deps, {
    version: "0.0.0-test",
    host: "127.0.0.1",
    port: 0,
    ingress: null,
    token: null,
    allowedHosts: [],
    panelDir: null,
    ...options,
  });
  await api.start();
  return { api, port: api.port, [Symbol.asyncDispose]: () => api.stop() };
}

export interface Call {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** Sent as it is instead of a JSON body. */
  readonly rawBody?: string;
  readonly rawBytes?: Buffer;
  /** Address to call from: 127.0.0.2 is as much this machine as 127.0.0.1. */
  readonly from?: string;
  readonly to?: string;
}

export interface Reply<T> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** Undefined when the answer is no JSON. */
  readonly json: T;
}

/** Plain node:http, since fetch does not let a caller lie about Host or Origin. */
export function call<T = unknown>(port: number, path: string, options: Call = {}): Promise<Reply<T>> {
  const text = options.rawBody ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  // As bytes: node would write the headers in the encoding of a text.
  const body = options.rawBytes ?? (text === undefined ? undefined : Buffer.from(text));
  const headers = {
    ...(options.body === undefined ? {} : { "content-type": "application/json" }),
    ...(body === undefined ? {} : { "content-length": String(body.length) }),
    ...options.headers,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        host: options.to ?? "127.0.0.1",
        port,
        path,
        method: options.method ?? "GET",
        headers,
        localAddress: options.from,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const bytes = Buffer.concat(chunks);
          const text = bytes.toString("utf8");
          const isJson = /json/.test(response.headers["content-type"] ?? "");
          const json = (isJson ? JSON.parse(text) : undefined) as T;
          resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text, json });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

export interface LiveMessage {
  readonly header: LiveFrameHeader;
  readonly jpeg: Buffer;
  readonly size: number;
}

/** A viewer that keeps what it is told, and shows frames only when the test says so. */
export class TestViewer {
  readonly socket: WebSocket;
  readonly messages: ServerMessage[] = [];
  readonly frames: LiveMessage[] = [];
  closed: { code: number } | null = null;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("close", (code) => {
      this.closed = { code };
    });
    socket.on("message", (data: Buffer, isBinary) => {
      if (isBinary) this.frames.push(decode(data));
      else this.messages.push(JSON.parse(data.toString()) as ServerMessage);
    });
  }

  /** Rejects with the status of the answer when the upgrade is refused. */
  static open(
    port: number,
    options: { path?: string; headers?: Record<string, string>; from?: string } = {},
  ): Promise<TestViewer> {
    const url = `ws://127.0.0.1:${port}${options.path ?? "/ws"}`;
    const socket = new WebSocket(url, { headers: options.headers, localAddress: options.from });
    const viewer = new TestViewer(socket);
    return new Promise((resolve, reject) => {
      socket.on("unexpected-response", (_request, response) => {
        response.resume();
        reject(new Error(`refused with ${response.statusCode}`));
        socket.terminate();
      });
      socket.on("error", reject);
      socket.on("open", () => resolve(viewer));
    });
  }

  say(message: unknown): void {
    this.socket.send(JSON.stringify(message));
  }

  of<K extends ServerMessage["kind"]>(kind: K): Extract<ServerMessage, { kind: K }>[] {
    return this.messages.filter((message) => message.kind === kind) as Extract<ServerMessage, { kind: K }>[];
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}

function decode(data: Buffer): LiveMessage {
  const length = data.readUInt32BE(0);
  const header = JSON.parse(data.subarray(4, 4 + length).toString("utf8")) as LiveFrameHeader;
  return { header, jpeg: data.subarray(4 + length), size: data.length };
}
