import type { HomeNews } from "../../src/api/deps.ts";
import type {
  AuditEntry,
  EnrolRequest,
  ExampleContent,
  FaceQuery,
  PersonAdmin,
  PersonExample,
  PhotoVerdict,
  ReviewEntry,
  Stay,
} from "../../src/api/person-deps.ts";
import type { Clock } from "../../src/core/clock.ts";
import { AppError } from "../../src/core/errors.ts";
import type { AreaPresence, PersonPresence } from "../../src/domain/identity.ts";
import { type Person, visitorLabel } from "../../src/domain/person.ts";
import type { PhotoDescription, PhotoFace } from "../../src/domain/tracklet.ts";

/** Length of the vectors of the model that is used. */
export const FACE_LENGTH = 128;

/** What vision sees in a photo that begins like one: told by the text behind its first bytes. */
export type PhotoText = "one face" | "no face" | "two faces" | "blurred" | "huge";

/** Begins as a JPEG does; what is in it is for `FakePersons` to say. */
export function aPhoto(text: PhotoText = "one face"): Buffer {
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.from(text)]);
}

/** Persons, made up in memory: what identity answers, without looking at anybody. */
export class FakePersons implements PersonAdmin {
  readonly #clock: Clock;
  readonly #tell: (news: HomeNews) => void;
  /** Ids of those who were merged, and whom they live on in. */
  readonly #merged = new Map<string, string>();
  people: Person[] = [];
  stored: (PersonExample & ExampleContent & { readonly personId: string })[] = [];
  stays: (Stay & { readonly personId: string })[] = [];
  where: PersonPresence[] = [];
  rooms: AreaPresence[] = [];
  entries: AuditEntry[] = [];
  open: ReviewEntry[] = [];
  readonly asked: string[] = [];
  readonly searches: FaceQuery[] = [];
  looksAtFaces = true;
  /** Thrown by the next thing that is done. */
  failure: Error | null = null;

