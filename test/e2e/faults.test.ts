// Everything that goes wrong between a camera and an observation, done to the real program: what it says on MQTT and in
// the panel's API, and how long until it sees again. The table it prints at the end is where quoted figures come from.
import { readFile, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ModelStore } from "../../models/model-store.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { Relay } from "../mqtt/relay.ts";
import { codedVideo } from "../support/coded-footage.ts";
import { Daemon, type DaemonSetup, setUp } from "../support/daemon.ts";
import { GuardedRtsp } from "../support/guarded-rtsp.ts";
import { childrenOf, TemporaryFolder } from "../support/haven-process.ts";
import { fetchGo2rtc, noRtspServer, type RtspServer, startRtspServer } from "../support/rtsp-server.ts";
import { TroubledFeed } from "../support/troubled-feed.ts";

const never = new AbortController().signal;
/** For waiting; what a fault may take is said with each. Generous: other tests run at the same time. */
const PATIENCE = { timeout: 60_000, interval: 20 };
const OLD = { username: "haven", password: "first" };
const NEW = { username: "haven", password: "second" };
const CAMERAS = ["power", "frozen", "cable", "login", "lens", "noise"] as const;
type CameraId = (typeof CAMERAS)[number];

interface Row {
  readonly fault: string;
  readonly said: string;
  /** Milliseconds; null where it never goes offline, as it should not. */
  readonly offlineMs: number | null;
  readonly onlineMs: number;
}

