import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parseManifest } from "../../models/manifest.ts";

describe("the manual for a detector of one's own", () => {
  it("shows a manifest that is accepted as it stands", async () => {
    const text = await readFile(new URL("../../models/README.md", import.meta.url), "utf8");
    const [, example = ""] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
    const [entry] = parseManifest(JSON.parse(example)).models;
    expect(entry).toMatchObject({ id: "yolo11n", role: "detector", output: { decoder: "yolo-detect" } });
  });
});
