// Errors as application/problem+json (RFC 9457): one clear sentence for people, a stable type for programs, and never
// a stack trace or a file name.
import { STATUS_CODES } from "node:http";
import type { Response } from "express";
import { type ErrorCode, isAppError } from "../core/errors.ts";
import type { ProblemJson } from "./contract.ts";

const STATUS: Readonly<Record<ErrorCode, number>> = {
  "config.invalid": 400,
  "config.unreadable": 500,
  "config.unwritable": 503,
  "input.invalid": 400,
  "source.missing": 422,
  "source.unreadable": 422,
  "source.unreachable": 422,
  "source.stalled": 422,
  "model.missing": 503,
  "model.corrupt": 503,
  "model.unsupported": 503,
  "inference.failed": 503,
  "store.newer": 503,
  "store.unavailable": 503,
  "store.unusable": 503,
  "mqtt.unreachable": 503,
  "mqtt.refused": 503,
  "vision.down": 503,
  "port.taken": 500,
  "not-found": 404,
  conflict: 409,
  interrupted: 503,
  internal: 500,
};

export function problem(status: number, detail: string, type = "about:blank"): ProblemJson {
  return { type, title: STATUS_CODES[status] ?? "Error", status, detail: asSentence(detail) };
}

/** Errors are written to stand behind a prefix in a log; here they stand alone. Names of files and keys stay as they are. */
export function asSentence(text: string): string {
  const begun = /^[a-z]+[ ,;]/.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

/** What a caller may read about anything thrown while its request was served. */
export function problemOf(error: unknown): ProblemJson {
  if (isAppError(error)) {
    const status = STATUS[error.code];
    const { personId } = error.fields;
    const whom = typeof personId === "string" ? { person_id: personId } : {};
    if (status !== 500)
      return { ...problem(status, error.message, `urn:haven:problem:${error.code}`), ...whom };
  }
  return bodyProblem(error) ?? problem(500, "Haven could not do this; its log says why.");
}

export function sendProblem(response: Response, body: ProblemJson): void {
  response.status(body.status).type("application/problem+json").send(JSON.stringify(body));
}

/** What express and its body parser throw at requests they cannot read. */
function bodyProblem(error: unknown): ProblemJson | null {
  if (!(error instanceof Error) || !("status" in error) || typeof error.status !== "number") return null;
  if (error.status < 400 || error.status > 499) return null;
  const type = "type" in error ? error.type : null;
  if (type === "entity.parse.failed") return problem(400, "The body is not valid JSON.");
  if (error.status === 413) return problem(413, "The body is larger than any request needs.");
  if (error.status === 415) return problem(415, "Send the body as UTF-8 JSON without compression.");
  return problem(error.status, "The request cannot be read.");
}
