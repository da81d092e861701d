// Entry of the probe's process: tries one decoder and reports.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../core/errors.ts";
import { brokenDecoder, type DecoderReport } from "./decoder-probe.ts";
import { checkSamePictures, decodeAll, TRIAL_SIZE, trialPictures } from "./decoder-trial.ts";
import { encodeVideo } from "./encode-video.ts";
import { type HardwareDecoder, HardwareDevice } from "./hardware-device.ts";

async function probe(decoder: HardwareDecoder): Promise<DecoderReport> {
  const folder = await mkdtemp(join(tmpdir(), "haven-decoder-"));
  try {
    // Most machines have none: that is known before anything is encoded.
    using _held = HardwareDevice.open(decoder);
    const path = join(folder, "trial.mp4");
    await encodeVideo({ path, ...TRIAL_SIZE, fps: 25 }, trialPictures());
    const software = await decodeAll(path, "software");
    const hardware = await decodeAll(path, decoder);
    if (hardware.decoder !== decoder) return brokenDecoder(decoder, "It does not take H.264");
    checkSamePictures(software, hardware);
    return {
      decoder,
      works: true,
      reason: null,
      msPerFrame: hardware.msPerFrame,
      softwareMsPerFrame: software.msPerFrame,
      cpuMsPerFrame: hardware.cpuMsPerFrame,
      softwareCpuMsPerFrame: software.cpuMsPerFrame,
    };
  } catch (error) {
    return brokenDecoder(decoder, messageOf(error).replace(/\.$/, ""));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const report = await probe(process.argv[2] as HardwareDecoder);
process.send?.(report);
process.disconnect();
