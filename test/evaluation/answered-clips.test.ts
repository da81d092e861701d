import { describe, expect, it } from "vitest";
import {
  type AnsweredClip,
  formatAnsweredReport,
  scoreAnswered,
} from "../../src/evaluation/answered-clips.ts";

function clip(alarmId: string, more: Partial<AnsweredClip> = {}): AnsweredClip {
  return {
    alarmId,
    cameraId: "hall",
    raisedAt: 0,
    answer: "real",
    cause: "fall_confirmed",
    confirmed: true,
    noticed: true,
    ...more,
  };
}

describe("a household's answered alarms", () => {
  it("ask for real falls to be confirmed again and for false alarms not to come again", () => {
    const score = scoreAnswered([
      clip("1"),
      clip("2", { confirmed: false }),
      clip("3", { answer: "false_alarm" }),
      clip("4", { answer: "false_alarm", confirmed: false, noticed: false, cameraId: "bath" }),
      clip("5", { answer: "test" }),
    ]);
    expect(score).toMatchObject({
      clips: 5,
      real: 2,
      real_confirmed: 1,
      real_noticed: 2,
      false_alarms: 2,
      false_alarms_again: 1,
      tests: 1,
      tests_confirmed: 1,
      missed: ["2"],
      false_again: ["3"],
      cameras: { bath: { clips: 1, false_alarms_again: 0 }, hall: { clips: 4, missed: ["2"] } },
    });
    expect(formatAnsweredReport(score)).toContain("Real falls that would be missed now: 2\n");
  });

  it("hold a notice to being a notice", () => {
    const asked = { cause: "on_floor", confirmed: false };
    const score = scoreAnswered([
      clip("1", asked),
      clip("2", { ...asked, answer: "false_alarm" }),
      clip("3", { ...asked, answer: "false_alarm", noticed: false }),
    ]);
    expect(score).toMatchObject({ missed: [], false_again: ["2"] });
  });

  it("do not judge what is not about falls, or whose way down was not recorded", () => {
    const score = scoreAnswered(
      [clip("1", { cause: "bed_exit" }), clip("2", { cause: "long_lie" })],
      ["damaged"],
    );
    expect(score).toMatchObject({ clips: 0, not_judged: 2, failed: ["damaged"] });
    expect(formatAnsweredReport(score)).toContain("Not replayed: damaged");
  });
});
