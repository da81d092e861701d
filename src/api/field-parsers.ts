// The small parts that parsers of requests are made of. Each returns what it checked, or throws AppError input.invalid with
// one sentence that names the field and says what it may be.
import { AppError } from "../core/errors.ts";

export type Fields = Readonly<Record<string, unknown>>;

export function knownFields<K extends string>(
  body: unknown,
  known: readonly K[],
  what: string,
): Partial<Record<K, unknown>> {
  if (!isFields(body)) throw invalid("Send a JSON object.");
  for (const key of Object.keys(body)) {
    if (!(known as readonly string[]).includes(key)) {
      throw invalid(`"${key.slice(0, 40)}" is no field of ${what}; there are ${known.join(", ")}.`);
    }
  }
  return body as Partial<Record<K, unknown>>;
}

export function single(query: Fields, name: string): string | null {
  const value = query[name];
  if (value === undefined || value === "") return null;
  if (typeof value !== "string") throw invalid(`${name} is given once.`);
  return value;
}

export function text(value: unknown, at: string, longest: number): string {
  if (typeof value !== "string") throw invalid(`${at} is a text.`);
  const trimmed = value.trim();
  if (trimmed === "") throw invalid(`${at} is empty.`);
  if (trimmed.length > longest) throw invalid(`${at} has at most ${longest} characters.`);
  if (/\p{Cc}/u.test(trimmed)) throw invalid(`${at} holds characters that cannot be printed.`);
  return trimmed;
}

export function optionalText(value: unknown, at: string, longest: number): string | null {
  return value === null || value === "" ? null : text(value, at, longest);
}

export function slug(value: unknown, at: string): string {
  if (typeof value !== "string" || !/^[a-z0-9_-]{1,64}$/.test(value)) {
    throw invalid(`${at} has small letters, digits, _ and - only.`);
  }
  return value;
}

export function flag(value: unknown, at: string): boolean {
  if (typeof value !== "boolean") throw invalid(`${at} is true or false.`);
  return value;
}

export function isShare(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= 1;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A finite number of a range, both ends included. */
export function numberIn(value: unknown, at: string, least: number, most: number): number {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw invalid(`${at} is a number from ${least} to ${most}.`);
}

export function oneOf<T extends string>(value: unknown, at: string, known: readonly T[]): T {
  const found = known.find((name) => name === value);
  if (found === undefined) throw invalid(`${at} is one of ${known.join(", ")}.`);
  return found;
}

export function invalid(message: string): AppError {
  return new AppError("input.invalid", message);
}
