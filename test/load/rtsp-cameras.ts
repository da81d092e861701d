// Network cameras by the dozen: one real RTSP server (go2rtc) with a stream for each, fed with clips that are copied as they
// are, in real time, over and over. Nothing is encoded while it runs, so it costs little beside what is being measured.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { type AccessUnit, accessUnits, fetchGo2rtc, freePort } from "../support/rtsp-server.ts";

export interface ClipOfCamera {
  readonly id: string;
  /** An H.264 file without B frames. */
  readonly clip: string;
  /** Where in the clip the camera begins, 0..1: cameras that show the same clip need not show the same picture. */
  readonly phase: number;
}

export class RtspCameras implements AsyncDisposable {
  readonly #server: ChildProcess;
  readonly #feed: Server;
  readonly #port: number;

  private constructor(server: ChildProcess, feed: Server, port: number) {
    this.#server = server;
    this.#feed = feed;
    this.#port = port;
  }

  static async start(cameras: readonly ClipOfCamera[]): Promise<RtspCameras> {
    const binary = await fetchGo2rtc();
    const feed = await startFeed(cameras);
    const { port: feedPort } = feed.address() as AddressInfo;
    const port = await freePort();
    const config = {
      api: { listen: "" },
      webrtc: { listen: "" },
      srtp: { listen: "" },
      log: { level: "error" },
      rtsp: { listen: `127.0.0.1:${port}` },
      streams: Object.fromEntries(cameras.map(({ id }) => [id, `http://127.0.0.1:${feedPort}/${id}.h264`])),
    };
    const server = spawn(binary, ["-config", JSON.stringify(config)], { stdio: "ignore" });
    const started = new RtspCameras(server, feed, port);
    await started.#untilListening();
    return started;
  }

  /** Of the server, to tell what it used. */
  get pid(): number {
    const { pid } = this.#server;
    if (pid === undefined) throw new Error("the RTSP server was not started");
    return pid;
  }

  urlOf(id: string): string {
    return `rtsp://127.0.0.1:${this.#port}/${id}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.kill("SIGKILL");
    if (this.#server.exitCode === null && this.#server.signalCode === null) await once(this.#server, "exit");
    this.#feed.closeAllConnections();
    this.#feed.close();
  }

  async #untilListening(): Promise<void> {
    for (;;) {
      if (this.#server.exitCode !== null)
        throw new Error(`the RTSP server ended with code ${this.#server.exitCode}`);
      const socket = connect(this.#port, "127.0.0.1");
      const open = await once(socket, "connect").then(
        () => true,
        () => false,
      );
      socket.destroy();
      if (open) return;
      await pause(20);
    }
  }
}

/** Serves each camera's clip as an endless H.264 byte stream, one picture when it is due. */
async function startFeed(cameras: readonly ClipOfCamera[]): Promise<Server> {
  const clips = new Map<string, readonly AccessUnit[]>();
  for (const { clip } of cameras) if (!clips.has(clip)) clips.set(clip, await accessUnits(clip));
  const server = createServer((request, response) => {
    const camera = cameras.find(({ id }) => request.url === `/${id}.h264`);
    const units = camera === undefined ? undefined : clips.get(camera.clip);
    if (camera === undefined || units === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": "application/octet-stream" });
    let index = keyframeFrom(units, Math.floor(camera.phase * units.length));
    let due = performance.now();
    let timer: NodeJS.Timeout | undefined;
    const send = () => {
      const unit = units[index % units.length];
      if (unit === undefined) return;
      response.write(unit.data);
      index += 1;
      due += unit.durationMs;
      timer = setTimeout(send, due - performance.now());
    };
    send();
    response.on("close", () => clearTimeout(timer));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** The next picture that can be decoded by itself: its unit begins with the sequence parameter set (NAL unit type 7). */
function keyframeFrom(units: readonly AccessUnit[], start: number): number {
  for (let index = start; index < start + units.length; index += 1)
    if (((units[index % units.length]?.data[4] ?? 0) & 0x1f) === 7) return index;
  return 0;
}
