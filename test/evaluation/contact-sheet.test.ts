import { describe, expect, it } from "vitest";
import { KEYPOINTS } from "../../src/domain/pose.ts";
import {
  contactIndexPage,
  contactSheetPage,
  framesShown,
  momentsOf,
} from "../../src/evaluation/contact-sheet.ts";
import type { FallClip } from "../../src/evaluation/fall-manifest.ts";
import type { ClipTrace, SubjectTrace } from "../../src/evaluation/fall-trace.ts";

const SUBJECT: SubjectTrace = {
  trackId: 3,
  seen: true,
  box: { x1: 0.25, y1: 0.5, x2: 0.5, y2: 1 },
  pose: KEYPOINTS.map(() => ({ x: 0.3, y: 0.6, confidence: 0.9 })),
  headSpeed: 0.9,
  drop: 0.3,
  looksFallen: false,
  posture: "on_all_fours",
  fall: "descending",
  floor: "off",
};
const TRACE: ClipTrace = {
  frames: Array.from({ length: 100 }, (_, index) => ({ timeS: index / 10, subjects: [SUBJECT] })),
  events: [{ kind: "fall_suspected", mediaTimeS: 5.4, trackId: 3, evidence: null }],
};
const LABEL = { startS: 4, groundS: 5, endS: null };
const CLIP: FallClip = {
  file: "<a>&b.mp4",
  set: "lab",
  scene: "room",
  durationS: 10,
  falls: [LABEL],
  ignore: false,
};
const MISSED = {
  file: CLIP.file,
  kind: "missed",
  at_s: 4,
  noticed: false,
  reason: "too slow: .5 < .7",
} as const;

describe("the moments of a clip", () => {
  it("are what went wrong, or else its falls, or else all of it", () => {
    const missed = { label: LABEL, alarmAtS: null, noticeAtS: null };
    const found = { label: LABEL, alarmAtS: 7, noticeAtS: 7 };
    expect(momentsOf(CLIP, [missed], [MISSED])).toEqual([{ title: "Missed fall", fromS: 2.5, untilS: 8 }]);
    expect(momentsOf(CLIP, [found], [])).toEqual([
      { title: "Fall, confirmed at 7.0 s", fromS: 2.5, untilS: 8 },
    ]);
    const wrong = { ...MISSED, kind: "false_alarm", at_s: 9 } as const;
    expect(momentsOf({ ...CLIP, falls: [] }, [], [wrong])).toEqual([
      { title: "False alarm", fromS: 4.5, untilS: 10 },
    ]);
    expect(momentsOf({ ...CLIP, falls: [] }, [], [])).toEqual([{ title: "The clip", fromS: 0, untilS: 10 }]);
  });

  it("are shown in steps of .3 s, in wider ones where they are long", () => {
    const shown = framesShown(TRACE, { title: "", fromS: 2.5, untilS: 4 }).map(({ timeS }) => timeS);
    expect(shown).toEqual([2.5, 2.8, 3.1, 3.4, 3.7, 4]);
    expect(framesShown(TRACE, { title: "", fromS: 0, untilS: 100 }).length).toBeLessThanOrEqual(25);
  });
});

describe("a contact sheet", () => {
  const moment = { title: "Missed fall", fromS: 2.5, untilS: 8 };
  const pictures = framesShown(TRACE, moment).map((frame) => ({ jpeg: new Uint8Array([255, 216]), frame }));
  const page = contactSheetPage({
    clip: CLIP,
    findings: [MISSED],
    trace: TRACE,
    scale: { fallSpeed: 0.7, minDrop: 0.28, minGroundDurationS: 2 },
    aspect: 4 / 3,
    moments: [{ moment, pictures }],
  });

  it("is complete in itself: nothing is loaded from anywhere", () => {
    expect(page).toContain("default-src 'none'");
    expect(page.match(/(src|href)="(?!data:|index\.html)[^"]*"/g)).toBeNull();
    expect(page.match(/<img /g)).toHaveLength(pictures.length);
  });

  it("shows box, skeleton, posture, state and speed of each frame, and why it went wrong", () => {
    expect(page).toContain(
      '<rect class="box seen descending" x="80.0" y="120.0" width="80.0" height="120.0"/>',
    );
    expect(page.match(/<line class="seen descending"/g)?.length).toBe(16 * pictures.length);
    expect(page).toContain("<b>3</b> on all fours · descending · 0.90 L/s");
    expect(page).toContain("too slow: .5 &lt; .7");
    expect(page).toMatch(/class="label"[^>]*>on the ground 5\.0/);
    expect(page).toMatch(/class="event"[^>]*>fall_suspected 5\.4/);
  });

  it("takes names for text, wherever they come from", () => {
    expect(page).toContain("<title>&lt;a&gt;&amp;b.mp4</title>");
    expect(page).not.toContain("<a>&b");
    const index = contactIndexPage([{ clip: CLIP, page: "a b.html", findings: [MISSED] }], "all <well>");
    expect(index).toContain('<a href="a%20b.html">&lt;a&gt;&amp;b.mp4</a>');
    expect(index).toContain("all &lt;well&gt;");
  });
});
