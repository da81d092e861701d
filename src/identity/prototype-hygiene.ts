// Sets aside faces that should not be looked for: unlike their own person, or too like another one. Reversibly; what
// somebody restored stays.
import type { Person } from "../domain/person.ts";
import { type PersonPrototypes, suspects } from "../reid/hygiene.ts";
import type { EmbeddingRow } from "../store/person-rows.ts";
import { type AdminContext, change, HAVEN } from "./admin-context.ts";
import { logFromJson } from "./person-changes.ts";

/** Everybody with a name is compared with everybody: for so many with ten faces each that takes about .1 s. */
const MOST_NAMED = 100;
/** Of those without, who were seen last. */
const MOST_VISITORS = 200;
/** Entries of the audit in which it is looked up what somebody restored. */
const AUDIT_LOOKED_AT = 2000;

/**
 * Answers how many were set aside. Whoever has a name is compared with the others who have one. A visitor's entry is only
 * held against itself: it may well be somebody with a name, seen badly, and must not cost them their good examples. Photos
 * stay: somebody chose them. Throws AppError store.*.
 */
export function setAsideSuspects(context: AdminContext, whose: "everybody's" | "named"): number {
  const { people, log } = context;
  const persons = people.persons();
  const named = persons.filter(({ name }) => name !== null).slice(0, MOST_NAMED);
  const visitors =
    whose === "named" ? [] : persons.filter(({ name }) => name === null).slice(0, MOST_VISITORS);
  const groups = [...byModel(context, named), ...visitors.flatMap((visitor) => byModel(context, [visitor]))];
  const { faceThreshold } = context.settings();
  const found = groups.flatMap((group) => suspects(group, faceThreshold));
  const sightings = found.filter(({ prototype }) => prototype.source === "sighting");
  if (sightings.length === 0) return 0;
  const wanted = restoredByHand(context);
  const unfit = sightings.filter(({ prototype }) => !wanted.has(prototype.embeddingId));
  for (const personId of new Set(unfit.map((suspect) => suspect.personId)))
    change(context, { action: "set_aside", personId, persons: [personId], by: HAVEN }, (writer, at) => {
      for (const { prototype } of unfit.filter((suspect) => suspect.personId === personId))
        writer.setEmbedding(prototype, { state: "set_aside" });
      writer.settleMeans(personId, "anew", at);
    });
  if (unfit.length > 0) log.info({ examples: unfit.length }, "faces that fit badly are set aside");
  return unfit.length;
}

/** Faces of different models cannot be compared. */
function byModel({ store }: AdminContext, persons: readonly Person[]): PersonPrototypes<EmbeddingRow>[][] {
  const found = new Map<string, PersonPrototypes<EmbeddingRow>[]>();
  for (const { id: personId } of persons) {
    const faces = store.embeddings
      .looksOf(personId)
      .filter(({ cue, state }) => cue === "face" && state === "prototype");
    for (const modelId of new Set(faces.map((face) => face.modelId))) {
      const prototypes = faces.filter((face) => face.modelId === modelId);
      found.set(modelId, [...(found.get(modelId) ?? []), { personId, prototypes }]);
    }
  }
  return [...found.values()];
}

/** Examples that somebody restored, or whose setting aside they undid. */
function restoredByHand({ store }: AdminContext): Set<string> {
  const entries = store.audit
    .list({ personId: null, before: null, limit: AUDIT_LOOKED_AT })
    .filter(
      ({ action, undoneAt }) =>
        (action === "restore" && undoneAt === null) || (action === "set_aside" && undoneAt !== null),
    );
  return new Set(
    entries.flatMap(({ details }) =>
      (logFromJson(details)?.changes ?? []).flatMap(({ of, ids }) => (of === "embedding" ? ids : [])),
    ),
  );
}
