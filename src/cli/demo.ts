// `haven demo`: the real daemon on a staged scene, in a house of its own that is made anew each time.
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
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
  await writeFile(config, demoConfig(clip, await brokerPort()));
  process.stderr.write(
    "This is a staged scene: a real man, cut out of a dance clip, falls in a drawn room.\n",
  );
  await runDaemon({ config, data: dataDir }, signal);
}

/** He gets up again before the scene starts over: an alarm that nobody looks at must not pile up with the next one. */
function demoConfig(clip: string, brokerPort: number): string {
  return `# Made anew at every start of the demo.
cameras:
  - id: living_room
    name: Living room
    area: Living room
    source: ${JSON.stringify(clip)}
alarms:
  clear_on_recovery: true
mqtt:
  embedded:
    enabled: true
    port: ${brokerPort}
`;
}

/** MQTT's own port, or any free one where another broker has it: a demo must not need a free one. */
async function brokerPort(): Promise<number> {
  return (await listenable(1883)) ?? (await listenable(0)) ?? 1883;
}

/** The port when it can be listened on (for 0 the one that was given), null when it is taken. */
function listenable(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : null));
    });
  });
}
