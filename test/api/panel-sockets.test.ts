import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LiveHub } from "../../src/api/live-hub.ts";
import { LiveViewer } from "../../src/api/live-viewer.ts";
import { KEYPOINT_FLOOR, SKELETON } from "../../src/domain/pose.ts";
import { startApi, TestViewer } from "./api-client.ts";
import { eventually } from "./eventually.ts";
import { anEvent, anIdentity, aTrack, FakeHome, JPEG } from "./fake-home.ts";

let home: FakeHome;
let server: Awaited<ReturnType<typeof startApi>>;

beforeEach(async () => {
  home = new FakeHome();
  home.addCamera({ id: "bedroom" });
  server = await startApi(home);
});
afterEach(() => server[Symbol.asyncDispose]());

/** Waits until the viewer has heard everything that was said before. */
async function settled(viewer: TestViewer): Promise<void> {
  const before = viewer.of("refused").length;
  viewer.say({ kind: "watch", camera_id: "no such camera", picture: true });
  await eventually(() => expect(viewer.of("refused").length).toBeGreaterThan(before));
}

describe("news", () => {
  it("begin with the state of the home", async () => {
    const alarm = home.raise();
    using viewer = await TestViewer.open(server.port);
    await eventually(() => expect(viewer.messages).toHaveLength(1));
    expect(viewer.messages[0]).toMatchObject({
      kind: "hello",
      version: "0.0.0-test",
      home_assistant: false,
      server_time: "2026-11-20T08:00:00.000Z",
      cameras: [{ id: "bedroom", source: "rtsp://192.168.1.20/stream1", status: { availability: "online" } }],
      alarms: [{ id: alarm.id, state: "raised" }],
      skeleton: SKELETON,
      keypoint_floor: KEYPOINT_FLOOR,
    });
  });

  it("reach every viewer the moment something happens", async () => {
    using one = await TestViewer.open(server.port);
    using two = await TestViewer.open(server.port);
    await settled(one);
    await settled(two);
    home.setStatus("bedroom", { availability: "offline", reason: "The camera does not answer." });
    home.setRoom("bedroom", { occupied: true, personCount: 2 });
    const alarm = home.raise();
    home.happen(anEvent("camera_offline", { reason: "The camera does not answer." }));
    home.addCamera({ id: "hall" });
    await home.alarms.acknowledge(alarm.id, "Rosa");
    for (const viewer of [one, two]) {
      await eventually(() => expect(viewer.of("alarms")).toHaveLength(2));
      expect(viewer.of("camera_status")[0]?.status).toMatchObject({
        camera_id: "bedroom",
        availability: "offline",
      });
      expect(viewer.of("room")[0]?.room).toMatchObject({ occupied: true, person_count: 2 });
      expect(viewer.of("event")[0]?.event.kind).toBe("camera_offline");
      expect(viewer.of("cameras")[0]?.cameras.map((camera) => camera.id)).toEqual(["bedroom", "hall"]);
      expect(viewer.of("alarms")[1]?.alarms[0]).toMatchObject({
        state: "acknowledged",
        acknowledged_by: "Rosa",
      });
    }
    expect(JSON.stringify(one.messages)).not.toMatch(/s3cret|key=abc/);
  });
});

