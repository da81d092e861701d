import { describe, expect, it } from "vitest";
import { silentLogger } from "../../src/core/logger.ts";
import { DecoderTrust } from "../../src/pipeline/decoder-trust.ts";
import type { ProcessEnd } from "../../src/pipeline/vision-process.ts";

function end(how: Partial<ProcessEnd>): ProcessEnd {
  return {
    code: null,
    signal: "SIGSEGV",
    ailment: null,
    livedMs: 90_000,
    phases: new Map(),
    probing: false,
    ...how,
  };
}

function decodingBy(decoder: string): DecoderTrust {
  const trust = new DecoderTrust(silentLogger);
  expect(trust.choose("auto")).toBe("auto");
  trust.ready(decoder);
  return trust;
}

describe("the graphics' decoder", () => {
  it("is not looked for again at a restart on a machine that has none", () => {
    const trust = decodingBy("software");
    expect(trust.died(end({}))).toBe(false);
    expect(trust.choose("auto")).toBe("off");
  });

  it("is left alone after a crash or a hang of a process that used it", () => {
    for (const how of [
      {},
      { ailment: { kind: "decoder-stuck", cameraId: "hall", forMs: 20_000 } } as const,
    ]) {
      const trust = decodingBy("vaapi");
      expect(trust.died(end(how))).toBe(true);
      expect(trust.choose("auto")).toBe("off");
      // The next death is somebody else's.
      expect(trust.died(end(how))).toBe(false);
    }
  });

  it("is kept when the process was killed from outside, ended itself or grew", () => {
    for (const how of [{ signal: "SIGKILL" }, { code: 3, signal: null }] as const) {
      const trust = decodingBy("cuda");
      expect(trust.died(end(how))).toBe(false);
      expect(trust.choose("auto")).toBe("auto");
    }
  });

  it("gets another chance with other settings, and none where it is switched off", () => {
    const trust = decodingBy("vaapi");
    trust.died(end({}));
    trust.reset();
    expect(trust.choose("auto")).toBe("auto");
    expect(trust.choose("off")).toBe("off");
  });
});
