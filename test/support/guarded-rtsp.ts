// An RTSP server's gate that asks for a password: go2rtc lets everybody on its own machine in.
import { once } from "node:events";
import { type AddressInfo, createServer, connect as dial, type Server, type Socket } from "node:net";

export interface Login {
  readonly username: string;
  readonly password: string;
}

export class GuardedRtsp implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #behind: number;
  #login: Login;

  private constructor(behind: number, login: Login) {
    this.#behind = behind;
    this.#login = login;
    this.#server = createServer((client) => this.#accept(client));
  }

  /** Before the RTSP server at a port of this machine. */
  static async before(port: number, login: Login): Promise<GuardedRtsp> {
    const guard = new GuardedRtsp(port, login);
    guard.#server.listen(0, "127.0.0.1");
    await once(guard.#server, "listening");
    return guard;
  }

  /** The address with somebody's login. */
  url({ username, password }: Login): string {
    const { port } = this.#server.address() as AddressInfo;
    return `rtsp://${username}:${password}@127.0.0.1:${port}/cam`;
  }

  /** As cameras do: whoever is connected has to come again. */
  change(login: Login): void {
    this.#login = login;
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #accept(client: Socket): void {
    const server = dial(this.#behind, "127.0.0.1");
    for (const [one, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(one);
      one.on("error", () => {});
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    server.on("data", (data) => client.write(data));
    client.on("data", (data) => {
      // Requests come one at a time: each waits for its answer. What is no request belongs to the stream.
      const request = data.toString("latin1");
      const number = /\r\nCSeq: *(\d+)/i.exec(request)?.[1];
      if (number === undefined || this.#isKnown(request)) server.write(data);
      else
        client.write(
          `RTSP/1.0 401 Unauthorized\r\nCSeq: ${number}\r\nWWW-Authenticate: Basic realm="camera"\r\n\r\n`,
        );
    });
  }

  #isKnown(request: string): boolean {
    const { username, password } = this.#login;
    const expected = Buffer.from(`${username}:${password}`).toString("base64");
    return /\r\nAuthorization: Basic (\S+)/i.exec(request)?.[1] === expected;
  }
}
