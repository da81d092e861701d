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
import { shortName, whatHappened } from "./person-words.ts";

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
  const who = track.person?.name ?? null;
  const what = stateLabel(track);
  if (who === null) return what;
  return what === POSTURE_WORDS.unknown ? shortName(who) : `${shortName(who)} · ${what.toLowerCase()}`;
}

function stateLabel({ fall, posture }: LiveTrackJson): string {
  if (fall === "confirmed") return "Fallen";
  if (fall === "suspected") return "A fall?";
  return POSTURE_WORDS[posture ?? "unknown"];
}

/** "Nobody to be seen", "1 person: lying", "2 people: Rosa sitting, standing". */
export function peopleSentence(tracks: readonly LiveTrackJson[]): string {
  const seen = tracks.filter((track) => track.state === "confirmed");
  if (seen.length === 0) return "Nobody to be seen";
  const each = seen
    .map((track) => {
      const posture = stateLabel(track);
      const what = posture === POSTURE_WORDS.unknown ? "" : posture.toLowerCase();
      return [track.person?.name ?? "", what].filter((word) => word !== "").join(" ");
    })
    .filter((words) => words !== "");
  return `${countPeople(seen.length)}${each.length > 0 ? `: ${each.join(", ")}` : ""}`;
}

/** `names` are those who are known to be there: "Rosa", "Rosa and 1 more", "Rosa in bed", "2 people, bed in use". */
export function roomSentence(room: RoomJson, names: readonly string[]): string {
  const inBed = room.bed_occupied === true;
  const count = Math.max(room.person_count, names.length);
  if (inBed && count <= 1) return `${names[0] ?? "Somebody"} in bed`;
  return `${peopleOf(room, names, count)}${inBed ? ", bed in use" : ""}`;
}

function peopleOf(room: RoomJson, names: readonly string[], count: number): string {
  if (names.length > 0) {
    const more = count - names.length;
    return `${names.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
  }
  return count > 0 ? countPeople(count) : room.occupied ? "Somebody is here" : "Nobody";
}

function countPeople(count: number): string {
  return count === 1 ? "1 person" : `${count} people`;
}

/** Where an alarm is: the area, else the camera's name. */
export function placeOf(alarm: AlarmJson, cameras: readonly CameraJson[]): string {
  const camera = cameras.find(({ id }) => id === alarm.camera_id);
  return alarm.area ?? camera?.name ?? "unknown place";
}

/** "Fall: Bedroom", "Rosa fell: Bedroom". */
export function alarmTitle(alarm: AlarmJson, cameras: readonly CameraJson[]): string {
  return `${whatHappened(alarm.cause, alarm.person_name)}: ${placeOf(alarm, cameras)}`;
}

/** "640 × 384, 25 frames a second, h264". */
export function streamSentence(stream: StreamJson): string {
  const fps = stream.fps === null ? "" : `, ${Math.round(stream.fps * 10) / 10} frames a second`;
  return `${stream.width} × ${stream.height}${fps}, ${stream.codec}`;
}
