import {
  AVERROR_HTTP_FORBIDDEN,
  AVERROR_HTTP_NOT_FOUND,
  AVERROR_HTTP_OTHER_4XX,
  AVERROR_HTTP_SERVER_ERROR,
  AVERROR_HTTP_TOO_MANY_REQUESTS,
  AVERROR_HTTP_UNAUTHORIZED,
} from "node-av/constants";
import { FFmpegError } from "node-av/lib";
import { AppError } from "../core/errors.ts";

/** @throws AppError internal when FFmpeg refused something that cannot fail but for want of memory or a mistake of ours. */
export function checkAv(code: number, doing: string): void {
  if (code >= 0) return;
  throw new AppError("internal", `FFmpeg could not ${doing}: ${FFmpegError.strerror(code)}.`, {
    fields: { avError: code },
  });
}

/** Error numbers of this machine's sockets, as FFmpeg hands them on (negated). Linux and macOS differ. */
const SOCKET_REASONS: Readonly<Record<string, string>> = {
  "Connection refused": "the connection was refused: is the device on, and is the port right",
  "Connection timed out": "it does not answer: is the device on and in this network",
  "Operation timed out": "it does not answer: is the device on and in this network",
  "No route to host": "there is no way to it: is the device on and in this network",
  "Network is unreachable": "this machine's network does not reach it",
  "Connection reset by peer": "it closed the connection",
  "Protocol not supported": "it does not send over the chosen transport: set the camera's transport to auto",
};

const SOCKET_CODES: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Connection refused",
  ETIMEDOUT: "Connection timed out",
  EHOSTUNREACH: "No route to host",
  ENETUNREACH: "Network is unreachable",
  ECONNRESET: "Connection reset by peer",
  EPIPE: "Connection reset by peer",
};

/** Why Node's network did not get through, by the code of its error, in words for people. */
export function socketReason(code: string): string {
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "its name cannot be found: check the host name";
  return SOCKET_REASONS[SOCKET_CODES[code] ?? ""] ?? "the connection broke off";
}

/** Why a web server refused, by its status, in words for people. */
export function httpReason(status: number): string {
  switch (status) {
    case 401:
      return "it refuses the user name or password";
    case 403:
      return "it forbids access: check the user's rights on the camera";
    case 404:
      return "it has no stream under this path (404)";
    case 429:
      return "it has too many viewers or requests already (429)";
    default:
      return status >= 500
        ? `it answers with an error of its own (${status})`
        : `it refuses the request (${status})`;
  }
}

/** The same code stands for a host that cannot be found and for bytes that cannot be had. */
const INPUT_OUTPUT_ERROR = "Input/output error";

/** Why a network source could not be opened or read, in words for people; null when the code does not tell. */
export function networkReason(code: number, doing: "opening" | "reading"): string | null {
  if (FFmpegError.strerror(code) === INPUT_OUTPUT_ERROR) {
    return doing === "opening" ? "its name cannot be found or it broke off: check the host name" : null;
  }
  switch (code) {
    case AVERROR_HTTP_UNAUTHORIZED:
      return httpReason(401);
    case AVERROR_HTTP_FORBIDDEN:
      return httpReason(403);
    case AVERROR_HTTP_NOT_FOUND:
      return httpReason(404);
    case AVERROR_HTTP_TOO_MANY_REQUESTS:
      return httpReason(429);
    case AVERROR_HTTP_OTHER_4XX:
      return "it refuses the request (4xx)";
    case AVERROR_HTTP_SERVER_ERROR:
      return "it answers with an error of its own (5xx)";
    default:
      return SOCKET_REASONS[FFmpegError.strerror(code)] ?? null;
  }
}
