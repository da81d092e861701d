// A household that does nothing but enrol, see, merge, take back and forget, as fast as it can, until it is killed. Says on
// stdout what it begins and what it has done: what it said is done must be there whenever it dies. Arguments: the database,
// a seed, and after how many writes to the database it kills itself; 0: somebody else does.
import { writeSync } from "node:fs";
import { ManualClock } from "../../src/core/clock.ts";
import { type Query, Sqlite } from "../../src/store/sqlite.ts";
import { randomFrom } from "../support/seeded-random.ts";
import { faceLike, faceOf, Household, photoOf, START } from "./admin-household.ts";
import type { KillDeed, KillLine } from "./kill-lines.ts";

const [path = "", seedText = "1", writesText = "0"] = process.argv.slice(2);
const seed = Number(seedText);
let writesLeft = Number(writesText);

const prepare = Sqlite.prototype.prepare;
Sqlite.prototype.prepare = function deadly<Row>(this: Sqlite, sql: string): Query<Row> {
  const query = prepare.call(this, sql) as Query<Row>;
  const isWrite = !/^\s*(SELECT|WITH)/.test(sql);
  return {
    ...query,
    run: (parameters) => {
      const changes = query.run(parameters);
      if (isWrite) writesLeft -= 1;
      if (isWrite && writesLeft === 0) process.kill(process.pid, "SIGKILL");
      return changes;
    },
  };
};

const random = randomFrom(seed);
const home = new Household(path, new ManualClock(START + seed * 3_600_000));
const say = (line: KillLine) => writeSync(1, `${JSON.stringify(line)}\n`);

let human = seed * 100_000;
const enrolled: string[] = [];
const visitors: { readonly personId: string; readonly trackletId: string }[] = [];
const merges: (KillDeed & { readonly kind: "merge" })[] = [];

function take<T>(list: T[]): T | undefined {
  return list.splice(Math.floor(random() * list.length), 1)[0];
}

async function enrol(): Promise<void> {
  human += 1;
  const name = `Human ${human}`;
  say({ begin: "enrol" });
  const { person } = await home.admin.enrol({
    personId: null,
    name,
    photos: [0, 1, 2].map((shot) => photoOf(faceLike(faceOf(human), human * 10 + shot))),
    force: true,
    by: "T",
  });
  if (person === null) throw new Error("nobody was enrolled");
  say({ done: { kind: "enrol", personId: person.id, name, photos: 3 } });
  enrolled.push(person.id);
}

function sync(): void {
  human += 1;
  say({ begin: "sync" });
  const faces = [0, 1].map((shot) => faceLike(faceOf(human), human * 10 + shot));
  const seen = home.visitor(human, { faces, cameraId: random() < 0.5 ? "hall" : "garden" });
  say({ done: { kind: "sync", ...seen, faces: faces.length } });
  visitors.push(seen);
}

function merge(): void {
  const loser = take(visitors);
  const winner = enrolled[Math.floor(random() * enrolled.length)];
  if (loser === undefined || winner === undefined) return;
  say({ begin: "merge" });
  const { auditId } = home.admin.merge(loser.personId, winner, { by: "T", force: true });
  const deed = { kind: "merge", ...loser, winner, auditId: auditId ?? "" } as const;
  say({ done: deed });
  merges.push(deed);
}

function undo(): void {
  const merged = take(merges);
  if (merged === undefined) return;
  say({ begin: "undo" });
  home.admin.undo(merged.auditId, "T");
  say({ done: { ...merged, kind: "undo" } });
  visitors.push(merged);
}

function forget(): void {
  const visitor = take(visitors);
  if (visitor === undefined) return;
  say({ begin: "forget" });
  home.admin.forget(visitor.personId, "T");
  say({ done: { kind: "forget", personId: visitor.personId } });
}

say({ begin: "ready" });
for (;;) {
  home.clock.advance(1000);
  const choice = random();
  if (choice < 0.3 || enrolled.length === 0) await enrol();
  else if (choice < 0.55) sync();
  else if (choice < 0.8) merge();
  else if (choice < 0.92) undo();
  else forget();
}
