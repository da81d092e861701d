import { createServer, connect as dial, type Server, type Socket } from "node:net";

/** A network between client and broker that can fail: cut, refuse, or go silent without a word. */
export class Relay implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<{ client: Socket; broker: Socket }>();
  #refusing = false;
  #deaf = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async to(port: number): Promise<Relay> {
    const server = createServer();
    const relay = new Relay(server);
    server.on("connection", (client) => relay.#accept(client, port));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return relay;
  }

  get port(): number {
    const address = this.#server.address();
    if (typeof address !== "object" || address === null) throw new Error("the relay is closed");
    return address.port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  #accept(client: Socket, port: number): void {
    client.on("error", () => {});
    if (this.#refusing) return void client.destroy();
    const broker = dial(port, "127.0.0.1");
    const pair = { client, broker };
    this.#pairs.add(pair);
    broker.on("error", () => client.destroy());
    client.on("data", (data) => broker.write(data));
    broker.on("data", (data) => {
      if (!this.#deaf) client.write(data);
    });
    client.on("close", () => broker.destroy());
    broker.on("close", () => {
      this.#pairs.delete(pair);
      client.destroy();
    });
  }

  /** Breaks every connection without a DISCONNECT; new ones are refused until `heal`. */
  cut(): void {
    this.#refusing = true;
    for (const { client, broker } of this.#pairs) {
      client.resetAndDestroy();
      broker.resetAndDestroy();
    }
  }

  /** Nothing the broker says arrives any more, while everything still reaches the broker. */
  silence(): void {
    this.#deaf = true;
  }

  /** Nothing the client says gets through, until its socket is full. */
  clog(): void {
    for (const { client } of this.#pairs) client.pause();
  }

  /** The client's side vanishes, and the broker does not learn of it until `bury`: a pulled plug. */
  strand(): readonly Disposable[] {
    return [...this.#pairs].map(({ client, broker }) => {
      client.removeAllListeners("close");
      client.destroy();
      return { [Symbol.dispose]: () => broker.destroy() };
    });
  }

  heal(): void {
    this.#refusing = false;
    this.#deaf = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
