// Persons, questions about them and what was done to them in plain words.
import type {
  AuditEntryJson,
  EmbeddingJson,
  PersonJson,
  PersonPresenceJson,
  ReviewJson,
  StayJson,
} from "../../../src/api/person-contract.ts";
import type { PersonKind } from "../../../src/domain/person.ts";
import type { Cue } from "../../../src/domain/tracklet.ts";
import { ago, clockTime } from "./time-words.ts";

export const KIND_WORDS: Readonly<Record<PersonKind, { readonly title: string; readonly help: string }>> = {
  resident: { title: "Resident", help: "Lives here." },
  carer: {
    title: "Carer",
    help: "Comes to help: alarms but a long lie are held back where they are recognised.",
  },
  visitor: { title: "Visitor", help: "Is forgotten when they have not been seen for long." },
};

export const PERSON_KINDS = Object.keys(KIND_WORDS) as PersonKind[];

export function personName({ name, label }: Pick<PersonJson, "name" | "label">): string {
  return name ?? label;
}

/** "RM" of "Rosa Maria", "VA" of "Visitor-A": stands where there is no picture. */
export function initials(name: string): string {
  const words = name.split(/[\s-]+/).filter((word) => word !== "");
  const firsts = words.map((word) => [...new Intl.Segmenter().segment(word)][0]?.segment ?? "");
  return [firsts[0] ?? "", firsts.length > 1 ? (firsts.at(-1) ?? "") : ""].join("").toUpperCase();
}

/** Those who belong here by name, residents before carers; then visitors, seen last first as they came. */
export function inOrder(persons: readonly PersonJson[]): readonly PersonJson[] {
  const byName = (a: PersonJson, b: PersonJson) => personName(a).localeCompare(personName(b));
  return PERSON_KINDS.flatMap((kind) => {
    const ofKind = persons.filter((person) => person.kind === kind);
    return kind === "visitor" ? ofKind : ofKind.sort(byName);
  });
}

/** "Kitchen, now", "Last in Kitchen, 5 min. ago", "Away since 08:01", "Seen 2 days ago", "Not seen yet". */
export function whereSentence(
  person: Pick<PersonJson, "last_seen_at">,
  presence: PersonPresenceJson | null,
  now: number,
): string {
  const seen = latest(person.last_seen_at, presence?.last_seen_at ?? null);
  const when = seen === null ? "" : ago(seen, now);
  if (presence?.home === true) {
    const { area, visible } = presence;
    if (visible) return `${area ?? "At home"}, now`;
    return [area === null ? "At home" : `Last in ${area}`, when].filter((word) => word !== "").join(", ");
  }
  const since = presence?.since ?? null;
  if (presence !== null) return since === null ? "Away" : `Away since ${clockTime(Date.parse(since), now)}`;
  return when === "" ? "Not seen yet" : `Seen ${when}`;
}

function latest(one: string | null, other: string | null): number | null {
  const times = [one, other].flatMap((iso) => (iso === null ? [] : [Date.parse(iso)]));
  return times.length === 0 ? null : Math.max(...times);
}

export function visitsWords(visits: number): string {
  return visits === 1 ? "1 visit" : `${visits} visits`;
}

/** "Is Visitor-C Rosa?"; "Was this Rosa?" where the track is taken for nobody. */
export function reviewQuestion({ person, candidate }: Pick<ReviewJson, "person" | "candidate">): string {
  const who = candidate?.name ?? "somebody known";
  return person === null ? `Was this ${who}?` : `Is ${person.name} ${who}?`;
}

const CUE_WORDS: Readonly<Record<Cue, string>> = {
  face: "Their faces are alike",
  gait: "They move alike",
  appearance: "They are dressed alike",
};

