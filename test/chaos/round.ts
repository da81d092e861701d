// One round: a house is built, somebody falls in it, something fails, and then everything has to be as it must be.
import { setTimeout as sleep } from "node:timers/promises";
import { FALL_TAKES, machineTime } from "../../src/bench/scripted-life.ts";
import { CAMERA, Household, LONG_LIE_S } from "./household.ts";
import type { RoundPlan } from "./plan.ts";
import { type Complaint, type ComplaintKind, judge, type Verdict } from "./verdict.ts";

/** The person walks for so long before they fall: long enough to be known. */
const WALKS = 1_500;
/** `min_ground_duration` of the default configuration. */
const ON_GROUND = 2_000;
const START_LIMIT = 60_000;
/** From the fault's end: the longest pause of reconnecting is 30 s, and whoever nobody saw fall is found after LONG_LIE_S. */
const ALARM_LIMIT = 70_000 + LONG_LIE_S * 1000;
const STATE_LIMIT = 45_000;
const ANSWER_LIMIT = 20_000;
/** After a restart: what is old and would be sent, is sent by then. */
const QUIET = 1_000;
const PRESS_AGAIN = 4_000;
const LOOK_EVERY = 25;

export interface RoundResult extends Verdict {
  /** Of the daemon; kept for rounds with complaints. */
  readonly log: string | null;
}

export async function playRound(plan: RoundPlan): Promise<RoundResult> {
  await using house = await Household.build();
  const round = new Round(plan, house);
  await round.play();
  const stored = house.readMessages();
  const verdict = judge({
    plan,
    events: house.recorder.events,
    stored,
    restartedAt: round.restartedAt,
    complaints: round.complaints,
  });
  return { ...verdict, log: verdict.complaints.length === 0 ? null : await house.readLog() };
}

class Round {
  readonly complaints: Complaint[] = [];
  restartedAt = Number.POSITIVE_INFINITY;
  readonly #plan: RoundPlan;
  readonly #house: Household;
  /** The daemon was started again since the alarm's beginning: what it sees now it cannot lay to that alarm. */
  #restarted = false;
  /** What was heard before this message was said by a daemon that is gone, or to a broker that is. */
  #since = 0;

  constructor(plan: RoundPlan, house: Household) {
    this.#plan = plan;
    this.#house = house;
  }

  async play(): Promise<void> {
    const house = this.#house;
    const { fault, step, offsetMs } = this.#plan;
    await this.#until("both clients listen", () => house.recorder.listening && house.second.listening);
    house.startDaemon(fault === "daemon killed between steps" ? step : null);
    if (!(await this.#online("the daemon has started", START_LIMIT))) return;
    const entersAt = machineTime();
    const fallsAt = entersAt + WALKS;
    await house.act({ entersAt, fallsAt, risesAt: null, leavesAt: null });
    const confirmedAt = fallsAt + FALL_TAKES + ON_GROUND;
    if (fault === "daemon killed between steps") await this.#dieOnTheWay();
    else {
      await sleep(Math.max(0, confirmedAt + offsetMs - machineTime()));
      await this.#fail();
    }
    // Without an alarm there is nothing to answer; what was stored is looked at all the same.
    if (await this.#alarmKnown()) {
      await this.#answer();
      await this.#restart();
    }
    await house.endDaemon("SIGTERM");
  }

  /** Dies by itself at its step; what restarts it needs its time. */
  async #dieOnTheWay(): Promise<void> {
    const house = this.#house;
    await this.#until("the daemon dies at its step", () => !house.daemonRuns, ALARM_LIMIT, "state");
    await sleep(this.#plan.awayMs);
    this.#startAgain();
  }

  #startAgain(): void {
    this.#restarted = true;
    this.#since = this.#house.recorder.heard.length;
    this.#house.startDaemon();
  }

  async #fail(): Promise<void> {
    const house = this.#house;
    const { fault, awayMs, jumpMs } = this.#plan;
    switch (fault) {
      case "daemon killed":
        await house.endDaemon("SIGKILL");
        await sleep(awayMs);
        this.#startAgain();
        return;
      case "daemon killed between steps":
        return;
      case "vision killed": {
        const pid = house.visionPid;
        if (pid !== null) process.kill(pid, "SIGKILL");
        return;
      }
      case "broker killed":
        await house.broker.kill();
        await sleep(awayMs);
        // The clients are there before the daemon, as a broker that keeps its sessions on a disk would have it.
        house.network.cut();
        await house.broker.start();
        await this.#until("the clients are back", () => house.recorder.listening && house.second.listening);
        this.#since = house.recorder.heard.length;
        house.network.heal();
        return;
      case "network cut":
        house.network.cut();
        await sleep(awayMs);
        house.network.heal();
        return;
      case "network silent":
        house.network.silence();
        await sleep(awayMs);
        house.network.heal();
        return;
      case "broker frozen":
        house.broker.freeze();
        await sleep(awayMs);
        house.broker.thaw();
        return;
      case "disk full":
        house.disk.fill(house.daemonPid);
        await sleep(awayMs);
        house.disk.free(house.daemonPid);
        return;
      case "clock forward":
      case "clock back":
        await house.setClock(jumpMs);
        return;
    }
  }

