import { createServer, type Server } from "node:net";
import { Aedes } from "aedes";

/** A broker as others run it: open to everybody, and it keeps whatever it is asked to keep. */
export class KeepingBroker implements AsyncDisposable {
  readonly host = "127.0.0.1";
  readonly username = "anybody";
  readonly password = "anything";
  readonly created = false;
  readonly port: number;
  readonly #broker: Aedes;
  readonly #server: Server;

  private constructor(broker: Aedes, server: Server, port: number) {
    this.#broker = broker;
    this.#server = server;
    this.port = port;
  }

  static async open(): Promise<KeepingBroker> {
    const broker = await Aedes.createBroker();
    const server = createServer(broker.handle);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    if (typeof address !== "object" || address === null) throw new Error("not listening");
    return new KeepingBroker(broker, server, address.port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await new Promise<void>((resolve) => this.#broker.close(() => resolve()));
    await closed;
  }
}