describe("live frames", () => {
  it("carry what was seen together with the very picture it was seen in", async () => {
    using viewer = await TestViewer.open(server.port);
    viewer.say({ kind: "watch", camera_id: "bedroom", picture: true });
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    const tracks = [
      aTrack(),
      aTrack({ id: 8, state: "lost", pose: null, detected: false }),
      aTrack({ id: 9, state: "ended" }),
    ];
    home.show("bedroom", { tracks, activity: { posture: "lying", fall: "confirmed" } });
    await eventually(() => expect(viewer.frames).toHaveLength(1));
    const [frame] = viewer.frames;
    expect(frame?.jpeg.equals(JPEG)).toBe(true);
    expect(frame?.header).toMatchObject({
      camera_id: "bedroom",
      sequence: 0,
      captured_at: "2026-11-20T08:00:00.000Z",
      aspect: 1.6667,
    });
    expect(frame?.header.tracks.map(({ id }) => id)).toEqual([7, 8]);
    expect(frame?.header.tracks[0]).toMatchObject({
      state: "confirmed",
      box: [0.4, 0.2, 0.6, 0.9],
      confidence: 0.8765,
      posture: "lying",
      fall: "confirmed",
    });
    expect(frame?.header.tracks[0]?.pose).toHaveLength(17);
    expect(frame?.header.tracks[0]?.pose?.[0]).toEqual([0.5, 0.25, 0.8]);
    expect(frame?.header.tracks[1]?.pose).toBeNull();
  });

  it("say who each track is taken for, and name nobody who is only likely", async () => {
    using viewer = await TestViewer.open(server.port);
    viewer.say({ kind: "watch", camera_id: "bedroom", picture: false });
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    const likely = {
      trackId: 8,
      personId: null,
      personName: null,
      kind: null,
      cue: "appearance",
      tentativeId: "p_tom",
    } as const;
    const unknown = { ...likely, trackId: 9, cue: null, tentativeId: null };
    home.show("bedroom", {
      tracks: [7, 8, 9, 10].map((id) => aTrack({ id })),
      identities: [anIdentity(), anIdentity(likely), anIdentity(unknown)],
    });
    await eventually(() => expect(viewer.frames).toHaveLength(1));
    const header = viewer.frames[0]?.header;
    expect(header?.tracks.map(({ person }) => person)).toEqual([
      { id: "p_rosa", name: "Rosa", kind: "resident", cue: "face", confidence: 0.8765, tentative: false },
      { id: null, name: null, kind: null, cue: "appearance", confidence: 0.8765, tentative: true },
      null,
      null,
    ]);
    expect(JSON.stringify(header)).not.toContain("p_tom");
  });

  it("come without the picture for who asked for none", async () => {
    using viewer = await TestViewer.open(server.port);
    viewer.say({ kind: "watch", camera_id: "bedroom", picture: false });
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    home.show("bedroom");
    await eventually(() => expect(viewer.frames).toHaveLength(1));
    expect(viewer.frames[0]?.jpeg).toHaveLength(0);
    expect(viewer.frames[0]?.header.tracks).toHaveLength(1);
  });

  it("wait for a slow viewer, who then gets the newest and none between", async () => {
    using viewer = await TestViewer.open(server.port);
    viewer.say({ kind: "watch", camera_id: "bedroom", picture: true });
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    for (let i = 0; i < 50; i += 1) home.show("bedroom");
    await settled(viewer);
    expect(viewer.frames.map(({ header }) => header.sequence)).toEqual([0, 1, 2]);

    viewer.say({ kind: "shown", camera_id: "bedroom" });
    await eventually(() => expect(viewer.frames).toHaveLength(4));
    expect(viewer.frames[3]?.header.sequence).toBe(49);

    viewer.say({ kind: "shown", camera_id: "bedroom" });
    await settled(viewer);
    home.show("bedroom");
    await eventually(() => expect(viewer.frames).toHaveLength(5));
    expect(viewer.frames[4]?.header.sequence).toBe(50);
  });

  it("do not pile up for a viewer whose network takes nothing, and do not hold up the others", async () => {
    const stuck = await rawViewer(server.port);
    stuck.pause();
    // Watches, then claims to have shown everything while it reads nothing: only the socket's own buffer stops it.
    stuck.write(masked(JSON.stringify({ kind: "watch", camera_id: "bedroom", picture: true })));
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    using viewer = await TestViewer.open(server.port);
    viewer.say({ kind: "watch", camera_id: "bedroom", picture: true });
    await settled(viewer);

    viewer.socket.on("message", (_, isBinary) => {
      if (isBinary) viewer.say({ kind: "shown", camera_id: "bedroom" });
    });
    const jpeg = Buffer.alloc(400_000, 1);
    for (let i = 0; i < 100; i += 1) {
      stuck.write(masked(JSON.stringify({ kind: "shown", camera_id: "bedroom" })));
      home.show("bedroom", { jpeg });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually(() => expect(viewer.frames.at(-1)?.header.sequence).toBe(99));

    // 40 MB went past; it finds what the kernel had room for, then the newest.
    let received = 0;
    let tail = Buffer.alloc(0);
    stuck.on("data", (chunk: Buffer) => {
      received += chunk.length;
      tail = Buffer.concat([tail, chunk]).subarray(-500_000);
    });
    stuck.resume();
    await eventually(() => expect(tail.toString("latin1")).toContain('"sequence":99'));
    expect(received).toBeLessThan(25_000_000);
    stuck.destroy();
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
  });

  it("stop when unwatched, and when the viewer leaves", async () => {
    using viewer = await TestViewer.open(server.port);
    viewer.say({ kind: "watch", camera_id: "bedroom", picture: true });
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    viewer.say({ kind: "unwatch", camera_id: "bedroom" });
    await eventually(() => expect(home.watchers("bedroom")).toBe(0));
    viewer.say({ kind: "watch", camera_id: "bedroom", picture: true });
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    viewer.socket.terminate();
    await eventually(() => expect(home.watchers("bedroom")).toBe(0));
  });

  it("are asked for once, however many watch", async () => {
    using one = await TestViewer.open(server.port);
    using two = await TestViewer.open(server.port);
    for (const viewer of [one, two]) viewer.say({ kind: "watch", camera_id: "bedroom", picture: true });
    await settled(one);
    await settled(two);
    expect(home.watchers("bedroom")).toBe(1);
    home.show("bedroom");
    for (const viewer of [one, two]) await eventually(() => expect(viewer.frames).toHaveLength(1));
    one.socket.terminate();
    await settled(two);
    expect(home.watchers("bedroom")).toBe(1);
  });

  it("stop the moment privacy is switched on, whatever still comes, and go on after it", async () => {
    using viewer = await TestViewer.open(server.port);
    viewer.say({ kind: "watch", camera_id: "bedroom", picture: true });
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    // The window is full, and a frame waits.
    for (let i = 0; i < 4; i += 1) home.show("bedroom");
    await settled(viewer);
    await home.cameras.update("bedroom", { privacy: true });
    for (let i = 0; i < 4; i += 1) home.show("bedroom");
    for (let i = 0; i < 3; i += 1) viewer.say({ kind: "shown", camera_id: "bedroom" });
    await settled(viewer);
    expect(viewer.frames).toHaveLength(3);
    await home.cameras.update("bedroom", { privacy: false });
    home.show("bedroom");
    await eventually(() => expect(viewer.frames).toHaveLength(4));
    expect(viewer.frames[3]?.header.sequence).toBe(8);
  });

  it("that were taken in privacy are not shown after it either", async () => {
    using viewer = await TestViewer.open(server.port);
    viewer.say({ kind: "watch", camera_id: "bedroom", picture: true });
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    for (let i = 0; i < 4; i += 1) home.show("bedroom");
    await home.cameras.update("bedroom", { privacy: true });
    home.show("bedroom");
    await home.cameras.update("bedroom", { privacy: false });
    viewer.say({ kind: "shown", camera_id: "bedroom" });
    await eventually(() => expect(viewer.frames).toHaveLength(4));
    expect(viewer.frames[3]?.header.sequence).toBe(3);
  });

  it("of one camera in two sizes are put together once each", () => {
    const sent: Buffer[] = [];
    const sink = { bufferedAmount: () => 0, send: (bytes: Buffer) => void sent.push(bytes) };
    const hub = new LiveHub(home);
    using _a = new LiveViewer(hub, sink, "bedroom", true);
    using _b = new LiveViewer(hub, sink, "bedroom", true);
    using _c = new LiveViewer(hub, sink, "bedroom", false);
    home.show("bedroom");
    expect(sent).toHaveLength(3);
    expect(sent[0]).toBe(sent[1]);
    expect(sent[2]?.length).toBe((sent[0]?.length ?? 0) - JPEG.length);
  });

  it("wait for the network to take what lies before it", () => {
    let buffered = 0;
    const sent: (() => void)[] = [];
    const sink = {
      bufferedAmount: () => buffered,
      send: (_: Buffer, done: () => void) => void sent.push(done),
    };
    using _viewer = new LiveViewer(new LiveHub(home), sink, "bedroom", true);
    home.show("bedroom");
    buffered = 600_000;
    home.show("bedroom");
    expect(sent).toHaveLength(1);
    buffered = 0;
    sent[0]?.();
    expect(sent).toHaveLength(2);
  });

  it("are refused for a camera that is not there, and beyond sixteen cameras", async () => {
    for (let i = 0; i < 17; i += 1) home.addCamera({ id: `cam${i}` });
    using viewer = await TestViewer.open(server.port);
    for (let i = 0; i < 17; i += 1) viewer.say({ kind: "watch", camera_id: `cam${i}`, picture: true });
    await eventually(() => expect(viewer.of("refused")).toHaveLength(1));
    expect(viewer.of("refused")[0]).toMatchObject({
      camera_id: "cam16",
      detail: expect.stringContaining("16"),
    });
    viewer.say({ kind: "watch", camera_id: "attic", picture: true });
    await eventually(() => expect(viewer.of("refused")[1]?.detail).toBe("There is no such camera."));
  });
});

describe("connections", () => {
  it.each([
    "not json",
    "[]",
    "null",
    '{"kind":"party"}',
    '{"kind":"watch"}',
    '{"kind":"watch","camera_id":5}',
    `{"kind":"watch","camera_id":"${"x".repeat(65)}"}`,
  ])("are closed after %s", async (text) => {
    using viewer = await TestViewer.open(server.port);
    viewer.socket.send(text);
    await eventually(() => expect(viewer.closed?.code).toBe(1008));
  });

  it("are closed after binary messages and after long ones", async () => {
    using binary = await TestViewer.open(server.port);
    binary.socket.send(Buffer.from('{"kind":"alive"}'));
    using long = await TestViewer.open(server.port);
    long.socket.send(JSON.stringify({ kind: "alive", padding: "x".repeat(5000) }));
    await eventually(() => expect(binary.closed?.code).toBe(1008));
    await eventually(() => expect(long.closed?.code).toBe(1009));
    using next = await TestViewer.open(server.port);
    await settled(next);
  });

  it("hear a heartbeat, and end when nothing answers for half a minute", async () => {
    using alive = await TestViewer.open(server.port);
    using dead = await TestViewer.open(server.port);
    dead.socket.pong = () => {};
    (dead.socket as unknown as { _autoPong: boolean })._autoPong = false;
    await settled(alive);
    await settled(dead);
    for (let beat = 1; beat <= 4; beat += 1) {
      home.clock.advance(10_000);
      await eventually(() => expect(alive.of("heartbeat")).toHaveLength(beat));
      alive.say({ kind: "alive" });
      await settled(alive);
    }
    expect(alive.of("heartbeat")[0]?.server_time).toBe("2026-11-20T08:00:10.000Z");
    await eventually(() => expect(dead.closed).not.toBeNull());
    expect(alive.closed).toBeNull();
  });

  it("are opened on /ws only", async () => {
    for (const path of ["/", "/api/ws", "/ws/x", "//[", "/%"]) {
      await expect(TestViewer.open(server.port, { path })).rejects.toThrow("refused with 404");
    }
  });

  it("are not opened without end", async () => {
    const viewers = await Promise.all(Array.from({ length: 64 }, () => TestViewer.open(server.port)));
    await expect(TestViewer.open(server.port)).rejects.toThrow("refused with 503");
    viewers[0]?.socket.terminate();
    await eventually(async () => {
      using viewer = await TestViewer.open(server.port);
      expect(viewer.closed).toBeNull();
    });
    for (const viewer of viewers) viewer.socket.terminate();
  });

  it("are told when Haven stops", async () => {
    using viewer = await TestViewer.open(server.port);
    await settled(viewer);
    const silent = await rawViewer(server.port);
    silent.on("error", () => {});
    silent.pause();
    const begun = performance.now();
    await server.api.stop();
    expect(performance.now() - begun).toBeLessThan(5000);
    await eventually(() => expect(viewer.closed?.code).toBe(1001));
    silent.destroy();
    expect(home.newsListeners).toBe(0);
  });
});

/** An open WebSocket whose far side does nothing by itself. */
async function rawViewer(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  const key = randomBytes(16).toString("base64");
  socket.write(
    "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once("data", resolve));
  return socket;
}

/** A client's text frame of fewer than 126 bytes (RFC 6455, 5.2), with a mask of zeros. */
function masked(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)]);
}
