import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AccessPolicy, ingressUser, isLoopback, judge, printable } from "../../src/api/access-rules.ts";
import type { AlarmJson, ProblemJson } from "../../src/api/contract.ts";
import { call, startApi, TestViewer } from "./api-client.ts";
import { FakeHome } from "./fake-home.ts";

let home: FakeHome;
beforeEach(() => {
  home = new FakeHome();
  home.addCamera({ id: "bedroom" });
});

describe("outside Home Assistant", () => {
  let server: Awaited<ReturnType<typeof startApi>>;
  beforeEach(async () => {
    server = await startApi(home);
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it.each(["localhost:8099", "127.0.0.1:8099", "[::1]:8099", "LOCALHOST", "haven.localhost", "127.8.9.1"])(
    "answers as %s",
    async (host) => {
      expect((await call(server.port, "/api/cameras", { headers: { host } })).status).toBe(200);
    },
  );

  it.each([
    "evil.example",
    "evil.example:8099",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "192.168.1.5",
    "8.8.8.8",
  ])("does not answer as %s, which a rebound name would be", async (host) => {
    const { status, json } = await call<ProblemJson>(server.port, "/api/cameras", { headers: { host } });
    expect(status).toBe(421);
    expect(json.detail).toMatch(/api\.allowed_hosts/);
    await expect(TestViewer.open(server.port, { headers: { host } })).rejects.toThrow("refused with 421");
  });

  it.each(["a b", "user@localhost", "localhost/x", "local host"])("refuses the host %j", async (host) => {
    expect((await call(server.port, "/", { headers: { host } })).status).toBe(400);
  });

  it.each<[string, Record<string, string>]>([
    ["of another origin", { origin: "https://evil.example" }],
    ["of another port", { origin: "http://127.0.0.1:1" }],
    ["of no origin at all", { origin: "null" }],
    ["that the browser calls cross-site", { "sec-fetch-site": "cross-site" }],
    ["that the browser calls same-site", { "sec-fetch-site": "same-site" }],
    ["that claims a forwarded host", { origin: "https://evil.example", "x-forwarded-host": "evil.example" }],
  ])("refuses changes by a page %s", async (_, headers) => {
    const { id } = home.raise();
    const path = `/api/alarms/${id}/acknowledge`;
    expect((await call(server.port, path, { method: "POST", headers })).status).toBe(403);
    expect((await call(server.port, "/api/cameras/bedroom", { method: "DELETE", headers })).status).toBe(403);
    expect(home.acknowledgements).toEqual([]);
    expect(home.views.size).toBe(1);
    await expect(TestViewer.open(server.port, { headers })).rejects.toThrow("refused with 403");
  });

  it("lets its own panel and programs change things", async () => {
    const own = `http://127.0.0.1:${server.port}`;
    const tries: Record<string, string>[] = [
      {},
      { origin: own },
      { "sec-fetch-site": "same-origin", origin: own },
    ];
    for (const headers of tries) {
      const { id } = home.raise();
      expect(
        (await call(server.port, `/api/alarms/${id}/acknowledge`, { method: "POST", headers })).status,
      ).toBe(200);
      using viewer = await TestViewer.open(server.port, { headers });
      expect(viewer.closed).toBeNull();
    }
  });

  it("takes no body but JSON", async () => {
    const rawBody = '{"name":"x","source":"y"}';
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
      const headers = { "content-type": type };
      expect((await call(server.port, "/api/cameras", { method: "POST", rawBody, headers })).status).toBe(
        415,
      );
    }
  });

  it("believes nobody who says to be a user of Home Assistant", async () => {
    const { id } = home.raise();
    const headers = { "x-remote-user-name": "admin", "x-ingress-path": "/x" };
    const { json } = await call<AlarmJson>(server.port, `/api/alarms/${id}/acknowledge`, {
      method: "POST",
      headers,
    });
    expect(json.acknowledged_by).toBe("the panel");
  });

  it("gives other sites nothing to read, and frames only to its own origin", async () => {
    const { headers } = await call(server.port, "/api/cameras", {
      headers: { origin: "https://evil.example" },
    });
    expect(headers["access-control-allow-origin"]).toBeUndefined();
    expect(headers["cross-origin-resource-policy"]).toBe("same-origin");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["referrer-policy"]).toBe("no-referrer");
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'self'");
    expect(headers["x-frame-options"]).toBeUndefined();
    expect(headers["x-powered-by"]).toBeUndefined();
  });
});

