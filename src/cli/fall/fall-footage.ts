// What vision sees in the clips of a manifest, once for each shift of the sampling: from the folder of kept observations
// where they fit, else by playing the clips.
import { resolve } from "node:path";
import { hashFile } from "../../../models/file-hash.ts";
import type { Config } from "../../config/config.ts";
import type { Camera } from "../../domain/camera.ts";
import { roundObservation } from "../../domain/observation-recording.ts";
import type { FrameObservation } from "../../domain/track.ts";
import type { FallClip } from "../../evaluation/fall-manifest.ts";
import { type LyingTime, LyingWatch } from "../../evaluation/lying-watch.ts";
import { cameraForFile, OfflineSession } from "../offline-session.ts";
import { ObservationFiles } from "./observation-files.ts";
import { perceptionKey } from "./perception-key.ts";

export interface ClipFootage {
  readonly clip: FallClip;
  readonly camera: Camera;
  /** In the order of their media time; rounded as they are kept, so that a result does not depend on whether they were. */
  readonly observations: readonly FrameObservation[];
  readonly lying: LyingTime;
  /** Why it could not be played; null when it was. */
  readonly failure: string | null;
}

/** All clips as sampled with one shift. */
export interface FallFootage {
  readonly offsetS: number;
  readonly clips: readonly ClipFootage[];
}

export interface FootageOptions {
  readonly clips: readonly FallClip[];
  /** The manifest's. */
  readonly folder: string;
  readonly config: Config;
  readonly configFile?: string;
  readonly holdLastS: number;
  /** Seconds; one footage is given for each. */
  readonly offsetsS: readonly number[];
  /** Folder of kept observations. */
  readonly observations?: string;
  readonly signal: AbortSignal;
}

/** `count` shifts, evenly over the time between two analysed frames; the first is none. */
export function samplingOffsets(count: number, fps: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => Math.round((1000 * index) / (count * fps)) / 1000);
}

/** Frames come to the millisecond at best. */
const DUST_S = 0.02;

/**
 * One footage for each offset, its clips in the manifest's order. A clip that cannot be played has no observations and
 * says why. Throws AppError input.invalid for a kept file that is damaged, and what opening vision throws.
 */
export async function loadFootage(options: FootageOptions): Promise<readonly FallFootage[]> {
  await using source = new FootageSource(options);
  await source.prepare();
  const footage: FallFootage[] = [];
  for (const offsetS of options.offsetsS) footage.push(await source.load(offsetS));
  return footage;
}

class FootageSource implements AsyncDisposable {
  readonly #options: FootageOptions;
  readonly #files: ObservationFiles | null;
  readonly #cameras: readonly Camera[];
  #key: Readonly<Record<string, string>> = {};
  #hashes: readonly string[] = [];
  #session: OfflineSession | null = null;

  constructor(options: FootageOptions) {
    const { observations, clips, folder } = options;
    this.#options = options;
    this.#files = observations === undefined ? null : new ObservationFiles(observations);
    this.#cameras = clips.map((clip, index) => cameraForFile(resolve(folder, clip.file), index));
  }

  async prepare(): Promise<void> {
    if (this.#files === null) return;
    await this.#files.prepare();
    this.#key = await perceptionKey(this.#options.config);
    const hashes: string[] = [];
    for (const { source } of this.#cameras) {
      this.#options.signal.throwIfAborted();
      hashes.push((await hashFile(source, "sha256")) ?? "missing");
    }
    this.#hashes = hashes;
  }

  async load(offsetS: number): Promise<FallFootage> {
    const { clips } = this.#options;
    const kept = await Promise.all(clips.map((_, index) => this.#kept(index, offsetS)));
    const missing = clips.flatMap((_, index) => (kept[index] === null ? [index] : []));
    const played = missing.length === 0 ? [] : await this.#play(missing, offsetS);
    return {
      offsetS,
      clips: clips.map((clip, index): ClipFootage => {
        const camera = this.#cameraOf(index);
        const { observations, failure } = kept[index] ?? played[missing.indexOf(index)] ?? NOT_PLAYED;
        return { clip, camera, observations, failure, lying: lyingTime(clip, observations) };
      }),
    };
  }

  /** null where nothing is kept that fits. One that was held longer than is asked for fits, cut off. */
  async #kept(index: number, offsetS: number): Promise<Played | null> {
    const clip = this.#options.clips[index];
    if (this.#files === null || clip === undefined) return null;
    const recording = await this.#files.read({ file: clip.file, offsetS });
    if (recording === null) return null;
    const { hold_s: held, ...about } = recording.about;
    const wanted = this.#about(index, offsetS);
    const { holdLastS } = this.#options;
    const fits = Object.entries(wanted).every(([name, value]) => about[name] === value);
    if (!fits || !(Number(held) >= holdLastS)) return null;
    const endS = Number(held) === holdLastS ? Number.POSITIVE_INFINITY : clip.durationS + holdLastS + DUST_S;
    const observations = recording.observations.filter(({ stamp }) => stamp.mediaTimeS <= endS);
    return { observations: observations.map((one) => under(one, this.#cameraOf(index))), failure: null };
  }

  async #play(indices: readonly number[], offsetS: number): Promise<readonly Played[]> {
    const { clips, configFile, holdLastS, signal, offsetsS } = this.#options;
    this.#session ??= await OfflineSession.open(
      configFile === undefined ? {} : { config: configFile },
      signal,
    );
    const seen = new Map<string, FrameObservation[]>();
    const outcomes = await this.#session.play(
      indices.map((index) => this.#cameraOf(index)),
      {
        title: offsetsS.length === 1 ? "clips" : `clips, shifted by ${Math.round(offsetS * 1000)} ms`,
        holdLastS,
        offsetS,
        durationsS: indices.map((index) => clips[index]?.durationS ?? 0),
        signal,
        begin: (camera) => {
          const observations: FrameObservation[] = [];
          seen.set(camera.id, observations);
          return { observe: (one) => observations.push(roundObservation(one)), end: () => {} };
        },
      },
    );
    const played = outcomes.map(({ camera, failure }): Played => {
      return { observations: failure === null ? (seen.get(camera.id) ?? []) : [], failure };
    });
    for (const [at, index] of indices.entries()) await this.#keep(index, offsetS, played[at] ?? NOT_PLAYED);
    return played;
  }

  async #keep(index: number, offsetS: number, { observations, failure }: Played): Promise<void> {
    const clip = this.#options.clips[index];
    if (this.#files === null || clip === undefined || failure !== null) return;
    const about = { ...this.#about(index, offsetS), hold_s: String(this.#options.holdLastS) };
    await this.#files.write({ file: clip.file, offsetS }, { about, observations });
  }

  #about(index: number, offsetS: number): Readonly<Record<string, string>> {
    return { ...this.#key, clip_sha256: this.#hashes[index] ?? "", offset_s: String(offsetS) };
  }

  #cameraOf(index: number): Camera {
    return this.#cameras[index] ?? cameraForFile("", index);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session?.[Symbol.asyncDispose]();
  }
}

interface Played {
  readonly observations: readonly FrameObservation[];
  readonly failure: string | null;
}

const NOT_PLAYED: Played = { observations: [], failure: "it was not played" };

/** Kept under the id that the camera had then. */
function under(observation: FrameObservation, { id }: Camera): FrameObservation {
  return { ...observation, stamp: { ...observation.stamp, cameraId: id } };
}

function lyingTime(clip: FallClip, observations: readonly FrameObservation[]): LyingTime {
  const watch = new LyingWatch(clip);
  for (const observation of observations) watch.observe(observation);
  return watch.time;
}
