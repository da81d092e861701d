// `haven eval reid` as a user calls it.
import { cp, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { haven, TemporaryFolder } from "../support/haven-process.ts";
import { measuringFootage, WITH_FOOTAGE } from "../support/measuring-footage.ts";

let folder: TemporaryFolder;

beforeAll(async () => {
  folder = await TemporaryFolder.make();
});

afterAll(() => folder[Symbol.asyncDispose]());

describe("haven eval reid", () => {
  it("asks for crops where there are none", async () => {
    const gone = await haven(["eval", "reid", "--crops", folder.file("gone")]);
    expect(gone).toMatchObject({ code: 2 });
    expect(gone.stderr).toMatch(/gone cannot be read .*give the folder of the crops/);
    await mkdir(folder.file("empty/p1"), { recursive: true });
    const empty = await haven(["eval", "reid", "--crops", folder.file("empty")]);
    expect(empty).toMatchObject({ code: 2 });
    expect(empty.stderr).toMatch(/looked for as PERSON\/CAMERA_VIEW\.png/);
  });

  it("asks for one thing to measure, and for who is who in lines it can read", async () => {
    for (const args of [[], ["--crops", "a", "--video", "b"], ["--video", "b"]]) {
      const { code, stderr } = await haven(["eval", "reid", ...args]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/either --crops DIR, or --video FILE with --gt FILE/);
    }
    await writeFile(folder.file("gt.txt"), "1,1,10,10,20,60,1,-1,-1,-1\n");
    await writeFile(folder.file("who.txt"), "1 anna\nbert 2\n");
    const args = ["--video", "none.mp4", "--gt", folder.file("gt.txt"), "--people", folder.file("who.txt")];
    const { code, stderr } = await haven(["eval", "reid", ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/who\.txt:2: an id of the ground truth and who it is/);
  });

  const sequence = measuringFootage("mot", "PETS09-S2L1");
  it.skipIf(sequence === null)(
    `links nobody falsely of those who leave a square and come back (${WITH_FOOTAGE})`,
    async () => {
      const people = [..."ABCDEFGHEFCDBHHIJHA"].map((name, index) => `${index + 1} ${name}`).join("\n");
      await writeFile(folder.file("square.txt"), people);
      const files = ["--video", join(sequence ?? "", "vtest.avi"), "--gt", join(sequence ?? "", "gt/gt.txt")];
      const { code, stdout } = await haven([
        "eval",
        "reid",
        ...files,
        "--people",
        folder.file("square.txt"),
        "--json",
      ]);
      expect(code).toBe(0);
      const report = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
      expect(report).toMatchObject({ came_back: 9, false_links: 0, people_known: true });
      expect(report.relinked).toBeGreaterThanOrEqual(2);
      expect(report.visits).toHaveLength(19);
    },
    300_000,
  );

  it("names the file that is no picture", async () => {
    await mkdir(folder.file("broken/p1"), { recursive: true });
    await writeFile(folder.file("broken/p1/01_1.png"), "no picture");
    const { code, stderr } = await haven(["eval", "reid", "--crops", folder.file("broken")]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/p1\/01_1\.png: The file is no photo/);
  }, 300_000);

  const crops = measuringFootage("reid", "col780", "train");
  it.skipIf(crops === null)(
    `tells two dozen people apart in another camera (${WITH_FOOTAGE})`,
    async () => {
      const people = (await readdir(crops ?? "")).sort().slice(0, 24);
      for (const person of people) {
        await mkdir(folder.file(`crops/${person}`), { recursive: true });
        for (const name of ["01_1", "01_3", "01_5", "01_7", "02_1", "02_3", "02_5", "02_7"])
          await cp(join(crops ?? "", person, `${name}.png`), folder.file(`crops/${person}/${name}.png`));
      }
      const { code, stdout } = await haven(["eval", "reid", "--crops", folder.file("crops"), "--json"]);
      expect(code).toBe(0);
      const report = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
      expect(report).toMatchObject({ people: 24, cameras: 2, crops: 192, gallery: 12, mean_of: 4 });
      const { others, lived, shipped } = report.statistics;
      expect(others.single.auc).toBeGreaterThan(0.86);
      expect(lived.mean.auc).toBeGreaterThan(0.96);
      expect(others.single.auc).toBeGreaterThan(shipped.single.auc);
      for (const { residents, strangers } of report.households) {
        expect(residents.relinked).toBeGreaterThan(0.15);
        expect(residents.wrong).toBeLessThan(0.005);
        expect(strangers.taken_for_somebody).toBeLessThan(0.03);
      }
    },
    300_000,
  );
});
