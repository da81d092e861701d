import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isAppError } from "../../src/core/errors.ts";
import { encodeVideo } from "../../src/video/encode-video.ts";
import { VideoWriter } from "../../src/video/video-writer.ts";
import { codedPicture } from "../support/coded-footage.ts";

// That what is written can be read back, picture for picture, is what open-video.test.ts shows with every film it makes.
describe("writing a video", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "haven-writer-"));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it.each([
    ["an odd size", "odd.mp4", 319],
    ["an unknown kind of file", "film.unheard-of", 320],
    ["a folder that is not there", "nowhere/film.mp4", 320],
  ])("refuses %s with a clear sentence", async (_what, name, width) => {
    const path = join(folder, name);
    await expect(VideoWriter.create({ path, width, height: 240, fps: 25 })).rejects.toSatisfy(
      (error) => isAppError(error, "input.invalid") && /cannot be written/.test(error.message),
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it("leaves nothing behind when the pictures fail half-way", async () => {
    function* failing() {
      yield codedPicture(0);
      throw new Error("no more film");
    }
    const path = join(folder, "half.mp4");
    await expect(encodeVideo({ path, width: 320, height: 240, fps: 25 }, failing())).rejects.toThrow(
      "no more film",
    );
    expect(await readdir(folder)).toEqual([]);
  });

  it("scales pictures of another size to the film's", async () => {
    const path = join(folder, "scaled.mp4");
    await encodeVideo({ path, width: 320, height: 240, fps: 25 }, [codedPicture(1, 640, 480)]);
    expect(await readdir(folder)).toEqual(["scaled.mp4"]);
  });
});
