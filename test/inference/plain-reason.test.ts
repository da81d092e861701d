import { describe, expect, it } from "vitest";
import { plainReason } from "../../src/inference/plain-reason.ts";

describe("what the runtime says", () => {
  it.each([
    [
      "OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library",
      "The libraries it needs are not installed",
    ],
    [
      "/onnxruntime_src/onnxruntime/core/providers/webgpu/webgpu_context.cc:90 auto ... was false. Failed to get a WebGPU adapter: No supported adapters",
      "No graphics were found that it can use",
    ],
    ["The model m failed: VK_ERROR_OUT_OF_DEVICE_MEMORY", "There was not enough memory"],
    [
      "/onnxruntime_src/a/b.cc:12 void f() ok == true was false. The kernel is unknown.",
      "The kernel is unknown.",
    ],
    ["a run of m did not end within 12 s", "a run of m did not end within 12 s"],
  ])("is told in words for people: %s", (said, plain) => {
    expect(plainReason(said)).toBe(plain);
  });
});