/** By what, how like (cosine as a share), and what kept Haven from being sure. */
export function reviewReason({
  cue,
  score,
  decision,
}: Pick<ReviewJson, "cue" | "score" | "decision">): string {
  const alike = `${CUE_WORDS[cue]} (${Math.round(Math.max(0, score) * 100)}\u00a0%)`;
  const reasons = decision?.reasons ?? [];
  if (reasons.includes("face_margin")) return `${alike}, but somebody else is nearly as like.`;
  if (reasons.includes("elsewhere") || reasons.includes("same_camera"))
    return `${alike}, but both were seen at the same time.`;
  if (reasons.includes("low_quality") || reasons.includes("too_small"))
    return `${alike}, but they were not seen well enough to be sure.`;
  return `${alike}, but not enough to be sure.`;
}

const ACTION_WORDS: Readonly<Record<string, string>> = {
  enrol: "Photos added",
  edit: "Name or details changed",
  merge: "Merged with somebody",
  absorb: "Joined with a visitor who was them",
  split: "Split in two",
  assign: "A sighting was theirs",
  not_them: "A sighting was not theirs",
  set_aside: "A picture set aside",
  restore: "A picture taken back into use",
  review: "A question answered",
  archive: "No longer looked for",
  undo: "A change undone",
};

export function auditSentence({ action }: Pick<AuditEntryJson, "action">): string {
  return ACTION_WORDS[action] ?? action.replaceAll("_", " ");
}

/** Whether it can be asked for; what came later may still stand in the way. */
export function canUndo({ action, undone_at: undoneAt }: AuditEntryJson): boolean {
  return undoneAt === null && !["undo", "forget", "expire", "reset"].includes(action);
}

/** Where a picture comes from: "From a photo", or the camera's name. */
export function exampleSource(
  { source, camera_id: cameraId }: Pick<EmbeddingJson, "source" | "camera_id">,
  nameOf: (cameraId: string) => string | null,
): string {
  if (source === "photo") return "From a photo";
  return (cameraId === null ? null : nameOf(cameraId)) ?? "From a camera";
}

/** What is kept beside the pictures; empty when there is nothing. */
export function otherTraces(examples: readonly Pick<EmbeddingJson, "cue" | "state">[]): string {
  const count = (cue: Cue) => examples.filter((one) => one.cue === cue && one.state === "prototype").length;
  const parts = [
    counted(
      count("appearance"),
      "example of clothes, for a while only",
      "examples of clothes, for a while only",
    ),
    counted(count("gait"), "example of how they move", "examples of how they move"),
  ].filter((part) => part !== "");
  return parts.length === 0 ? "" : `Also kept, as numbers: ${parts.join("; ")}.`;
}

function counted(count: number, one: string, many: string): string {
  return count === 0 ? "" : `${count} ${count === 1 ? one : many}`;
}

export interface AreaStays {
  readonly area: string;
  readonly seconds: number;
  /** Shares of the time that is shown, 0..1. */
  readonly spans: readonly { readonly from: number; readonly to: number }[];
}

/** Stays by area within `from`..`to` (wall time, ms), the area with the most time first. */
export function staysByArea(
  stays: readonly StayJson[],
  {
    from,
    to,
    nameOf,
  }: { readonly from: number; readonly to: number; readonly nameOf: (cameraId: string) => string },
): readonly AreaStays[] {
  const areas = new Map<string, { seconds: number; spans: { from: number; to: number }[] }>();
  for (const stay of stays) {
    const [begin, end] = [Math.max(from, Date.parse(stay.from)), Math.min(to, Date.parse(stay.to))];
    if (!(end >= begin)) continue;
    const name = stay.area ?? nameOf(stay.camera_id);
    const area = areas.get(name) ?? { seconds: 0, spans: [] };
    area.seconds += (end - begin) / 1000;
    area.spans.push({ from: (begin - from) / (to - from), to: (end - from) / (to - from) });
    areas.set(name, area);
  }
  return [...areas].map(([area, known]) => ({ area, ...known })).sort((a, b) => b.seconds - a.seconds);
}

/** Who goes into whom: somebody with a name stays; of two alike the one whose page it is. */
export function mergeOrder<P extends Pick<PersonJson, "name">>(shown: P, other: P): { from: P; into: P } {
  return shown.name === null && other.name !== null
    ? { from: shown, into: other }
    : { from: other, into: shown };
}
