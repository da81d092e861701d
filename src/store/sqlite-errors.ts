import { AppError, isAppError, messageOf } from "../core/errors.ts";

/** Locked by somebody, disk full or failing, read-only: writing may work again later. */
const TEMPORARY = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|NOMEM|PROTOCOL)/;
const DAMAGED = /^SQLITE_(CORRUPT|NOTADB)/;

/**
 * Anything SQLite throws, as an AppError: store.unavailable when trying again can help, store.unusable when the file is
 * damaged, internal when the statement itself is at fault.
 */
export function storeError(error: unknown, path: string): AppError {
  if (isAppError(error)) return error;
  const sqlite = codeOf(error);
  const options = { cause: error, fields: { sqlite: sqlite ?? "" } };
  if (sqlite !== null && TEMPORARY.test(sqlite)) {
    const remedy = sqlite.startsWith("SQLITE_FULL")
      ? "the disk is full; make room"
      : `${messageOf(error)}; see whether the disk works and nothing else keeps it locked`;
    return new AppError(
      "store.unavailable",
      `the database ${path} cannot be used for now: ${remedy}`,
      options,
    );
  }
  if (sqlite !== null && DAMAGED.test(sqlite)) return damaged(path, messageOf(error), options);
  return new AppError("internal", `the database refused a statement: ${messageOf(error)}`, options);
}

export function damaged(path: string, reason: string, options: { cause?: unknown } = {}): AppError {
  return new AppError(
    "store.unusable",
    `the database ${path} is damaged or no database (${reason}); it was left as it is: restore a backup, or move it away to begin with an empty one`,
    options,
  );
}

function codeOf(error: unknown): string | null {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : null;
}
