// Cameras as the panel adds, changes and removes them: every change goes through the configuration file.
import type { CameraAdmin, CameraPatch, CameraView, ZoneInput } from "./api/deps.ts";
import type { Config } from "./config/config.ts";
import type { ConfigFile } from "./config/config-file.ts";
import { uniqueSlug } from "./config/slug.ts";
import { AppError } from "./core/errors.ts";
import type { Camera } from "./domain/camera.ts";
import type { Zone } from "./domain/zone.ts";
import type { House } from "./pipeline/house.ts";
import type { VisionSupervisor } from "./pipeline/vision-supervisor.ts";

const SNAPSHOT_WIDTH = 1280;
export function cameraAdmin(parts: {
  readonly house: House;
  readonly supervisor: VisionSupervisor;
  readonly file: ConfigFile;
  /** Takes the changed configuration into use. */
  readonly apply: (config: Config) => void;
}): CameraAdmin {
  const { house, supervisor, file, apply } = parts;
  const view = (camera: Camera): CameraView | null => {
    const status = house.status(camera.id);
    const room = house.room(camera.id);
    return status === null || room === null ? null : { camera, status, room };
  };
  const get = (id: string): CameraView | null => {
    const camera = house.cameras().find((other) => other.id === id);
    return camera === undefined ? null : view(camera);
  };
  const existing = (id: string): CameraView => {
    const found = get(id);
    if (found === null) throw new AppError("not-found", `there is no camera ${id}`);
    return found;
  };
  const change = async (edit: (cameras: readonly Camera[]) => readonly Camera[]): Promise<void> => {
    apply(await file.update((config) => ({ ...config, cameras: edit(config.cameras) })));
  };
  return {
    list: () => house.cameras().flatMap((camera) => view(camera) ?? []),
    get,
    async add(input) {
      let id = "";
      await change((cameras) => {
        id = uniqueSlug(input.name, new Set(cameras.map((other) => other.id)), "camera");
        return [...cameras, { ...input, id, zones: withIds(input.zones) }];
      });
      return existing(id);
    },
    async update(id: string, patch: CameraPatch) {
      await change((cameras) => {
        if (!cameras.some((other) => other.id === id))
          throw new AppError("not-found", `there is no camera ${id}`);
        const { zones, ...rest } = patch;
        const changes = zones === undefined ? rest : { ...rest, zones: withIds(zones) };
        return cameras.map((other) => (other.id === id ? { ...other, ...changes } : other));
      });
      return existing(id);
    },
    remove: (id) =>
      change((cameras) => {
        if (!cameras.some((other) => other.id === id))
          throw new AppError("not-found", `there is no camera ${id}`);
        return cameras.filter((other) => other.id !== id);
      }),
    test: (source) => supervisor.questions.probe(source),
    async snapshot(id) {
      const { camera, status } = existing(id);
      if (camera.privacy)
        throw new AppError("conflict", `privacy is on for ${camera.name}: no picture is taken`);
      if (status.availability !== "online")
        throw new AppError(
          "source.unreachable",
          `${camera.name} is offline: ${status.reason ?? "no picture"}`,
        );
      return supervisor.questions.snapshot(id, SNAPSHOT_WIDTH);
    },
  };
}

/** Zones that were just drawn get their ids from their names; ids that were given come first. */
function withIds(zones: readonly ZoneInput[]): readonly Zone[] {
  const taken = new Set(zones.flatMap((zone) => zone.id ?? []));
  return zones.map((zone) => {
    const id = zone.id ?? uniqueSlug(zone.name, taken, zone.kind);
    taken.add(id);
    return { ...zone, id };
  });
}
