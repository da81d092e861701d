// Parses what comes with photos and faces: our own types, or AppError input.invalid.
import type { Box } from "../domain/geometry.ts";
import { PERSON_KINDS } from "../domain/person.ts";
import {
  type Fields,
  flag,
  invalid,
  isFields,
  isShare,
  knownFields,
  numberIn,
  oneOf,
  single,
  text,
} from "./field-parsers.ts";
import type { EnrolDraft, UploadedPhoto } from "./person-deps.ts";
import {
  type ByHand,
  byOf,
  consentOf,
  descriptionOf,
  idOf,
  parseBoolean,
  personName,
  wordOrNull,
} from "./person-parsers.ts";
import { MAX_PHOTOS, photoOf } from "./person-photos.ts";

/** Shorter and longer vectors are no model's. */
const VECTOR_LENGTHS = { least: 16, most: 4096 } as const;

/** The fields of an enrolment; `photos` where the body is JSON, else they are the body. */
export function parseEnrolment(
  fields: Fields,
  photos: readonly UploadedPhoto[],
): ByHand & { readonly request: EnrolDraft } {
  const { person_id: personId, force, by } = fields;
  const base = { photos, force: force === undefined ? false : flag(force, "force") };
  if (personId !== undefined) {
    const other = NEW_PERSON.find((name) => fields[name] !== undefined);
    if (other !== undefined)
      throw invalid(`${other} is only for somebody new; change who is known with PATCH api/persons/ID.`);
    return { request: { ...base, personId: idOf(personId, "person_id") }, by: byOf(by) };
  }
  if (fields.name === undefined)
    throw invalid("Somebody new needs a name; somebody known is told by person_id.");
  const { kind, region, client_id: clientId, description, consent } = fields;
  return {
    request: {
      ...base,
      personId: null,
      name: personName(fields.name, "name"),
      kind: kind === undefined ? "resident" : oneOf(kind, "kind", PERSON_KINDS),
      region: wordOrNull(region, "region"),
      clientId: wordOrNull(clientId, "client_id"),
      description: descriptionOf(description),
      consentBy: consentOf(consent),
    },
    by: byOf(by),
  };
}

const NEW_PERSON = ["name", "kind", "region", "client_id", "description", "consent"] as const;
const ENROLMENT = [...NEW_PERSON, "person_id", "force", "by"] as const;

export function parseEnrolmentJson(body: unknown): ReturnType<typeof parseEnrolment> {
  const { photos, ...fields } = knownFields(body, [...ENROLMENT, "photos"], "an enrolment");
  if (!Array.isArray(photos) || photos.length === 0) throw invalid("photos is a list of at least one photo.");
  if (photos.length > MAX_PHOTOS)
    throw invalid(`photos has at most ${MAX_PHOTOS} photos; send the others after.`);
  return parseEnrolment(
    fields,
    photos.map((photo: unknown, index) => uploadedPhoto(photo, `photos[${index}]`)),
  );
}

function uploadedPhoto(value: unknown, at: string): UploadedPhoto {
  if (!isFields(value)) return { bytes: photoOf(value, at), box: null };
  const { photo, box } = knownFields(value, ["photo", "box"], "a photo");
  return { bytes: photoOf(photo, `${at}.photo`), box: box === undefined ? null : boxOf(box, `${at}.box`) };
}

function boxOf(value: unknown, at: string): Box {
  const corners = Array.isArray(value) && value.length === 4 && value.every(isShare) ? value : [];
  const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = corners;
  if (x1 >= x2 || y1 >= y2)
    throw invalid(`${at} is x1, y1, x2, y2 of a face in the photo, each from 0 to 1.`);
  return { x1, y1, x2, y2 };
}

/** Where a photo is the body. */
export function boxOfQuery(query: Fields): Box | null {
  const box = single(query, "box");
  return box === null ? null : boxOf(box.split(",").map(Number), "box");
}

/** The same fields where a photo is the body. */
export function enrolmentOfQuery(query: Fields): Fields {
  const consent = single(query, "consent_by");
  const force = single(query, "force");
  return {
    ...given(query, ["person_id", "name", "kind", "region", "client_id", "description", "by"]),
    ...(consent === null ? {} : { consent: { by: consent } }),
    ...(force === null ? {} : { force: parseBoolean(force, "force") }),
  };
}

export interface FaceSearch {
  readonly probe:
    | { readonly kind: "photo"; readonly photo: Uint8Array }
    | { readonly kind: "embedding"; readonly modelId: string; readonly vector: Float32Array };
  /** null: the model's own. */
  readonly threshold: number | null;
  readonly limit: number;
  readonly region: string | null;
  readonly clientId: string | null;
}

export function parseFaceSearch(body: unknown): FaceSearch {
  const { photo, model_id, embedding, ...rest } = knownFields(
    body,
    ["photo", "model_id", "embedding", "threshold", "limit", "region", "client_id"],
    "a search",
  );
  if ((photo === undefined) === (embedding === undefined))
    throw invalid("Send a photo, or an embedding with its model_id.");
  if (photo !== undefined) {
    if (model_id !== undefined) throw invalid("model_id belongs to an embedding, not to a photo.");
    return { ...searchOptions(rest), probe: { kind: "photo", photo: photoOf(photo, "photo") } };
  }
  const modelId = text(model_id, "model_id", 100);
  return { ...searchOptions(rest), probe: { kind: "embedding", modelId, vector: vectorOf(embedding) } };
}

/** The same where a photo is the body. */
export function faceSearchOfQuery(query: Fields, photo: Uint8Array): FaceSearch {
  const threshold = single(query, "threshold");
  const limit = single(query, "limit");
  const options = searchOptions({
    ...(threshold === null ? {} : { threshold: Number(threshold) }),
    ...(limit === null ? {} : { limit: Number(limit) }),
    ...given(query, ["region", "client_id"]),
  });
  return { ...options, probe: { kind: "photo", photo } };
}

/** Of unit length; JSON has no NaN, but null, texts and numbers beyond what 32 bits hold come in its place. */
function vectorOf(value: unknown): Float32Array {
  const { least, most } = VECTOR_LENGTHS;
  if (!Array.isArray(value) || value.length < least || value.length > most)
    throw invalid(`embedding is a list of ${least} to ${most} numbers.`);
  const numbers = value.map((entry: unknown, index) => {
    if (typeof entry !== "number" || !Number.isFinite(entry))
      throw invalid(`embedding[${index}] is no number; every entry of an embedding is one.`);
    return entry;
  });
  const length = Math.hypot(...numbers);
  if (!Number.isFinite(length) || length < 1e-6)
    throw invalid("embedding has no direction: its numbers are all zero, or too large.");
  return Float32Array.from(numbers, (entry) => entry / length);
}

function searchOptions(fields: {
  readonly threshold?: unknown;
  readonly limit?: unknown;
  readonly region?: unknown;
  readonly client_id?: unknown;
}): Omit<FaceSearch, "probe"> {
  const limit = fields.limit === undefined ? 5 : numberIn(fields.limit, "limit", 1, 100);
  if (!Number.isInteger(limit)) throw invalid("limit is a whole number from 1 to 100.");
  return {
    threshold: fields.threshold === undefined ? null : numberIn(fields.threshold, "threshold", -1, 1),
    limit,
    region: wordOrNull(fields.region, "region"),
    clientId: wordOrNull(fields.client_id, "client_id"),
  };
}

function given(query: Fields, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = single(query, name);
      return value === null ? [] : [[name, value]];
    }),
  );
}
