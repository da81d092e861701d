// What vision notes of its streams, and what the daemon reads of it afterwards.
import { describe, expect, it, onTestFinished } from "vitest";
import { ManualClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { NativeTrail } from "../../src/pipeline/native-trail.ts";
import { RunWatch } from "../../src/pipeline/run-watch.ts";
import { TrailWriter } from "../../src/pipeline/trail-writer.ts";

function setUp() {
  const trail = NativeTrail.create(silentLogger);
  if (trail === null) throw new Error("no temporary file");
  onTestFinished(() => trail[Symbol.dispose]());
  const clock = new ManualClock();
  const writer = new TrailWriter(trail.fd, clock);
  writer.assign(trail.slotsFor(["hall", "bath"]));
  return { trail, clock, writer, phases: () => Object.fromEntries(trail.read().phases) };
}

describe("the trail", () => {
  it("tells each camera's latest phase", () => {
    const { writer, phases } = setUp();
    expect(phases()).toEqual({ hall: null, bath: null });
    const hall = writer.listener("hall");
    hall("open");
    writer.listener("bath")("decode");
    expect(phases()).toEqual({ hall: "open", bath: "decode" });
    hall(null);
    expect(phases()).toEqual({ hall: null, bath: "decode" });
  });

  it("keeps each camera's place when others come", () => {
    const { trail, writer, phases } = setUp();
    const bath = writer.listener("bath");
    writer.assign(trail.slotsFor(["bath", "attic"]));
    bath("read");
    writer.listener("attic")("open");
    expect(phases()).toEqual({ hall: null, bath: "read", attic: "open" });
  });

  it("does not let an opening that was given up wipe out the next one's", () => {
    const { writer, phases } = setUp();
    const abandoned = writer.listener("hall");
    abandoned("open");
    writer.listener("hall")("decode");
    abandoned(null);
    expect(phases().hall).toBe("decode");
  });

  it("tells that an address is tried out, until that is over, also badly", async () => {
    const { trail, writer } = setUp();
    const during = await writer.probing(async () => trail.read().probing);
    expect(during).toBe(true);
    expect(trail.read().probing).toBe(false);
    await expect(writer.probing(() => Promise.reject(new Error("unreachable")))).rejects.toThrow();
    expect(trail.read().probing).toBe(false);
  });

  it("names the camera whose decoder takes longest; waiting for the network does not count", () => {
    const { writer, clock } = setUp();
    writer.listener("hall")("read");
    clock.advance(60_000);
    expect(writer.longestDecode()).toBeNull();
    const bath = writer.listener("bath");
    bath("decode");
    clock.advance(3_000);
    writer.listener("hall")("decode");
    clock.advance(1_000);
    expect(writer.longestDecode()).toEqual({ cameraId: "bath", forMs: 4_000 });
    bath(null);
    expect(writer.longestDecode()).toEqual({ cameraId: "hall", forMs: 1_000 });
  });

  it("lets a stream play on where nothing can be noted", () => {
    const writer = new TrailWriter(1_000_000, new ManualClock());
    writer.assign({ hall: 1 });
    expect(() => writer.listener("hall")("open")).not.toThrow();
  });
});

describe("the watch over model runs", () => {
  it("counts from the last run that ended, as long as one is under way", async () => {
    const clock = new ManualClock();
    const ends: (() => void)[] = [];
    const watch = new RunWatch({ run: () => new Promise((resolve) => ends.push(() => resolve({}))) }, clock);
    clock.advance(60_000);
    expect(watch.stuckForMs).toBe(0);
    const first = watch.run("detector", {});
    const second = watch.run("detector", {});
    clock.advance(5_000);
    expect(watch.stuckForMs).toBe(5_000);
    ends[0]?.();
    await first;
    clock.advance(2_000);
    expect(watch.stuckForMs).toBe(2_000);
    ends[1]?.();
    await second;
    expect(watch.stuckForMs).toBe(0);
  });
});
