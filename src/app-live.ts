import type { LiveFrame } from "./api/deps.ts";
import type { TrackIdentity } from "./domain/identity.ts";
import type { FrameObservation } from "./domain/track.ts";
import type { House } from "./pipeline/house.ts";
import type { VisionSupervisor } from "./pipeline/vision-supervisor.ts";

/** Wide enough for a phone or a tile; a viewer pays for its own width only. */
const LIVE_WIDTH = 960;

/** Who the tracks of a camera are taken for right now. */
export interface WhoIsWho {
  identities(cameraId: string): readonly TrackIdentity[];
}

/** Pairs each picture with the observation of the same frame; both come from vision, in this order. */
export class LiveFrames implements Disposable {
  readonly #house: House;
  readonly #supervisor: VisionSupervisor;
  readonly #listeners = new Map<string, Set<(frame: LiveFrame) => void>>();
  readonly #latest = new Map<string, FrameObservation>();
  readonly #activity = new Map<string, LiveFrame["activity"]>();
  readonly #identities = new Map<string, LiveFrame["identities"]>();
  readonly #identity: WhoIsWho;
  readonly #subscriptions: Disposable[];

  constructor(house: House, supervisor: VisionSupervisor, identity: WhoIsWho) {
    this.#house = house;
    this.#supervisor = supervisor;
    this.#identity = identity;
    this.#subscriptions = [
      supervisor.events.on("observation", (observation) => this.#observe(observation)),
      supervisor.events.on("picture", ({ stamp, jpeg }) => {
        const observation = this.#latest.get(stamp.cameraId);
        if (observation?.stamp.sequence !== stamp.sequence) return;
        const activity = this.#activity.get(stamp.cameraId) ?? new Map();
        const identities = this.#identities.get(stamp.cameraId) ?? new Map();
        for (const listener of this.#listeners.get(stamp.cameraId) ?? [])
          listener({ observation, activity, identities, jpeg });
      }),
    ];
  }

  subscribe(cameraId: string, listener: (frame: LiveFrame) => void): Disposable {
    const set = this.#listeners.get(cameraId) ?? new Set();
    this.#listeners.set(cameraId, set);
    set.add(listener);
    const watching = this.#supervisor.watch(cameraId, LIVE_WIDTH);
    return {
      [Symbol.dispose]: () => {
        watching[Symbol.dispose]();
        set.delete(listener);
        if (set.size > 0) return;
        this.#listeners.delete(cameraId);
        this.#latest.delete(cameraId);
        this.#activity.delete(cameraId);
        this.#identities.delete(cameraId);
      },
    };
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  #observe(observation: FrameObservation): void {
    const { cameraId } = observation.stamp;
    if (!this.#listeners.has(cameraId)) return;
    this.#latest.set(cameraId, observation);
    this.#identities.set(
      cameraId,
      new Map(this.#identity.identities(cameraId).map((known) => [known.trackId, known])),
    );
    const falls = this.#house.falls(cameraId);
    this.#activity.set(
      cameraId,
      new Map(
        [...this.#house.postures(cameraId)].map(([trackId, posture]) => [
          trackId,
          { posture, fall: falls.get(trackId) ?? null },
        ]),
      ),
    );
  }
}