describe("in the whole network", () => {
  const policy: AccessPolicy = {
    proxyAddress: null,
    loopback: false,
    allowedHosts: ["Haven.example.org"],
    token: null,
  };
  const asked = (host: string) =>
    judge(policy, {
      method: "GET",
      path: "/",
      queryToken: null,
      upgrade: false,
      remoteAddress: "10.0.0.9",
      headers: { host },
    });

  it.each([
    "192.168.1.5:8099",
    "[fe80::1]:8099",
    "haven",
    "haven.local",
    "haven.lan.",
    "nas.home.arpa",
    "haven.example.org",
  ])("answers as %s", (host) => expect(asked(host).kind).toBe("granted"));
  it.each(["evil.example", "haven.example.com", "192.168.1.5.nip.io"])("does not answer as %s", (host) =>
    expect(asked(host)).toMatchObject({ kind: "refused", status: 421 }),
  );
});

describe("with a token", () => {
  const token = "correct horse battery";
  let server: Awaited<ReturnType<typeof startApi>>;
  beforeEach(async () => {
    server = await startApi(home, { token });
  });
  afterEach(() => server[Symbol.asyncDispose]());
  const query = `?token=${encodeURIComponent(token)}`;

  it.each([
    "/api/cameras",
    "/API/cameras",
    "//api/cameras",
    "/api/cameras/bedroom/snapshot.jpg",
    "/api/nothing",
    "/api/cameras?token=wrong",
  ])("keeps %s shut without it", async (path) => {
    const { status, headers, text } = await call(server.port, path);
    expect([401, 404]).toContain(status);
    if (status === 401) expect(headers["www-authenticate"]).toMatch(/^Bearer/);
    expect(text).not.toContain("Bedroom");
  });

  it("opens for the header and for the query", async () => {
    const headers = { authorization: `Bearer ${token}` };
    expect((await call(server.port, "/api/cameras", { headers })).status).toBe(200);
    expect((await call(server.port, `/api/cameras/bedroom/snapshot.jpg${query}`)).status).toBe(200);
    using viewer = await TestViewer.open(server.port, { path: `/ws${query}` });
    expect(viewer.closed).toBeNull();
    await expect(TestViewer.open(server.port)).rejects.toThrow("refused with 401");
  });

  it("lets whoever has it come by any name and from any page", async () => {
    const headers = {
      authorization: `Bearer ${token}`,
      host: "haven.example",
      origin: "https://dashboard.example",
    };
    expect(
      (await call(server.port, `/api/alarms/${home.raise().id}/acknowledge`, { method: "POST", headers }))
        .status,
    ).toBe(200);
  });

  it("leaves the health check open", async () => {
    expect((await call(server.port, "/healthz")).status).toBe(200);
  });
});

