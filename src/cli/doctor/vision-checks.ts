import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../core/clock.ts";
import { messageOf } from "../../core/errors.ts";
import { redactUrl } from "../../core/logger.ts";
import type { Camera } from "../../domain/camera.ts";
import type { RgbImage } from "../../domain/frame.ts";
import { AUTO_CANDIDATES, type ProviderChoice } from "../../inference/execution-provider.ts";
import { placementBy } from "../../inference/model-placement.ts";
import { type ProviderReport, probeProviders } from "../../inference/provider-probe.ts";
import { bestDecoder, probeDecoders } from "../../video/decoder-probe.ts";
import { encodeVideo } from "../../video/encode-video.ts";
import { openVideo } from "../../video/open-video.ts";
import { probeSource } from "../../video/probe-source.ts";
import { MULTI_POSE_MODEL } from "../../vision/movenet-multi-pose.ts";
import { REQUIRED_MODELS, USUAL_MODELS } from "../prepare-models.ts";
import type { DoctorContext, Finding } from "./finding.ts";

const CAMERA_TIMEOUT = 10_000;

export async function checkModels({ store }: DoctorContext): Promise<Finding[]> {
  const required: ReadonlySet<string> = new Set(REQUIRED_MODELS);
  const usual: ReadonlySet<string> = new Set(USUAL_MODELS);
  return (await store.verify()).map(({ entry, state, path }): Finding => {
    const check = `model ${entry.id}`;
    if (state === "ok") return { check, state: "ok", detail: "is there and its hash is right", remedy: null };
    const needed = required.has(entry.id);
    return {
      check,
      state: needed ? "failed" : "warning",
      detail:
        state === "corrupt"
          ? `the file ${path} is damaged`
          : needed
            ? "is not there"
            : usual.has(entry.id)
              ? "is not there, so people cannot be told apart by it"
              : "is not there, and not needed yet",
      remedy: usual.has(entry.id) || state === "corrupt" ? "run haven models fetch" : null,
    };
  });
}

export async function checkProviders({ store, config, signal }: DoctorContext): Promise<Finding[]> {
  let modelPath: string;
  try {
    modelPath = await store.pathOf(MULTI_POSE_MODEL);
  } catch (error) {
    return [
      {
        check: "execution providers",
        state: "failed",
        detail: `cannot be tried without the model: ${messageOf(error)}`,
        remedy: "run haven models fetch",
      },
    ];
  }
  const reports = await probeProviders({ modelPath, signal });
  const wanted = config.inference.provider;
  return [...reports.map((report) => providerFinding(report, wanted)), placementFinding(reports, wanted)];
}

function providerFinding(report: ProviderReport, wanted: ProviderChoice): Finding {
  const { provider, works, reason, msPerRun, maxDiff } = report;
  const check = `provider ${provider}`;
  if (works) {
    const difference = provider === "cpu" ? "" : `, differs from cpu by at most ${maxDiff?.toExponential(1)}`;
    return {
      check,
      state: "ok",
      detail: `works, ${msPerRun?.toFixed(1)} ms a run${difference}`,
      remedy: null,
    };
  }
  const needed = provider === "cpu" || provider === wanted;
  return {
    check,
    state: needed ? "failed" : "warning",
    detail: `does not work here: ${reason}`,
    remedy: needed ? "set inference.provider to auto" : null,
  };
}

/** What the daemon would take, by the rule it takes it by. */
function placementFinding(reports: readonly ProviderReport[], wanted: ProviderChoice): Finding {
  const candidates = wanted === "auto" ? AUTO_CANDIDATES : wanted === "cpu" ? [] : [wanted];
  const looked = candidates.flatMap((name) => reports.find(({ provider }) => provider === name) ?? []);
  const { provider, reason } = placementBy(looked, wanted);
  const why = reason === null ? "" : ` (${reason})`;
  return {
    check: "models run on",
    state: "ok",
    detail: `${provider}, inference.provider is ${wanted}${why}`,
    remedy: null,
  };
}

