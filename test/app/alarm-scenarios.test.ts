// What people live through with an alarm, over a real broker and a real database: two carers at once, nobody at all, a
// carer in the room, a second fall, a drill. Time is in the test's hand; what is heard is what an MQTT client hears.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { obey } from "../../src/app-commands.ts";
import { EventDelivery } from "../../src/app-delivery.ts";
import { Recording } from "../../src/app-recording.ts";
import { ManualClock, systemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import type { Camera } from "../../src/domain/camera.ts";
import type { EventDraft } from "../../src/domain/events.ts";
import { HavenMqtt } from "../../src/mqtt/haven-mqtt.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { House } from "../mqtt/house.ts";
import { Observer, WAIT } from "../mqtt/observer.ts";
import { bedExit, fall } from "../support/event-drafts.ts";
import { SETTINGS } from "../support/recording-rig.ts";

const MINUTE = 60_000;
const EVENING = 1_700_082_000_000;

const ALARMS = {
  ...SETTINGS,
  escalation: [
    { name: "Again", afterS: 60 },
    { name: "Others", afterS: 180 },
    { name: "Emergency contact", afterS: 300 },
  ],
  escalationRepeatS: 300,
};

function camera(id: string, area: string, overlaps: readonly string[] = []): Camera {
  return {
    id,
    name: area,
    area,
    source: `/${id}.mp4`,
    substream: null,
    transport: "auto",
    enabled: true,
    privacy: false,
    zones: [],
    overlaps,
  };
}

const CAMERAS = [
  camera("bedroom", "Bedroom", ["hall"]),
  camera("hall", "Hall"),
  camera("kitchen", "Kitchen"),
];

/** The half of the daemon that makes sure, from an event on. */
class Daemon implements AsyncDisposable {
  readonly clock: ManualClock;
  readonly recording: Recording;
  readonly mqtt: HavenMqtt;
  readonly #delivery: EventDelivery;
  readonly #store: Store;

  constructor(house: House, clock: ManualClock, path: string) {
    this.clock = clock;
    const parts = { log: silentLogger, random: () => 0 };
    this.#store = openStore({ path, clock, log: silentLogger });
    this.recording = new Recording({
      ...parts,
      store: this.#store,
      clock,
      alarms: ALARMS,
      announce: () => {},
    });
    this.mqtt = new HavenMqtt({
      ...parts,
      version: "1.0.0",
      panelUrl: null,
      credentials: house.broker.credentials,
      clientId: "haven-scenario",
      clock: systemClock,
      onCommand: (command) =>
        obey(command, {
          alarms: this.recording.alarms,
          care: this.recording.care,
          log: silentLogger,
          setPrivacy: () => {},
        }),
    });
    this.#delivery = new EventDelivery(this.recording.outbox, this.mqtt, clock);
  }

  async start(): Promise<void> {
    const { alarms, care } = this.recording;
    this.recording.configure({ alarms: ALARMS, adl: {}, cameras: CAMERAS });
    await this.recording.start();
    alarms.onChange((open) => this.mqtt.setAlarm(open));
    care.onChange((state) => this.mqtt.setCare(state));
    for (const one of CAMERAS) this.mqtt.setCamera(one);
    this.mqtt.setAlarm(alarms.list());
    this.mqtt.setCare(care.state());
    await this.mqtt.start();
    await this.#delivery.start();
    await vi.waitFor(() => expect(this.mqtt.state.kind).toBe("connected"), WAIT);
    this.recording.outbox.retryNow();
  }

  see(draft: EventDraft): void {
    this.recording.record({ ...draft, capturedAt: this.clock.now() });
  }

  /** Time passes, and what became due is on its way. */
  pass(ms: number): void {
    this.clock.advance(ms);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.recording.stop();
    const stopping = this.#delivery.stop();
    // The farewell waits on the clock for what is still under way.
    await vi.waitFor(() => {
      this.clock.advance(100);
      expect(this.recording.outbox.pending()).toBe(0);
    }, WAIT);
    this.clock.advance(2000);
    await stopping;
    await this.mqtt.stop();
    this.#store[Symbol.dispose]();
  }
}

interface Heard {
  readonly event_type: string;
  readonly late?: boolean;
  readonly evidence: Readonly<Record<string, unknown>>;
}

/** Events an MQTT client has heard, of all cameras and of the house. */
function heard(client: Observer, kind?: string): Heard[] {
  return client.seen
    .filter(({ topic }) => topic.endsWith("/event"))
    .map(({ payload }) => JSON.parse(payload) as Heard)
    .filter(({ event_type }) => kind === undefined || event_type === kind);
}

async function hears(client: Observer, kind: string, times = 1): Promise<Heard[]> {
  return vi.waitFor(() => {
    const all = heard(client, kind);
    if (all.length < times) throw new Error(`${kind} was heard ${all.length} times, not ${times}`);
    return all;
  }, WAIT);
}

interface Attributes {
  readonly level: number;
  readonly test: boolean;
  readonly alarms: readonly Readonly<Record<string, unknown>>[];
}

const attributes = (client: Observer): Attributes =>
  JSON.parse(client.latest("haven/alarm/attributes") ?? "{}") as Attributes;

let house: House;
let folder: string;
let path: string;

beforeEach(async () => {
  house = await House.open();
  folder = mkdtempSync(join(tmpdir(), "haven-scenarios-"));
  path = join(folder, "haven.db");
});

afterEach(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

async function daemonAt(clock = new ManualClock(EVENING)): Promise<Daemon> {
  const daemon = new Daemon(house, clock, path);
  await daemon.start();
  // Everything is announced before anything happens.
  await using _ = await carer();
  return daemon;
}

const STATES = [
  "haven/alarm/state",
  "haven/alarm/attributes",
  "haven/mode",
  "haven/snooze",
  "haven/drill",
] as const;

/** A client that knows how things stand: what a broker has kept may otherwise arrive behind what is new. */
async function carer(): Promise<Observer> {
  const client = await Observer.at(house.broker.access);
  await vi.waitFor(() => {
    for (const topic of STATES) expect(client.latest(topic), topic).toBeDefined();
  }, WAIT);
  return client;
}

describe("an alarm", () => {
  it("that two acknowledge at once belongs to the first, and both see the same", async () => {
    await using daemon = await daemonAt();
    await using ana = await carer();
    await using ben = await carer();
    daemon.see(fall("fall_confirmed"));
    for (const client of [ana, ben]) await client.hears("haven/alarm/state", "raised");
    const [alarm] = attributes(ana).alarms;
    const press = (by: string) => JSON.stringify({ by, alarm_id: alarm?.alarm_id });
    await Promise.all([
      ana.says("haven/alarm/acknowledge", press("Ana")),
      ben.says("haven/alarm/acknowledge", press("Ben")),
    ]);
    for (const client of [ana, ben]) {
      await client.hears("haven/alarm/state", "acknowledged");
      await client.caughtUp();
    }
    const [event, ...more] = await hears(ana, "alarm_acknowledged");
    expect(more).toEqual([]);
    expect(["Ana", "Ben"]).toContain(event?.evidence.by);
    for (const client of [ana, ben])
      expect(attributes(client).alarms).toMatchObject([
        { state: "acknowledged", acknowledged_by: event?.evidence.by },
      ]);
  });

  it("goes over three levels while nobody answers, through a restart, and stops with an answer", async () => {
    const clock = new ManualClock(EVENING);
    await using ana = await Observer.at(house.broker.access);
    {
      await using daemon = await daemonAt(clock);
      daemon.see(fall("fall_confirmed"));
      await ana.hears("haven/alarm/state", "raised");
      daemon.pass(MINUTE);
      await hears(ana, "alarm_escalated", 1);
      await vi.waitFor(() => expect(attributes(ana).level).toBe(1), WAIT);
      daemon.pass(2 * MINUTE);
      await hears(ana, "alarm_escalated", 2);
    }
    clock.advance(90_000);
    await using daemon = await daemonAt(clock);
    await vi.waitFor(() => expect(attributes(ana)).toMatchObject({ level: 2 }), WAIT);
    daemon.pass(30_000);
    await hears(ana, "alarm_escalated", 3);
    daemon.pass(5 * MINUTE);
    const told = await hears(ana, "alarm_escalated", 4);
    expect(told.map(({ evidence: { name, level, round } }) => `${name} ${level}.${round}`)).toEqual([
      "Again 1.1",
      "Others 2.1",
      "Emergency contact 3.1",
      "Emergency contact 3.2",
    ]);
    expect(told.some(({ late }) => late)).toBe(false);
    const [alarm] = attributes(ana).alarms;
    await ana.says(
      "haven/alarm/answer",
      JSON.stringify({ alarm_id: alarm?.alarm_id, answer: "false_alarm", by: "Ana" }),
    );
    await ana.hears("haven/alarm/state", "acknowledged");
    daemon.pass(20 * MINUTE);
    await hears(ana, "alarm_answered");
    await ana.caughtUp();
    expect(heard(ana, "alarm_escalated")).toHaveLength(4);
    expect(attributes(ana).alarms).toMatchObject([{ answer: "false_alarm", answered_by: "Ana", level: 3 }]);
    expect(daemon.recording.alarms.falseAlarms("bedroom")).toEqual({ count: 1, answered: 1, alarms: 1 });
  });

  it("of a second fall is a second alarm: of another person at once, of the same once they had been up", async () => {
    await using daemon = await daemonAt();
    await using ana = await carer();
    daemon.see(fall("fall_confirmed", { trackId: 1, groundAtS: 10 }));
    daemon.see(fall("fall_confirmed", { trackId: 2, groundAtS: 60 }));
    await hears(ana, "alarm_raised", 2);
    daemon.see(fall("fall_recovered", { trackId: 1, groundAtS: 10 }));
    daemon.pass(15_000);
    daemon.see(fall("fall_confirmed", { trackId: 1, groundAtS: 90, mediaTimeS: 92 }));
    await hears(ana, "alarm_raised", 3);
    await ana.says("haven/alarm/acknowledge", "PRESS");
    await hears(ana, "alarm_acknowledged", 3);
    // The first of them was up before anybody came: answered, it is over.
    await hears(ana, "alarm_cleared", 1);
    await vi.waitFor(() => expect(attributes(ana).alarms).toHaveLength(2), WAIT);
  });

  it("of one fall that two cameras see is one alarm", async () => {
    await using daemon = await daemonAt();
    await using ana = await carer();
    daemon.see(fall("fall_confirmed"));
    daemon.pass(1000);
    daemon.see(fall("fall_confirmed", { cameraId: "hall", area: "Hall", mediaTimeS: 700, groundAtS: 698 }));
    await hears(ana, "fall_confirmed", 2);
    await vi.waitFor(() => expect(attributes(ana).alarms).toHaveLength(1), WAIT);
    await ana.caughtUp();
    expect(heard(ana, "alarm_raised")).toHaveLength(1);
    expect(daemon.recording.alarms.isFallLatched("hall")).toBe(true);
  });
});

describe("a snooze", () => {
  it("by a carer's presence holds its room back, is seen, lets a long lie through, and ends with their leaving", async () => {
    await using daemon = await daemonAt();
    await using ana = await carer();
    const { care } = daemon.recording;
    care.setCarers("Bedroom", ["Ben"]);
    await ana.hears("haven/snooze", "ON");
    expect((await hears(ana, "snooze_started"))[0]?.evidence).toMatchObject({ reason: "carer", by: "Ben" });
    daemon.see(fall("fall_suspected"));
    daemon.see(fall("fall_confirmed"));
    daemon.see(fall("fall_confirmed", { cameraId: "kitchen", area: "Kitchen" }));
    expect(await hears(ana, "alarm_raised")).toHaveLength(1);
    for (let second = 0; second < 60; second += 20) {
      daemon.pass(20_000);
      care.setCarers("Bedroom", ["Ben"]);
    }
    daemon.see(fall("long_lie"));
    const raised = await hears(ana, "alarm_raised", 2);
    expect(raised[1]?.evidence).toMatchObject({ cause: "long_lie" });
    daemon.see(fall("fall_recovered"));
    care.setCarers("Bedroom", []);
    daemon.pass(29_999);
    daemon.see(fall("fall_confirmed", { trackId: 5, groundAtS: 200 }));
    daemon.pass(1);
    await hears(ana, "snooze_ended");
    await ana.hears("haven/snooze", "OFF");
    daemon.see(fall("fall_confirmed", { trackId: 6, groundAtS: 300 }));
    await hears(ana, "alarm_raised", 3);
    await ana.caughtUp();
    // Told: the kitchen's fall and the one after the snooze. Held back: two in the room.
    expect(heard(ana, "fall_confirmed")).toHaveLength(2);
    expect(heard(ana, "fall_suspected")).toEqual([]);
  });

  it("by hand from a phone ends by itself", async () => {
    await using daemon = await daemonAt();
    await using ana = await carer();
    await ana.says("haven/snooze/set", "30");
    await ana.hears("haven/snooze", "ON");
    daemon.see(fall("fall_confirmed"));
    daemon.pass(30 * MINUTE);
    await ana.hears("haven/snooze", "OFF");
    await ana.caughtUp();
    expect(heard(ana, "fall_confirmed")).toEqual([]);
    expect(ana.latest("haven/alarm/state")).toBe("idle");
  });
});

describe("the mode", () => {
  it("set from a phone arms what raises an alarm, and is kept over a restart", async () => {
    const clock = new ManualClock(EVENING);
    await using ana = await Observer.at(house.broker.access);
    {
      await using daemon = await daemonAt(clock);
      daemon.see(bedExit());
      await hears(ana, "bed_exit");
      expect(heard(ana, "alarm_raised")).toEqual([]);
      await ana.says("haven/mode/set", "night");
      await ana.hears("haven/mode", "night");
      await hears(ana, "mode_changed");
    }
    await using daemon = await daemonAt(clock);
    expect(daemon.recording.care.state()).toMatchObject({ mode: "night", effectiveMode: "night" });
    daemon.see(bedExit({ trackId: 2 }));
    expect((await hears(ana, "alarm_raised"))[0]?.evidence).toMatchObject({ cause: "bed_exit" });
  });
});

describe("a drill", () => {
  it("from a phone goes the whole way, marked as a test, and ends with the answer", async () => {
    await using daemon = await daemonAt();
    await using ana = await carer();
    await ana.says("haven/drill/set", JSON.stringify({ on: true, camera_id: "bedroom", by: "Ana" }));
    await ana.hears("haven/drill", "ON");
    daemon.see(fall("fall_suspected", { mediaTimeS: 10.5 }));
    daemon.pass(1500);
    daemon.see(fall("fall_confirmed", { mediaTimeS: 12 }));
    expect((await hears(ana, "alarm_raised"))[0]?.evidence).toMatchObject({ test: true });
    await vi.waitFor(() => expect(attributes(ana).test).toBe(true), WAIT);
    const stages = () => daemon.recording.care.state().drill?.stages.map(({ stage }) => stage) ?? [];
    await vi.waitFor(() => expect(stages()).toContain("delivered"), WAIT);
    await ana.says("haven/alarm/acknowledge", "PRESS");
    await vi.waitFor(() => expect(stages()).toContain("acknowledged"), WAIT);
    daemon.see(fall("fall_recovered"));
    await ana.hears("haven/drill", "OFF");
    const [ended] = await hears(ana, "drill_ended");
    const reached = ended?.evidence.stages as readonly { readonly stage: string; readonly delay_s: number }[];
    expect(reached.map(({ stage }) => stage)).toEqual([
      "started",
      "person_seen",
      "fall_suspected",
      "fall_confirmed",
      "alarm_raised",
      "delivered",
      "acknowledged",
      "recovered",
    ]);
    expect(reached.find(({ stage }) => stage === "alarm_raised")?.delay_s).toBe(2);
    await ana.hears("haven/alarm/state", "idle");
  });
});