describe.skipIf(noRtspServer !== null)(
  `faults${noRtspServer === null ? "" : ` (skipped: ${noRtspServer})`}`,
  () => {
    const rows: Row[] = [];
    const statuses: { readonly at: number; readonly camera: string; readonly status: string }[] = [];
    const servers = new Map<CameraId, RtspServer>();
    let folder: TemporaryFolder;
    let setup: DaemonSetup;
    let daemon: Daemon;
    let film: string;
    let relay: Relay;
    let guard: GuardedRtsp;
    let lens: TroubledFeed;
    let noise: TroubledFeed;

    const server = (id: CameraId): RtspServer => {
      const found = servers.get(id);
      if (found === undefined) throw new Error(`${id} has no server`);
      return found;
    };
    const reasonOf = (id: string): string =>
      JSON.parse(daemon.last(`haven/camera/${id}/status_attributes`) ?? "{}").reason ?? "";

    /** Milliseconds from `from` until a camera says this; it must not have said it before. */
    async function until(id: string, status: string, from: number): Promise<number> {
      let at = 0;
      await vi.waitFor(() => {
        const found = statuses.find((one) => one.camera === id && one.status === status && one.at >= from);
        if (found === undefined)
          throw new Error(`${id} is not ${status}: ${reasonOf(id)}\n${daemon.log.slice(-2000)}`);
        at = found.at;
      }, PATIENCE);
      return Math.round(at - from);
    }

    beforeAll(async () => {
      await new ModelStore({ log: silentLogger }).ensure(["movenet-multipose", "movenet-thunder"], {
        signal: never,
      });
      await fetchGo2rtc();
      folder = await TemporaryFolder.make();
      const clip = { frames: 250, keyframeEvery: 25 };
      film = await codedVideo(folder.path, { ...clip, name: "film.mp4" });
      const wide = await codedVideo(folder.path, { ...clip, name: "wide.mp4", width: 640, height: 360 });
      lens = await TroubledFeed.of([film, wide]);
      noise = await TroubledFeed.of([film]);
      for (const id of CAMERAS) {
        const feed = id === "lens" ? await lens.serve() : id === "noise" ? await noise.serve() : null;
        servers.set(id, await startRtspServer({ clip: film, ...(feed === null ? {} : { feed }) }));
      }
      relay = await Relay.to(server("cable").port);
      guard = await GuardedRtsp.before(server("login").port, OLD);
      const sources: Partial<Record<CameraId, string>> = {
        cable: `rtsp://127.0.0.1:${relay.port}/cam`,
        login: guard.url(OLD),
      };
      const cameras = CAMERAS.map(
        (id) =>
          `  - id: ${id}\n    name: ${id}\n    source: ${sources[id] ?? server(id).url}\n    transport: tcp`,
      );
      // Few frames: what is measured is how soon they come, beside whatever else this machine does.
      setup = await setUp(folder, `${cameras.join("\n")}\ninference:\n  fps: 2\n  memory_limit_mb: 0`);
      daemon = await Daemon.start(setup);
      daemon.client.on("message", (topic, payload) => {
        const camera = /^haven\/camera\/(\w+)\/status$/.exec(topic)?.[1];
        if (camera !== undefined)
          statuses.push({ at: performance.now(), camera, status: payload.toString() });
      });
      await Promise.all(
        CAMERAS.map((id) => daemon.until(id, () => daemon.last(`haven/camera/${id}/status`) === "online")),
      );
    });

    afterAll(async () => {
      await daemon?.[Symbol.asyncDispose]();
      await relay?.[Symbol.asyncDispose]();
      await guard?.[Symbol.asyncDispose]();
      for (const one of servers.values()) await one[Symbol.asyncDispose]();
      await folder?.[Symbol.asyncDispose]();
      if (rows.length > 0) console.log(table(rows));
    });

    describe.concurrent("of one camera, which the others do not notice", () => {
      it("its power fails and comes back", async () => {
        const { port } = server("power");
        const cut = performance.now();
        await server("power").kill();
        const offlineMs = await until("power", "offline", cut);
        const said = reasonOf("power");
        const back = performance.now();
        servers.set("power", await startRtspServer({ clip: film, port }));
        const onlineMs = await until("power", "online", back);
        rows.push({ fault: "camera or its server loses power", said, offlineMs, onlineMs });
        expect(offlineMs).toBeLessThan(5_000);
        expect(onlineMs).toBeLessThan(10_000);
      });

      it("it hangs with its connection open", async () => {
        const cut = performance.now();
        server("frozen").freeze();
        const offlineMs = await until("frozen", "offline", cut);
        const said = reasonOf("frozen");
        const back = performance.now();
        server("frozen").thaw();
        const onlineMs = await until("frozen", "online", back);
        rows.push({ fault: "camera hangs, connection stays open", said, offlineMs, onlineMs });
        expect(offlineMs).toBeGreaterThan(4_000);
        expect(offlineMs).toBeLessThan(12_000);
        expect(onlineMs).toBeLessThan(15_000);
      });

      it("its network is cut", async () => {
        const cut = performance.now();
        relay.cut();
        const offlineMs = await until("cable", "offline", cut);
        const said = reasonOf("cable");
        const back = performance.now();
        relay.heal();
        const onlineMs = await until("cable", "online", back);
        rows.push({ fault: "network between is cut", said, offlineMs, onlineMs });
        expect(offlineMs).toBeLessThan(5_000);
        expect(onlineMs).toBeLessThan(10_000);
      });

      it("its password is changed, and then here too", async () => {
        const cut = performance.now();
        guard.change(NEW);
        const offlineMs = await until("login", "offline", cut);
        await vi.waitFor(() => expect(reasonOf("login")).toMatch(/password/), PATIENCE);
        const said = reasonOf("login");
        const back = performance.now();
        const answer = await fetch(`http://127.0.0.1:${setup.apiPort}/api/cameras/login`, {
          method: "PATCH",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ source: guard.url(NEW) }),
        });
        expect(answer.status).toBe(200);
        const onlineMs = await until("login", "online", back);
        rows.push({ fault: "password changed on the camera, then in Haven", said, offlineMs, onlineMs });
        expect(onlineMs).toBeLessThan(10_000);
        for (const { password } of [OLD, NEW]) expect(daemon.log).not.toContain(password);
      });

      it("its resolution is changed while it is watched", async () => {
        const cut = performance.now();
        lens.switchTo(1);
        await vi.waitFor(async () => {
          const { body, status } = await daemon.get("/api/cameras/lens/snapshot.jpg");
          expect(status).toBe(200);
          expect(jpegWidth(new Uint8Array(body as ArrayBuffer))).toBe(640);
        }, PATIENCE);
        const onlineMs = Math.round(performance.now() - cut);
        const left = statuses.find(
          ({ camera, status, at }) => camera === "lens" && status === "offline" && at > cut,
        );
        const offlineMs = left === undefined ? null : Math.round(left.at - cut);
        rows.push({ fault: "resolution changed mid-stream", said: reasonOf("lens"), offlineMs, onlineMs });
        expect(onlineMs).toBeLessThan(20_000);
      });

      it("its packets are damaged", async () => {
        const cut = performance.now();
        noise.damage(true);
        // Some eight seconds at 25 pictures a second.
        await vi.waitFor(() => expect(noise.damaged).toBeGreaterThan(25), PATIENCE);
        noise.damage(false);
        const healed = performance.now();
        await vi.waitFor(() => expect(daemon.last("haven/camera/noise/status")).toBe("online"), PATIENCE);
        const left = statuses.find(
          ({ camera, status, at }) => camera === "noise" && status === "offline" && at > cut,
        );
        rows.push({
          fault: "every eighth picture damaged",
          said: reasonOf("noise"),
          offlineMs: left === undefined ? null : Math.round(left.at - cut),
          onlineMs: Math.round(performance.now() - healed),
        });
        expect(left).toBeUndefined();
      });
    });

    describe("of vision, which all cameras notice", () => {
      const vision = (): number => childrenOf(daemon.process.pid ?? 0)[0] ?? 0;

      async function fails(fault: string, happen: () => Promise<void> | void, recover?: () => Promise<void>) {
        const pid = vision();
        const cut = performance.now();
        await happen();
        const offlineMs = await until("power", "offline", cut);
        const said = reasonOf("power");
        const back = performance.now();
        const panel = (await daemon.get("/api/system")).body as { readonly problems: readonly string[] };
        await recover?.();
        const times = await Promise.all(CAMERAS.map((id) => until(id, "online", back)));
        const [first, last] = [Math.min(...times), Math.max(...times)];
        rows.push({ fault: `${fault}: first camera`, said, offlineMs, onlineMs: first });
        rows.push({ fault: `${fault}: all six`, said, offlineMs, onlineMs: last });
        expect(vision()).not.toBe(pid);
        return { said, offlineMs, panel };
      }

      it("it crashes", async () => {
        const { said } = await fails("vision crashes", () => void process.kill(vision(), "SIGSEGV"));
        expect(said).toBe("the vision process was ended by SIGSEGV and is being restarted");
      });

      it("it hangs", async () => {
        const { said, offlineMs } = await fails("vision hangs", () => void process.kill(vision(), "SIGSTOP"));
        expect(said).toBe("the vision process gave no sign of life for 5 s and is being restarted");
        expect(offlineMs).toBeLessThan(10_000);
      });

      it("it grows beyond its bound", async () => {
        const limit = async (from: string, to: string) => {
          const path = folder.file("haven.yaml");
          const text = await readFile(path, "utf8");
          expect(text).toContain(from);
          await writeFile(path, text.replace(from, to));
        };
        const { said } = await fails(
          "vision grows beyond its bound (seen within 3 s of the setting, 3 beats)",
          () => limit("memory_limit_mb: 0", "memory_limit_mb: 60"),
          () => limit("memory_limit_mb: 60", "memory_limit_mb: 0"),
        );
        expect(said).toMatch(
          /^the vision process grew to \d+ MB, more than the 60 MB it may use, and is being/,
        );
      });

      it("and through all of it the daemon has answered", async () => {
        expect(daemon.process.exitCode).toBeNull();
        expect((await daemon.get("/healthz")).status).toBe(200);
      });
    });
  },
);

/** From the start of frame: what a JPEG says of its own size. */
function jpegWidth(jpeg: Uint8Array): number {
  for (let at = 2; at + 9 < jpeg.length; ) {
    const marker = jpeg[at + 1] ?? 0;
    if (marker >= 0xc0 && marker <= 0xc2) return ((jpeg[at + 7] ?? 0) << 8) | (jpeg[at + 8] ?? 0);
    at += 2 + (((jpeg[at + 2] ?? 0) << 8) | (jpeg[at + 3] ?? 0));
  }
  return 0;
}

function table(rows: readonly Row[]): string {
  const seconds = (ms: number | null) => (ms === null ? "never" : `${(ms / 1000).toFixed(1)} s`);
  return [
    "| fault | offline after | online again after | says |",
    "|---|---|---|---|",
    ...rows.map(
      ({ fault, offlineMs, onlineMs, said }) =>
        `| ${fault} | ${seconds(offlineMs)} | ${seconds(onlineMs)} | ${said} |`,
    ),
  ].join("\n");
}
