// Files through the real vision process, which is killed while it works.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ModelStore, modelsDirectory } from "../../models/model-store.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { ensureDemoClip } from "../../src/demo/demo-clip.ts";
import type { Camera } from "../../src/domain/camera.ts";
import { runOffline } from "../../src/pipeline/offline-run.ts";
import { VisionSupervisor } from "../../src/pipeline/vision-supervisor.ts";

const never = new AbortController().signal;
let clip: string;
let supervisor: VisionSupervisor;

beforeAll(async () => {
  const store = new ModelStore({ log: silentLogger });
  await store.ensure(["movenet-multipose", "movenet-thunder"], { signal: never });
  clip = await ensureDemoClip({ cacheDir: modelsDirectory(process.env), signal: never });
  supervisor = new VisionSupervisor({
    clock: systemClock,
    log: silentLogger,
    random: () => 0.5,
    logLevel: "silent",
    settings: {
      inference: {
        provider: "cpu",
        workers: 2,
        detector: "movenet-multipose",
        inputSize: 256,
        fps: 2,
        motionGate: false,
        secondLook: false,
        hardwareDecoding: "off",
        modelsDir: store.directory,
      },
      tracker: { kind: "bytetrack", high: 0.2, low: 0.1, newTrack: 0.2, lostS: 2 },
      identify: null,
    },
  });
  await supervisor.start();
});

afterAll(() => supervisor.stop());

function camera(id: string, source = clip): Camera {
  const left = { area: null, substream: null, transport: "auto", enabled: true, privacy: false } as const;
  return { id, name: id, source, ...left, zones: [], overlaps: [] };
}

/** Runs files and remembers what was seen; `onFrame` is called with each frame's camera and number. */
async function run(cameras: readonly Camera[], onFrame: (id: string, count: number) => void = () => {}) {
  const seen = new Map<string, number[]>();
  let begun = 0;
  const outcomes = await runOffline({
    supervisor,
    cameras,
    holdLastS: 0,
    concurrency: 2,
    signal: never,
    log: silentLogger,
    onProgress: () => {},
    begin: ({ id }) => {
      begun += 1;
      const times: number[] = [];
      seen.set(id, times);
      return {
        observe: ({ stamp }) => {
          times.push(stamp.mediaTimeS);
          onFrame(id, times.length);
        },
        end: () => {},
      };
    },
  });
  return { outcomes, seen, begun };
}

function kill(): void {
  if (supervisor.pid !== null) process.kill(supervisor.pid, "SIGKILL");
}

describe("playing files offline", () => {
  it("analyses every due frame of each, in order", async () => {
    const { outcomes, seen } = await run([camera("a"), camera("b"), camera("c")]);
    expect(outcomes.map(({ failure }) => failure)).toEqual([null, null, null]);
    const [a, b, c] = ["a", "b", "c"].map((id) => seen.get(id));
    // 29 s at two frames a second.
    expect(a).toHaveLength(58);
    expect(b).toEqual(a);
    expect(c).toEqual(a);
    expect(a).toEqual(a?.toSorted((x, y) => x - y));
  });

  it("plays files again that were under way when the process died, from their start", async () => {
    let killed = false;
    const { outcomes, seen, begun } = await run([camera("d"), camera("e")], (_id, count) => {
      if (killed || count < 10) return;
      killed = true;
      kill();
    });
    expect(outcomes.map(({ failure }) => failure)).toEqual([null, null]);
    expect(begun).toBeGreaterThan(2);
    expect(seen.get("d")).toHaveLength(58);
    expect(seen.get("e")).toHaveLength(58);
  });

  it("gives up a file that takes the process down each time, and plays the others to their end", async () => {
    const { outcomes } = await run([camera("bomb"), camera("f"), camera("g")], (id, count) => {
      if (id === "bomb" && count === 3) kill();
    });
    expect(outcomes.map(({ camera: { id }, failure }) => [id, failure])).toEqual([
      ["bomb", expect.stringMatching(/died each time/)],
      ["f", null],
      ["g", null],
    ]);
  });

  it("tells why a file cannot be played", async () => {
    const { outcomes } = await run([camera("gone", "/nowhere/gone.mp4"), camera("h")]);
    expect(outcomes[0]?.failure).toMatch(/gone\.mp4/);
    expect(outcomes[1]?.failure).toBeNull();
  });
});
