// `haven demo`: the real daemon on a staged scene, in a house of its own that is made anew each time.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { modelsDirectory } from "../../models/model-store.ts";
import { ensureDemoClip } from "../demo/demo-clip.ts";
import { createProgressBar, type ProgressBar } from "./progress-bar.ts";
import { runDaemon } from "./run.ts";

export async function runDemo(signal: AbortSignal): Promise<void> {
  const cacheDir = modelsDirectory(process.env);
  let bar: ProgressBar | null = null;
  const clip = await ensureDemoClip({
    cacheDir,
    signal,
    progress: ({ label, share }) => {
      bar ??= createProgressBar("demo footage");
      bar.update(share, label);
    },
  }).finally(() => bar?.[Symbol.dispose]());
  const dataDir = join(dirname(cacheDir), "demo");
  await rm(dataDir, { recursive: true, force: true });
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const config = join(dataDir, "haven.yaml");
  await writeFile(config, demoConfig(clip));
  process.stderr.write(
    "This is a staged scene: a real man, cut out of a dance clip, falls in a drawn room.\n",
  );
  await runDaemon({ config, data: dataDir }, signal);
}

/** He gets up again before the scene starts over: an alarm that nobody looks at must not pile up with the next one. */
function demoConfig(clip: string): string {
  return `# Made anew at every start of the demo.
cameras:
  - id: living_room
    name: Living room
    area: Living room
    source: ${JSON.stringify(clip)}
alarms:
  clear_on_recovery: true
`;
}
