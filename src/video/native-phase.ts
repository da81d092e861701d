/**
 * Which call into FFmpeg is parsing a stream's bytes, null when none is. A crash in there takes the whole process: what
 * was told last names the stream that did it. Called twice for every packet and from the event loop: it has to be cheap.
 */
export type NativePhase = "open" | "read" | "decode" | null;
export type NativePhaseListener = (phase: NativePhase) => void;
