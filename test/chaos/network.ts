import { createServer, connect as dial, type Server, type Socket } from "node:net";

/** The way from the daemon to the broker. It can be cut, and it can go silent as when a cable is pulled. */
export class Network implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #state: "whole" | "cut" | "silent" = "whole";

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<Network> {
    const server = createServer({ noDelay: true });
    const network = new Network(server);
    server.on("connection", (socket) => network.#accept(socket, port));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return network;
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("the network is gone");
    return address.port;
  }

  /** Every connection is reset, and new ones are refused. */
  cut(): void {
    this.#state = "cut";
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Nothing gets through in either direction; nobody is told. What was sent arrives when it heals, as TCP sees to. */
  silence(): void {
    this.#state = "silent";
    for (const socket of this.#sockets) socket.pause();
  }

  heal(): void {
    this.#state = "whole";
    for (const socket of this.#sockets) socket.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(near: Socket, port: number): void {
    near.on("error", () => {});
    if (this.#state === "cut") {
      near.resetAndDestroy();
      return;
    }
    const far = dial({ port, host: "127.0.0.1", noDelay: true });
    far.on("error", () => near.destroy());
    this.#join(near, far);
    this.#join(far, near);
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on("data", (data) => to.write(data));
    // What was sent before an end still arrives.
    from.on("end", () => to.end());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroySoon();
    });
    if (this.#state === "silent") from.pause();
  }
}
