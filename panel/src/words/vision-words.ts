// What the models run on, and how much of a camera's pictures is looked at, in plain words.
import type { CameraStatusJson } from "../../../src/api/contract.ts";
import type { BlindCause } from "../../../src/domain/camera-status.ts";
import type { IconName } from "../components/icon-paths.ts";
import { AVAILABILITY_WORDS } from "./camera-words.ts";

const PROVIDER_WORDS: Readonly<Record<string, string>> = {
  cpu: "the processor",
  webgpu: "the graphics (WebGPU)",
  cuda: "the graphics (CUDA)",
  tensorrt: "the graphics (TensorRT)",
};

export function providerWords(provider: string): string {
  return PROVIDER_WORDS[provider] ?? provider;
}

const BLIND_WORDS: Readonly<Record<BlindCause, string>> = {
  dark: "Too dark",
  covered: "Covered",
  frozen: "Picture frozen",
  moved: "Moved",
};

/** How a camera stands, in a word or two. */
export function stateWords(status: CameraStatusJson): { readonly title: string; readonly icon: IconName } {
  const words = AVAILABILITY_WORDS[status.availability];
  return status.availability === "blind" && status.blind !== null
    ? { ...words, title: BLIND_WORDS[status.blind] }
    : words;
}

/** "Looks at 5 pictures a second", or why at fewer. */
export function paceSentence({ pace, analysed_fps }: CameraStatusJson): string {
  if (pace === "resting") return "Rests while nothing moves and nobody is there";
  const rate = `Looks at ${analysed_fps} ${analysed_fps === 1 ? "picture" : "pictures"} a second`;
  return pace === "reduced" ? `${rate}, fewer than it should: this machine cannot keep up` : rate;
}

/** What was measured of an online camera, for who wants to know. */
export function measuredSentence(status: CameraStatusJson): string {
  const { detector_input, decoder, damaged_packets } = status;
  const parts = [paceSentence(status)];
  if (detector_input !== null) parts.push(`scaled to ${detector_input} pixels`);
  parts.push(decoder === "software" ? "decoded by the processor" : `decoded by ${decoder}`);
  if (damaged_packets > 0)
    parts.push(`${damaged_packets} damaged ${damaged_packets === 1 ? "packet" : "packets"}`);
  return parts.join(", ");
}
