// Who it was that something happened to, in plain words.
import type { PersonPresenceJson } from "../../../src/api/person-contract.ts";
import type { EventKind } from "../../../src/domain/events.ts";
import { eventWords } from "./event-words.ts";

/** What somebody did whose name stands before it. */
const DEEDS: Readonly<Partial<Record<string, string>>> = {
  person_in: "came in",
  person_out: "left",
  face_matched: "was recognised",
  fall_suspected: "may have fallen",
  fall_confirmed: "fell",
  fall_recovered: "is up again after a fall",
  on_floor: "is on the floor",
  long_lie: "has been lying on the floor for long",
  bed_entry: "went to bed",
  bed_edge: "sits on the edge of the bed",
  bed_exit: "got out of bed",
  inactivity: "has not moved for long",
  wandering: "is up and about at night",
} satisfies Partial<Record<EventKind, string>>;

/** "Rosa fell", "Fall" while nobody knows who it is, "Alarm: Rosa" for what is nobody's deed. */
export function whatHappened(kind: EventKind, who: string | null): string {
  const { title } = eventWords(kind);
  if (who === null) return title;
  const deed = DEEDS[kind];
  return deed === undefined ? `${title}: ${who}` : `${who} ${deed}`;
}

/** Names of those a camera sees right now. */
export function namesIn(persons: readonly PersonPresenceJson[], cameraId: string): readonly string[] {
  return persons
    .filter(({ visible, camera_id: seenBy }) => visible && seenBy === cameraId)
    .map(({ name }) => name);
}

/** Short enough to stand over somebody in a picture. */
export function shortName(name: string): string {
  const letters = [...new Intl.Segmenter().segment(name)].map(({ segment }) => segment);
  return letters.length > 24 ? `${letters.slice(0, 23).join("")}…` : name;
}
