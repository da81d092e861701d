// A contact sheet: one page that shows what happened around a moment of a clip and what the machines made of it, so that a
// person can see why a fall was missed. Complete in itself: it opens without a network, and prints.
import { type CurveMarks, curve, escaped, overlay } from "./contact-drawing.ts";
import type { FallVerdict } from "./fall-evaluation.ts";
import type { Finding } from "./fall-findings.ts";
import type { FallClip } from "./fall-manifest.ts";
import type { ClipTrace, FrameTrace, TraceScale } from "./fall-trace.ts";

/** Around which something happened, seconds of media time. */
export interface Moment {
  readonly title: string;
  readonly fromS: number;
  readonly untilS: number;
}

export interface SheetPicture {
  readonly jpeg: Uint8Array;
  /** What the machines saw in it. */
  readonly frame: FrameTrace;
}

export interface ContactSheet {
  readonly clip: FallClip;
  readonly findings: readonly Finding[];
  readonly trace: ClipTrace;
  readonly scale: TraceScale;
  /** Width over height. */
  readonly aspect: number;
  readonly moments: readonly { readonly moment: Moment; readonly pictures: readonly SheetPicture[] }[];
}

const BEFORE_S = 1.5;
const AFTER_GROUND_S = 3;
/** From leaving balance to the ground, where only one of them is labelled. */
const FALL_S = 1.5;
/** Pictures this far apart show a fall as three to five; more of them than so many make nobody wiser. */
const STEP_S = 0.3;
const MOST_PICTURES = 24;

/** What there is to be seen in a clip: what went wrong, or else its falls, or else all of it. */
export function momentsOf(
  clip: FallClip,
  verdicts: readonly FallVerdict[],
  findings: readonly Finding[],
): readonly Moment[] {
  const untilEnd = { fromS: 0, untilS: clip.durationS };
  const falls = verdicts
    .filter(({ alarmAtS }) => findings.length === 0 || alarmAtS === null)
    .map(({ label, alarmAtS }): Moment => {
      const { startS, groundS } = label;
      const title = alarmAtS === null ? "Missed fall" : `Fall, confirmed at ${alarmAtS.toFixed(1)} s`;
      if (startS === null && groundS === null) return { title, ...untilEnd };
      const ground = groundS ?? (startS ?? 0) + FALL_S;
      return {
        title,
        fromS: Math.max(0, (startS ?? ground - FALL_S) - BEFORE_S),
        untilS: Math.max(ground + AFTER_GROUND_S, alarmAtS ?? 0),
      };
    });
  const wrong = findings.flatMap(({ kind, at_s }): Moment[] =>
    kind === "missed" || at_s === null
      ? []
      : [
          {
            title: kind === "false_alarm" ? "False alarm" : "False notice",
            fromS: Math.max(0, at_s - 4.5),
            untilS: at_s + 1,
          },
        ],
  );
  const moments = [...falls, ...wrong];
  return moments.length === 0 ? [{ title: "The clip", ...untilEnd }] : moments;
}

/** The frames of a moment that are shown. */
export function framesShown({ frames }: ClipTrace, { fromS, untilS }: Moment): readonly FrameTrace[] {
  const stepS = Math.max(STEP_S, (untilS - fromS) / MOST_PICTURES);
  const shown: FrameTrace[] = [];
  let dueS = fromS;
  for (const frame of frames) {
    if (frame.timeS < dueS - 1e-6 || frame.timeS > untilS) continue;
    shown.push(frame);
    while (dueS <= frame.timeS + 1e-6) dueS += stepS;
  }
  return shown;
}

export function contactSheetPage(sheet: ContactSheet): string {
  const { clip, findings, moments } = sheet;
  const reasons = findings.map(({ kind, at_s, reason }) => {
    const when = at_s === null ? "" : ` at ${at_s.toFixed(1)} s`;
    return `<li><b>${kind.replace("_", " ")}</b>${when}: ${escaped(reason)}</li>`;
  });
  return page(
    clip.file,
    `<p><a href="index.html">all clips</a> · set ${escaped(clip.set)} · scene ${escaped(clip.scene)} · ${clip.durationS.toFixed(1)} s</p>
<ul>${reasons.join("")}${reasons.length === 0 ? "<li>nothing went wrong</li>" : ""}</ul>
${LEGEND}
${moments.map((one) => section(sheet, one)).join("\n")}`,
  );
}

function section(
  { clip, trace, scale, aspect }: ContactSheet,
  { moment, pictures }: ContactSheet["moments"][number],
): string {
  const { fromS, untilS, title } = moment;
  const within = (timeS: number | null): timeS is number =>
    timeS !== null && timeS >= fromS && timeS <= untilS;
  const labels = clip.falls.flatMap(({ startS, groundS }) => [
    ...(within(startS) ? [{ timeS: startS, word: "falls", kind: "label" as const }] : []),
    ...(within(groundS) ? [{ timeS: groundS, word: "on the ground", kind: "label" as const }] : []),
  ]);
  const events = trace.events
    .filter(({ mediaTimeS }) => within(mediaTimeS))
    .map(({ kind, mediaTimeS }) => ({ timeS: mediaTimeS, word: kind, kind: "event" as const }));
  const marks: CurveMarks = { fromS, untilS, at: [...labels, ...events] };
  return `<section><h2>${escaped(title)}: ${fromS.toFixed(1)} to ${untilS.toFixed(1)} s</h2>
${curve(trace, scale, marks)}
<div class="frames">${pictures.map((picture) => figure(picture, aspect)).join("\n")}</div></section>`;
}

