// A change by hand as the audit keeps it: which columns of which rows became what. Enough to tell it and to take it back,
// in any order as long as nothing later stands in the way; never a vector or a picture.
/** `figures` of a person and `size` in a camera are what sightings add up to, and go on changing by themselves. */
export const CHANGED_ROWS = [
  "person",
  "figures",
  "size",
  "embedding",
  "tracklet",
  "event",
  "review",
] as const;
export type ChangedRow = (typeof CHANGED_ROWS)[number];

export type ColumnValue = string | number | null;
export type Columns = Readonly<Record<string, ColumnValue>>;

export interface Change {
  readonly of: ChangedRow;
  readonly ids: readonly string[];
  /** Columns before; null: the rows were made by the change. */
  readonly from: Columns | null;
  readonly to: Columns;
}

export interface ChangeLog {
  readonly changes: readonly Change[];
  /** Beside the changes, for whoever reads the audit. */
  readonly notes: Columns;
}

/** An entry of the audit, oldest first by its id. */
export interface AuditedChange {
  readonly auditId: string;
  readonly action: string;
  readonly log: ChangeLog;
}

export function logAsJson(log: ChangeLog): string {
  return JSON.stringify(log);
}

/** null when there is nothing that could be taken back: somebody in it was forgotten, or it is no change. */
export function logFromJson(details: string): ChangeLog | null {
  const value: unknown = JSON.parse(details);
  if (!isObject(value) || !Array.isArray(value.changes) || !isColumns(value.notes)) return null;
  const changes = value.changes.filter(isChange);
  return changes.length === value.changes.length ? { changes, notes: value.notes } : null;
}

/** Rows that went the same way are told in one change. */
export function gathered(changes: readonly Change[]): Change[] {
  const groups = new Map<string, { change: Change; ids: string[] }>();
  for (const change of changes) {
    const key = JSON.stringify([change.of, change.from, change.to]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { change, ids: [...change.ids] });
    else group.ids.push(...change.ids);
  }
  return [...groups.values()].map(({ change, ids }) => ({ ...change, ids }));
}

/**
 * The first of the later changes that has to be taken back before: it touched a column this one touched too, builds on a
 * person that this one made, or merged somebody to whom things would go back. null when nothing is in the way. Figures
 * never are: they are counted back.
 */
export function standsInTheWay(log: ChangeLog, later: readonly AuditedChange[]): AuditedChange | null {
  const touched = touchedBy(log);
  const made = new Set(
    log.changes.flatMap(({ of, ids, from }) => (of === "person" && from === null ? ids : [])),
  );
  const owners = new Set(
    log.changes.flatMap(({ from }) =>
      [from?.personId, from?.candidateId].filter((id) => typeof id === "string"),
    ),
  );
  return (
    later.find(
      (other) =>
        [...touchedBy(other.log)].some((column) => touched.has(column)) ||
        other.log.changes.some((change) => concerns(change, made) || merges(change, owners)),
    ) ?? null
  );
}

function concerns({ of, ids, from, to }: Change, persons: ReadonlySet<string>): boolean {
  if (persons.size === 0) return false;
  if ((of === "person" || of === "figures") && ids.some((id) => persons.has(id))) return true;
  return [...Object.values(from ?? {}), ...Object.values(to)].some(
    (value) => typeof value === "string" && persons.has(value),
  );
}

function merges({ of, ids, to }: Change, persons: ReadonlySet<string>): boolean {
  return of === "person" && to.status === "merged" && ids.some((id) => persons.has(id));
}

function touchedBy({ changes }: ChangeLog): Set<string> {
  return new Set(
    changes
      .filter(({ of }) => of !== "figures" && of !== "size")
      .flatMap(({ of, ids, to }) =>
        Object.keys(to).flatMap((column) => ids.map((id) => `${of} ${id} ${column}`)),
      ),
  );
}

/** Everybody whose row, or whose belongings, the changes moved. */
export function personsIn({ changes }: ChangeLog): string[] {
  const found = new Set<string>();
  for (const { of, ids, from, to } of changes) {
    if (of === "person" || of === "figures") for (const id of ids) found.add(id);
    for (const { personId, candidateId, mergedInto } of [from ?? {}, to])
      for (const id of [personId, candidateId, mergedInto]) if (typeof id === "string") found.add(id);
  }
  return [...found];
}

/** Of the columns of a change, those that still are what it made them: what has changed since by itself is left alone. */
export function stillSo(current: Columns, { from, to }: Change): Columns | null {
  const back = Object.entries(from ?? {}).filter(([column]) => current[column] === to[column]);
  return back.length === 0 ? null : Object.fromEntries(back);
}

function isChange(value: unknown): value is Change {
  return (
    isObject(value) &&
    CHANGED_ROWS.some((of) => of === value.of) &&
    Array.isArray(value.ids) &&
    value.ids.every((id) => typeof id === "string") &&
    (value.from === null || isColumns(value.from)) &&
    isColumns(value.to)
  );
}

function isColumns(value: unknown): value is Columns {
  return (
    isObject(value) &&
    Object.values(value).every(
      (column) => column === null || typeof column === "string" || typeof column === "number",
    )
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
