import { describe, expect, it } from "vitest";
import { redactUrl } from "../../src/core/logger.ts";

describe("an address that may be shown", () => {
  it.each([
    ["rtsp://user:secret@cam.local:554/stream", "rtsp://cam.local:554/stream"],
    ["rtsp://user:p@ss/w:rd@cam.local/stream", "rtsp://cam.local/stream"],
    ["rtsp://user:p%40ss@10.0.0.2/h264?token=secret", "rtsp://10.0.0.2/h264"],
    ["http://cam/snapshot.jpg?user=admin&pwd=secret#x", "http://cam/snapshot.jpg"],
    ["/media/clips/a.mp4", "/media/clips/a.mp4"],
  ])("%s is shown as %s", (source, shown) => {
    expect(redactUrl(source)).toBe(shown);
  });
});