  /** The alarm has come, and what is retained says so. */
  async #alarmKnown(): Promise<boolean> {
    const { recorder } = this.#house;
    const known = () => {
      const raised = recorder.events.find(({ kind }) => kind === "alarm_raised");
      return recorder.events.some(({ id }) => id === raised?.causeEventId);
    };
    if (!(await this.#until("the alarm is heard", known, ALARM_LIMIT, "lost"))) return false;
    await this.#until("haven/alarm/state is raised", () => recorder.last("haven/alarm/state") === "raised");
    await this.#until("the camera's fall sensor is on", () => recorder.last(`${CAMERA}/fall`) === "ON");
    await this.#online("daemon and camera are online again", STATE_LIMIT);
    return true;
  }

  /** One client acknowledges; both see it, and so does the panel. */
  async #answer(): Promise<void> {
    const { recorder, second } = this.#house;
    const both = (topic: string, payload: string) =>
      [recorder, second].every((client) => client.last(topic) === payload);
    const seen = () => both("haven/alarm/state", "acknowledged") && both(`${CAMERA}/fall`, "OFF");
    await this.#press(seen);
    if (!seen()) this.#complain("answer", "the clients do not see the alarm acknowledged");
    const alarms = (await this.#house.alarms()) ?? [];
    if (alarms.length === 0 || !alarms.every((alarm) => alarm.acknowledged_by === "carer"))
      this.#complain("answer", `the panel does not know who acknowledged: ${JSON.stringify(alarms)}`);
    await this.#house.getUp();
    if (this.#restarted) return;
    const idle = () => recorder.last("haven/alarm/state") === "idle";
    await this.#until("with the person up again the alarm is over", idle, ANSWER_LIMIT);
  }

  /** Whoever presses a button and sees nothing happen presses it again: the daemon may just be reconnecting. */
  async #press(isSeen: () => boolean): Promise<void> {
    const from = machineTime();
    while (!isSeen() && machineTime() - from < ANSWER_LIMIT) {
      await this.#house.second.say("haven/alarm/acknowledge", JSON.stringify({ by: "carer" }));
      for (let waited = 0; waited < PRESS_AGAIN && !isSeen(); waited += LOOK_EVERY) await sleep(LOOK_EVERY);
    }
  }

  /** Nothing of what was is told as new, and what is retained is what was. */
  async #restart(): Promise<void> {
    const house = this.#house;
    const { recorder } = house;
    const before = recorder.last("haven/alarm/state");
    this.restartedAt = machineTime();
    await house.endDaemon(this.#plan.restart);
    const known = new Set(recorder.events.map(({ id }) => id));
    const from = recorder.events.length;
    this.#since = recorder.heard.length;
    house.startDaemon();
    if (!(await this.#online("the daemon has started again", START_LIMIT))) return;
    await sleep(QUIET);
    for (const { id, kind, late } of recorder.events.slice(from)) {
      const alarming = kind === "fall_confirmed" || kind === "alarm_raised" || kind === "long_lie";
      if (!late && (known.has(id) || alarming))
        this.#complain("old as new", `${kind} ${id} came as new after a restart`);
    }
    const after = recorder.last("haven/alarm/state");
    if (before !== after)
      this.#complain("state", `alarm state was ${before} and is ${after} after a restart`);
  }

  async #online(what: string, limit: number): Promise<boolean> {
    const { recorder } = this.#house;
    const online = (topic: string) =>
      recorder.heard.findLast((heard, index) => index >= this.#since && heard.topic === topic)?.payload ===
      "online";
    const isTrue = () => online("haven/status") && online(`${CAMERA}/status`);
    return (await this.#until(what, () => isTrue() || !this.#house.daemonRuns, limit)) && this.#runs(what);
  }

  /** A daemon that ended by itself will not do what is waited for. */
  #runs(what: string): boolean {
    if (this.#house.daemonRuns) return true;
    this.#complain("state", `the daemon ended by itself before: ${what}`);
    return false;
  }

  /** Complains when it does not come true. */
  async #until(
    what: string,
    isTrue: () => boolean,
    limit = STATE_LIMIT,
    kind: ComplaintKind = "state",
  ): Promise<boolean> {
    const from = machineTime();
    while (!isTrue()) {
      if (machineTime() - from > limit) {
        this.#complain(kind, `not within ${limit / 1000} s: ${what}`);
        return false;
      }
      await sleep(LOOK_EVERY);
    }
    return true;
  }

  #complain(kind: ComplaintKind, text: string): void {
    this.complaints.push({ kind, text });
  }
}
