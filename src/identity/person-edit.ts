// What a household says about a person, checked before anything is written.
import { AppError } from "../core/errors.ts";
import { PERSON_KINDS, type PersonKind } from "../domain/person.ts";

/** What is left out stays as it is; null takes it away. */
export interface PersonEdit {
  /**
   * Two persons may bear one name: it is what they are called, the id says who they are, and the label keeps them apart
   * for the eye.
   */
  readonly name?: string | null;
  readonly kind?: PersonKind;
  readonly region?: string | null;
  readonly clientId?: string | null;
  readonly description?: string | null;
  /** Who agreed to their being recognised; the time is now. */
  readonly consentBy?: string | null;
  readonly retentionDays?: number | null;
}

const LENGTHS = {
  name: 80,
  region: 64,
  clientId: 64,
  description: 1000,
  consentBy: 80,
} as const;
type TextField = keyof typeof LENGTHS;
const CALLED: Readonly<Record<TextField, string>> = {
  name: "the name",
  region: "the region",
  clientId: "the client id",
  description: "the description",
  consentBy: "who agreed",
};
const MAX_RETENTION_DAYS = 3650;

/** The same with texts trimmed and normalised (NFC), empty ones taken away. Throws AppError input.invalid. */
export function checkedEdit(edit: PersonEdit): PersonEdit {
  const texts = Object.fromEntries(
    (Object.keys(LENGTHS) as TextField[])
      .filter((field) => edit[field] !== undefined)
      .map((field) => [field, checkedText(field, edit[field] ?? null)]),
  );
  if (edit.kind !== undefined && !PERSON_KINDS.includes(edit.kind))
    throw new AppError("input.invalid", `the kind must be one of ${PERSON_KINDS.join(", ")}`);
  const days = edit.retentionDays;
  if (
    days !== undefined &&
    days !== null &&
    !(Number.isInteger(days) && days >= 1 && days <= MAX_RETENTION_DAYS)
  )
    throw new AppError(
      "input.invalid",
      `the days to keep somebody must be a whole number from 1 to ${MAX_RETENTION_DAYS}`,
    );
  return {
    ...texts,
    ...(edit.kind === undefined ? {} : { kind: edit.kind }),
    ...(days === undefined ? {} : { retentionDays: days }),
  };
}

/** Who does something, as the audit keeps it. Throws AppError input.invalid. */
export function checkedBy(by: string): string {
  const text = checkedText("consentBy", by);
  if (text === null) throw new AppError("input.invalid", "say who makes the change");
  return text;
}

function checkedText(field: TextField, value: string | null): string | null {
  if (value === null) return null;
  if (typeof value !== "string") throw new AppError("input.invalid", `${CALLED[field]} must be a text`);
  const text = value.normalize("NFC").trim();
  if (text === "") return null;
  if (text.length > LENGTHS[field])
    throw new AppError(
      "input.invalid",
      `${CALLED[field]} is too long; at most ${LENGTHS[field]} characters are kept`,
    );
  // Line breaks belong into a description and nowhere else; what turns the direction of writing around, nowhere.
  const refused =
    field === "description"
      ? /[^\P{Cc}\n\r\t]|[\u202a-\u202e\u2066-\u2069]/u
      : /\p{Cc}|[\u202a-\u202e\u2066-\u2069\u2028\u2029]/u;
  if (refused.test(text) || /\p{Cs}/u.test(text))
    throw new AppError(
      "input.invalid",
      `${CALLED[field]} holds characters that cannot be shown; leave them out`,
    );
  return text;
}