describe("behind Home Assistant", () => {
  // 127.0.0.2 stands for the Supervisor, so that a socket can really come from there.
  const proxy = "127.0.0.2";
  let server: Awaited<ReturnType<typeof startApi>>;
  beforeEach(async () => {
    server = await startApi(home, {
      ingress: { proxyAddress: proxy },
      host: "0.0.0.0",
      token: "not asked for here",
    });
  });
  afterEach(() => server[Symbol.asyncDispose]());

  it("answers the Supervisor, whatever host the browser asked for, without a token", async () => {
    const headers = { host: "home.example.org", "x-ingress-path": "/api/hassio_ingress/abc" };
    expect((await call(server.port, "/api/cameras", { from: proxy, headers })).status).toBe(200);
    using viewer = await TestViewer.open(server.port, { from: proxy, headers });
    expect(viewer.closed).toBeNull();
  });

  it.each<[string, Record<string, string>]>([
    ["plainly", {}],
    [
      "with a forged X-Forwarded-For",
      { "x-forwarded-for": proxy, "x-real-ip": proxy, forwarded: `for=${proxy}` },
    ],
    ["with the token", { authorization: "Bearer not asked for here" }],
  ])("refuses everybody else who comes %s", async (_, headers) => {
    for (const path of ["/", "/api/cameras", "/nothing"]) {
      expect((await call(server.port, path, { headers })).status).toBe(403);
    }
    await expect(TestViewer.open(server.port, { headers })).rejects.toThrow("refused with 403");
  });

  it("knows the Supervisor on a socket of both families", async () => {
    await using both = await startApi(home, { ingress: { proxyAddress: proxy }, host: "::" });
    expect((await call(both.port, "/api/cameras", { from: proxy })).status).toBe(200);
    expect((await call(both.port, "/api/cameras")).status).toBe(403);
  });

  it("answers the container's own health check, and nothing else from there", async () => {
    expect((await call(server.port, "/healthz")).status).toBe(200);
    expect((await call(server.port, "/healthz/../api/cameras")).status).toBe(403);
  });

  it("acknowledges in the name of the signed-in user, not of the one the page claims", async () => {
    const headers = {
      origin: "https://home.example.org",
      host: "172.30.33.4:8099",
      "x-forwarded-host": "home.example.org",
      "x-remote-user-id": "u1",
      "x-remote-user-name": "jose",
      "x-remote-user-display-name": Buffer.from("José Núñez", "utf8").toString("latin1"),
    };
    const path = `/api/alarms/${home.raise().id}/acknowledge`;
    const { json } = await call<AlarmJson>(server.port, path, {
      method: "POST",
      from: proxy,
      headers,
      body: { by: "Mallory" },
    });
    expect(json.acknowledged_by).toBe("José Núñez");
  });

  it("refuses another site's page also through the proxy", async () => {
    const headers = { origin: "https://evil.example", "x-forwarded-host": "home.example.org" };
    const { id } = home.raise();
    expect(
      (await call(server.port, `/api/alarms/${id}/acknowledge`, { method: "POST", from: proxy, headers }))
        .status,
    ).toBe(403);
  });

  it("calls a user without a name Home Assistant", async () => {
    const { json } = await call<AlarmJson>(server.port, `/api/alarms/${home.raise().id}/acknowledge`, {
      method: "POST",
      from: proxy,
    });
    expect(json.acknowledged_by).toBe("Home Assistant");
  });
});

describe("names of users", () => {
  it("fall back from the shown name to the login", () => {
    expect(ingressUser({ "x-remote-user-display-name": "Rosa", "x-remote-user-name": "rosa" })).toBe("Rosa");
    expect(ingressUser({ "x-remote-user-display-name": "  ", "x-remote-user-name": "rosa" })).toBe("rosa");
    expect(ingressUser({})).toBeNull();
  });

  it("lose what would break a line or turn the text around", () => {
    expect(printable("Ro\r\nsa\u202e\u0000")).toBe("Ro  sa");
    expect(printable("😀".repeat(100))).toBe("😀".repeat(80));
  });
});

describe("addresses of this machine", () => {
  it.each(["127.0.0.1", "127.4.5.6", "::1", "::ffff:127.0.0.1", "localhost"])("include %s", (address) =>
    expect(isLoopback(address)).toBe(true),
  );
  it.each(["0.0.0.0", "::", "192.168.1.1", "127.example.org", "10.127.0.1", ""])(
    "do not include %s",
    (address) => expect(isLoopback(address)).toBe(false),
  );
});
