// The house's face on MQTT: takes what the daemon knows (cameras, rooms, alarms, events), keeps it retained and
// discovered, and hands out what others ask for. Values are announced again whenever somebody may have missed them;
// events are sent once, when they happen, and never again.
import type { Clock, Millis } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import type { Alarm } from "../domain/alarm.ts";
import type { Camera } from "../domain/camera.ts";
import type { CameraStatus, RoomState } from "../domain/camera-status.ts";
import { type HavenEvent, toWire } from "../domain/events.ts";
import { alarmAttributes, alarmState } from "./alarm-state.ts";
import { cameraDiscovery } from "./camera-discovery.ts";
import { type MqttCommand, parseCommand } from "./commands.ts";
import { daemonDiscovery } from "./daemon-discovery.ts";
import { type DaemonStats, statsToWire } from "./daemon-stats.ts";
import { type DiscoveryContext, withRemovals } from "./discovery.ts";
import {
  type ConnectionState,
  type CredentialsProvider,
  MqttConnection,
  type MqttMessage,
} from "./mqtt-connection.ts";
import { StatePublisher } from "./state-publisher.ts";
import {
  CAMERA_STATES,
  type CameraState,
  cameraDiscoveryTopic,
  cameraEventTopic,
  cameraOfDiscovery,
  cameraStateTopic,
  SUBSCRIPTIONS,
  TOPICS,
} from "./topics.ts";

export interface HavenMqttOptions extends DiscoveryContext {
  readonly credentials: CredentialsProvider;
  /** Stays the same over restarts of this installation; see MqttConnectionOptions. */
  readonly clientId: string;
  readonly onCommand: (command: MqttCommand) => void;
  readonly clock: Clock;
  /** 0..1 */
  readonly random: () => number;
  readonly log: Logger;
}

/** How an event is sent that was not sent when it happened. */
export interface Delivery {
  readonly late: boolean;
  /** Seconds between the event and now. */
  readonly ageS: number;
}

/** Many devices hear the birth message at once: spread, so that a broker is not flooded. */
const BIRTH_SPREAD: Millis = 3_000;

export class HavenMqtt implements Service {
  readonly #options: HavenMqttOptions;
  readonly #connection: MqttConnection;
  readonly #states: StatePublisher;
  readonly #cameras = new Map<string, Camera>();
  /** The fall that each camera's latch stands for, as attributes. */
  readonly #falls = new Map<string, object>();
  /** Cameras found announced on the broker that nobody has set. */
  readonly #strangers = new Set<string>();
  readonly #warned = new Set<string>();
  #allCamerasKnown = false;
  #birth: Disposable | null = null;

