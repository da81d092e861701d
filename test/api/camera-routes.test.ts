import { request } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CameraJson, CamerasJson, CameraTestResultJson, ProblemJson } from "../../src/api/contract.ts";
import { AppError } from "../../src/core/errors.ts";
import { call, startApi } from "./api-client.ts";
import { eventually } from "./eventually.ts";
import { FakeHome, JPEG } from "./fake-home.ts";

let home: FakeHome;
let server: Awaited<ReturnType<typeof startApi>>;

beforeEach(async () => {
  home = new FakeHome();
  home.addCamera({ id: "bedroom" });
  server = await startApi(home);
});
afterEach(() => server[Symbol.asyncDispose]());

const BED = {
  name: "Bed",
  kind: "bed",
  polygon: [
    [0.1, 0.5],
    [0.6, 0.5],
    [0.6, 1],
  ],
};

describe("reading cameras", () => {
  it("lists each with its status and room, in snake_case", async () => {
    const { status, json, headers } = await call<CamerasJson>(server.port, "/api/cameras");
    expect(status).toBe(200);
    expect(headers["cache-control"]).toBe("no-store");
    expect(json.cameras).toEqual([
      {
        id: "bedroom",
        name: "Bedroom",
        area: "Bedroom",
        source: "rtsp://192.168.1.20/stream1",
        enabled: true,
        privacy: false,
        zones: [],
        overlaps: [],
        status: {
          camera_id: "bedroom",
          availability: "online",
          reason: null,
          since: "2026-11-20T08:00:00.000Z",
          stream: { width: 640, height: 384, fps: 25, codec: "h264", duration_s: null },
          blind: null,
          analysed_fps: 10,
          dropped: 0,
          pace: "full",
          detector_input: 256,
          decoder: "software",
          damaged_packets: 0,
        },
        room: { camera_id: "bedroom", occupied: false, person_count: 0, fall: false, bed_occupied: null },
      },
    ]);
  });

  it("never lets a camera's password out, in whatever answer", async () => {
    const answers = await Promise.all([
      call(server.port, "/api/cameras"),
      call(server.port, "/api/cameras/bedroom"),
      call(server.port, "/api/cameras/bedroom", { method: "PATCH", body: { name: "Bed" } }),
      call(server.port, "/api/system"),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.text).not.toMatch(/s3cret|viewer|key=abc|hunter2/);
    }
  });

  it("answers 404 with a problem for a camera that is not there", async () => {
    for (const path of ["", "/snapshot.jpg", "/live"]) {
      const { status, json, headers } = await call<ProblemJson>(server.port, `/api/cameras/attic${path}`);
      expect(status).toBe(404);
      expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
      expect(json).toEqual({
        type: "urn:haven:problem:not-found",
        title: "Not Found",
        status: 404,
        detail: "There is no camera with this id.",
      });
    }
  });
});

