// `haven eval tracking` as a user calls it, on a sequence small enough to know the answer.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { haven, TemporaryFolder } from "../support/haven-process.ts";
import { measuringFootage, WITH_FOOTAGE } from "../support/measuring-footage.ts";

const FRAMES = 20;
let folder: TemporaryFolder;
let gt: string;
let det: string;

/** Two people who walk past each other in two lanes; rows of the given columns behind the box. */
function walk(id: (person: number) => number, more: string): string {
  return Array.from({ length: FRAMES }, (_, index) =>
    [0, 1]
      .map((person) => {
        const left = person === 0 ? 100 + 10 * index : 500 - 10 * index;
        return `${index + 1},${id(person)},${left},${100 + 60 * person},60,180,${more}\n`;
      })
      .join(""),
  ).join("");
}

beforeAll(async () => {
  folder = await TemporaryFolder.make();
  await mkdir(folder.file("lanes/gt"), { recursive: true });
  gt = folder.file("lanes/gt/gt.txt");
  det = folder.file("lanes/det.txt");
  await writeFile(
    gt,
    walk((person) => person + 1, "1,-1,-1,-1"),
  );
  await writeFile(
    det,
    walk(() => -1, "0.9"),
  );
  await writeFile(
    join(folder.path, "lanes/seqinfo.ini"),
    `[Sequence]\nname=Lanes\nframeRate=10\nseqLength=${FRAMES}\nimWidth=640\nimHeight=480\n`,
  );
});

afterAll(() => folder[Symbol.asyncDispose]());

describe("haven eval tracking", () => {
  it("follows two people on given detections: all but the first frame, and no switch", async () => {
    const { code, stdout } = await haven(["eval", "tracking", "--gt", gt, "--det", det, "--json"]);
    expect(code).toBe(0);
    const answer = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as Record<string, unknown>;
    const score = { gt: 40, tp: 38, fp: 0, fn: 2, id_switches: 0, fragmentations: 0, mota: 0.95 };
    expect(answer).toMatchObject({ ...score, idtp: 38, idfp: 0, idfn: 2, idf1: 76 / 78 });
    expect(answer.sequences).toMatchObject([{ name: "Lanes", frames: FRAMES, ...score }]);
    expect(answer.frames_per_s).toBeGreaterThan(100);
  });

  it("scores tracks of another tracker and adds sequences up", async () => {
    const args = ["eval", "tracking", "--gt", gt, gt, "--tracks", gt, det.replace("det.txt", "empty.txt")];
    await writeFile(det.replace("det.txt", "empty.txt"), "");
    const { code, stdout } = await haven(args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Lanes +40 +100\.00 % +100\.00 %/m);
    expect(stdout).toMatch(/^Lanes +40 +0\.00 % +0\.00 %/m);
    expect(stdout).toMatch(/^combined +80 +50\.00 % +66\.67 %/m);
  });

  it("names every file that cannot be used, with its line, and exits with 2", async () => {
    const broken = folder.file("broken.txt");
    await writeFile(broken, "1,-1,1,1,9,9,.5\n2,-1,1,1,9\n");
    const gone = folder.file("gone.txt");
    const { code, stderr } = await haven(["eval", "tracking", "--gt", gt, gone, "--det", broken, det]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/broken\.txt:2: 5 columns/);
    expect(stderr).toMatch(/gone\.txt cannot be read/);
  });

  it("asks for one source of tracks and as many files of each", async () => {
    const without = await haven(["eval", "tracking", "--gt", gt]);
    expect(without).toMatchObject({ code: 2 });
    expect(without.stderr).toMatch(/one of --det FILE\.\.\., --video FILE or --tracks FILE/);
    const uneven = await haven(["eval", "tracking", "--gt", gt, gt, "--det", det]);
    expect(uneven).toMatchObject({ code: 2 });
    expect(uneven.stderr).toMatch(/2 files of ground truth and 1 to compare/);
  });
});

const SEQUENCES = [
  "TUD-Campus",
  "TUD-Stadtmitte",
  "PETS09-S2L1",
  "ADL-Rundle-6",
  "MOT17-09-FRCNN",
  "MOT17-13-FRCNN",
];
const footage = measuringFootage("mot");

describe.skipIf(footage === null)(`six public sequences, ${WITH_FOOTAGE}`, () => {
  it.each(["bytetrack", "botsort"])(
    "%s is ahead of the published trackers on the same detections",
    async (kind) => {
      const config = folder.file(`${kind}.yaml`);
      await writeFile(config, `tracker:\n  kind: ${kind}\n`);
      const files = (part: string) => SEQUENCES.map((name) => join(footage ?? "", name, part, `${part}.txt`));
      const args = ["eval", "tracking", "--gt", ...files("gt"), "--det", ...files("det"), "--config", config];
      const { code, stdout } = await haven([...args, "--json"]);
      expect(code).toBe(0);
      const answer = JSON.parse(stdout) as Record<"gt" | "mota" | "idf1" | "id_switches", number>;
      expect(answer.gt).toBe(28_141);
      // ByteTrack: 51.1 % and 53.9 %. OC-SORT: 278 switches.
      expect(answer.mota).toBeGreaterThan(0.52);
      expect(answer.idf1).toBeGreaterThan(0.55);
      expect(answer.id_switches).toBeLessThan(240);
    },
  );
});
