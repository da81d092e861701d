import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApi } from "../../src/api/api-server.ts";
import type { ProblemJson } from "../../src/api/contract.ts";
import { AppError, isAppError } from "../../src/core/errors.ts";
import { call, startApi } from "./api-client.ts";
import { eventually } from "./eventually.ts";
import { FakeHome } from "./fake-home.ts";

const OPTIONS = {
  version: "0",
  host: "127.0.0.1",
  port: 0,
  ingress: null,
  token: null,
  allowedHosts: [],
  panelDir: null,
};

describe("the panel's files", () => {
  let dir: string;
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), "haven-panel-"));
    mkdirSync(join(dir, "assets"));
    writeFileSync(join(dir, "index.html"), "<!doctype html><title>Haven</title>");
    writeFileSync(join(dir, "assets", "app-abc123.js"), "export {};");
    writeFileSync(join(dir, ".secret"), "hidden");
  });
  afterAll(() => rmSync(dir, { recursive: true }));

  it("are served: the page anew each time, assets forever", async () => {
    await using server = await startApi(new FakeHome(), { panelDir: dir });
    const page = await call(server.port, "/");
    expect(page).toMatchObject({ status: 200, text: "<!doctype html><title>Haven</title>" });
    expect(page.headers["content-type"]).toMatch(/^text\/html/);
    expect(page.headers["cache-control"]).toBe("no-cache");
    const script = await call(server.port, "/assets/app-abc123.js");
    expect(script.headers["content-type"]).toMatch(/javascript/);
    expect(script.headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  });

  it("need no token, since the panel is what asks for it", async () => {
    await using server = await startApi(new FakeHome(), { panelDir: dir, token: "a long enough token" });
    expect((await call(server.port, "/?x=1")).status).toBe(200);
    expect((await call(server.port, "/api/cameras")).status).toBe(401);
  });

  it.each([
    "/assets",
    "/assets/",
    "/../package.json",
    "/..%2f..%2fetc/passwd",
    "/.secret",
    "/%00",
    "/nothing",
    "/%E0%A4%A",
  ])("do not include %s, and nothing is redirected", async (path) => {
    await using server = await startApi(new FakeHome(), { panelDir: dir });
    const { status, headers } = await call(server.port, path);
    expect([400, 403, 404]).toContain(status);
    expect(headers.location).toBeUndefined();
    expect(headers["content-type"]).toMatch(/problem\+json/);
  });

  it("say what to do when they were not built", async () => {
    await using server = await startApi(new FakeHome(), { panelDir: join(dir, "nowhere") });
    expect(await call(server.port, "/")).toMatchObject({
      status: 503,
      text: expect.stringContaining("npm run build"),
    });
  });
});

describe("errors", () => {
  it("are problems: what is not there, not JSON, too long", async () => {
    await using server = await startApi(new FakeHome());
    const json = { "content-type": "application/json" };
    const replies = await Promise.all([
      call<ProblemJson>(server.port, "/api/ghosts"),
      call<ProblemJson>(server.port, "/api/cameras", { method: "PUT", body: {} }),
      call<ProblemJson>(server.port, "/api/cameras", { method: "POST", rawBody: "{", headers: json }),
      call<ProblemJson>(server.port, "/api/cameras", {
        method: "POST",
        rawBody: `"${"x".repeat(140_000)}"`,
        headers: json,
      }),
      call<ProblemJson>(server.port, "/api/cameras", {
        method: "POST",
        rawBody: "xx",
        headers: { ...json, "content-encoding": "gzip" },
      }),
      call<ProblemJson>(server.port, "/api/cameras/%E0%A4%A"),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([404, 404, 400, 413, 415, 400]);
    for (const { headers, json: body, status } of replies) {
      expect(headers["content-type"]).toMatch(/^application\/problem\+json/);
      expect(Object.keys(body)).toEqual(["type", "title", "status", "detail"]);
      expect(body.status).toBe(status);
    }
  });

  it("are sentences, also those that were written for a log", async () => {
    const home = new FakeHome();
    home.addCamera({ id: "hall" });
    const path = "/api/cameras/hall/snapshot.jpg";
    await using server = await startApi(home);
    home.snapshotAnswer = new AppError("vision.down", "the vision process is starting");
    expect((await call<ProblemJson>(server.port, path)).json.detail).toBe("The vision process is starting.");
    home.snapshotAnswer = new AppError("config.invalid", "haven.yaml:3 cameras[0]: is missing");
    expect((await call<ProblemJson>(server.port, path)).json.detail).toBe(
      "haven.yaml:3 cameras[0]: is missing.",
    );
  });

  it("of our own making tell the caller nothing but that there was one", async () => {
    const home = new FakeHome();
    const events = { list: () => Promise.reject(new Error("SQLITE_BUSY at /data/haven.db")) };
    await using server = await startApi(Object.assign(Object.create(home), { events }));
    const { status, text, json } = await call<ProblemJson>(server.port, "/api/events");
    expect(status).toBe(500);
    expect(json.detail).toBe("Haven could not do this; its log says why.");
    expect(text).not.toMatch(/SQLITE|\/data|at /);
  });
});

describe("its port", () => {
  it("being taken is said in a sentence that helps", async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, "127.0.0.1", resolve));
    const { port } = blocker.address() as { port: number };
    const error: unknown = await createApi(new FakeHome(), { ...OPTIONS, port })
      .start()
      .catch((caught) => caught);
    expect(isAppError(error, "port.taken")).toBe(true);
    expect(String(error)).toContain(`Port ${port} is taken`);
    expect(String(error)).toContain("api.port");
    await new Promise((resolve) => blocker.close(resolve));
  });

  it("on an address that is not ours is said as well", async () => {
    const error: unknown = await createApi(new FakeHome(), { ...OPTIONS, host: "192.0.2.1" })
      .start()
      .catch((caught) => caught);
    expect(isAppError(error, "config.invalid")).toBe(true);
    expect(String(error)).toContain("api.host");
  });

  it("is free again although somebody still watches", async () => {
    const home = new FakeHome();
    home.addCamera({ id: "bedroom" });
    const { api, port } = await startApi(home);
    const ended = new Promise<void>((resolve) => {
      get({ host: "127.0.0.1", port, path: "/api/cameras/bedroom/live" }, (response) => {
        response.on("error", () => resolve());
        response.resume();
      });
    });
    await eventually(() => expect(home.watchers("bedroom")).toBe(1));
    await api.stop();
    await ended;
    await eventually(() => expect(home.watchers("bedroom")).toBe(0));
  });

  it("is free again after stop, which may be called twice and before start", async () => {
    const api = createApi(new FakeHome(), OPTIONS);
    await api.stop();
    await api.start();
    const { port } = api;
    expect((await call(port, "/healthz")).status).toBe(200);
    await api.stop();
    await api.stop();
    await expect(call(port, "/healthz")).rejects.toThrow("ECONNREFUSED");
    expect(api.port).toBe(0);
  });
});
