// What the poses of a clip depend on besides the clip: settings, models, and the code that sees. Where any of it has
// changed, kept observations are of another Haven and are made anew.
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { modelManifest } from "../../../models/manifest.ts";
import { isManifestPath } from "../../../models/own-manifest.ts";
import type { Config } from "../../config/config.ts";

/** Everything between a file and its tracks. */
const ROOMS = ["camera", "inference", "tracking", "video", "vision"] as const;
const FILES = [
  "vision-perception",
  "pipeline/analysis-scheduler",
  "pipeline/camera-pipeline",
  "pipeline/frame-analysis",
  "pipeline/scene-watch",
] as const;

/** In names and values for a recording's `about`. */
export async function perceptionKey(config: Config): Promise<Readonly<Record<string, string>>> {
  const { detector, inputSize, fps, motionGate, secondLook, provider } = config.inference;
  const own = isManifestPath(detector) ? await readFile(detector, "utf8").catch(() => "") : "";
  return {
    settings: JSON.stringify({
      detector: own === "" ? detector : fingerprint(own),
      inputSize,
      fps,
      motionGate,
      secondLook,
      provider,
      tracker: config.tracker,
    }),
    models: fingerprint(JSON.stringify(modelManifest)),
    code: await codeFingerprint(),
  };
}

async function codeFingerprint(): Promise<string> {
  const source = fileURLToPath(new URL("../../", import.meta.url));
  // Compiled or not: whatever runs here.
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf("."));
  const folders = await Promise.all(
    ROOMS.map(async (room) => (await readdir(join(source, room))).map((name) => join(room, name))),
  );
  const files = [...folders.flat(), ...FILES.map((name) => `${name}${extension}`)]
    .filter((name) => name.endsWith(extension) && !name.endsWith(".d.ts"))
    .sort();
  const texts = await Promise.all(files.map((name) => readFile(join(source, name), "utf8")));
  return fingerprint(texts.join("\0"));
}

function fingerprint(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}