describe("adding and changing cameras", () => {
  it("adds one with what was left out filled in", async () => {
    const body = { name: " Kitchen ", source: "rtsp://u:p@cam/1", zones: [BED] };
    const { status, json } = await call<CameraJson>(server.port, "/api/cameras", { method: "POST", body });
    expect(status).toBe(201);
    expect(json).toMatchObject({ id: "kitchen", name: "Kitchen", area: null, enabled: true, privacy: false });
    expect(json.zones).toEqual([{ id: "zone-0", ...BED, leads_to: null }]);
    expect(home.views.get("kitchen")?.camera.source).toBe("rtsp://u:p@cam/1");
  });

  it.each<[string, unknown, RegExp]>([
    ["no name", { source: "rtsp://cam/1" }, /needs a name/],
    ["no address", { name: "Hall" }, /needs an address/],
    ["an empty name", { name: "  ", source: "rtsp://cam/1" }, /name is empty/i],
    ["a name of 81 letters", { name: "a".repeat(81), source: "x.mp4" }, /name has at most 80/i],
    ["a line break in a name", { name: "a\nb", source: "x.mp4" }, /cannot be printed/],
    ["a number for a name", { name: 5, source: "x.mp4" }, /name is a text/i],
    ["an unknown field", { name: "Hall", source: "x.mp4", fps: 5 }, /"fps" is no field of a camera/],
    [
      "a field that would reach the prototype",
      '{"__proto__":{"a":1},"name":"x","source":"y"}',
      /"__proto__" is no/,
    ],
    ["a text for a flag", { name: "Hall", source: "x.mp4", enabled: "no" }, /enabled is true or false/i],
    ["FFmpeg's concat", { name: "Hall", source: "concat:/etc/passwd" }, /rtsp:\/\/, http:\/\//],
    [
      "FFmpeg's subfile",
      { name: "Hall", source: "subfile,,start,0,end,9,,:/etc/passwd" },
      /rtsp:\/\/, http:\/\//,
    ],
    ["a file URL", { name: "Hall", source: "file:///etc/passwd" }, /rtsp:\/\/, http:\/\//],
    ["an address without a host", { name: "Hall", source: "http:///x" }, /rtsp:\/\/, http:\/\//],
    [
      "a zone of two corners",
      {
        zones: [
          {
            ...BED,
            polygon: [
              [0, 0],
              [1, 1],
            ],
          },
        ],
      },
      /3 to 64 corners/,
    ],
    [
      "a corner outside the picture",
      {
        zones: [
          {
            ...BED,
            polygon: [
              [0, 0],
              [1, 1],
              [1.5, 0],
            ],
          },
        ],
      },
      /between 0 and 1/,
    ],
    [
      "a corner that is no number",
      {
        zones: [
          {
            ...BED,
            polygon: [
              [0, 0],
              [1, 1],
              [null, 0],
            ],
          },
        ],
      },
      /between 0 and 1/,
    ],
    ["an unknown kind of zone", { zones: [{ ...BED, kind: "pool" }] }, /one of bed, sofa/],
    [
      "two zones of one id",
      {
        zones: [
          { ...BED, id: "a" },
          { ...BED, id: "a" },
        ],
      },
      /there twice/,
    ],
    ["a zone id with a slash", { zones: [{ ...BED, id: "a/b" }] }, /small letters/],
    ["33 zones", { zones: Array.from({ length: 33 }, () => BED) }, /at most 32 zones/],
    ["a list", [1], /JSON object/],
  ])("refuses %s with one sentence, and changes nothing", async (_, body, detail) => {
    const sent =
      typeof body === "string"
        ? { rawBody: body, headers: { "content-type": "application/json" } }
        : { body };
    const { status, json } = await call<ProblemJson>(server.port, "/api/cameras", {
      method: "POST",
      ...sent,
    });
    expect(status).toBe(400);
    expect(json.detail).toMatch(detail);
    expect(json.detail).toMatch(/^\S[^\n]{5,200}\.$/);
    expect([...home.views.keys()]).toEqual(["bedroom"]);
  });

  it("changes only what is named, and keeps the password when the address comes back as it was shown", async () => {
    await home.cameras.update("bedroom", { substream: "rtsp://192.168.1.20/small" });
    const body = { name: "Night room", source: "rtsp://192.168.1.20/stream1" };
    const { json } = await call<CameraJson>(server.port, "/api/cameras/bedroom", { method: "PATCH", body });
    expect(json).toMatchObject({ id: "bedroom", name: "Night room", area: "Bedroom" });
    expect(home.views.get("bedroom")?.camera.source).toBe(
      "rtsp://viewer:s3cret@192.168.1.20/stream1?key=abc",
    );
    expect(home.views.get("bedroom")?.camera.substream).toBe("rtsp://192.168.1.20/small");

    await call(server.port, "/api/cameras/bedroom", {
      method: "PATCH",
      body: { source: "rtsp://a:b@other/1" },
    });
    // Nor is the small stream of the old address watched in place of the new one.
    expect(home.views.get("bedroom")?.camera).toMatchObject({
      source: "rtsp://a:b@other/1",
      substream: null,
    });
  });

  it("clears the area with null or nothing", async () => {
    for (const area of [null, ""]) {
      const { json } = await call<CameraJson>(server.port, "/api/cameras/bedroom", {
        method: "PATCH",
        body: { area },
      });
      expect(json.area).toBeNull();
    }
  });

  it("says why the daemon would not add it", async () => {
    const body = { name: "Bedroom", source: "rtsp://cam/1" };
    const { status, json } = await call<ProblemJson>(server.port, "/api/cameras", { method: "POST", body });
    expect(status).toBe(409);
    expect(json).toMatchObject({
      type: "urn:haven:problem:conflict",
      detail: "A camera of this name is there already.",
    });
  });

  it("removes one", async () => {
    expect((await call(server.port, "/api/cameras/bedroom", { method: "DELETE" })).status).toBe(204);
    expect(home.views.size).toBe(0);
    expect((await call(server.port, "/api/cameras/bedroom", { method: "DELETE" })).status).toBe(404);
  });
});

describe("testing an address", () => {
  it("answers with the stream and a picture", async () => {
    const body = { source: "rtsp://u:p@cam/1" };
    const { status, json } = await call<CameraTestResultJson>(server.port, "/api/cameras/test", {
      method: "POST",
      body,
    });
    expect(status).toBe(200);
    expect(json.stream).toEqual({ width: 640, height: 384, fps: 25, codec: "h264", duration_s: null });
    expect(json.picture).toBe(`data:image/jpeg;base64,${Buffer.from(JPEG).toString("base64")}`);
    expect(home.tested).toEqual(["rtsp://u:p@cam/1"]);
  });

  it("tests a known camera with the password that no browser knows", async () => {
    const body = { camera_id: "bedroom" };
    expect((await call(server.port, "/api/cameras/test", { method: "POST", body })).status).toBe(200);
    expect(home.tested).toEqual(["rtsp://viewer:s3cret@192.168.1.20/stream1?key=abc"]);
  });

  it("hands on the reason when there is no picture", async () => {
    home.testAnswer = new AppError(
      "source.unreachable",
      "The camera at 192.168.1.20 does not answer; is it switched on?",
    );
    const body = { source: "rtsp://cam/1" };
    const { status, json } = await call<ProblemJson>(server.port, "/api/cameras/test", {
      method: "POST",
      body,
    });
    expect(status).toBe(422);
    expect(json.type).toBe("urn:haven:problem:source.unreachable");
    expect(json.detail).toBe("The camera at 192.168.1.20 does not answer; is it switched on?");
  });

  it("ends with the caller, and lets two run at the same time but not three", async () => {
    const signals: AbortSignal[] = [];
    const fake = {
      ...home.cameras,
      test: (_: string, signal: AbortSignal) => {
        signals.push(signal);
        return new Promise<never>((_resolve, reject) =>
          signal.addEventListener("abort", () => reject(signal.reason)),
        );
      },
    };
    await using other = await startApi(Object.assign(Object.create(home), { cameras: fake }));
    const body = JSON.stringify({ source: "rtsp://cam/1" });
    const headers = { "content-type": "application/json", "content-length": body.length };
    const hanging = [0, 1].map(() => {
      const outgoing = request({
        host: "127.0.0.1",
        port: other.port,
        path: "/api/cameras/test",
        method: "POST",
        headers,
      });
      outgoing.on("error", () => {});
      outgoing.end(body);
      return outgoing;
    });
    await eventually(() => expect(signals).toHaveLength(2));
    const third = await call(other.port, "/api/cameras/test", {
      method: "POST",
      rawBody: body,
      headers: { "content-type": "application/json" },
    });
    expect(third.status).toBe(409);

    for (const outgoing of hanging) outgoing.destroy();
    await eventually(() => expect(signals.map((signal) => signal.aborted)).toEqual([true, true]));
  });
});

describe("pictures", () => {
  it("gives the newest as JPEG that nobody may keep", async () => {
    const { status, headers, bytes } = await call(server.port, "/api/cameras/bedroom/snapshot.jpg");
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("image/jpeg");
    expect(headers["cache-control"]).toBe("no-store");
    expect(bytes.equals(JPEG)).toBe(true);
  });

  it("gives none while privacy is on, and asks nobody for one", async () => {
    await call(server.port, "/api/cameras/bedroom", { method: "PATCH", body: { privacy: true } });
    home.snapshotAnswer = new Error("must not be asked");
    for (const path of ["snapshot.jpg", "live"]) {
      const { status, json } = await call<ProblemJson>(server.port, `/api/cameras/bedroom/${path}`);
      expect(status).toBe(409);
      expect(json.detail).toMatch(/Privacy is on/);
    }
    expect(home.watchers("bedroom")).toBe(0);
    const test = await call(server.port, "/api/cameras/test", {
      method: "POST",
      body: { camera_id: "bedroom" },
    });
    expect(test.status).toBe(409);
    expect(home.tested).toEqual([]);
  });

  it("drops one that was made while privacy was switched on", async () => {
    const cameras = {
      ...home.cameras,
      snapshot: async () => {
        await home.cameras.update("bedroom", { privacy: true });
        return JPEG;
      },
    };
    await using other = await startApi(Object.assign(Object.create(home), { cameras }));
    expect((await call(other.port, "/api/cameras/bedroom/snapshot.jpg")).status).toBe(409);
  });

  it("streams multipart JPEG, each part with its length, until the caller leaves", async () => {
    const parts = await new Promise<Buffer>((resolve, reject) => {
      const outgoing = request(
        { host: "127.0.0.1", port: server.port, path: "/api/cameras/bedroom/live" },
        (response) => {
          expect(response.headers["content-type"]).toBe("multipart/x-mixed-replace; boundary=haven-frame");
          let received = Buffer.alloc(0);
          home.show("bedroom");
          home.show("bedroom");
          response.on("error", () => {});
          response.on("data", (chunk: Buffer) => {
            received = Buffer.concat([received, chunk]);
            if (received.toString("latin1").split("--haven-frame").length === 4) {
              outgoing.destroy();
              resolve(received);
            }
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.end();
    });
    const [before, first, second, after] = parts.toString("latin1").split("--haven-frame\r\n");
    expect([before, after]).toEqual(["", ""]);
    const part = `Content-Type: image/jpeg\r\nContent-Length: ${JPEG.length}\r\n\r\n${Buffer.from(JPEG).toString("latin1")}\r\n`;
    expect(first).toBe(part);
    expect(second).toBe(part);
    await eventually(() => expect(home.watchers("bedroom")).toBe(0));
  });
});
