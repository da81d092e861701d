// One camera's life: (state, input with its time) -> { state, effects }. Pure; CameraConnection runs the effects.
import { assertNever } from "../core/assert-never.ts";
import { type BackOffPolicy, backOffDelay } from "../core/back-off.ts";
import type { Millis } from "../core/clock.ts";
import type { StreamInfo } from "../domain/camera-status.ts";

/** What a camera is doing. */
export type CameraPhase =
  /** Not started, stopped or disabled. */
  | { readonly kind: "off" }
  | { readonly kind: "privacy" }
  | { readonly kind: "connecting" }
  | { readonly kind: "online"; readonly stream: StreamInfo; readonly since: Millis }
  /** Tried again by itself. */
  | { readonly kind: "offline"; readonly reason: string; readonly retryAt: Millis }
  /** Offline playback came to its end. */
  | { readonly kind: "ended" }
  /** Offline playback is not possible; not tried again. */
  | { readonly kind: "failed"; readonly reason: string };

/** What others hear of it. An attempt to come back is still offline to them, for the reason it was lost. */
export type CameraReport =
  | { readonly kind: "connecting" }
  | { readonly kind: "online"; readonly stream: StreamInfo }
  | { readonly kind: "offline"; readonly reason: string }
  | { readonly kind: "privacy" }
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly reason: string };

export interface CameraState {
  readonly phase: CameraPhase;
  readonly started: boolean;
  readonly enabled: boolean;
  readonly privacy: boolean;
  /** Counts the openings; what an earlier one still reports is ignored. */
  readonly session: number;
  /** Failures in a row, and the last one's reason; null after a time online and after being switched on. */
  readonly attempt: number;
  readonly reason: string | null;
}

/** Times are monotonic milliseconds. */
export type CameraInput = { readonly at: Millis } & (
  | { readonly kind: "start" }
  | { readonly kind: "stop" }
  | { readonly kind: "privacy"; readonly on: boolean }
  | { readonly kind: "opened"; readonly session: number; readonly stream: StreamInfo }
  /** The same connection shows something else now: another size, or the camera's other stream. */
  | { readonly kind: "reshaped"; readonly session: number; readonly stream: StreamInfo }
  | { readonly kind: "ended"; readonly session: number }
  /** `random` 0..1 spreads the next attempt. */
  | { readonly kind: "lost"; readonly session: number; readonly reason: string; readonly random: number }
  | { readonly kind: "retry"; readonly session: number }
);

export type CameraEffect =
  | { readonly kind: "open"; readonly session: number }
  | { readonly kind: "close" }
  | { readonly kind: "schedule-retry"; readonly session: number; readonly after: Millis }
  | { readonly kind: "cancel-retry" };

export interface CameraStep {
  readonly state: CameraState;
  readonly effects: readonly CameraEffect[];
}

export interface CameraRules {
  readonly backOff: BackOffPolicy;
  /** Offline playback: an end is an end and a failure is final. */
  readonly offline: boolean;
}

/** Online for less than this counts as one more failure: a camera that drops every viewer at once is not hammered. */
const STABLE_MS: Millis = 10_000;

export function initialState(options: { readonly enabled: boolean; readonly privacy: boolean }): CameraState {
  return { phase: { kind: "off" }, started: false, ...options, session: 0, attempt: 0, reason: null };
}

/** Null when there is nothing to say: the camera is off because somebody wants it off. */
export function reportOf(state: CameraState): CameraReport | null {
  const { phase, reason } = state;
  switch (phase.kind) {
    case "off":
      return null;
    case "connecting":
      return reason === null ? { kind: "connecting" } : { kind: "offline", reason };
    case "online":
      return { kind: "online", stream: phase.stream };
    case "offline":
      return { kind: "offline", reason: phase.reason };
    case "failed":
      return { kind: "failed", reason: phase.reason };
    case "privacy":
    case "ended":
      return phase;
    default:
      return assertNever(phase);
  }
}

