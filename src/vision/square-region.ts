// Square parts of a picture that a model looks at, perhaps turned on their side, and the way back from what it found there.
import { type Box, boxCentre, boxHeight, boxWidth, type Point } from "../domain/geometry.ts";
import type { Detection, Pose } from "../domain/pose.ts";
import type { QuarterTurns } from "../domain/turn-rgb.ts";

/** The longer side of a box, picture heights; `aspect` is the picture's width over its height. */
export function longSide(box: Box, aspect: number): number {
  return Math.max(boxWidth(box) * aspect, boxHeight(box));
}

/** The box, square in pixels and normalised to the picture, around `centre`; `side` in picture heights. */
export function squareAround(centre: Point, side: number, aspect: number): Box {
  const halfWidth = side / 2 / aspect;
  const halfHeight = side / 2;
  return {
    x1: centre.x - halfWidth,
    y1: centre.y - halfHeight,
    x2: centre.x + halfWidth,
    y2: centre.y + halfHeight,
  };
}

/** The square that holds a box with room around it: its side is the box's longer one times `margin`. */
export function squareOf(box: Box, margin: number, aspect: number): Box {
  return squareAround(boxCentre(box), longSide(box, aspect) * margin, aspect);
}

/** A point of a square picture turned clockwise by `turns`, normalised before and after. */
export function turnPoint({ x, y }: Point, turns: QuarterTurns): Point {
  switch (turns) {
    case 0:
      return { x, y };
    case 1:
      return { x: 1 - y, y: x };
    case 2:
      return { x: 1 - x, y: 1 - y };
    case 3:
      return { x: y, y: 1 - x };
  }
}

const BACK: Readonly<Record<QuarterTurns, QuarterTurns>> = { 0: 0, 1: 3, 2: 2, 3: 1 };

/** Where in the picture a point lies that was seen in the square `region`, turned clockwise by `turns`. */
export function pointToPicture(point: Point, region: Box, turns: QuarterTurns): Point {
  const upright = turnPoint(point, BACK[turns]);
  return {
    x: region.x1 + upright.x * boxWidth(region),
    y: region.y1 + upright.y * boxHeight(region),
  };
}

/** The way there: what a point of the picture is in the square `region`, turned clockwise by `turns`. */
export function pointToRegion(point: Point, region: Box, turns: QuarterTurns): Point {
  const upright = {
    x: (point.x - region.x1) / boxWidth(region),
    y: (point.y - region.y1) / boxHeight(region),
  };
  return turnPoint(upright, turns);
}

export function poseToPicture(pose: Pose, region: Box, turns: QuarterTurns): Pose {
  return pose.map((point) => ({
    ...pointToPicture(point, region, turns),
    confidence: point.confidence,
  }));
}

export function boxToPicture(box: Box, region: Box, turns: QuarterTurns): Box {
  const a = pointToPicture({ x: box.x1, y: box.y1 }, region, turns);
  const b = pointToPicture({ x: box.x2, y: box.y2 }, region, turns);
  return {
    x1: Math.min(a.x, b.x),
    y1: Math.min(a.y, b.y),
    x2: Math.max(a.x, b.x),
    y2: Math.max(a.y, b.y),
  };
}

export function detectionToPicture(detection: Detection, region: Box, turns: QuarterTurns): Detection {
  return {
    ...detection,
    box: boxToPicture(detection.box, region, turns),
    pose: detection.pose === null ? null : poseToPicture(detection.pose, region, turns),
  };
}
