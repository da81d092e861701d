/** What the runtime says where something simply is not there, and what that means to people. */
const MEANINGS: readonly (readonly [said: RegExp, meaning: string])[] = [
  [/Failed to load shared library/, "The libraries it needs are not installed"],
  [
    /Failed to get a WebGPU adapter|WebGPU adapter.*No supported adapters/,
    "No graphics were found that it can use",
  ],
  [/WebGPU device lost/, "The graphics were reset or taken away"],
  [/out of memory|OUT_OF_(HOST|DEVICE)_MEMORY|bad_alloc/i, "There was not enough memory"],
];

/** The runtime's text in words for people; else without the place in its source and the failed check that it opens with. */
export function plainReason(text: string): string {
  const meaning = MEANINGS.find(([said]) => said.test(text))?.[1];
  if (meaning !== undefined) return meaning;
  return text
    .replace(/^\/onnxruntime_src\/.*? was false\.\s*/s, "")
    .replace(/^OrtSessionOptionsAppendExecutionProvider_\w+:\s*/, "")
    .trim();
}