/** Encodes a few pictures, and decodes them again. */
export async function checkDecoder({ signal }: DoctorContext): Promise<Finding[]> {
  const check = "video decoder";
  const folder = await mkdtemp(join(tmpdir(), "haven-doctor-"));
  try {
    const path = join(folder, "probe.mp4");
    const pictures = Array.from({ length: 10 }, (_, index) => grey(64, 64, index * 20));
    await encodeVideo({ path, width: 64, height: 64, fps: 10 }, pictures);
    const video = await openVideo({
      source: path,
      live: false,
      connectTimeoutMs: CAMERA_TIMEOUT,
      stallTimeoutMs: CAMERA_TIMEOUT,
      clock: systemClock,
      signal,
    });
    await using _ = video;
    let frames = 0;
    for (;;) {
      const frame = await video.next();
      if (frame === null) break;
      frame[Symbol.dispose]();
      frames += 1;
    }
    const right = frames === pictures.length;
    return [
      {
        check,
        state: right ? "ok" : "failed",
        detail: `${video.info.codec}: ${frames} of ${pictures.length} pictures came back`,
        remedy: right ? null : "reinstall with npm ci",
      },
    ];
  } catch (error) {
    return [{ check, state: "failed", detail: messageOf(error), remedy: "reinstall with npm ci" }];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** None is needed: software decodes everything. */
export async function checkHardwareDecoders({ config, signal }: DoctorContext): Promise<Finding[]> {
  if (config.inference.hardwareDecoding === "off") {
    return [{ check: "hardware decoding", state: "ok", detail: "switched off", remedy: null }];
  }
  const reports = await probeDecoders({ signal });
  const best = bestDecoder(reports);
  return reports.map(({ decoder, works, reason, ...measured }): Finding => {
    const check = `decoder ${decoder}`;
    if (!works) return { check, state: "warning", detail: `does not work here: ${reason}`, remedy: null };
    const ms = (value: number | null) => value?.toFixed(2) ?? "?";
    const cost = `${ms(measured.cpuMsPerFrame)} ms of the processor for a 720p picture, software ${ms(measured.softwareCpuMsPerFrame)}`;
    const used = best === decoder ? "is used" : "not used";
    return { check, state: "ok", detail: `gives the same pictures, ${used}: ${cost}`, remedy: null };
  });
}

/** One after another: a camera often allows few connections, and the daemon may hold one. */
export async function checkCameras({ config, signal }: DoctorContext): Promise<Finding[]> {
  if (config.cameras.length === 0)
    return [
      { check: "cameras", state: "warning", detail: "none is configured", remedy: "add one in the panel" },
    ];
  const findings: Finding[] = [];
  for (const camera of config.cameras) {
    const check = `camera ${camera.id}`;
    if (!camera.enabled || camera.privacy) {
      const why = camera.privacy ? "privacy is on" : "it is switched off";
      findings.push({ check, state: "ok", detail: `not opened: ${why}`, remedy: null });
      continue;
    }
    findings.push(await cameraFinding(check, camera.source, { camera, signal }));
    if (camera.substream === null) continue;
    const small = await cameraFinding(`${check}, small stream`, camera.substream, { camera, signal });
    // The large one is watched meanwhile.
    findings.push(small.state === "failed" ? { ...small, state: "warning" } : small);
  }
  return findings;
}

async function cameraFinding(
  check: string,
  source: string,
  { camera, signal }: { readonly camera: Camera; readonly signal: AbortSignal },
): Promise<Finding> {
  try {
    const { stream } = await probeSource(source, {
      timeoutMs: CAMERA_TIMEOUT,
      transport: camera.transport,
      clock: systemClock,
      signal,
    });
    const fps = stream.fps === null ? "" : ` at ${stream.fps.toFixed(0)} frames/s`;
    const detail = `${redactUrl(source)}: ${stream.codec}, ${stream.width}x${stream.height}${fps}`;
    return { check, state: "ok", detail, remedy: null };
  } catch (error) {
    return {
      check,
      state: "failed",
      detail: messageOf(error),
      remedy: "check its address, that it is switched on, and that this machine can reach it",
    };
  }
}

function grey(width: number, height: number, level: number): RgbImage {
  return { width, height, data: new Uint8Array(width * height * 3).fill(level) };
}
