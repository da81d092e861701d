// Errors that callers can branch on. Everything thrown on purpose is an AppError: a stable code, one sentence that
// says what is wrong and what to do, and fields for the log. Text is for people; branch on `code` only.

export type ErrorCode =
  | "config.invalid"
  | "config.unreadable"
  | "config.unwritable"
  | "input.invalid"
  | "source.missing"
  | "source.unreadable"
  | "source.unreachable"
  | "source.stalled"
  | "model.missing"
  | "model.corrupt"
  | "model.unsupported"
  | "inference.failed"
  | "store.newer"
  | "store.unusable"
  | "store.unavailable"
  | "mqtt.unreachable"
  | "mqtt.refused"
  | "vision.down"
  | "port.taken"
  | "not-found"
  | "conflict"
  | "interrupted"
  | "internal";

/** Codes that are the user's to mend (exit code 2); every other code is ours (exit code 1). */
const BAD_INPUT: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "config.invalid",
  "config.unreadable",
  "config.unwritable",
  "input.invalid",
  "source.missing",
  "source.unreadable",
  "source.unreachable",
  "source.stalled",
  "model.missing",
  "model.corrupt",
  "model.unsupported",
  "store.newer",
  "store.unusable",
  "mqtt.refused",
  "port.taken",
  "not-found",
  "conflict",
]);

export type ErrorFields = Readonly<Record<string, string | number | boolean | null>>;

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly fields: ErrorFields;

  constructor(code: ErrorCode, message: string, options: { fields?: ErrorFields; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.fields = options.fields ?? {};
  }
}

export function isAppError(error: unknown, code?: ErrorCode): error is AppError {
  return error instanceof AppError && (code === undefined || error.code === code);
}

export function isBadInput(error: unknown): boolean {
  return error instanceof AppError && BAD_INPUT.has(error.code);
}

/** 0 done, 1 our fault, 2 bad input or configuration, 130 interrupted. */
export function exitCodeOf(error: unknown): 1 | 2 | 130 {
  if (isAppError(error, "interrupted")) return 130;
  return isBadInput(error) ? 2 : 1;
}

/** The text of anything thrown; libraries throw strings and plain objects too. */
export function messageOf(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === "string" ? error : JSON.stringify(error);
}
