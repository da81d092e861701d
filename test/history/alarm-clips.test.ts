import { describe, expect, it } from "vitest";
import { roundObservation } from "../../src/domain/observation-recording.ts";
import { KEYPOINTS } from "../../src/domain/pose.ts";
import type { FrameObservation } from "../../src/domain/track.ts";
import type { Zone } from "../../src/domain/zone.ts";
import { IN_MEMORY } from "../../src/store/store.ts";
import { fall } from "../support/event-drafts.ts";
import { RecordingRig } from "../support/recording-rig.ts";

const STEP_MS = 100;
const ZONE: Zone = {
  id: "bed",
  name: "Bed",
  kind: "bed",
  polygon: [
    { x: 0, y: 0 },
    { x: 1, y: 0 },
    { x: 1, y: 1 },
  ],
  leadsTo: null,
};
const CAMERAS = ["bedroom", "hall"].map((id) => ({ id, privacy: false, zones: id === "hall" ? [] : [ZONE] }));
const SETTINGS = { fallSpeed: 0.7 };

/** A house whose cameras see one person each, ten times a second. */
class Watched implements Disposable {
  readonly rig = new RecordingRig(IN_MEMORY);
  #frames = 0;

  async start(): Promise<this> {
    await this.rig.clips.start();
    await this.rig.alarms.start();
    this.rig.clips.configure(CAMERAS, SETTINGS);
    return this;
  }

  watch(seconds: number, cameras: readonly string[] = ["bedroom", "hall"]): this {
    for (let count = 0; count < seconds * 10; count += 1) {
      this.rig.clock.advance(STEP_MS);
      this.#frames += 1;
      for (const cameraId of cameras) this.rig.clips.observe(this.frame(cameraId));
    }
    return this;
  }

