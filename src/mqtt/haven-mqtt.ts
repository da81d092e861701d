// The house's face on MQTT: takes what the daemon knows (cameras, rooms, alarms, events), keeps it retained and
// discovered, and hands out what others ask for. Values are announced again whenever somebody may have missed them;
// events are sent once, when they happen, and never again.
import type { Clock, Millis } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Service } from "../core/service.ts";
import type { Alarm } from "../domain/alarm.ts";
import { areaOf, type Camera } from "../domain/camera.ts";
import type { CameraStatus, RoomState } from "../domain/camera-status.ts";
import type { CareState, DaySummary, Drill } from "../domain/care.ts";
import { type HavenEvent, toWire } from "../domain/events.ts";
import type { AreaPresence, PersonPresence } from "../domain/identity.ts";
import { alarmAttributes, alarmState } from "./alarm-state.ts";
import { CameraStates, type FalseAlarms } from "./camera-states.ts";
import { drillAttributes, modeAttributes, snoozeAttributes } from "./care-state.ts";
import { CommandInbox } from "./command-inbox.ts";
import type { MqttCommand } from "./commands.ts";
import { daemonDiscovery } from "./daemon-discovery.ts";
import { type DaemonStats, statsToWire } from "./daemon-stats.ts";
import { type DiscoveryContext, withRemovals } from "./discovery.ts";
import {
  type ConnectionState,
  type CredentialsProvider,
  MqttConnection,
  type MqttMessage,
} from "./mqtt-connection.ts";
import { PersonStates } from "./person-states.ts";
import { PlaceFacts, type PlacesChange } from "./place-facts.ts";
import { areaNamed } from "./places.ts";
import { StatePublisher } from "./state-publisher.ts";
import {
  cameraEventTopic,
  cameraOfDiscovery,
  isPlaceTopic,
  personOfTopic,
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
  readonly #inbox: CommandInbox;
  readonly #places: PlaceFacts;
  readonly #cameras: CameraStates;
  readonly #persons: PersonStates;
  /** Cameras found announced on the broker that nobody has set. */
  readonly #strangers = new Set<string>();
  #allCamerasKnown = false;
  #placesDue = false;
  /** Under way, or the last one of this run. */
  #drill: Drill | null = null;
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
    this.#cameras = new CameraStates(this.#states, options);
    this.#persons = new PersonStates(this.#states, options);
    this.#places = new PlaceFacts(this.#states, (change) => this.#announceDaemon(change));
    this.#inbox = new CommandInbox(
      {
        hasCamera: (cameraId) => this.#cameras.has(cameraId),
        areaNamed: (name) => areaNamed(this.#cameras.all(), name),
      },
      log,
    );
    this.#announceDaemon({ places: [], gone: {} });
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
    this.#strangers.delete(camera.id);
    this.#cameras.set(camera);
    this.#updatePlaces();
  }

  /** Removes the camera's device from Home Assistant, and everything retained about it from the broker. */
  removeCamera(cameraId: string): void {
    this.#strangers.delete(cameraId);
    this.#cameras.remove(cameraId);
    this.#updatePlaces();
  }

  /**
   * Says that every configured camera has been set: whatever else earlier runs have announced under our name is
   * removed, cameras, areas and doors, now and whenever the broker shows more of it.
   */
  removeUnknownCameras(): void {
    this.#allCamerasKnown = true;
    for (const cameraId of this.#strangers) this.removeCamera(cameraId);
    this.#updatePlaces();
  }

  setCameraStatus(status: CameraStatus): void {
    this.#cameras.setStatus(status);
  }

  setRoomState(room: RoomState): void {
    this.#cameras.setRoom(room);
  }

  setFalseAlarms(cameraId: string, falseAlarms: FalseAlarms): void {
    this.#cameras.setFalseAlarms(cameraId, falseAlarms);
  }

  /** All alarms that are open; cleared ones among them are left out. */
  setAlarm(alarms: readonly Alarm[]): void {
    this.#states.set(TOPICS.alarmAttributes, "state", JSON.stringify(alarmAttributes(alarms)));
    this.#states.set(TOPICS.alarmState, "state", alarmState(alarms));
  }

  /** Mode, snoozes and drill. Before `start`, so that nothing an earlier run has left passes for now. */
  setCare(care: CareState): void {
    const { mode, snoozes, drill } = care;
    this.#drill = drill ?? this.#drill;
    const set = (topic: string, payload: string) => this.#states.set(topic, "state", payload);
    // Attributes first: whoever acts on the change finds them already there.
    set(TOPICS.modeAttributes, JSON.stringify(modeAttributes(care)));
    set(TOPICS.mode, mode);
    set(TOPICS.snoozeAttributes, JSON.stringify(snoozeAttributes(snoozes)));
    set(TOPICS.snooze, snoozes.length > 0 ? "ON" : "OFF");
    set(TOPICS.drillAttributes, JSON.stringify(drillAttributes(this.#drill)));
    set(TOPICS.drill, drill === null ? "OFF" : "ON");
  }

  /** Where somebody is; those who have no name are left out, and removed when they had one. May be called before `start`. */
  setPersonPresence(presence: PersonPresence): void {
    this.#persons.set(presence);
  }

  /** Removes the person's device from Home Assistant, and everything retained about them from the broker. */
  removePerson(personId: string): void {
    this.#persons.remove(personId);
  }

  /** Says that every person has been set: others whom earlier runs have announced are removed. */
  removeUnknownPersons(): void {
    this.#persons.removeUnknown();
  }

  /** Who is in an area. One that no camera is configured for is left out. */
  setAreaPresence(presence: AreaPresence): void {
    this.#places.setPresence(presence);
  }

  /** The day so far. Areas and doors that no camera is configured for are left out. */
  setDay(day: DaySummary): void {
    this.#places.setDay(day);
  }

  setStats(stats: DaemonStats): void {
    this.#states.set(TOPICS.stats, "state", JSON.stringify(statsToWire(stats)));
  }

  /**
   * To its camera's topic, or the daemon's, and to the topic of the person it is about. Resolves when the broker has
   * confirmed it. At least once: the same `event_id` may arrive again.
   * @throws AppError `mqtt.unreachable` when it did not; the caller's outbox sends it again, then marked as late.
   */
  async sendEvent(event: HavenEvent, delivery: Delivery): Promise<void> {
    if ((event.kind === "fall_confirmed" || event.kind === "long_lie") && !delivery.late)
      this.#cameras.rememberFall(event);
    const payload = JSON.stringify({
      event_type: event.kind,
      ...toWire(event),
      ...(delivery.late ? { late: true, age_s: Math.round(delivery.ageS * 10) / 10 } : {}),
    });
    const topic = event.cameraId === null ? TOPICS.event : cameraEventTopic(event.cameraId);
    const topics = [topic, this.#persons.eventTopicOf(event)].filter((to) => to !== null);
    const options = { qos: 1, retain: false } as const;
    await Promise.all(topics.map((to) => this.#connection.publish(to, payload, options)));
  }

  #announceDaemon({ places, gone }: PlacesChange): void {
    const discovery = daemonDiscovery(this.#options, places);
    const removals = withRemovals(discovery, gone);
    const before = removals === null ? null : JSON.stringify(removals);
    this.#states.set(TOPICS.daemonDiscovery, "discovery", JSON.stringify(discovery), before);
  }

  /** Once for all the cameras that are set or removed together: an area must not go when a camera is exchanged. */
  #updatePlaces(): void {
    if (this.#placesDue) return;
    this.#placesDue = true;
    queueMicrotask(() => {
      this.#placesDue = false;
      this.#places.setCameras(this.#cameras.all());
      this.#persons.setAreas([...this.#cameras.all()].map(areaOf));
      if (this.#allCamerasKnown) this.#places.removeUnknown();
    });
  }

  #receive(message: MqttMessage): void {
    const { topic, payload, retained } = message;
    const announced = cameraOfDiscovery(topic);
    const personId = personOfTopic(topic);
    if (topic === TOPICS.homeAssistantStatus) this.#receiveBirth(payload.toString("utf8"), retained);
    else if (topic === TOPICS.status) this.#receiveOwnStatus(payload.toString("utf8"), retained);
    else if (announced !== null) {
      if (retained && payload.length > 0) this.#receiveAnnounced(announced);
    } else if (personId !== null) {
      if (retained && payload.length > 0) this.#persons.found(personId, topic);
    } else if (isPlaceTopic(topic)) {
      // What we have just said ourselves comes back too, but not as something kept.
      if (retained && payload.length > 0) this.#places.found(topic);
    } else {
      const command = this.#inbox.read(message);
      if (command !== null) this.#options.onCommand(command);
    }
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
}
