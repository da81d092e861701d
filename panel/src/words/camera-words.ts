// Cameras, rooms, people and zones in plain words.
import type {
  AlarmJson,
  CameraJson,
  LiveTrackJson,
  RoomJson,
  StreamJson,
} from "../../../src/api/contract.ts";
import type { Posture } from "../../../src/domain/activity.ts";
import type { CameraAvailability } from "../../../src/domain/camera-status.ts";
import type { ZoneKind } from "../../../src/domain/zone.ts";
import type { IconName } from "../components/icon-paths.ts";
import { eventWords } from "./event-words.ts";

export const AVAILABILITY_WORDS: Readonly<Record<CameraAvailability, { title: string; icon: IconName }>> = {
  online: { title: "Online", icon: "check" },
  offline: { title: "Offline", icon: "offline" },
  privacy: { title: "Privacy on", icon: "privacy" },
  blind: { title: "Sees nothing", icon: "blind" },
};

export const ZONE_WORDS: Readonly<Record<ZoneKind, { title: string; help: string }>> = {
  bed: { title: "Bed", help: "Lying here is no fall; getting in and out is told." },
  sofa: { title: "Sofa", help: "Lying here is no fall." },
  floor: { title: "Floor", help: "A part of the floor with a name of its own." },
  door: { title: "Door", help: "Where people come in and leave; time behind it can be counted." },
  ignore: { title: "Ignore", help: "Nothing that happens here counts: a television, a mirror." },
};

const POSTURE_WORDS: Readonly<Record<Posture, string>> = {
  standing: "Standing",
  walking: "Walking",
  sitting: "Sitting",
  bending: "Bending",
  kneeling: "Kneeling",
  on_all_fours: "On all fours",
  lying: "Lying",
  unknown: "Person",
};

/** What is written at a person in the picture. Never a number: those belong to the tracker. */
export function trackLabel(track: LiveTrackJson): string {
  if (track.fall === "confirmed") return "Fallen";
  if (track.fall === "suspected") return "A fall?";
  return POSTURE_WORDS[track.posture ?? "unknown"];
}

/** "Nobody here", "1 person: lying", "2 people: sitting, standing". */
export function peopleSentence(tracks: readonly LiveTrackJson[]): string {
  const seen = tracks.filter((track) => track.state === "confirmed");
  if (seen.length === 0) return "Nobody to be seen";
  const postures = seen.map((track) => trackLabel(track).toLowerCase()).filter((word) => word !== "person");
  return `${countPeople(seen.length)}${postures.length > 0 ? `: ${postures.join(", ")}` : ""}`;
}

export function roomSentence(room: RoomJson): string {
  const people =
    room.person_count > 0 ? countPeople(room.person_count) : room.occupied ? "Somebody is here" : "Nobody";
  if (room.bed_occupied === true) return room.person_count > 1 ? `${people}, bed in use` : "Somebody in bed";
  return people;
}

function countPeople(count: number): string {
  return count === 1 ? "1 person" : `${count} people`;
}

/** Where an alarm is: the area, else the camera's name. */
export function placeOf(alarm: AlarmJson, cameras: readonly CameraJson[]): string {
  const camera = cameras.find(({ id }) => id === alarm.camera_id);
  return alarm.area ?? camera?.name ?? "unknown place";
}

export function alarmTitle(alarm: AlarmJson, cameras: readonly CameraJson[]): string {
  return `${eventWords(alarm.cause).title}: ${placeOf(alarm, cameras)}`;
}

/** "640 × 384, 25 frames a second, h264". */
export function streamSentence(stream: StreamJson): string {
  const fps = stream.fps === null ? "" : `, ${Math.round(stream.fps * 10) / 10} frames a second`;
  return `${stream.width} × ${stream.height}${fps}, ${stream.codec}`;
}