export function isSameReport(a: CameraReport | null, b: CameraReport | null): boolean {
  if (a === null || b === null || a.kind !== b.kind) return a === b;
  if ("reason" in a && "reason" in b) return a.reason === b.reason;
  return !("stream" in a && "stream" in b) || a.stream === b.stream;
}

export function step(state: CameraState, input: CameraInput, rules: CameraRules): CameraStep {
  switch (input.kind) {
    case "start":
      return state.started ? unchanged(state) : settle({ ...state, started: true });
    case "stop":
      return state.started ? settle({ ...state, started: false }) : unchanged(state);
    case "privacy":
      return state.privacy === input.on ? unchanged(state) : settle({ ...state, privacy: input.on });
    case "opened":
      if (input.session !== state.session || state.phase.kind !== "connecting") return unchanged(state);
      return unchanged({ ...state, phase: { kind: "online", stream: input.stream, since: input.at } });
    case "reshaped":
      if (input.session !== state.session || state.phase.kind !== "online") return unchanged(state);
      // A film that begins again is opened anew and is the same.
      if (isSameStream(state.phase.stream, input.stream)) return unchanged(state);
      return unchanged({ ...state, phase: { ...state.phase, stream: input.stream } });
    case "ended":
      if (!isConnected(state, input.session)) return unchanged(state);
      return unchanged({ ...state, phase: { kind: "ended" } });
    case "lost":
      return isConnected(state, input.session) ? lose(state, input, rules) : unchanged(state);
    case "retry":
      if (input.session !== state.session || state.phase.kind !== "offline") return unchanged(state);
      return connect(state);
    default:
      return assertNever(input);
  }
}

function isSameStream(a: StreamInfo, b: StreamInfo): boolean {
  return a.width === b.width && a.height === b.height && a.codec === b.codec && a.fps === b.fps;
}

function unchanged(state: CameraState): CameraStep {
  return { state, effects: [] };
}

/** Goes where started, enabled and privacy say, whatever was before. */
function settle(state: CameraState): CameraStep {
  const leave = leaving(state.phase);
  if (!state.started || !state.enabled) {
    return { state: { ...state, phase: { kind: "off" }, attempt: 0, reason: null }, effects: leave };
  }
  if (state.privacy) {
    return { state: { ...state, phase: { kind: "privacy" }, attempt: 0, reason: null }, effects: leave };
  }
  const next = connect({ ...state, attempt: 0, reason: null });
  return { state: next.state, effects: [...leave, ...next.effects] };
}

function leaving(phase: CameraPhase): readonly CameraEffect[] {
  switch (phase.kind) {
    case "connecting":
    case "online":
      return [{ kind: "close" }];
    case "offline":
      return [{ kind: "cancel-retry" }];
    case "off":
    case "privacy":
    case "ended":
    case "failed":
      return [];
    default:
      return assertNever(phase);
  }
}

function connect(state: CameraState): CameraStep {
  const session = state.session + 1;
  return {
    state: { ...state, session, phase: { kind: "connecting" } },
    effects: [{ kind: "open", session }],
  };
}

function isConnected(state: CameraState, session: number): boolean {
  return session === state.session && (state.phase.kind === "connecting" || state.phase.kind === "online");
}

function lose(
  state: CameraState,
  input: Extract<CameraInput, { kind: "lost" }>,
  rules: CameraRules,
): CameraStep {
  const { at, reason, random, session } = input;
  if (rules.offline) return unchanged({ ...state, phase: { kind: "failed", reason } });
  const wasStable = state.phase.kind === "online" && at - state.phase.since >= STABLE_MS;
  const attempt = wasStable ? 0 : state.attempt;
  const after = backOffDelay(rules.backOff, attempt, random);
  return {
    state: {
      ...state,
      attempt: attempt + 1,
      reason,
      phase: { kind: "offline", reason, retryAt: at + after },
    },
    effects: [{ kind: "schedule-retry", session, after }],
  };
}
