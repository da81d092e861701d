import { type Request, type Response, Router } from "express";
import { AppError } from "../core/errors.ts";
import type { CallerName } from "./alarm-routes.ts";
import type { ApiDeps } from "./deps.ts";
import type { EnrolledJson, FaceSearchResultJson, NotEnrolledJson } from "./person-contract.ts";
import type { EnrolDraft, EnrolResult } from "./person-deps.ts";
import { faceToWire, personToWire, refToWire, verdictToWire } from "./person-mapping.ts";
import { checkedPhoto, onlyFace, photoBodies, tooLargePhoto } from "./person-photos.ts";
import {
  boxOfQuery,
  enrolmentOfQuery,
  type FaceSearch,
  faceSearchOfQuery,
  parseEnrolment,
  parseEnrolmentJson,
  parseFaceSearch,
} from "./photo-parsers.ts";
import { problem, sendProblem } from "./problem.ts";

/** What takes photos: enrolling and searching by a face. Stands before the parser of all other bodies, which are small. */
export function photoRoutes(
  { persons, clock }: Pick<ApiDeps, "persons" | "clock">,
  nameOf: CallerName,
): Router {
  const router = Router();
  const bodies = photoBodies();

  router.post("/enrol", ...bodies, async (request: Request, response: Response) => {
    const photo = photoBody(request.body);
    const { request: draft, by } =
      photo === null
        ? parseEnrolmentJson(request.body)
        : parseEnrolment(enrolmentOfQuery(request.query), [{ bytes: photo, box: boxOfQuery(request.query) }]);
    const result = await persons.enrol({ ...meant(persons, draft), by: nameOf(response, by) });
    const photos = result.photos.map(verdictToWire);
    if (result.person === null) {
      const refusal: NotEnrolledJson = { ...problem(422, refusalOf(result)), photos };
      sendProblem(response, refusal);
      return;
    }
    response.status(draft.personId === null ? 201 : 200).json({
      person: personToWire(result.person, persons, clock.now()),
      photos,
      alike: result.alike.map(refToWire),
    } satisfies EnrolledJson);
  });

  router.post("/search-by-face", ...bodies, async (request: Request, response: Response) => {
    const photo = photoBody(request.body);
    const search = photo === null ? parseFaceSearch(request.body) : faceSearchOfQuery(request.query, photo);
    response.json((await searchByFace(persons, search, clock.now())) satisfies FaceSearchResultJson);
  });

  router.use(tooLargePhoto);
  return router;
}

/** More photos go to whoever the id stands for today. Throws AppError not-found. */
function meant(persons: ApiDeps["persons"], draft: EnrolDraft): EnrolDraft {
  if (draft.personId === null) return draft;
  const person = persons.get(draft.personId);
  if (person === null) throw new AppError("not-found", "There is no person with this id.");
  return { ...draft, personId: person.id };
}

async function searchByFace(
  persons: ApiDeps["persons"],
  { probe, threshold: wanted, ...options }: FaceSearch,
  now: number,
): Promise<FaceSearchResultJson> {
  const model = persons.faceModel();
  if (model === null)
    throw new AppError("conflict", "Haven does not look at faces: there is nothing to search in.");
  const face = probe.kind === "photo" ? onlyFace(await persons.describePhoto(probe.photo)) : null;
  const { modelId, vector } =
    face === null ? { modelId: "", vector: new Float32Array(), ...probe } : faceVector(face.sample);
  if (modelId !== model.id || (model.length !== null && vector.length !== model.length)) {
    const length = model.length === null ? "" : ` with ${model.length} numbers`;
    throw new AppError(
      "input.invalid",
      `Only embeddings of ${model.id}${length} can be compared with those that are kept.`,
    );
  }
  const threshold = wanted ?? model.accept;
  const hits = persons.searchByFace({ modelId, vector, threshold, ...options });
  return {
    model_id: model.id,
    threshold,
    face: face === null ? null : faceToWire({ ...face, quality: face.sample.quality }),
    matches: hits.map(({ person, similarity }) => ({
      person: personToWire(person, persons, now),
      similarity: Math.round(similarity * 10_000) / 10_000,
    })),
  };
}

function faceVector({ modelId, embedding }: { readonly modelId: string; readonly embedding: Float32Array }) {
  return { modelId, vector: embedding };
}

/** null where the body is JSON. */
function photoBody(body: unknown): Uint8Array | null {
  return Buffer.isBuffer(body) ? checkedPhoto(body, "The body") : null;
}

/** Nobody was enrolled: the one reason, or that every photo has its own. */
function refusalOf({ photos }: EnrolResult): string {
  const reasons = [...new Set(photos.flatMap(({ reason }) => (reason === null ? [] : [reason])))];
  const [only] = reasons;
  if (only !== undefined && reasons.length === 1) return only;
  return "None of the photos can be used; each says why.";
}
