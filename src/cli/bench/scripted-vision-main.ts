// Entry of the process that stands in for vision: see scripted-vision.ts. It ends with its parent and on anything it did not
// expect, as vision does.
import { systemClock } from "../../core/clock.ts";
import { isAppError, messageOf } from "../../core/errors.ts";
import type { FromVision, ToVision } from "../../pipeline/vision-contract.ts";
import { ScriptedVision } from "./scripted-vision.ts";

const EXIT_FATAL = 3;

function send(message: FromVision): void {
  if (process.connected) process.send?.(message);
}

function die(error: unknown): void {
  send({ kind: "fatal", code: isAppError(error) ? error.code : "internal", reason: messageOf(error) });
  // Give the message time to leave.
  setTimeout(() => process.exit(EXIT_FATAL), 50);
}

const vision = new ScriptedVision({ clock: systemClock, send });

process.on("message", (raw) => {
  // Both ends come from one build.
  const message = raw as ToVision;
  if (message.kind === "shutdown") process.exit(0);
  vision.handle(message);
});
process.on("disconnect", () => process.exit(0));
process.on("uncaughtException", die);
process.on("unhandledRejection", die);
// The terminal sends Ctrl-C to the whole group: the daemon decides when this goes.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => {});
