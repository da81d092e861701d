// What the api room asks about persons.
import type { PersonAdmin } from "./api/person-deps.ts";
import { AppError } from "./core/errors.ts";

/** While nobody is told apart: an empty house, in which nothing can be changed. */
export function nobodyKnown(): PersonAdmin {
  const refuse = (): never => {
    throw new AppError("conflict", "Haven does not tell people apart: set reid.enabled to change that.");
  };
  return {
    list: () => [],
    get: () => null,
    summary: () => ({ embeddings: { face: 0, gait: 0, appearance: 0 }, pictureId: null }),
    presence: () => [],
    areas: () => [],
    stats: () => ({
      persons: 0,
      named: 0,
      byKind: { resident: 0, carer: 0, visitor: 0 },
      embeddings: { face: 0, gait: 0, appearance: 0 },
      tracklets: 0,
      meanVisits: 0,
      switches: 0,
      openReviews: 0,
      databaseBytes: null,
      retention: { visitorDays: 90, appearanceTtlS: 3600, keepPictures: false },
      cameras: [],
    }),
    trajectory: () => [],
    examples: () => [],
    example: () => null,
    change: async () => refuse(),
    forget: async () => refuse(),
    enrol: async () => refuse(),
    merge: async () => refuse(),
    split: async () => refuse(),
    isThem: async () => refuse(),
    notThem: async () => refuse(),
    setAside: async () => refuse(),
    restore: async () => refuse(),
    reset: async () => refuse(),
    audit: () => [],
    undo: async () => refuse(),
    reviews: () => [],
    answerReview: async () => refuse(),
    faceModel: () => null,
    describePhoto: async () => refuse(),
    searchByFace: () => [],
  };
}
