// One logger per room. A constant sentence plus fields; state changes at info, per-frame detail at trace. Secrets,
// names and faces never reach it: stream URLs go through `redactUrl`, and person names are not passed at all.
import { type Logger as Pino, pino } from "pino";

export type Logger = Pino;

export interface LogOptions {
  readonly level: "fatal" | "error" | "warn" | "info" | "debug" | "trace" | "silent";
  /** Human-readable lines for a terminal; JSON lines otherwise. Always on stderr: stdout belongs to answers. */
  readonly pretty: boolean;
}

export function createLogger(options: LogOptions): Logger {
  const redact = {
    paths: ["password", "token", "source", "substream", "personName"].flatMap((key) => [key, `*.${key}`]),
    censor: "[redacted]",
  };
  if (!options.pretty)
    return pino({ level: options.level, redact }, pino.destination({ dest: 2, sync: true }));
  return pino({
    level: options.level,
    redact,
    transport: {
      target: "pino-pretty",
      options: { destination: 2, sync: true, ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss.l" },
    },
  });
}

export const silentLogger: Logger = pino({ level: "silent" });

/** The URL without user, password and query: what may be logged or shown about a camera's source. */
export function redactUrl(source: string): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)(.*)$/is.exec(source);
  if (match === null) return source;
  const [, scheme = "", rest = ""] = match;
  const slash = rest.search(/[/?#]/);
  const authority = slash === -1 ? rest : rest.slice(0, slash);
  // A raw "@" may stand in a password, and some passwords hold "/": cut at the last "@" of the whole remainder.
  const at = rest.lastIndexOf("@");
  const clean = at === -1 ? authority + (slash === -1 ? "" : rest.slice(slash)) : rest.slice(at + 1);
  return scheme + clean.replace(/[?#].*$/s, "");
}
