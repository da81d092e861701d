// Persons, presence and what is kept of them as the JSON of person-contract.ts.
import type { Millis } from "../core/clock.ts";
import type { AreaPresence, PersonPresence, TrackIdentity } from "../domain/identity.ts";
import { displayName, meanSize, type Person } from "../domain/person.ts";
import type {
  AreaPresenceJson,
  AuditEntryJson,
  EmbeddingJson,
  PersonJson,
  PersonPresenceJson,
  PersonRefJson,
  PersonStatsJson,
  PhotoFaceJson,
  PhotoVerdictJson,
  PresenceJson,
  ReviewJson,
  StayJson,
  TrackPersonJson,
} from "./person-contract.ts";
import type {
  AuditEntry,
  PersonAdmin,
  PersonExample,
  PersonStats,
  PhotoVerdict,
  ReviewEntry,
  Stay,
} from "./person-deps.ts";
import { asSentence } from "./problem.ts";
import { isoTime, isoTimeOrNull } from "./wire-mapping.ts";

/** Seen within this they count as active, as the specification has it. */
export const ACTIVE_MS: Millis = 30_000;

export function isActive({ lastSeenAt }: Pick<Person, "lastSeenAt">, now: Millis): boolean {
  return lastSeenAt !== null && now - lastSeenAt <= ACTIVE_MS;
}

/** Null for whom nobody is known to be. Somebody who is only likely is not named. */
export function trackPersonToWire(identity: TrackIdentity | undefined): TrackPersonJson | null {
  if (identity === undefined) return null;
  const { personId, personName, kind, cue, decision } = identity;
  const confidence = round(decision.confidence);
  if (personId !== null) return { id: personId, name: personName, kind, cue, confidence, tentative: false };
  if (identity.tentativeId === null) return null;
  return { id: null, name: null, kind: null, cue, confidence, tentative: true };
}

export function presenceToWire(persons: Pick<PersonAdmin, "presence" | "areas">): PresenceJson {
  return {
    persons: persons.presence().map(personPresenceToWire),
    areas: persons.areas().map(areaPresenceToWire),
  };
}

export function personToWire(person: Person, persons: PersonAdmin, now: Millis): PersonJson {
  const { id, consent, sizes } = person;
  const { embeddings, pictureId } = persons.summary(id);
  const presence = persons.presence().find(({ personId }) => personId === id);
  const mean = meanSize(sizes);
  return {
    id,
    name: person.name,
    label: person.label,
    kind: person.kind,
    status: person.status,
    region: person.region,
    client_id: person.clientId,
    description: person.description,
    created_at: isoTime(person.createdAt),
    first_seen_at: isoTimeOrNull(person.firstSeenAt),
    last_seen_at: isoTimeOrNull(person.lastSeenAt),
    last_camera_id: person.lastCameraId,
    active: isActive(person, now),
    visits: person.visits,
    cameras: sizes.map(({ cameraId, widthPx, heightPx, count }) => ({
      camera_id: cameraId,
      mean_width_px: pixels(widthPx),
      mean_height_px: pixels(heightPx),
      tracklets: count,
    })),
    mean_width_px: mean === null ? null : pixels(mean.widthPx),
    mean_height_px: mean === null ? null : pixels(mean.heightPx),
    height_m: person.heightM === null ? null : pixels(person.heightM),
    consent: consent === null ? null : { by: consent.by, at: isoTime(consent.at) },
    retention_days: person.retentionDays,
    embeddings: { face: embeddings.face, gait: embeddings.gait, appearance: embeddings.appearance },
    picture: pictureId === null ? null : pictureUrl(id, pictureId),
    presence: presence === undefined ? null : personPresenceToWire(presence),
  };
}

export function statsToWire(stats: PersonStats, faceModel: PersonStatsJson["face_model"]): PersonStatsJson {
  const { embeddings, retention, byKind } = stats;
  return {
    persons: stats.persons,
    named: stats.named,
    by_kind: { resident: byKind.resident, carer: byKind.carer, visitor: byKind.visitor },
    embeddings: { face: embeddings.face, gait: embeddings.gait, appearance: embeddings.appearance },
    tracklets: stats.tracklets,
    mean_visits: pixels(stats.meanVisits),
    switches: stats.switches,
    open_reviews: stats.openReviews,
    database_bytes: stats.databaseBytes,
    retention: {
      visitor_days: retention.visitorDays,
      appearance_ttl_seconds: retention.appearanceTtlS,
      keep_pictures: retention.keepPictures,
    },
    face_model: faceModel,
    cameras: stats.cameras.map((camera) => ({
      camera_id: camera.cameraId,
      persons: camera.persons,
      embeddings: camera.embeddings,
      mean_visits: pixels(camera.meanVisits),
      switches: camera.switches,
    })),
  };
}

