import { describe, expect, it } from "vitest";
import { isAppError } from "../../src/core/errors.ts";
import { fileUrlForFfmpeg, parseSource } from "../../src/video/source-address.ts";

describe("a source's address", () => {
  it.each([
    ["/media/fall.mp4", "file", "/media/fall.mp4"],
    ["file:///media/a%20fall.mp4", "file", "/media/a fall.mp4"],
    ["films/10:30.mp4", "file", "films/10:30.mp4"],
    ["rtsp://10.0.0.9:554/h264?channel=1&subtype=1", "rtsp", "rtsp://10.0.0.9:554/h264?channel=1&subtype=1"],
    ["RTSPS://cam.lan/s1", "rtsp", "RTSPS://cam.lan/s1"],
    ["rtsp://[fe80::1]:554/s1", "rtsp", "rtsp://[fe80::1]:554/s1"],
    ["  http://cam.lan/video.mjpg ", "http", "http://cam.lan/video.mjpg"],
  ])("understands %s", (source, kind, address) => {
    expect(parseSource(source)).toMatchObject({ kind, address });
  });

  it.each([
    ["rtsp://admin:secret@cam/s1", "rtsp://admin:secret@cam/s1"],
    ["rtsp://admin:p@ss@cam/s1", "rtsp://admin:p%40ss@cam/s1"],
    ["rtsp://admin:pa/ss#1?@cam:554/s1", "rtsp://admin:pa%2Fss%231%3F@cam:554/s1"],
    ["rtsp://admin:pass@/#?@cam:554/s1", "rtsp://admin:pass%40%2F%23%3F@cam:554/s1"],
    ["rtsp://admin:p@ss:/w@cam/s1", "rtsp://admin:p%40ss%3A%2Fw@cam/s1"],
    ["rtsp://admin:100%@cam/s1", "rtsp://admin:100%25@cam/s1"],
    ["rtsp://admin:p%40ss@cam/s1", "rtsp://admin:p%40ss@cam/s1"],
    ["rtsp://admin:a:b:c@cam/s1", "rtsp://admin:a%3Ab%3Ac@cam/s1"],
    ["rtsp://cam/s1@main", "rtsp://cam/s1@main"],
    ["rtsp://cam:554/s1@main", "rtsp://cam:554/s1@main"],
  ])("takes the password of %s as it was typed", (source, address) => {
    expect(parseSource(source).address).toBe(address);
  });

  it("shows neither user nor password nor query", () => {
    for (const password of ["secret", "p@ss", "pa/ss#1?", "100%"]) {
      const { shown } = parseSource(`rtsp://admin:${password}@cam:554/s1?token=secret`);
      expect(shown).toBe("rtsp://cam:554/s1");
    }
  });

  it.each(["", "ftp://cam/film.mp4", "rtmp://admin:secret@cam/live", "file://elsewhere/film.mp4"])(
    "refuses %s",
    (source) => {
      expect(() => parseSource(source)).toThrow(
        expect.toSatisfy(
          (error: unknown) => isAppError(error, "input.invalid") && !/secret/.test(error.message),
        ),
      );
    },
  );

  it("keeps FFmpeg from taking a file's name for one of its protocols", () => {
    expect(fileUrlForFfmpeg("concat:a.mp4|b.mp4")).toBe("file:./concat:a.mp4|b.mp4");
    expect(fileUrlForFfmpeg("/media/10:30.mp4")).toBe("file:/media/10:30.mp4");
  });
});