/** Of the drawing's coordinates; the picture itself may have any size. */
const DRAWN_WIDTH = 320;

function figure({ jpeg, frame }: SheetPicture, aspect: number): string {
  const people = frame.subjects.map(({ trackId, posture, fall, floor, headSpeed, seen }) =>
    [
      `<b>${trackId}</b> ${escaped(posture.replaceAll("_", " "))}`,
      ...(fall === "watching" ? [] : [escaped(fall)]),
      ...(floor === "off" ? [] : [`floor: ${escaped(floor)}`]),
      seen ? `${(headSpeed ?? 0).toFixed(2)} L/s` : "not seen",
    ].join(" · "),
  );
  return `<figure><div><img alt="" src="data:image/jpeg;base64,${Buffer.from(jpeg).toString("base64")}">${overlay(frame, DRAWN_WIDTH, Math.round(DRAWN_WIDTH / aspect))}</div>
<figcaption>${frame.timeS.toFixed(1)} s<br>${people.length === 0 ? "nobody" : people.join("<br>")}</figcaption></figure>`;
}

export interface IndexEntry {
  readonly clip: FallClip;
  /** Relative to the index. */
  readonly page: string;
  readonly findings: readonly Finding[];
}

export function contactIndexPage(entries: readonly IndexEntry[], summary: string): string {
  const rows = entries.map(({ clip, page: file, findings }) => {
    const what =
      findings.length === 0
        ? "as it should be"
        : findings.map(({ kind }) => kind.replace("_", " ")).join(", ");
    return `<tr><td><a href="${escaped(encodeURIComponent(file))}">${escaped(clip.file)}</a></td><td>${escaped(clip.set)}</td><td>${escaped(clip.scene)}</td><td>${what}</td><td>${findings.map(({ reason }) => escaped(reason)).join("<br>")}</td></tr>`;
  });
  return page(
    "Falls: what went wrong and why",
    `<pre>${escaped(summary)}</pre>
<table><thead><tr><th>clip</th><th>set</th><th>scene</th><th>what</th><th>why</th></tr></thead><tbody>${rows.join("\n")}</tbody></table>`,
  );
}

const LEGEND = `<p class="legend">Blue: descent of head and shoulders, body lengths a second; dashed: the falling speed. Grey: how far they are
below their highest place, body lengths; dotted: the least that counts. Bands: <span class="key watching">watching</span>
<span class="key descending">descending</span> <span class="key grounded">on the ground</span> <span class="key suspected">suspected</span>
<span class="key confirmed">confirmed</span> <span class="key floor">asked after</span> <span class="key unseen">not seen</span>.</p>`;

const STYLE = `body{font:14px/1.4 system-ui,sans-serif;margin:1.5rem;color:#1a1a1a;background:#fff;max-width:1320px}
h1{font-size:1.3rem}h2{font-size:1.05rem}table{border-collapse:collapse}td,th{padding:.25rem .6rem;border-bottom:1px solid #ddd;text-align:left;vertical-align:top}
pre{overflow-x:auto;font-size:12px}.frames{display:grid;grid-template-columns:repeat(auto-fill,minmax(230px,1fr));gap:.6rem}
figure{margin:0;break-inside:avoid}figure div{position:relative}figure img{width:100%;display:block}figure svg{position:absolute;inset:0;width:100%;height:100%}
figcaption{font-size:12px}svg text{font:9px system-ui,sans-serif;fill:#333}figure svg text{fill:#fff;stroke:#000;stroke-width:.4;font-weight:700}
svg line.seen{stroke:#ffd400;stroke-width:2}svg line.unseen{stroke:#bbb;stroke-width:1.5;stroke-dasharray:3 3}
.box{fill:none;stroke:#35c759;stroke-width:1.5}.box.unseen{stroke-dasharray:5 4;stroke:#ccc}.box.descending,.box.grounded,.box.suspected{stroke:#ff9f0a}.box.confirmed{stroke:#ff3b30}
.curve{width:100%;height:auto;background:#fafafa;border:1px solid #ddd;margin-bottom:.6rem}.grid{stroke:#e4e4e4}.threshold{stroke:#b3261e;stroke-dasharray:6 4}.least{stroke:#777;stroke-dasharray:2 3}
.speed{fill:none;stroke:#1a5fb4;stroke-width:1.8}.track1{stroke:#7b3fb5}.track2{stroke:#0a7d6c}.track3{stroke:#8a5a00}.drop{fill:none;stroke:#999;stroke-width:1}
line.label{stroke:#0a7d6c}text.label{fill:#0a7d6c}line.event{stroke:#b3261e}text.event{fill:#b3261e}
.state.watching{fill:#dbe7db}.key.watching{background:#dbe7db}.state.descending{fill:#ffd28a}.key.descending{background:#ffd28a}.state.grounded{fill:#ffb340}.key.grounded{background:#ffb340}.state.suspected{fill:#ff8a5c}.key.suspected{background:#ff8a5c}.state.confirmed{fill:#e5484d}.key.confirmed{background:#e5484d}.state.floor{fill:#b39ddb}.key.floor{background:#b39ddb}.state.unseen{fill:#eee}.key.unseen{background:#eee}
.key{padding:0 .4rem;border-radius:3px}@media print{body{margin:0}a{color:inherit}section{break-before:page}section:first-of-type{break-before:auto}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}`;

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escaped(title)}</title><style>${STYLE}</style></head>
<body><h1>${escaped(title)}</h1>
${body}
</body></html>
`;
}