export function exampleToWire(personId: string, example: PersonExample): EmbeddingJson {
  return {
    id: example.id,
    cue: example.cue,
    model_id: example.modelId,
    state: example.state,
    quality: round(example.quality),
    facing: example.facing,
    source: example.source,
    camera_id: example.cameraId,
    tracklet_id: example.trackletId,
    captured_at: isoTime(example.capturedAt),
    picture: example.hasPicture ? pictureUrl(personId, example.id) : null,
  };
}

export function stayToWire(stay: Stay): StayJson {
  return {
    camera_id: stay.cameraId,
    area: stay.area,
    from: isoTime(stay.from),
    to: isoTime(stay.until),
    duration_s: round((stay.until - stay.from) / 1000),
    cue: stay.cue,
    tracklet_ids: stay.trackletIds,
  };
}

export function verdictToWire(verdict: PhotoVerdict): PhotoVerdictJson {
  const { accepted, width, height, faces, chosen, reason } = verdict;
  return {
    accepted,
    width,
    height,
    faces: faces.map(faceToWire),
    chosen,
    reason: reason === null ? null : asSentence(reason),
  };
}

export function faceToWire({ box, quality, problems }: PhotoVerdict["faces"][number]): PhotoFaceJson {
  return {
    box: [round(box.x1), round(box.y1), round(box.x2), round(box.y2)],
    quality: round(quality),
    problems,
  };
}

export function auditToWire(entry: AuditEntry): AuditEntryJson {
  const { id, at, by, action, personId, details, undoneAt } = entry;
  return {
    id,
    at: isoTime(at),
    by,
    action,
    person_id: personId,
    details,
    undone_at: isoTimeOrNull(undoneAt),
  };
}

export function reviewToWire(review: ReviewEntry): ReviewJson {
  const { decision } = review;
  return {
    id: review.id,
    created_at: isoTime(review.createdAt),
    tracklet_id: review.trackletId,
    person: review.person === null ? null : refToWire(review.person),
    candidate: review.candidate === null ? null : refToWire(review.candidate),
    cue: review.cue,
    score: round(review.score),
    decision:
      decision === null
        ? null
        : {
            outcome: decision.outcome,
            confidence: round(decision.confidence),
            reasons: decision.reasons,
          },
    answer: review.answer,
    answered_at: isoTimeOrNull(review.answeredAt),
    answered_by: review.answeredBy,
  };
}

export function refToWire(person: Person): PersonRefJson {
  return { id: person.id, name: displayName(person), kind: person.kind };
}

function personPresenceToWire(presence: PersonPresence): PersonPresenceJson {
  const { confidence } = presence;
  return {
    person_id: presence.personId,
    name: presence.name,
    kind: presence.kind,
    named: presence.named,
    area: presence.area,
    camera_id: presence.cameraId,
    visible: presence.visible,
    home: presence.home,
    since: isoTimeOrNull(presence.since),
    last_seen_at: isoTimeOrNull(presence.lastSeenAt),
    cue: presence.cue,
    confidence: confidence === null ? null : round(confidence),
  };
}

function areaPresenceToWire({
  area,
  occupied,
  count,
  personIds,
  unknownPresent,
  watched,
}: AreaPresence): AreaPresenceJson {
  return { area, occupied, count, person_ids: personIds, unknown_present: unknownPresent, watched };
}

/** Relative, since ingress serves the panel under a prefix. */
function pictureUrl(personId: string, exampleId: string): string {
  return `api/persons/${encodeURIComponent(personId)}/embeddings/${encodeURIComponent(exampleId)}/picture.jpg`;
}

/** Four decimals tell two similarities apart. */
function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}

function pixels(value: number): number {
  return Math.round(value * 100) / 100;
}
