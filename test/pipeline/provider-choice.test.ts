// Where the next vision process runs its models.
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { ProviderChoice } from "../../src/pipeline/provider-choice.ts";
import type { ProcessEnd } from "../../src/pipeline/vision-process.ts";

const HOUR = 3_600_000;

class Stage {
  readonly clock = new ManualClock();
  retries = 0;
  readonly choice = new ProviderChoice({
    clock: this.clock,
    log: silentLogger,
    onRetry: () => {
      this.retries += 1;
    },
  });

  /** Starts a process, lets it be ready and returns what it was told. */
  runs(wanted: "auto" | "cuda", provider: string): string {
    this.choice.choose(wanted);
    const told = this.choice.current;
    if (told !== "cpu") this.choice.ready(provider);
    return told;
  }

  dies(end: Partial<ProcessEnd> = {}, camerasSuspected = false): void {
    const full: ProcessEnd = {
      code: null,
      signal: "SIGSEGV",
      ailment: null,
      phases: new Map(),
      probing: false,
      livedMs: 5000,
      ...end,
    };
    this.choice.died(full, camerasSuspected);
  }
}

describe("where models run", () => {
  it("does not find out again after a crash that there are no graphics", () => {
    const stage = new Stage();
    expect(stage.runs("auto", "cpu")).toBe("auto");
    stage.dies();
    expect(stage.runs("auto", "cpu")).toBe("cpu");
    stage.choice.reset();
    expect(stage.runs("auto", "cpu")).toBe("auto");
  });

  it.each([
    ["a crash", {}],
    ["a model that hung", { signal: "SIGKILL", ailment: { kind: "inference-stuck", forMs: 21_000 } }],
  ] as const)("moves to the processor for hours after %s on the graphics", (_what, end) => {
    const stage = new Stage();
    stage.runs("auto", "cuda");
    stage.dies(end);
    expect(stage.runs("auto", "cuda")).toBe("cpu");
    stage.clock.advance(6 * HOUR - 1);
    expect(stage.retries).toBe(0);
    stage.clock.advance(1);
    expect(stage.retries).toBe(1);
    expect(stage.runs("auto", "cuda")).toBe("auto");
    stage.dies(end);
    stage.clock.advance(6 * HOUR);
    expect(stage.runs("auto", "cuda")).toBe("cpu");
    stage.clock.advance(6 * HOUR);
    expect(stage.runs("auto", "cuda")).toBe("auto");
  });

  it("holds for graphics that the household asked for by name", () => {
    const stage = new Stage();
    stage.runs("cuda", "cuda");
    stage.dies();
    expect(stage.runs("cuda", "cuda")).toBe("cpu");
  });

  it("needs a second death where a camera's stream may have been the cause", () => {
    const stage = new Stage();
    stage.runs("cuda", "cuda");
    stage.dies({}, true);
    expect(stage.runs("cuda", "cuda")).toBe("cuda");
    stage.clock.advance(60_000);
    stage.dies({}, true);
    expect(stage.runs("cuda", "cuda")).toBe("cpu");
  });

  it.each([
    ["on the processor", "cpu", {}],
    ["by the kernel short of memory", "cuda", { signal: "SIGKILL" }],
    ["of itself", "cuda", { signal: null, code: 3 }],
    ["for growing", "cuda", { signal: "SIGKILL", ailment: { kind: "grown", rssBytes: 2, limitBytes: 1 } }],
  ] as const)("does not lay a death %s to the graphics", (_how, provider, end) => {
    const stage = new Stage();
    stage.runs("cuda", provider);
    stage.dies(end);
    stage.dies(end);
    expect(stage.runs("cuda", provider)).toBe("cuda");
  });

  it("moves to the processor for hours when the graphics are lost and the process lives, and then tries again", () => {
    const stage = new Stage();
    stage.runs("auto", "webgpu");
    expect(stage.choice.reason).toBeNull();
    stage.choice.moved("cpu", "webgpu was lost: the device is gone");
    expect(stage.choice.reason).toContain("webgpu was lost");
    // Even when it dies of something else meanwhile.
    stage.dies();
    expect(stage.runs("auto", "webgpu")).toBe("cpu");
    expect(stage.choice.reason).toContain("webgpu was lost");
    stage.clock.advance(6 * HOUR);
    expect(stage.retries).toBe(1);
    expect(stage.runs("auto", "webgpu")).toBe("auto");
    expect(stage.choice.reason).toBeNull();
  });

  it("remembers why for processes that are told to use the processor", () => {
    const stage = new Stage();
    stage.choice.choose("auto");
    stage.choice.ready("cpu", "webgpu: there is no adapter");
    stage.dies();
    stage.choice.choose("auto");
    stage.choice.ready("cpu", null);
    expect(stage.choice.reason).toBe("webgpu: there is no adapter");

    const other = new Stage();
    other.runs("auto", "cuda");
    other.dies();
    other.runs("auto", "cuda");
    expect(other.choice.reason).toBe("cuda is left alone: the vision process died on it");
  });
});
