// Everybody there is, as rows in memory: who they are called, when and where they were seen, how large they are. Knows which
// of it has to be written.
import {
  PERSON_KINDS,
  PERSON_STATUSES,
  type Person,
  type PersonKind,
  type PersonStatus,
  VISIT_GAP_MS,
} from "../domain/person.ts";
import type { PersonRow, PersonSizeRow } from "../store/person-rows.ts";
import { EVERYWHERE, type NewPerson, type Sighting } from "./people.ts";

interface Entry {
  row: PersonRow;
  readonly sizes: Map<string, PersonSizeRow>;
  /** As everybody else sees it; null when it has to be made anew. */
  person: Person | null;
}

/** What one tracklet has added to its person's averages. */
interface Contribution {
  readonly personId: string;
  readonly cameraId: string;
  readonly widthPx: number | null;
  readonly heightPx: number | null;
  readonly heightM: number | null;
}

interface Mean {
  readonly mean: number;
  readonly count: number;
}

/** More tracks than are followed at any time; a tracklet that falls out counts twice at worst. */
const CONTRIBUTIONS = 2000;
/** Longer than that nobody is who is merged into whom: a circle, which the database does not let in. */
const LONGEST_CHAIN = 64;

export class PersonRegister {
  readonly #entries = new Map<string, Entry>();
  readonly #active = new Set<string>();
  readonly #contributions = new Map<string, Contribution>();
  #sorted: readonly Person[] | null = null;
  readonly #changedPersons = new Set<string>();
  readonly #changedSizes = new Map<string, PersonSizeRow>();

  get activeCount(): number {
    return this.#active.size;
  }

  activeIds(): IterableIterator<string> {
    return this.#active.values();
  }

  ids(): IterableIterator<string> {
    return this.#entries.keys();
  }

  isActive(personId: string): boolean {
    return this.#active.has(personId);
  }

  row(personId: string): PersonRow | null {
    return this.#entries.get(personId)?.row ?? null;
  }

  put(row: PersonRow, sizes: readonly PersonSizeRow[]): void {
    this.#entries.set(row.personId, {
      row,
      sizes: new Map(sizes.map((size) => [size.cameraId, size])),
      person: null,
    });
    if (row.status === "active") this.#active.add(row.personId);
    else this.#active.delete(row.personId);
    this.#sorted = null;
  }

  delete(personId: string): void {
    this.#entries.delete(personId);
    this.#active.delete(personId);
    this.#changedPersons.delete(personId);
    this.#sorted = null;
  }

  /** The person an id stands for today; null when forgotten or never known. */
  living(personId: string): string | null {
    let id = personId;
    for (let step = 0; step < LONGEST_CHAIN; step += 1) {
      const row = this.#entries.get(id)?.row;
      if (row === undefined) return null;
      if (row.mergedInto === null) return id;
      id = row.mergedInto;
    }
    return null;
  }

  /** The person, and all in memory who live on in it, and those it lives on in. */
  related(personId: string): string[] {
    const living = this.living(personId) ?? personId;
    const merged = [...this.#entries.values()].filter(
      ({ row }) => row.mergedInto !== null && this.living(row.personId) === living,
    );
    return [...new Set([personId, living, ...merged.map(({ row }) => row.personId)])];
  }

  person(personId: string): Person | null {
    const id = this.living(personId);
    const entry = id === null ? undefined : this.#entries.get(id);
    if (entry === undefined) return null;
    entry.person ??= personOf(entry.row, [...entry.sizes.values()]);
    return entry.person;
  }

  /** Active ones, those seen last first. */
  persons(): readonly Person[] {
    this.#sorted ??= [...this.#active]
      .flatMap((id) => this.person(id) ?? [])
      .sort((a, b) => (b.lastSeenAt ?? 0) - (a.lastSeenAt ?? 0) || (a.id < b.id ? 1 : -1));
    return this.#sorted;
  }

  /** Ids as `living` gives them. */
  seen(personId: string, { cameraId, at, size, heightM }: Sighting): void {
    const entry = this.#entries.get(personId);
    if (entry === undefined || !Number.isFinite(at)) return;
    const { row } = entry;
    const isVisit = row.lastSeenAt === null || at - row.lastSeenAt >= VISIT_GAP_MS;
    const isNewest = row.lastSeenAt === null || at >= row.lastSeenAt;
    this.#change(personId, {
      firstSeenAt: row.firstSeenAt === null ? at : Math.min(row.firstSeenAt, at),
      lastSeenAt: isNewest ? at : row.lastSeenAt,
      lastCameraId: isNewest ? cameraId : row.lastCameraId,
      visits: row.visits + (isVisit ? 1 : 0),
    });
    if (size === null) return;
    this.#count(size.trackletId, {
      personId,
      cameraId,
      widthPx: positive(size.widthPx),
      heightPx: positive(size.heightPx),
      heightM: heightM === null ? null : positive(heightM),
    });
  }

  /** What has to be written, and is taken to be once it was handed out. */
  takeChanges(): { readonly persons: readonly PersonRow[]; readonly sizes: readonly PersonSizeRow[] } {
    const persons = [...this.#changedPersons].flatMap((id) => this.row(id) ?? []);
    const sizes = [...this.#changedSizes.values()].filter(({ personId }) => this.#entries.has(personId));
    this.#changedPersons.clear();
    this.#changedSizes.clear();
    return { persons, sizes };
  }

  /** It could not be written after all. */
  giveBack({ persons, sizes }: ReturnType<PersonRegister["takeChanges"]>): void {
    for (const { personId } of persons) this.#changedPersons.add(personId);
    for (const size of sizes) {
      const key = sizeKey(size);
      if (!this.#changedSizes.has(key)) this.#changedSizes.set(key, size);
    }
  }

  clear(): void {
    this.#entries.clear();
    this.#active.clear();
    this.#contributions.clear();
    this.#changedPersons.clear();
    this.#changedSizes.clear();
    this.#sorted = null;
  }

  /** Each tracklet weighs as much as any other, however often it is told of; it can change its person. */
  #count(trackletId: string, next: Contribution): void {
    const before = this.#contributions.get(trackletId) ?? null;
    this.#contributions.delete(trackletId);
    this.#contributions.set(trackletId, next);
    const [oldest] = this.#contributions.keys();
    if (this.#contributions.size > CONTRIBUTIONS && oldest !== undefined) this.#contributions.delete(oldest);
    const owner = before === null ? null : this.living(before.personId);
    const stays = before !== null && owner === next.personId && before.cameraId === next.cameraId;
    if (before !== null && owner !== null && !stays) this.#weigh(owner, before.cameraId, before, null);
    this.#weigh(next.personId, next.cameraId, stays ? before : null, next);
  }

  #weigh(personId: string, cameraId: string, from: Contribution | null, to: Contribution | null): void {
    const entry = this.#entries.get(personId);
    if (entry === undefined) return;
    const size = entry.sizes.get(cameraId);
    const known = size?.count ?? 0;
    const width = moved(
      { mean: size?.widthPx ?? 0, count: known },
      from?.widthPx ?? null,
      to?.widthPx ?? null,
    );
    const height = moved(
      { mean: size?.heightPx ?? 0, count: known },
      from?.heightPx ?? null,
      to?.heightPx ?? null,
    );
    if (width !== null && height !== null && width.count === height.count) {
      const row = { personId, cameraId, widthPx: width.mean, heightPx: height.mean, count: height.count };
      if (row.count === 0) entry.sizes.delete(cameraId);
      else entry.sizes.set(cameraId, row);
      this.#changedSizes.set(sizeKey(row), row);
    }
    const metres = moved(
      { mean: entry.row.heightM ?? 0, count: entry.row.heightCount },
      from?.heightM ?? null,
      to?.heightM ?? null,
    );
    if (metres !== null)
      this.#change(personId, {
        heightM: metres.count === 0 ? null : metres.mean,
        heightCount: metres.count,
      });
    entry.person = null;
    this.#sorted = null;
  }

  #change(personId: string, fields: Partial<PersonRow>): void {
    const entry = this.#entries.get(personId);
    if (entry === undefined) return;
    entry.row = { ...entry.row, ...fields };
    entry.person = null;
    this.#changedPersons.add(personId);
    this.#sorted = null;
  }
}

