import type { Camera } from "../domain/camera.ts";
import type { CameraStatus, RoomState } from "../domain/camera-status.ts";
import { type HavenEvent, toWire } from "../domain/events.ts";
import { cameraDiscovery, OPTIONAL_CAMERA_COMPONENTS } from "./camera-discovery.ts";
import { type DiscoveryContext, withRemovals } from "./discovery.ts";
import type { StatePublisher } from "./state-publisher.ts";
import { CAMERA_STATES, type CameraState, cameraDiscoveryTopic, cameraStateTopic } from "./topics.ts";

/** How a camera's alarms of the last seven days were answered. Those of drills are not among them. */
export interface FalseAlarms {
  /** Answered as false. */
  readonly count: number;
  /** Answered at all. */
  readonly answered: number;
  readonly alarms: number;
}
const FALSE_ALARM_DAYS = 7;

/** What is retained and discovered about each camera. What comes about a camera that was not set is dropped. */
export class CameraStates {
  readonly #states: Pick<StatePublisher, "set" | "clear" | "get">;
  readonly #context: DiscoveryContext;
  readonly #cameras = new Map<string, Camera>();
  /** The fall that each camera's latch stands for, as attributes. */
  readonly #falls = new Map<string, object>();

  constructor(states: Pick<StatePublisher, "set" | "clear" | "get">, context: DiscoveryContext) {
    this.#states = states;
    this.#context = context;
  }

  has(cameraId: string): boolean {
    return this.#cameras.has(cameraId);
  }

  all(): Iterable<Camera> {
    return this.#cameras.values();
  }

  set(camera: Camera): void {
    this.#cameras.set(camera.id, camera);
    const hasBed = hasBedZone(camera);
    const discovery = cameraDiscovery({ ...camera, hasBed }, this.#context);
    const removals = withRemovals(discovery, OPTIONAL_CAMERA_COMPONENTS);
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

  remove(cameraId: string): void {
    this.#cameras.delete(cameraId);
    this.#falls.delete(cameraId);
    this.#states.clear(cameraDiscoveryTopic(cameraId), "discovery");
    for (const state of CAMERA_STATES) this.#states.clear(cameraStateTopic(cameraId, state), rankOf(state));
  }

  setStatus(status: CameraStatus): void {
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

  setRoom(room: RoomState): void {
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

  setFalseAlarms(cameraId: string, { count, answered, alarms }: FalseAlarms): void {
    if (!this.#cameras.has(cameraId)) return;
    const attributes = { answered, alarms, days: FALSE_ALARM_DAYS };
    this.#set(cameraId, "false_alarms_attributes", JSON.stringify(attributes));
    this.#set(cameraId, "false_alarms", String(count));
  }

  /** The event that the camera's fall latch will stand for, or stands for already. */
  rememberFall(event: HavenEvent): void {
    const { cameraId } = event;
    if (cameraId === null || !this.#cameras.has(cameraId)) return;
    const { event_id, captured_at, confidence, person_id, person_name, zone } = toWire(event);
    this.#falls.set(cameraId, { event_id, since: captured_at, confidence, person_id, person_name, zone });
    this.#setFallAttributes(cameraId, this.#latched(cameraId));
  }

  #set(cameraId: string, state: CameraState, payload: string): void {
    this.#states.set(cameraStateTopic(cameraId, state), rankOf(state), payload);
  }

  #latched(cameraId: string): boolean {
    return this.#states.get(cameraStateTopic(cameraId, "fall")) === "ON";
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
