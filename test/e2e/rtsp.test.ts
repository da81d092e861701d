// Network cameras through the whole daemon: a real RTSP server that dies and comes back, and a camera that never answers.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModelStore, modelsDirectory } from "../../models/model-store.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { ensureDemoClip } from "../../src/demo/demo-clip.ts";
import { Daemon, setUp } from "../support/daemon.ts";
import { freePort, TemporaryFolder } from "../support/haven-process.ts";
import { noRtspServer, startRtspServer } from "../support/rtsp-server.ts";

const never = new AbortController().signal;

describe.skipIf(noRtspServer !== null)(
  `network cameras in the daemon${noRtspServer === null ? "" : ` (skipped: ${noRtspServer})`}`,
  () => {
    let folder: TemporaryFolder;
    let daemon: Daemon;
    let clip: string;
    let server: Awaited<ReturnType<typeof startRtspServer>>;

    const statuses = () =>
      daemon.heard
        .filter(({ topic }) => topic === "haven/camera/bedroom/status")
        .map(({ payload }) => payload);

    beforeAll(async () => {
      await new ModelStore({ log: silentLogger }).ensure(["movenet-multipose", "movenet-thunder"], {
        signal: never,
      });
      clip = await ensureDemoClip({ cacheDir: modelsDirectory(process.env), signal: never });
      server = await startRtspServer({ clip });
      folder = await TemporaryFolder.make();
      const setup = await setUp(
        folder,
        [
          `  - id: bedroom\n    name: Bedroom\n    source: ${server.url}`,
          `  - id: attic\n    name: Attic\n    source: rtsp://user:s3cret@127.0.0.1:${await freePort()}/none`,
        ].join("\n"),
      );
      daemon = await Daemon.start(setup);
    });

    afterAll(async () => {
      await daemon?.[Symbol.asyncDispose]();
      await server?.[Symbol.asyncDispose]();
      await folder?.[Symbol.asyncDispose]();
    });

    it("sees a fall on a live stream", async () => {
      await daemon.until("the camera is online", () => statuses().at(-1) === "online");
      await daemon.until("a confirmed fall", () =>
        daemon.events().some(({ kind, camera_id }) => kind === "fall_confirmed" && camera_id === "bedroom"),
      );
      await daemon.until("the alarm", () => daemon.last("haven/alarm/state") === "raised");
    });

    it("goes on although another camera does not answer, and says why without its password", async () => {
      expect(daemon.last("haven/camera/attic/status")).toBe("offline");
      expect(daemon.last("haven/camera/attic/status_attributes")).toMatch(/refused/);
      const { body } = await daemon.get("/api/cameras");
      expect(JSON.stringify(body)).not.toContain("s3cret");
      expect(daemon.log).not.toContain("s3cret");
      expect(daemon.heard.filter(({ payload }) => payload.includes("s3cret"))).toEqual([]);
    });

    it("says offline when the server dies and online when it is back, without a restart", async () => {
      const { port } = server;
      await server.kill();
      await daemon.until("offline", () => statuses().at(-1) === "offline");
      expect(daemon.last("haven/alarm/state")).toBe("raised");
      server = await startRtspServer({ clip, port });
      await daemon.until("online again", () => statuses().at(-1) === "online");
      expect(daemon.process.exitCode).toBeNull();
      expect(daemon.events().map(({ kind }) => kind)).toContain("camera_offline");
    });

    it("does not even try a camera in privacy: that its server is gone is not noticed", async () => {
      await daemon.client.publishAsync("haven/camera/bedroom/privacy/set", "ON", { qos: 1 });
      await daemon.until("privacy", () => statuses().at(-1) === "privacy");
      const { port } = server;
      await server.kill();
      // Longer than a lost connection takes to be reported: the switch of another camera goes the same way round.
      await daemon.client.publishAsync("haven/camera/attic/privacy/set", "ON", { qos: 1 });
      await daemon.until("the other's privacy", () => daemon.last("haven/camera/attic/status") === "privacy");
      expect(statuses().at(-1)).toBe("privacy");
      server = await startRtspServer({ clip, port });
      await daemon.client.publishAsync("haven/camera/bedroom/privacy/set", "OFF", { qos: 1 });
      await daemon.until("online again", () => statuses().at(-1) === "online");
      const since = statuses().slice(statuses().lastIndexOf("privacy"));
      // Off, it is offline until the stream is there: never anything else.
      expect(new Set(since)).toEqual(new Set(["privacy", "offline", "online"]));
    });
  },
);
