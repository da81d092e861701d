/** Long side of the thumbnails in which a camera's scene is watched, cells. */
const LONG_SIDE = 80;
const SHORTEST_SIDE = 16;

/**
 * The size in which a picture's brightness is compared: square cells, 80 on the long side (80x45 of a 720p picture: 16x16
 * pixels a cell, so that sensor noise of a pixel is divided by sixteen). Standing people of 15 % of the height are 6.8
 * cells tall and 2.5 wide there and cover about 11 cells.
 */
export function thumbnailSize(frameWidth: number, frameHeight: number): { width: number; height: number } {
  const scale = LONG_SIDE / Math.max(frameWidth, frameHeight);
  const side = (pixels: number) => Math.max(SHORTEST_SIDE, Math.round(pixels * scale));
  return { width: side(frameWidth), height: side(frameHeight) };
}
