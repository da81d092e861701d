// Who lives here, who comes to help, who visits: one entry for each, whatever number of cameras sees them.
import type { Millis } from "../core/clock.ts";

export const PERSON_KINDS = ["resident", "carer", "visitor"] as const;
export type PersonKind = (typeof PERSON_KINDS)[number];

/** merged: lives on in another entry. archived: no longer looked for, kept until its time is up. */
export const PERSON_STATUSES = ["active", "merged", "archived"] as const;
export type PersonStatus = (typeof PERSON_STATUSES)[number];

/** How large somebody is on average in one camera's picture, pixels of the stream, over `count` tracklets. */
export interface SeenSize {
  readonly cameraId: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly count: number;
}

export interface Person {
  /** Opaque and stable: "p_" and a ULID. */
  readonly id: string;
  /** Given by the household; null while nobody has. */
  readonly name: string | null;
  /** "Visitor-A", given when the entry was made; shown while there is no name. */
  readonly label: string;
  readonly kind: PersonKind;
  readonly status: PersonStatus;
  /** The entry this one lives on in; null unless merged. */
  readonly mergedInto: string | null;
  /** Where, and for whom, this person is looked for; null: everywhere, for everybody. */
  readonly region: string | null;
  readonly clientId: string | null;
  readonly description: string | null;
  readonly createdAt: Millis;
  readonly firstSeenAt: Millis | null;
  readonly lastSeenAt: Millis | null;
  readonly lastCameraId: string | null;
  /** Visits: seen again after `VISIT_GAP_MS` or more. */
  readonly visits: number;
  readonly sizes: readonly SeenSize[];
  /** Body height in metres, from cameras that are calibrated; null while none has seen them. */
  readonly heightM: number | null;
  /** Who agreed to their being recognised, and when; null while nobody has said so. */
  readonly consent: { readonly by: string; readonly at: Millis } | null;
  /** Days after the last sight until everything about them is forgotten; null: as the household's rule for their kind. */
  readonly retentionDays: number | null;
}

/** Away for this long, somebody who comes back makes another visit. */
export const VISIT_GAP_MS: Millis = 30 * 60_000;

/** What people call them. */
export function displayName({ name, label }: Pick<Person, "name" | "label">): string {
  return name ?? label;
}

/** Mean over the cameras of what each sees on average; null while nobody has. Pixels. */
export function meanSize(sizes: readonly SeenSize[]): Pick<SeenSize, "widthPx" | "heightPx"> | null {
  if (sizes.length === 0) return null;
  const sum = (of: (size: SeenSize) => number) =>
    sizes.reduce((total, size) => total + of(size), 0) / sizes.length;
  return { widthPx: sum((size) => size.widthPx), heightPx: sum((size) => size.heightPx) };
}

/** "Visitor-A" to "Visitor-Z", "Visitor-AA" and so on: bijective base 26. `number` counts from 0. */
export function visitorLabel(number: number): string {
  let letters = "";
  for (let rest = number + 1; rest > 0; rest = Math.floor((rest - 1) / 26))
    letters = String.fromCharCode(65 + ((rest - 1) % 26)) + letters;
  return `Visitor-${letters}`;
}
