// Sets aside faces that should not be looked for: unlike their own person, or too like another one. Reversibly; what
// somebody restored stays.
import type { Person } from "../domain/person.ts";
import { suspects } from "../reid/hygiene.ts";
import type { EmbeddingRow } from "../store/person-rows.ts";
import { type AdminContext, change, HAVEN } from "./admin-context.ts";
import { logFromJson } from "./person-changes.ts";

/** Everybody is compared with everybody: for so many with ten faces each that takes about .1 s. */
const MOST_COMPARED = 100;
/** Entries of the audit in which it is looked up what somebody restored. */
const AUDIT_LOOKED_AT = 2000;

/** Answers how many were set aside. Photos stay: somebody chose them. Throws AppError store.*. */
export function setAsideSuspects(context: AdminContext): number {
  const { people, store, log } = context;
  const compared = [...people.persons()].sort(namedFirst).slice(0, MOST_COMPARED);
  const ofModel = new Map<string, { personId: string; prototypes: EmbeddingRow[] }[]>();
  for (const { id } of compared) {
    const faces = store.embeddings
      .looksOf(id)
      .filter(({ cue, state }) => cue === "face" && state === "prototype");
    for (const modelId of new Set(faces.map((face) => face.modelId))) {
      const prototypes = faces.filter((face) => face.modelId === modelId);
      ofModel.set(modelId, [...(ofModel.get(modelId) ?? []), { personId: id, prototypes }]);
    }
  }
  const { faceThreshold } = context.settings();
  const found = [...ofModel.values()].flatMap((group) => suspects(group, faceThreshold));
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

function namedFirst(one: Person, other: Person): number {
  const named = Number(other.name !== null) - Number(one.name !== null);
  return named === 0 ? (other.lastSeenAt ?? 0) - (one.lastSeenAt ?? 0) : named;
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
