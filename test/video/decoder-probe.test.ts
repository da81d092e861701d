import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import type { RgbImage } from "../../src/domain/frame.ts";
import { CodecSession } from "../../src/video/codec-session.ts";
import { bestDecoder, type DecoderReport, probeDecoders } from "../../src/video/decoder-probe.ts";
import {
  checkSamePictures,
  type Decoded,
  decodeAll,
  TRIAL_PICTURES,
  TRIAL_SIZE,
  trialPictures,
} from "../../src/video/decoder-trial.ts";
import { encodeVideo } from "../../src/video/encode-video.ts";
import { HARDWARE_DECODERS, HardwareDevice } from "../../src/video/hardware-device.ts";
import { openVideo } from "../../src/video/open-video.ts";
import { codedVideo, numberIn } from "../support/coded-footage.ts";

let folder: string;
let clip: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "haven-decoder-"));
  clip = join(folder, "trial.mp4");
  await encodeVideo({ path: clip, ...TRIAL_SIZE, fps: 25 }, trialPictures());
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

function present(decoder: (typeof HARDWARE_DECODERS)[number]): boolean {
  try {
    using _device = HardwareDevice.open(decoder);
    return true;
  } catch {
    return false;
  }
}

describe("the probe of hardware decoders", () => {
  it("reports each of them, and why it does not work where it does not", async () => {
    const reports = await probeDecoders();
    expect(reports.map(({ decoder }) => decoder)).toEqual([...HARDWARE_DECODERS]);
    for (const report of reports) {
      expect(report.works).toBe(report.reason === null);
      if (!present(report.decoder)) expect(report.reason).toContain("No device");
      if (report.works) expect(report.msPerFrame).toBeGreaterThan(0);
    }
  });

  it.each([
    ["crashes", "process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1000);", "It crashed (SIGSEGV)"],
    ["ends without a word", "process.exit(3);", "It crashed (exit code 3)"],
  ])("survives a driver that %s", async (_what, code, reason) => {
    const entry = join(folder, "driver.mjs");
    await writeFile(entry, code);
    const [report] = await probeDecoders({ decoders: ["cuda"], entry });
    expect(report).toMatchObject({ works: false, reason });
  });

  it("does not wait for a driver that hangs, nor for one that nobody wants to hear of any more", async () => {
    const entry = join(folder, "hangs.mjs");
    await writeFile(entry, "setInterval(() => {}, 1000);");
    const clock = new ManualClock();
    const hanging = probeDecoders({ decoders: ["vaapi"], entry, clock, timeLimit: 5000 });
    clock.advance(5000);
    expect(await hanging).toMatchObject([{ works: false, reason: "It did not answer within 5 s" }]);
    const abort = new AbortController();
    const abandoned = probeDecoders({ entry, signal: abort.signal });
    abort.abort();
    await expect(abandoned).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("the trial of a decoder", () => {
  const off = (pictures: readonly RgbImage[], by: number): RgbImage[] =>
    pictures.map((picture) => ({ ...picture, data: picture.data.map((value) => Math.min(255, value + by)) }));

  it("takes the same pictures for the same, and no others", async () => {
    const software = await decodeAll(clip, "software");
    expect(software).toMatchObject({ decoder: "software", pictures: { length: TRIAL_PICTURES } });
    checkSamePictures(software, await decodeAll(clip, "software"));
    const claim = (pictures: readonly RgbImage[]): Decoded => ({ ...software, pictures });
    const { pictures } = software;
    checkSamePictures(software, claim(off(pictures, 1)));
    expect(() => checkSamePictures(software, claim(off(pictures, 4)))).toThrow("are wrong");
    // One that shows every picture too late, one that is green at the end, one that loses the last.
    expect(() =>
      checkSamePictures(software, claim([...pictures.slice(0, 1), ...pictures.slice(0, -1)])),
    ).toThrow("wrong");
    const green = { ...TRIAL_SIZE, width: 320, height: 180, data: new Uint8Array(320 * 180 * 3) };
    expect(() => checkSamePictures(software, claim([...pictures.slice(0, -1), green]))).toThrow("wrong");
    expect(() => checkSamePictures(software, claim(pictures.slice(0, -1)))).toThrow("29 of 30");
  });

  it.each(HARDWARE_DECODERS)(
    "of %s falls back to software where the machine has none, and says so",
    async (decoder) => {
      const { decoder: used, pictures } = await decodeAll(clip, decoder);
      expect(used).toBe(present(decoder) ? decoder : "software");
      expect(pictures).toHaveLength(TRIAL_PICTURES);
    },
  );
});

describe("a device that is lost while it decodes", () => {
  it("is left for software, and pictures go on with the next keyframe", async () => {
    const film = await codedVideo(folder, { frames: 60, keyframeEvery: 20 });
    const fetch = CodecSession.prototype.fetch;
    let fetched = 0;
    // The device is the far side here: from its thirteenth picture on it gives none.
    const lost = vi.spyOn(CodecSession.prototype, "fetch").mockImplementation(async function (
      this: CodecSession,
      frame,
    ) {
      fetched += 1;
      if (fetched !== 13) return await fetch.call(this, frame);
      frame.free();
      throw new Error("device lost");
    });
    await using stream = await openVideo({
      source: film,
      live: false,
      connectTimeoutMs: 5000,
      stallTimeoutMs: 5000,
      clock: new ManualClock(),
      signal: new AbortController().signal,
    });
    const numbers: number[] = [];
    for (let frame = await stream.next(); frame !== null; frame = await stream.next()) {
      numbers.push(numberIn(frame.toRgb(160, 120)));
      frame[Symbol.dispose]();
    }
    lost.mockRestore();
    expect(numbers.slice(0, 12)).toEqual(Array.from({ length: 12 }, (_, index) => index));
    expect(numbers.slice(-40)).toEqual(Array.from({ length: 40 }, (_, index) => 20 + index));
    expect(stream.decoder).toBe("software");
    expect(stream.damagedPackets).toBeGreaterThan(0);
  });
});

describe("the choice of a decoder", () => {
  const report = (decoder: "vaapi" | "cuda", cpuMs: number | null, ms = 3): DecoderReport => ({
    decoder,
    works: cpuMs !== null,
    reason: cpuMs === null ? "no" : null,
    msPerFrame: cpuMs === null ? null : ms,
    softwareMsPerFrame: cpuMs === null ? null : 2,
    cpuMsPerFrame: cpuMs,
    softwareCpuMsPerFrame: cpuMs === null ? null : 2,
  });

  it("falls on the one that spares the processor most, and on software where none does", () => {
    expect(bestDecoder([report("vaapi", 1), report("cuda", 0.5)])).toBe("cuda");
    expect(bestDecoder([report("vaapi", 1), report("cuda", null)])).toBe("vaapi");
    expect(bestDecoder([report("vaapi", 3), report("cuda", null)])).toBe("software");
    expect(bestDecoder([report("vaapi", 0.1, 50), report("cuda", 0.5)])).toBe("cuda");
    expect(bestDecoder([report("vaapi", null)])).toBe("software");
    expect(bestDecoder([])).toBe("software");
  });
});
