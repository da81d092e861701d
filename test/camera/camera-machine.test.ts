import { describe, expect, it } from "vitest";
import {
  type CameraInput,
  type CameraReport,
  type CameraRules,
  type CameraState,
  initialState,
  isSameReport,
  reportOf,
  step,
} from "../../src/camera/camera-machine.ts";
import type { StreamInfo } from "../../src/domain/camera-status.ts";

const STREAM: StreamInfo = { width: 640, height: 360, fps: 25, codec: "h264", durationS: null };
const LIVE: CameraRules = {
  backOff: { first: 500, max: 30_000, factor: 2, jitter: 0.25 },
  offline: false,
};
const OFFLINE: CameraRules = { ...LIVE, offline: true };

type Happening = CameraInput extends infer I
  ? I extends CameraInput
    ? Omit<I, "at"> & { at?: number }
    : never
  : never;

/** Plays inputs one after another; effects are told in words. */
function play(happenings: readonly Happening[], rules = LIVE, from?: CameraState) {
  let state = from ?? initialState({ enabled: true, privacy: false });
  const effects: string[] = [];
  for (const happening of happenings) {
    const next = step(state, { at: 0, ...happening }, rules);
    state = next.state;
    for (const effect of next.effects) {
      const detail =
        "after" in effect ? ` in ${effect.after}` : "session" in effect ? ` ${effect.session}` : "";
      effects.push(effect.kind + detail);
    }
  }
  return { state, effects, report: reportOf(state) };
}

const start: Happening = { kind: "start" };
const stop: Happening = { kind: "stop" };
const privacyOn: Happening = { kind: "privacy", on: true };
const privacyOff: Happening = { kind: "privacy", on: false };
const opened = (session: number, at = 0): Happening => ({ kind: "opened", session, stream: STREAM, at });
const lost = (session: number, at = 0, random = 0): Happening => ({
  kind: "lost",
  session,
  reason: "it hangs",
  random,
  at,
});
const retry = (session: number): Happening => ({ kind: "retry", session });

describe("a camera that is switched on", () => {
  it("does nothing before it is started", () => {
    expect(play([])).toMatchObject({ effects: [], report: null });
  });

  it("connects and is online", () => {
    expect(play([start])).toMatchObject({ effects: ["open 1"], report: { kind: "connecting" } });
    expect(play([start, opened(1)]).report).toEqual({ kind: "online", stream: STREAM });
  });

  it("opens once however often it is started, closes once however often it is stopped", () => {
    expect(play([start, start, opened(1), stop, stop]).effects).toEqual(["open 1", "close"]);
  });

  it("says nothing and opens nothing while it is disabled", () => {
    const state = initialState({ enabled: false, privacy: false });
    expect(play([start, privacyOn, privacyOff], LIVE, state)).toMatchObject({ effects: [], report: null });
  });
});

