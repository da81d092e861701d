// Draws one live frame: the picture, the zones, and what was seen in this very picture. Sizes are in CSS pixels.
import type { LiveTrackJson, ZoneJson } from "../../../src/api/contract.ts";
import { trackLabel } from "../words/camera-words.ts";

export interface PaintStyle {
  readonly skeleton: readonly (readonly [number, number])[];
  readonly keypointFloor: number;
  readonly zones: readonly ZoneJson[];
}

export interface PaintFrame {
  /** null draws the people on an empty ground. */
  readonly picture: CanvasImageSource | null;
  readonly tracks: readonly LiveTrackJson[];
}

const GROUND = "#1b1f25";
const SEEN = "#5fd4ff";
const SUSPECTED = "#ffb020";
const FALLEN = "#ff5247";
const HALO = "rgba(0, 0, 0, 0.65)";

export function paintFrame(
  context: CanvasRenderingContext2D,
  frame: PaintFrame,
  size: { readonly width: number; readonly height: number },
  style: PaintStyle,
): void {
  const { width, height } = size;
  if (frame.picture === null) {
    context.fillStyle = GROUND;
    context.fillRect(0, 0, width, height);
  } else {
    context.drawImage(frame.picture, 0, 0, width, height);
  }
  for (const zone of style.zones) paintZone(context, zone, size);
  for (const track of frame.tracks) {
    if (track.state !== "confirmed") continue;
    if (track.pose !== null) paintPose(context, track, size, style);
  }
  // Boxes and words lie over all skeletons.
  for (const track of frame.tracks) paintBox(context, track, size);
}

function paintZone(
  context: CanvasRenderingContext2D,
  zone: ZoneJson,
  { width, height }: { readonly width: number; readonly height: number },
): void {
  if (zone.polygon.length === 0) return;
  context.beginPath();
  for (const [x, y] of zone.polygon) context.lineTo(x * width, y * height);
  context.closePath();
  context.setLineDash([6, 5]);
  context.lineWidth = 1.5;
  context.strokeStyle = "rgba(255, 255, 255, 0.55)";
  context.stroke();
  context.setLineDash([]);
  // At the corner that is farthest to the left and bottom.
  const [x, y] = zone.polygon.reduce((best, corner) =>
    corner[1] - corner[0] > best[1] - best[0] ? corner : best,
  );
  const [left, bottom] = [x * width, y * height];
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "bottom";
  context.lineWidth = 3;
  context.strokeStyle = HALO;
  context.fillStyle = "rgba(255, 255, 255, 0.85)";
  context.strokeText(zone.name, left + 8, bottom - 5);
  context.fillText(zone.name, left + 8, bottom - 5);
}

function paintPose(
  context: CanvasRenderingContext2D,
  track: LiveTrackJson,
  { width, height }: { readonly width: number; readonly height: number },
  { skeleton, keypointFloor }: PaintStyle,
): void {
  const pose = track.pose ?? [];
  const known = (index: number) => {
    const point = pose[index];
    return point !== undefined && point[2] >= keypointFloor
      ? { x: point[0] * width, y: point[1] * height }
      : null;
  };
  context.lineCap = "round";
  context.beginPath();
  for (const [from, to] of skeleton) {
    const a = known(from);
    const b = known(to);
    if (a === null || b === null) continue;
    context.moveTo(a.x, a.y);
    context.lineTo(b.x, b.y);
  }
  // Finer on people far away, whose faces would be nothing but dots.
  const fine = Math.min(1, Math.max(0.5, ((track.box[3] - track.box[1]) * height) / 300));
  // A dark halo keeps the lines readable on bright pictures.
  context.lineWidth = 6 * fine;
  context.strokeStyle = HALO;
  context.stroke();
  context.lineWidth = 3 * fine;
  context.strokeStyle = colourOf(track);
  context.stroke();
  context.fillStyle = "#fff";
  for (let index = 0; index < pose.length; index += 1) {
    const point = known(index);
    if (point === null) continue;
    context.beginPath();
    context.arc(point.x, point.y, 2.5 * fine, 0, 2 * Math.PI);
    context.fill();
  }
}

function paintBox(
  context: CanvasRenderingContext2D,
  track: LiveTrackJson,
  { width, height }: { readonly width: number; readonly height: number },
): void {
  const [x1, y1, x2, y2] = track.box;
  const left = x1 * width;
  const top = y1 * height;
  const seen = track.state === "confirmed";
  context.setLineDash(seen ? [] : [4, 5]);
  context.globalAlpha = seen ? 1 : 0.6;
  context.lineWidth = track.fall === null ? 2 : 3;
  context.strokeStyle = colourOf(track);
  context.strokeRect(left, top, (x2 - x1) * width, (y2 - y1) * height);
  context.setLineDash([]);
  context.globalAlpha = 1;
  if (seen) paintLabel(context, trackLabel(track), colourOf(track), { left, top, width });
}

function paintLabel(
  context: CanvasRenderingContext2D,
  words: string,
  colour: string,
  at: { readonly left: number; readonly top: number; readonly width: number },
): void {
  context.font = "600 13px system-ui, sans-serif";
  context.textBaseline = "middle";
  const labelWidth = context.measureText(words).width + 14;
  const labelHeight = 22;
  // Above the box, or inside it at the picture's edge.
  const x = Math.max(0, Math.min(at.left - 1, at.width - labelWidth));
  const y = Math.max(0, at.top - labelHeight);
  context.fillStyle = colour;
  context.beginPath();
  context.roundRect(x, y, labelWidth, labelHeight, 5);
  context.fill();
  context.fillStyle = "#10141a";
  context.fillText(words, x + 7, y + labelHeight / 2 + 0.5);
}

function colourOf(track: LiveTrackJson): string {
  if (track.fall === "confirmed") return FALLEN;
  return track.fall === "suspected" ? SUSPECTED : SEEN;
}
