import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parseManifest } from "../../models/manifest.ts";

describe("the manual for models of one's own", () => {
  it("shows manifests that are accepted as they stand", async () => {
    const text = await readFile(new URL("../../models/README.md", import.meta.url), "utf8");
    const examples = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, example = ""]) => example);
    const entries = examples.flatMap((example) => parseManifest(JSON.parse(example)).models);
    expect(entries).toHaveLength(2);
    expect(entries[0]).toMatchObject({ role: "face", output: { decoder: "face-embedding" } });
    expect(entries[1]).toMatchObject({ id: "yolo11n", role: "detector", output: { decoder: "yolo-detect" } });
  });
});