  frame(cameraId: string): FrameObservation {
    const mediaTimeS = this.#frames / 10;
    return {
      stamp: { cameraId, sequence: this.#frames, capturedAt: this.rig.clock.now(), mediaTimeS },
      aspect: 16 / 9,
      tracks: [
        {
          id: 1,
          state: "confirmed",
          box: { x1: 0.1, y1: 0.2, x2: 0.3, y2: 0.9 },
          confidence: 0.8,
          pose: KEYPOINTS.map((_, index) => ({ x: 0.2, y: index / 20, confidence: 0.7 })),
          detected: true,
          firstSeenS: 0,
          lastSeenS: mediaTimeS,
        },
      ],
    };
  }

  fall(cameraId = "bedroom"): string {
    this.rig.record(fall("fall_confirmed", { cameraId, capturedAt: this.rig.clock.now() }));
    return this.rig.alarms.list()[0]?.id ?? "";
  }

  /** The clip of an alarm, once what is being written has been. */
  async clip(alarmId: string) {
    await this.rig.clips.stop();
    return this.rig.clips.find(alarmId);
  }

  [Symbol.dispose](): void {
    this.rig[Symbol.dispose]();
  }
}

describe("the moments around an alarm", () => {
  it("are kept from half a minute before to ten seconds after, with what was drawn and set", async () => {
    using house = await new Watched().start();
    house.watch(60);
    const id = house.fall();
    const raisedAt = house.rig.clock.now();
    const last = roundObservation(house.frame("bedroom"));
    house.watch(20);
    const clip = await house.clip(id);
    expect(clip).toMatchObject({ alarmId: id, cameraId: "bedroom", raisedAt, answer: null, zones: [ZONE] });
    expect(clip?.settings).toEqual(SETTINGS);
    const frames = clip?.recording.observations ?? [];
    expect(frames.map(({ stamp }) => stamp.capturedAt - raisedAt)).toEqual(
      Array.from({ length: 401 }, (_, index) => index * STEP_MS - 30_000),
    );
    expect(frames[300]).toEqual(last);
    expect(clip?.recording.about).toEqual({ alarm_id: id, cause: "fall_confirmed" });
  });

  it("can be looked at as far as they go while they are still being recorded", async () => {
    using house = await new Watched().start();
    house.watch(60);
    const id = house.fall();
    house.watch(2);
    const clip = house.rig.clips.find(id);
    expect(clip).toMatchObject({ alarmId: id, cameraId: "bedroom", zones: [ZONE] });
    expect(clip?.recording.observations).toHaveLength(321);
    expect(house.rig.store.alarmClips.find(id)).toBeNull();
  });

  it("begin later where the camera had not watched for long, and end where it stops", async () => {
    using house = await new Watched().start();
    house.watch(3);
    const id = house.fall();
    house.watch(2);
    house.rig.clock.advance(12_000);
    expect((await house.clip(id))?.recording.observations).toHaveLength(50);
  });

  it("are kept as far as they go when the daemon stops, and not begun anew by the next one", async () => {
    using house = await new Watched().start();
    house.watch(3);
    const id = house.fall();
    house.watch(1);
    const frames = (await house.clip(id))?.recording.observations;
    expect(frames).toHaveLength(40);
    await house.rig.clips.start();
    house.watch(5);
    house.rig.alarms.acknowledgeAll("Ana");
    house.watch(15);
    expect((await house.clip(id))?.recording.observations).toHaveLength(40);
  });

  it("of every alarm are its own", async () => {
    using house = await new Watched().start();
    house.watch(10);
    const first = house.fall("bedroom");
    house.watch(5);
    const second = house.fall("hall");
    house.watch(15);
    expect((await house.clip(first))?.recording.observations.at(-1)?.stamp.cameraId).toBe("bedroom");
    expect((await house.clip(second))?.recording.observations).toHaveLength(250);
  });

  it("do not go back over a camera's new beginning or a clock that was set", async () => {
    using house = await new Watched().start();
    house.watch(10);
    house.rig.clock.jumpTo(house.rig.clock.now() - 3_600_000);
    house.watch(4);
    const id = house.fall();
    house.watch(15);
    expect((await house.clip(id))?.recording.observations).toHaveLength(140);
  });

  it("of a camera with privacy are not kept: neither what was before it nor what had been recorded, when asked", async () => {
    using house = await new Watched().start();
    house.watch(20);
    house.rig.clips.configure(
      CAMERAS.map((camera) => ({ ...camera, privacy: camera.id === "bedroom" })),
      SETTINGS,
    );
    house.rig.clips.configure(CAMERAS, SETTINGS);
    house.watch(2);
    const id = house.fall();
    house.watch(1);
    expect((await house.clip(id))?.recording.observations).toHaveLength(30);
    house.rig.clips.forget("bedroom");
    expect(await house.clip(id)).toBeNull();
  });

  it("that cannot be written cost nothing but themselves", async () => {
    using house = await new Watched().start();
    house.watch(2);
    const id = house.fall();
    house.rig.store.alarmClips.insert = () => {
      throw new Error("the disk is full");
    };
    house.watch(15);
    expect(await house.clip(id)).toBeNull();
    expect(house.rig.states).toEqual(["raised"]);
  });

  it("carry the household's answer, whenever it comes, for checking the settings by it", async () => {
    using house = await new Watched().start();
    house.watch(2);
    const early = house.fall("bedroom");
    house.rig.alarms.answer(early, "false_alarm", "Ana");
    house.watch(5);
    const late = house.fall("hall");
    house.watch(15);
    await house.rig.clips.stop();
    house.rig.alarms.answer(late, "real", "Ana");
    expect(
      [...house.rig.store.alarmClips.answered()].map(({ alarmId, answer }) => [alarmId, answer]),
    ).toEqual([
      [early, "false_alarm"],
      [late, "real"],
    ]);
    house.rig.alarms.answer(late, "test", "Ana");
    expect([...house.rig.store.alarmClips.answered()].map(({ answer }) => answer)).toEqual([
      "false_alarm",
      "test",
    ]);
  });
});

describe("a camera that is watched for a day", () => {
  it("has no more than half a minute in memory", async () => {
    using house = await new Watched().start();
    house.watch(600);
    const id = house.fall();
    house.watch(11);
    expect((await house.clip(id))?.recording.observations).toHaveLength(401);
  });
});
