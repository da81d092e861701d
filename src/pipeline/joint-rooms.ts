// What cameras that see the same place find out is put together before it is told: one fall seen by two is told once.
import { cameraViewOf } from "../adl/joint-camera.ts";
import { type JointState, NO_JOINT_VIEW, stepJoint } from "../adl/joint-view.ts";
import type { Millis } from "../core/clock.ts";
import type { EventDraft } from "../domain/events.ts";
import type { FrameObservation } from "../domain/track.ts";
import type { ActivityUpdate } from "./camera-activity.ts";
import type { Room } from "./room.ts";

export class JointRooms {
  readonly #rooms: ReadonlyMap<string, Room>;
  #state: JointState = NO_JOINT_VIEW;

  /** @param rooms by camera; read anew each time */
  constructor(rooms: ReadonlyMap<string, Room>) {
    this.#rooms = rooms;
  }

  /** What is to be told after this frame, of other cameras too. A camera that shares its view with none speaks for itself. */
  draftsOf(
    { camera }: Room,
    seen: {
      readonly observation: FrameObservation;
      readonly update: ActivityUpdate;
      /** How long a fall has to last before it is confirmed. */
      readonly minGround: Millis;
    },
  ): readonly EventDraft[] {
    const { observation, update, minGround } = seen;
    if (!this.#shares(camera.id)) return update.drafts;
    const step = stepJoint(this.#state, cameraViewOf(observation, update, camera.zones), {
      overlap: (one, other) => this.#overlap(one, other),
      minGround,
    });
    this.#state = step.state;
    const told = step.told.flatMap(
      ({ cameraId, fact }) => this.#rooms.get(cameraId)?.activity.draftOf(fact) ?? [],
    );
    return [...update.visits, ...told];
  }

  #shares(id: string): boolean {
    return [...this.#rooms.keys()].some((other) => this.#overlap(id, other) || this.#overlap(other, id));
  }

  #overlap(one: string, other: string): boolean {
    return this.#rooms.get(one)?.camera.overlaps.includes(other) === true;
  }
}
