import type { Response } from "express";
import type { LiveHub, LivePacket } from "./live-hub.ts";

const BOUNDARY = "haven-frame";

/**
 * Answers with the camera's live pictures as multipart JPEG until the caller leaves; a slow one skips frames. For
 * players that know no WebSocket. Home Assistant's ingress drops the boundary parameter from the content type, so this
 * is for callers that reach Haven directly.
 */
export function streamMjpeg(hub: LiveHub, cameraId: string, response: Response): void {
  let newest: LivePacket | null = null;
  let flowing = true;

  const flush = () => {
    if (!flowing || newest === null) return;
    const packet = newest;
    newest = null;
    if (!hub.mayShow(cameraId)) return;
    const { jpeg } = packet.frame;
    const head = `Content-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`;
    // The boundary follows at once: players show a part when they see it end.
    flowing = response.write(Buffer.concat([Buffer.from(head), jpeg, Buffer.from(`\r\n--${BOUNDARY}\r\n`)]));
  };

  const subscription = hub.watch(cameraId, (packet) => {
    newest = packet;
    flush();
  });
  response.on("drain", () => {
    flowing = true;
    flush();
  });
  response.on("close", () => subscription[Symbol.dispose]());
  response.writeHead(200, {
    "Content-Type": `multipart/x-mixed-replace; boundary=${BOUNDARY}`,
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
  });
  response.write(`--${BOUNDARY}\r\n`);
}