  constructor(clock: Clock, tell: (news: HomeNews) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** All that must not change when something is refused. */
  get memory(): string {
    const { people, stored, entries, open, asked, searches } = this;
    return JSON.stringify([people, stored, entries, open, asked, searches, [...this.#merged]]);
  }

  add(change: Partial<Person> = {}): Person {
    const number = this.people.length;
    const person: Person = {
      id: `p_${String(number).padStart(4, "0")}`,
      name: null,
      label: visitorLabel(number),
      kind: "visitor",
      status: "active",
      mergedInto: null,
      region: null,
      clientId: null,
      description: null,
      createdAt: this.#clock.now(),
      firstSeenAt: this.#clock.now(),
      lastSeenAt: this.#clock.now(),
      lastCameraId: "bedroom",
      visits: 1,
      sizes: [],
      heightM: null,
      consent: null,
      retentionDays: null,
      ...change,
    };
    this.people.push(person);
    this.#tell({ kind: "persons" });
    return person;
  }

  addExample(personId: string, change: Partial<PersonExample & ExampleContent> = {}): PersonExample {
    const example = {
      id: `e${this.stored.length}`,
      personId,
      cue: "face",
      modelId: "sface",
      state: "prototype",
      quality: 0.87654,
      facing: "front",
      source: "sighting",
      cameraId: "bedroom",
      trackletId: "t1",
      capturedAt: this.#clock.now(),
      hasPicture: change.picture != null,
      vector: Float32Array.of(0.5, 0.5, 0.5, 0.5),
      picture: null,
      ...change,
    } as const;
    this.stored.push(example);
    return example;
  }

  list = () => [...this.people].sort((a, b) => (b.lastSeenAt ?? 0) - (a.lastSeenAt ?? 0));
  get = (id: string): Person | null => {
    const today = this.#merged.get(id);
    return today === undefined ? (this.people.find((other) => other.id === id) ?? null) : this.get(today);
  };
  summary = (personId: string) => {
    const own = this.stored.filter(
      (example) => example.personId === personId && example.state === "prototype",
    );
    const count = (cue: string) => own.filter((example) => example.cue === cue).length;
    return {
      embeddings: { face: count("face"), gait: count("gait"), appearance: count("appearance") },
      pictureId: own.find(({ picture }) => picture !== null)?.id ?? null,
    };
  };
  presence = () => this.where;
  areas = () => this.rooms;
  stats = () => ({
    persons: this.people.length,
    named: this.people.filter(({ name }) => name !== null).length,
    byKind: { resident: 1, carer: 0, visitor: 1 },
    embeddings: { face: 3, gait: 1, appearance: 0 },
    tracklets: 12,
    meanVisits: 4 / 3,
    switches: 1,
    openReviews: this.open.length,
    databaseBytes: 4096,
    retention: { visitorDays: 90, appearanceTtlS: 3600, keepPictures: true },
    cameras: [{ cameraId: "bedroom", persons: 2, embeddings: 4, meanVisits: 1.5, switches: 1 }],
  });
  trajectory: PersonAdmin["trajectory"] = (personId, { since, until, limit }) =>
    this.stays
      .filter((stay) => stay.personId === personId)
      .filter((stay) => (since === null || stay.until >= since) && (until === null || stay.from <= until))
      .slice(-limit);
  examples = (personId: string) => this.stored.filter((example) => example.personId === personId);
  example = (personId: string, exampleId: string) =>
    this.examples(personId).find(({ id }) => id === exampleId) ?? null;

  change: PersonAdmin["change"] = async (id, { consentBy, ...patch }, by) => {
    this.#do(`change ${id} by ${by}`);
    const consent = consentBy == null ? null : { by: consentBy, at: this.#clock.now() };
    return this.#replace(id, { ...patch, ...(consentBy === undefined ? {} : { consent }) });
  };
  forget: PersonAdmin["forget"] = async (id, by) => {
    this.#do(`forget ${id} by ${by}`);
    this.people = this.people.filter((person) => person.id !== id);
    this.stored = this.stored.filter(({ personId }) => personId !== id);
    this.#tell({ kind: "persons" });
  };
  enrol: PersonAdmin["enrol"] = async (request) => {
    const photos: PhotoVerdict[] = [];
    for (const { bytes, box } of request.photos)
      photos.push(judged(await this.describePhoto(bytes), box !== null));
    if (!photos.some(({ accepted }) => accepted)) return { person: null, photos, alike: [] };
    const alike = this.people.filter(({ name, id }) => name === null && id !== request.personId);
    this.#do(`enrol ${photos.length} by ${request.by}${request.force ? ", forced" : ""}`);
    return { person: this.#enrolled(request), photos, alike };
  };
  merge: PersonAdmin["merge"] = async ({ from, into, force, by }) => {
    this.#do(`merge ${from} into ${into} by ${by}${force ? ", forced" : ""}`);
    this.#merged.set(from, into);
    this.people = this.people.filter(({ id }) => id !== from);
    return this.#replace(into, {});
  };
  split: PersonAdmin["split"] = async ({ personId, trackletIds, exampleIds, by }) => {
    this.#do(`split ${[...trackletIds, ...exampleIds].join("+")} from ${personId} by ${by}`);
    return this.add();
  };
  isThem: PersonAdmin["isThem"] = async ({ personId, trackletId, by }) => {
    this.#do(`${trackletId} is ${personId} by ${by}`);
    return this.#replace(personId, {});
  };
  notThem: PersonAdmin["notThem"] = async ({ personId, trackletId, by }) => {
    this.#do(`${trackletId} is not ${personId} by ${by}`);
    return this.#replace(personId, {});
  };
  setAside: PersonAdmin["setAside"] = async (personId, exampleId, by) => {
    this.#do(`set ${exampleId} aside by ${by}`);
    return this.#replace(personId, {});
  };
  restore: PersonAdmin["restore"] = async (personId, exampleId, by) => {
    this.#do(`restore ${exampleId} by ${by}`);
    return this.#replace(personId, {});
  };
  reset: PersonAdmin["reset"] = async (cameraId, by) => {
    this.#do(`reset ${cameraId ?? "all"} by ${by}`);
    const before = this.people.length;
    this.people = cameraId === null ? [] : this.people.filter((other) => other.lastCameraId !== cameraId);
    return { persons: before - this.people.length, examples: 2 };
  };

  audit: PersonAdmin["audit"] = ({ personId, before, limit }) =>
    this.entries
      .filter((entry) => personId === null || entry.personId === personId)
      .filter((entry) => before === null || entry.id < before)
      .sort((a, b) => (a.id < b.id ? 1 : -1))
      .slice(0, limit);
  undo: PersonAdmin["undo"] = async (id, by) => {
    const entry = this.entries.find((other) => other.id === id);
    if (entry === undefined) throw new AppError("not-found", "There is no such entry.");
    if (entry.undoneAt !== null) throw new AppError("conflict", "This was taken back already.");
    this.#do(`undo ${id} by ${by}`);
    const undone = { ...entry, undoneAt: this.#clock.now() };
    this.entries = this.entries.map((other) => (other === entry ? undone : other));
    return undone;
  };
  reviews: PersonAdmin["reviews"] = (all, limit) =>
    this.open.filter(({ answer }) => all || answer === null).slice(0, limit);
  answerReview: PersonAdmin["answerReview"] = async (id, answer, by) => {
    const review = this.open.find((other) => other.id === id);
    if (review === undefined) throw new AppError("not-found", "There is no such question.");
    this.#do(`review ${id} ${answer} by ${by}`);
    const answered = { ...review, answer, answeredAt: this.#clock.now(), answeredBy: by };
    this.open = this.open.map((other) => (other === review ? answered : other));
    return answered;
  };

  faceModel = () => (this.looksAtFaces ? { id: "sface", length: FACE_LENGTH, accept: 0.42 } : null);
  describePhoto = async (photo: Uint8Array): Promise<PhotoDescription> => {
    const text = Buffer.from(photo.subarray(4)).toString();
    if (text === "huge")
      throw new AppError(
        "input.invalid",
        "the photo has 20000 × 20000 pixels; at most 50 million can be read",
      );
    const faces =
      text === "no face" ? [] : text === "two faces" ? [aFace(), aFace()] : [aFace(text === "blurred")];
    return { width: 800, height: 600, faces };
  };
  searchByFace: PersonAdmin["searchByFace"] = (query) => {
    this.searches.push(query);
    return this.people
      .map((person, index) => ({ person, similarity: 0.91234567 - index / 10 }))
      .slice(0, query.limit);
  };

  #enrolled(request: EnrolRequest): Person {
    if (request.personId !== null) return this.#replace(request.personId, {});
    const { name, kind, region, clientId, description, consentBy } = request;
    const consent = consentBy === null ? null : { by: consentBy, at: this.#clock.now() };
    const unseen = { firstSeenAt: null, lastSeenAt: null, lastCameraId: null, visits: 0 };
    return this.add({ name, kind, region, clientId, description, consent, ...unseen });
  }

  #do(what: string): void {
    if (this.failure !== null) throw this.failure;
    this.asked.push(what);
  }

  #replace(id: string, change: Partial<Person>): Person {
    const person = this.people.find((other) => other.id === id);
    if (person === undefined) throw new AppError("not-found", "There is no such person.");
    const changed = { ...person, ...change };
    this.people = this.people.map((other) => (other === person ? changed : other));
    this.#tell({ kind: "persons" });
    return changed;
  }
}

/** As identity judges: one face, or the one that is said to be meant, and nothing wrong with it. */
function judged({ width, height, faces: found }: PhotoDescription, isFramed: boolean): PhotoVerdict {
  const faces = found.map(({ box, sample: { quality }, problems }) => ({ box, quality, problems }));
  const chosen = faces.length === 1 || isFramed ? 0 : null;
  const face = chosen === null ? undefined : faces[chosen];
  const judgedSoFar = { width, height, faces, chosen };
  const refused = (reason: string) => ({ ...judgedSoFar, accepted: false, reason });
  if (face === undefined)
    return refused(
      faces.length === 0 ? "no face was found in it" : "there are two faces in it; crop it to one",
    );
  if (face.problems.length > 0) return refused("the face is blurred; hold still");
  return { ...judgedSoFar, accepted: true, reason: null };
}

function aFace(blurred = false): PhotoFace {
  const embedding = new Float32Array(FACE_LENGTH);
  embedding[0] = 1;
  return {
    box: { x1: 0.25, y1: 0.2, x2: 0.5, y2: 0.6 },
    confidence: 0.98,
    sample: { modelId: "sface", embedding, quality: 0.8, widthPx: 200, reference: !blurred },
    problems: blurred ? ["blurred"] : [],
    picture: new Uint8Array(),
  };
}