  constructor(options: HavenMqttOptions) {
    this.#options = options;
    const { credentials, clientId, clock, random, log } = options;
    this.#connection = new MqttConnection({
      credentials,
      clientId,
      clock,
      random,
      log,
      statusTopic: TOPICS.status,
      subscriptions: SUBSCRIPTIONS,
      onConnected: () => this.#states.announce(),
      onMessage: (message) => this.#receive(message),
    });
    this.#states = new StatePublisher({ connection: this.#connection, log });
    this.#states.set(TOPICS.daemonDiscovery, "discovery", JSON.stringify(daemonDiscovery(options)));
    this.#states.set(TOPICS.status, "availability", "online");
  }

  /** For health pages and `doctor`. */
  get state(): ConnectionState {
    return this.#connection.state;
  }

  async start(): Promise<void> {
    await this.#connection.start();
  }

  async stop(): Promise<void> {
    this.#birth?.[Symbol.dispose]();
    this.#birth = null;
    await this.#connection.stop();
  }

  /** A new camera, or a changed one. May be called before `start`. */
  setCamera(camera: Camera): void {
    this.#cameras.set(camera.id, camera);
    this.#strangers.delete(camera.id);
    const hasBed = hasBedZone(camera);
    const discovery = cameraDiscovery({ ...camera, hasBed }, this.#options);
    const removals = withRemovals(discovery);
    const topic = cameraDiscoveryTopic(camera.id);
    const payload = JSON.stringify(discovery);
    // Only a change needs the removals, and the first announcement, as an earlier run may have had more.
    if (this.#states.get(topic) !== payload) {
      this.#states.set(topic, "discovery", payload, removals === null ? null : JSON.stringify(removals));
      if (!hasBed) this.#states.clear(cameraStateTopic(camera.id, "bed"), "state");
    }
    this.#set(camera.id, "privacy", onOff(camera.privacy));
    // What an earlier run left on the broker says nothing about now.
    if (this.#states.get(cameraStateTopic(camera.id, "status")) === null)
      this.#set(camera.id, "status", camera.privacy ? "privacy" : "offline");
  }

  /** Removes the camera's device from Home Assistant, and everything retained about it from the broker. */
  removeCamera(cameraId: string): void {
    this.#cameras.delete(cameraId);
    this.#falls.delete(cameraId);
    this.#strangers.delete(cameraId);
    this.#states.clear(cameraDiscoveryTopic(cameraId), "discovery");
    for (const state of CAMERA_STATES) this.#states.clear(cameraStateTopic(cameraId, state), rankOf(state));
  }

  /**
   * Says that every configured camera has been set: whatever else earlier runs have announced under our name is
   * removed, now and whenever the broker shows more of it.
   */
  removeUnknownCameras(): void {
    this.#allCamerasKnown = true;
    for (const cameraId of this.#strangers) this.removeCamera(cameraId);
  }

  setCameraStatus(status: CameraStatus): void {
    if (!this.#cameras.has(status.cameraId)) return;
    const attributes = {
      reason: status.reason,
      since: new Date(status.since).toISOString(),
      blind: status.blind,
      pace: status.pace,
      detector_input: status.inputSize === 0 ? null : status.inputSize,
      decoder: status.decoder,
    };
    this.#set(status.cameraId, "status_attributes", JSON.stringify(attributes));
    this.#set(status.cameraId, "status", status.availability);
    this.#set(status.cameraId, "fps", String(Math.round(status.analysedFps * 10) / 10));
  }

  setRoomState(room: RoomState): void {
    const camera = this.#cameras.get(room.cameraId);
    if (camera === undefined) return;
    this.#set(camera.id, "occupancy", onOff(room.occupied));
    this.#set(camera.id, "person_count", String(room.personCount));
    // "None" is Home Assistant's word for "not known".
    if (hasBedZone(camera))
      this.#set(camera.id, "bed", room.bedOccupied === null ? "None" : onOff(room.bedOccupied));
    if (!room.fall && this.#latched(camera.id)) this.#falls.delete(camera.id);
    this.#setFallAttributes(camera.id, room.fall);
    this.#set(camera.id, "fall", onOff(room.fall));
  }

  /** All alarms that are open; cleared ones among them are left out. */
  setAlarm(alarms: readonly Alarm[]): void {
    this.#states.set(TOPICS.alarmAttributes, "state", JSON.stringify(alarmAttributes(alarms)));
    this.#states.set(TOPICS.alarmState, "state", alarmState(alarms));
  }

  setStats(stats: DaemonStats): void {
    this.#states.set(TOPICS.stats, "state", JSON.stringify(statsToWire(stats)));
  }

  /**
   * Resolves when the broker has confirmed the event. At least once: the same `event_id` may arrive again.
   * @throws AppError `mqtt.unreachable` when it did not; the caller's outbox sends it again, then marked as late.
   */
  sendEvent(event: HavenEvent, delivery: Delivery): Promise<void> {
    if ((event.kind === "fall_confirmed" || event.kind === "long_lie") && !delivery.late)
      this.#rememberFall(event);
    const payload = JSON.stringify({
      event_type: event.kind,
      ...toWire(event),
      ...(delivery.late ? { late: true, age_s: Math.round(delivery.ageS * 10) / 10 } : {}),
    });
    const topic = event.cameraId === null ? TOPICS.event : cameraEventTopic(event.cameraId);
    return this.#connection.publish(topic, payload, { qos: 1, retain: false });
  }

  #set(cameraId: string, state: CameraState, payload: string): void {
    this.#states.set(cameraStateTopic(cameraId, state), rankOf(state), payload);
  }

  #latched(cameraId: string): boolean {
    return this.#states.get(cameraStateTopic(cameraId, "fall")) === "ON";
  }

  #rememberFall(event: HavenEvent): void {
    const { cameraId } = event;
    if (cameraId === null || !this.#cameras.has(cameraId)) return;
    const { event_id, captured_at, confidence, person_id, person_name, zone } = toWire(event);
    this.#falls.set(cameraId, { event_id, since: captured_at, confidence, person_id, person_name, zone });
    this.#setFallAttributes(cameraId, this.#latched(cameraId));
  }

  /**
   * The attributes belong to a fall that is on; the event of a fall may come before the latch or after it. A latch that
   * this run has not seen the event of keeps the attributes an earlier run has left on the broker.
   */
  #setFallAttributes(cameraId: string, latched: boolean): void {
    const fall = this.#falls.get(cameraId);
    if (!latched) this.#set(cameraId, "fall_attributes", "{}");
    else if (fall !== undefined) this.#set(cameraId, "fall_attributes", JSON.stringify(fall));
  }

  #receive(message: MqttMessage): void {
    const { topic, payload, retained } = message;
    const announced = cameraOfDiscovery(topic);
    if (topic === TOPICS.homeAssistantStatus) this.#receiveBirth(payload.toString("utf8"), retained);
    else if (topic === TOPICS.status) this.#receiveOwnStatus(payload.toString("utf8"), retained);
    else if (announced === null) this.#receiveCommand(message);
    else if (retained && payload.length > 0) this.#receiveAnnounced(announced);
  }

  #receiveBirth(payload: string, retained: boolean): void {
    // A retained birth is delivered because we have just subscribed: the connect has announced everything already.
    if (payload !== "online" || retained || this.#birth !== null) return;
    this.#birth = this.#options.clock.schedule(this.#options.random() * BIRTH_SPREAD, () => {
      this.#birth = null;
      this.#options.log.info("Home Assistant has started: announcing everything");
      this.#states.announce();
    });
  }

  /** The last will of an earlier connection may reach the broker late, and would declare us dead for good. */
  #receiveOwnStatus(payload: string, retained: boolean): void {
    if (retained || payload === "online" || this.#connection.stopping) return;
    this.#options.log.warn("somebody declared the daemon offline: saying that it is not");
    this.#states.repeat(TOPICS.status);
  }

  #receiveAnnounced(cameraId: string): void {
    if (this.#cameras.has(cameraId)) return;
    if (this.#allCamerasKnown) this.removeCamera(cameraId);
    else this.#strangers.add(cameraId);
  }

  #receiveCommand({ topic, payload, retained }: MqttMessage): void {
    const command = parseCommand(topic, payload);
    if (command === null) return;
    if (retained) {
      // It was meant for some moment in the past; now it would fire at every connect.
      this.#warnOnce("retained", { topic }, "a retained command was ignored");
    } else if (command.kind === "malformed") {
      const { expected } = command;
      this.#warnOnce(`malformed ${expected}`, { topic, expected }, "a malformed command was ignored");
    } else if (command.kind === "privacy" && !this.#cameras.has(command.cameraId)) {
      this.#warnOnce("unknown camera", { topic }, "a command for an unknown camera was ignored");
    } else {
      this.#options.onCommand(command);
    }
  }

  /** Whoever sends nonsense sends it again and again: one line each kind is enough. */
  #warnOnce(key: string, fields: object, text: string): void {
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    this.#options.log.warn(fields, text);
  }
}

function hasBedZone(camera: Camera): boolean {
  return camera.zones.some((zone) => zone.kind === "bed");
}

function rankOf(state: CameraState): "availability" | "state" {
  return state === "status" ? "availability" : "state";
}

function onOff(on: boolean): "ON" | "OFF" {
  return on ? "ON" : "OFF";
}
