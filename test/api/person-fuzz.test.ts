import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ProblemJson } from "../../src/api/contract.ts";
import { randomFrom } from "../support/seeded-random.ts";
import { type Call, call, startApi } from "./api-client.ts";
import { FakeHome } from "./fake-home.ts";
import { aPhoto } from "./fake-persons.ts";

const TRIES = 500;

/** What the routes know, so that what is random gets past the first check now and then. */
const FIELDS = [
  ...[
    "name",
    "kind",
    "region",
    "client_id",
    "description",
    "consent",
    "retention_days",
    "by",
    "force",
    "photos",
  ],
  ...[
    "photo",
    "person_id",
    "from",
    "into",
    "tracklet_ids",
    "embedding_ids",
    "tracklet_id",
    "camera_id",
    "confirm",
  ],
  ...["model_id", "embedding", "threshold", "limit", "answer", "__proto__", "constructor", "toString", ""],
];
const VALUES: readonly unknown[] = [
  ...[
    "",
    " ",
    "Rosa",
    "p_0000",
    "p_0001",
    "p_nobody",
    "../../etc/passwd",
    "x".repeat(5000),
    "\u0000",
    "\ud800",
  ],
  ...[
    "<script>",
    "' OR 1=1 --",
    "%00",
    "resident",
    "same",
    "sface",
    "bedroom",
    "data:image/png;base64,",
    "data:,",
  ],
  ...[
    0,
    -0,
    1,
    -1,
    0.5,
    30,
    1e308,
    -1e308,
    Number.NaN,
    2 ** 53,
    true,
    false,
    null,
    [],
    {},
    [[]],
    [null],
    [{}],
  ],
  aPhoto().toString("base64"),
  aPhoto("two faces").toString("base64"),
  [aPhoto().toString("base64")],
  [aPhoto("huge").toString("base64")],
  Array(128).fill(0.1),
  Array(128).fill(null),
  Array(127).fill(1),
  { by: "Rosa" },
  { by: { by: {} } },
  { length: 3, 0: "p_0000" },
  ["t1", "t1", "e1"],
  Array(1000).fill("t"),
];

const ROUTES: readonly (readonly [string, string])[] = [
  ["PATCH", "/api/persons/p_0000"],
  ["DELETE", "/api/persons/p_0001"],
  ["POST", "/api/persons/enrol"],
  ["POST", "/api/persons/search-by-face"],
  ["POST", "/api/persons/merge"],
  ["POST", "/api/persons/split"],
  ["POST", "/api/persons/reset"],
  ["POST", "/api/persons/p_0000/not"],
  ["POST", "/api/persons/p_0000/embeddings/e0/set-aside"],
  ["POST", "/api/persons/p_0000/embeddings/e0/restore"],
  ["POST", "/api/undo/a1"],
  ["POST", "/api/reviews/r1"],
];
const READ = [
  "/api/persons",
  "/api/persons/stats",
  "/api/persons/p_0000",
  "/api/persons/p_0000/trajectory",
  "/api/persons/p_0000/embeddings",
  "/api/persons/p_0000/export",
  "/api/audit",
  "/api/reviews",
  "/api/events",
];

let home: FakeHome;
let server: Awaited<ReturnType<typeof startApi>>;

beforeEach(async () => {
  home = new FakeHome();
  server = await startApi(home);
});
afterEach(() => server[Symbol.asyncDispose]());

function settle(): void {
  home.persons.people = [];
  home.persons.stored = [];
  home.persons.add({ name: "Rosa" });
  home.persons.add();
  home.persons.addExample("p_0000");
}

type Random = () => number;

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)] as T;
}

function randomValue(random: Random, depth: number): unknown {
  const roll = random();
  if (depth > 3 || roll < 0.75) return pick(random, VALUES);
  const size = Math.floor(random() * 4);
  if (roll < 0.85) return Array.from({ length: size }, () => randomValue(random, depth + 1));
  return randomFields(random, size, depth + 1);
}

function randomFields(random: Random, size: number, depth: number): object {
  return Object.fromEntries(
    Array.from({ length: size }, () => [pick(random, FIELDS), randomValue(random, depth)] as const),
  );
}

function randomBody(random: Random): Call {
  const roll = random();
  const headers = {
    "content-type": pick(random, ["application/json", "application/json", "image/jpeg", "text/x"]),
  };
  if (roll < 0.75) return { body: randomFields(random, 1 + Math.floor(random() * 5), 0) };
  if (roll < 0.85) return { body: randomValue(random, 0) };
  if (roll < 0.92) return { headers, rawBody: JSON.stringify(randomFields(random, 4, 0)).slice(0, -3) };
  const noise = Buffer.from(Array.from({ length: 40 }, () => Math.floor(random() * 256)));
  return { headers, rawBytes: random() < 0.5 ? noise : Buffer.concat([aPhoto(), noise]) };
}

async function holds(random: Random, method: string, path: (random: Random) => string): Promise<Set<number>> {
  const statuses = new Set<number>();
  // More photos at once are refused for being too many.
  const atOnce = /enrol|search/.test(path(random)) ? 2 : 20;
  for (let done = 0; done < TRIES; done += atOnce) {
    settle();
    const requests = Array.from({ length: atOnce }, () => ({
      to: path(random),
      request: { ...(method === "GET" ? {} : randomBody(random)), method },
    }));
    await Promise.all(
      requests.map(async ({ to, request }) => {
        const { status, headers, json, text } = await call<ProblemJson>(server.port, to, request);
        const told = `${method} ${to} ${JSON.stringify(request).slice(0, 500)} ${text.slice(0, 200)}`;
        statuses.add(status);
        expect(status, told).toBeLessThan(500);
        if (status < 400) return;
        expect(headers["content-type"], told).toMatch(/^application\/problem\+json/);
        expect(json.detail, told).toMatch(/^[^\n]+\.$/);
      }),
    );
  }
  return statuses;
}

describe(`${TRIES} random requests`, () => {
  it.each(ROUTES)(
    "never break %s %s",
    async (method, path) => {
      const statuses = await holds(randomFrom(path.length), method, () => path);
      // Else what is random never got past the door.
      expect(statuses.size).toBeGreaterThan(1);
    },
    60_000,
  );

  it.each(READ)(
    "never break GET %s",
    async (path) => {
      const query = (random: Random) =>
        Array.from({ length: Math.floor(random() * 4) }, () => {
          const name = pick(random, [
            "camera_id",
            "active",
            "kind",
            "limit",
            "after",
            "before",
            "from",
            "to",
            "all",
          ]);
          const value = pick(random, VALUES);
          const text =
            typeof value === "string" ? value.slice(0, 300).replace(/\p{Cs}/gu, "") : String(value);
          return `${name}${pick(random, ["", "[]", "[x]"])}=${pick(random, [encodeURIComponent(text), "%E0%A4%A"])}`;
        }).join("&");
      await holds(randomFrom(path.length), "GET", (random) => `${path}?${query(random)}`);
    },
    60_000,
  );
});