/** A running mean after one of its values was added, became another, or went; null where nothing changes. */
function moved({ mean, count }: Mean, from: number | null, to: number | null): Mean | null {
  if (from === null && to === null) return null;
  if (from === null && to !== null) return { mean: mean + (to - mean) / (count + 1), count: count + 1 };
  if (from !== null && to !== null)
    return { mean: mean + (to - from) / Math.max(count, 1), count: Math.max(count, 1) };
  return count <= 1
    ? { mean: 0, count: 0 }
    : { mean: mean + (mean - (from ?? 0)) / (count - 1), count: count - 1 };
}

/** Somebody who was never seen yet. */
export function newPersonRow(
  personId: string,
  label: string,
  { kind, name = null, scope = EVERYWHERE, description = null, at }: NewPerson,
): PersonRow {
  return {
    personId,
    name,
    label,
    kind,
    status: "active",
    mergedInto: null,
    region: scope.region,
    clientId: scope.clientId,
    description,
    createdAt: at,
    firstSeenAt: null,
    lastSeenAt: null,
    lastCameraId: null,
    visits: 0,
    heightM: null,
    heightCount: 0,
    consentBy: null,
    consentAt: null,
    retentionDays: null,
  };
}

function positive(value: number): number | null {
  return Number.isFinite(value) && value > 0 ? value : null;
}

function sizeKey({ personId, cameraId }: PersonSizeRow): string {
  return `${personId} ${cameraId}`;
}

function personOf(row: PersonRow, sizes: readonly PersonSizeRow[]): Person {
  const { personId, kind, status, consentBy, consentAt, heightCount: _, ...rest } = row;
  return {
    ...rest,
    id: personId,
    kind: PERSON_KINDS.find((one) => one === kind) ?? ("visitor" satisfies PersonKind),
    status: PERSON_STATUSES.find((one) => one === status) ?? ("archived" satisfies PersonStatus),
    sizes: sizes
      .map(({ cameraId, widthPx, heightPx, count }) => ({ cameraId, widthPx, heightPx, count }))
      .sort((a, b) => (a.cameraId < b.cameraId ? -1 : 1)),
    consent: consentBy === null || consentAt === null ? null : { by: consentBy, at: consentAt },
  };
}