describe("a camera that is lost", () => {
  it("is offline with the reason and tried again after a pause", () => {
    const { effects, report } = play([start, opened(1), lost(1)]);
    expect(effects).toEqual(["open 1", "schedule-retry in 500"]);
    expect(report).toEqual({ kind: "offline", reason: "it hangs" });
    expect(play([start, opened(1), lost(1), retry(1)]).effects.at(-1)).toBe("open 2");
  });

  it("waits longer after every failure, up to the longest pause", () => {
    const failures = Array.from({ length: 9 }, (_, index) => [lost(index + 1), retry(index + 1)]).flat();
    const pauses = play([start, ...failures]).effects.filter((effect) => effect.startsWith("schedule"));
    expect(pauses.map((text) => Number(text.split(" ").at(-1)))).toEqual([
      500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  it("does not come back in step with the others", () => {
    expect(play([start, lost(1, 0, 0)]).effects.at(-1)).toBe("schedule-retry in 500");
    expect(play([start, lost(1, 0, 1)]).effects.at(-1)).toBe("schedule-retry in 375");
  });

  it("is tried again quickly after a good time online, but not when it drops every viewer at once", () => {
    const twice = [start, lost(1), retry(1), lost(2), retry(2)];
    expect(play([...twice, opened(3, 0), lost(3, 20_000)]).effects.at(-1)).toBe("schedule-retry in 500");
    expect(play([...twice, opened(3, 0), lost(3, 1000)]).effects.at(-1)).toBe("schedule-retry in 2000");
  });

  it("stays offline to others, for the same reason, while it is tried again", () => {
    expect(play([start, opened(1), lost(1), retry(1)]).report).toEqual({
      kind: "offline",
      reason: "it hangs",
    });
    expect(play([start, opened(1), lost(1), retry(1), opened(2)]).report?.kind).toBe("online");
  });

  it("is not asked again once it is stopped", () => {
    const { effects, report } = play([start, lost(1), stop, retry(1)]);
    expect(effects).toEqual(["open 1", "schedule-retry in 500", "cancel-retry"]);
    expect(report).toBeNull();
  });

  it("is not confused by what an earlier connection still says", () => {
    const { state, effects } = play([start, opened(1), lost(1), retry(1), opened(2)]);
    const late = play([lost(1), opened(1), retry(1), { kind: "ended", session: 1 }], LIVE, state);
    expect(late.state).toEqual(state);
    expect([...effects, ...late.effects]).toEqual(["open 1", "schedule-retry in 500", "open 2"]);
  });
});

describe("privacy", () => {
  it("closes the connection at once and opens nothing, whatever comes", () => {
    for (const before of [[start], [start, opened(1)]]) {
      const { effects, report } = play([...before, privacyOn, lost(1), opened(1), retry(1)]);
      expect(effects).toEqual(["open 1", "close"]);
      expect(report).toEqual({ kind: "privacy" });
    }
  });

  it("ends the attempts to come back", () => {
    expect(play([start, lost(1), privacyOn]).effects.at(-1)).toBe("cancel-retry");
  });

  it("holds from the start when it was on before", () => {
    const state = initialState({ enabled: true, privacy: true });
    expect(play([start], LIVE, state)).toMatchObject({ effects: [], report: { kind: "privacy" } });
  });

  it("is remembered while the camera is stopped", () => {
    expect(play([privacyOn, start])).toMatchObject({ effects: [], report: { kind: "privacy" } });
  });

  it("switched off connects afresh, without the pause of an earlier failure", () => {
    const { effects, report } = play([start, lost(1), privacyOn, privacyOff]);
    expect(effects.at(-1)).toBe("open 2");
    expect(report).toEqual({ kind: "connecting" });
  });
});

describe("offline playback", () => {
  it("ends", () => {
    const { effects, report } = play([start, opened(1), { kind: "ended", session: 1 }, stop], OFFLINE);
    expect(effects).toEqual(["open 1"]);
    expect(report).toBeNull();
    expect(play([start, opened(1), { kind: "ended", session: 1 }], OFFLINE).report).toEqual({
      kind: "ended",
    });
  });

  it("fails for good", () => {
    const { effects, report } = play([start, lost(1), retry(1)], OFFLINE);
    expect(effects).toEqual(["open 1"]);
    expect(report).toEqual({ kind: "failed", reason: "it hangs" });
  });
});

describe("reports", () => {
  it("are the same when they say the same", () => {
    const reports: (CameraReport | null)[] = [
      null,
      { kind: "connecting" },
      { kind: "privacy" },
      { kind: "ended" },
      { kind: "online", stream: STREAM },
      { kind: "offline", reason: "a" },
      { kind: "offline", reason: "b" },
      { kind: "failed", reason: "a" },
    ];
    for (const [i, a] of reports.entries()) {
      for (const [j, b] of reports.entries()) {
        expect(isSameReport(a === null ? null : { ...a }, b)).toBe(i === j);
      }
    }
  });
});
