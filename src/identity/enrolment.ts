// Takes somebody up from photos: all that is good of them, or nothing.
import { AppError, isAppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { Box } from "../domain/geometry.ts";
import { displayName, type Person } from "../domain/person.ts";
import type { PhotoFace } from "../domain/tracklet.ts";
import type { EmbeddingRow } from "../store/person-rows.ts";
import { type AdminContext, change, newPersonId, newPersonRow, personOf } from "./admin-context.ts";
import type { ChangeWriter, GivenFields } from "./change-writer.ts";
import { checkedEdit, type PersonEdit } from "./person-edit.ts";
import { judgePhotos, type PhotoFinding, type PhotoUnderJudgement } from "./photo-judgement.ts";

export interface UploadedPhoto {
  readonly bytes: Uint8Array;
  /** Where the face is that is meant, 0..1 of the photo as it is looked at; null when there is only one. */
  readonly box: Box | null;
}

export interface EnrolRequest extends PersonEdit {
  /** Somebody who is known already, a visitor seen too; null for a new entry, which needs a name. */
  readonly personId: string | null;
  readonly photos: readonly UploadedPhoto[];
  /** Although a photo looks like somebody else, or unlike the person's other ones. */
  readonly force: boolean;
  readonly by: string;
}

export interface Enrolment {
  /** null when nobody was taken up, as no photo could serve. */
  readonly person: Person | null;
  /** One for each photo, in order. */
  readonly photos: readonly PhotoFinding[];
  /** Entries without a name that are as like as one person is to themselves: likely the same, to be merged. */
  readonly alike: readonly string[];
  readonly auditId: string | null;
}

const MOST_PHOTOS = 20;
/** So many of those who look alike are told. */
const MOST_ALIKE = 5;

/**
 * Throws AppError input.invalid, not-found, or conflict when a photo looks like somebody with a name and `force` is not
 * set; then nothing changed. Photos that cannot serve throw nothing: the findings say why.
 */
export async function enrol(context: AdminContext, request: EnrolRequest): Promise<Enrolment> {
  const edit = checkedEdit(request);
  const before = request.personId === null ? null : personOf(context, request.personId);
  if ((edit.name ?? before?.name ?? null) === null && before === null)
    throw new AppError("input.invalid", "say what the person is called");
  if (request.photos.length === 0 || request.photos.length > MOST_PHOTOS)
    throw new AppError("input.invalid", `send 1 to ${MOST_PHOTOS} photos`);
  const described: PhotoUnderJudgement[] = [];
  // One after the other: a phone sends ten pictures of ten megapixels.
  for (const photo of request.photos) described.push(await describe(context, photo));
  const known = before === null ? [] : facesOf(context, before.id);
  const { faceThreshold } = context.settings();
  const judged = judgePhotos(described, { known, threshold: faceThreshold, force: request.force });
  const photos = judged.map(({ finding }) => finding);
  const faces = judged.flatMap(({ face }) => face ?? []);
  if (faces.length === 0) return { person: before, photos, alike: [], auditId: null };
  // Somebody may have been merged or forgotten while the photos were looked at.
  const person = before === null ? null : personOf(context, before.id);
  const alike = othersAlike(context, faces, { person, edit });
  const namesake = alike.find(({ name }) => name !== null);
  if (namesake !== undefined && !request.force)
    throw new AppError(
      "conflict",
      `this looks like ${displayName(namesake)}; add the photos there, merge the two, or say that it is somebody else`,
      { fields: { personId: namesake.id } },
    );
  const { id, auditId } = write(context, { person, edit, faces, by: request.by });
  return {
    person: personOf(context, id),
    photos,
    alike: alike.filter(({ name }) => name === null).map((other) => other.id),
    auditId,
  };
}

async function describe({ describePhoto }: AdminContext, photo: UploadedPhoto): Promise<PhotoUnderJudgement> {
  try {
    return { description: await describePhoto(photo.bytes), unreadable: null, box: photo.box };
  } catch (error) {
    if (!isAppError(error, "input.invalid")) throw error;
    return { description: null, unreadable: error.message, box: photo.box };
  }
}

function facesOf({ people }: AdminContext, personId: string): EmbeddingRow[] {
  return people
    .embeddings(personId)
    .filter(({ cue, state }) => cue === "face" && (state === "prototype" || state === "set_aside"));
}

function othersAlike(
  { people, settings }: AdminContext,
  faces: readonly PhotoFace[],
  { person, edit }: { readonly person: Person | null; readonly edit: PersonEdit },
): Person[] {
  const scope = {
    region: edit.region === undefined ? (person?.region ?? null) : edit.region,
    clientId: edit.clientId === undefined ? (person?.clientId ?? null) : edit.clientId,
  };
  const { faceThreshold } = settings();
  const found = faces.flatMap(({ sample: { modelId, embedding, quality } }) =>
    people.search(
      {
        faces: [{ modelId, vector: embedding, quality, reference: true }],
        appearances: [],
        gait: null,
        frames: 1,
        heightPx: 0,
      },
      scope,
      MOST_ALIKE,
    ),
  );
  const ids = found
    .filter(({ scores }) => (scores.face ?? -1) >= faceThreshold)
    .sort((a, b) => (b.scores.face ?? -1) - (a.scores.face ?? -1))
    .map(({ personId }) => personId);
  return [...new Set(ids)]
    .filter((id) => id !== person?.id)
    .flatMap((id) => people.person(id) ?? [])
    .slice(0, MOST_ALIKE);
}

function write(
  context: AdminContext,
  plan: {
    readonly person: Person | null;
    readonly edit: PersonEdit;
    readonly faces: readonly PhotoFace[];
    readonly by: string;
  },
): { readonly id: string; readonly auditId: string | null } {
  const { person, edit, faces, by } = plan;
  const { store, clock } = context;
  const id = person?.id ?? newPersonId(clock.now());
  const { auditId } = change(
    context,
    { action: "enrol", personId: id, persons: [id], by, notes: { photos: faces.length } },
    (writer, at) => {
      if (person === null) {
        const scope = { region: edit.region ?? null, clientId: edit.clientId ?? null };
        const kind = edit.kind ?? "resident";
        writer.createPerson(newPersonRow(store, id, at, { ...scope, kind, ...givenFields(edit, at) }));
      } else {
        const isArchived = writer.personRow(id).status === "archived";
        writer.setPerson(id, { ...givenFields(edit, at), ...(isArchived ? { status: "active" } : {}) });
      }
      addFaces(writer, { personId: id, faces, at, keepPictures: context.settings().keepPictures });
      writer.settleMeans(id, "anew", at);
    },
  );
  return { id, auditId };
}

function addFaces(
  writer: ChangeWriter,
  {
    personId,
    faces,
    at,
    keepPictures,
  }: {
    readonly personId: string;
    readonly faces: readonly PhotoFace[];
    readonly at: number;
    readonly keepPictures: boolean;
  },
): void {
  for (const { sample, picture } of faces)
    writer.addEmbedding({
      embeddingId: newId(at),
      personId,
      cue: "face",
      modelId: sample.modelId,
      state: "prototype",
      vector: sample.embedding,
      quality: sample.quality,
      facing: null,
      source: "photo",
      cameraId: null,
      trackletId: null,
      capturedAt: at,
      picture: keepPictures ? picture : null,
    });
}

/** As columns of the person's row. */
export function givenFields({ consentBy, ...edit }: PersonEdit, at: number): GivenFields {
  return {
    ...edit,
    ...(consentBy === undefined ? {} : { consentBy, consentAt: consentBy === null ? null : at }),
  };
}
