import { type Request, type Response, Router } from "express";
import { AppError } from "../core/errors.ts";
import type { AlarmClipJson } from "./care-contract.ts";
import { clipToWire } from "./care-mapping.ts";
import { parseAll, parseAnswer, parseBy } from "./care-parsers.ts";
import type { AlarmsJson } from "./contract.ts";
import type { ApiDeps } from "./deps.ts";
import { alarmToWire } from "./wire-mapping.ts";

/** What `?all=true` answers: months of a quiet house, a week of a troubled one. */
const RECENT = 100;

/** Who a request is from: the signed-in user where Home Assistant says so, else the name it gave, else "the panel". */
export type CallerName = (response: Response, given: string | null) => string;

/** Alarms: the list, acknowledging, what it was, and the moments around it. */
export function alarmRoutes(alarms: ApiDeps["alarms"], nameOf: CallerName): Router {
  const router = Router();

  router.get("/", async (request, response) => {
    const list = parseAll(request.query) ? await alarms.recent(RECENT) : alarms.list();
    response.json({ alarms: list.map(alarmToWire) } satisfies AlarmsJson);
  });

  router.post("/:id/acknowledge", async (request: Request<{ id: string }>, response) => {
    const by = nameOf(response, parseBy(request.body, "an acknowledgement"));
    response.json(alarmToWire(await alarms.acknowledge(request.params.id, by)));
  });

  router.post("/:id/answer", async (request: Request<{ id: string }>, response) => {
    const { answer, by } = parseAnswer(request.body);
    response.json(alarmToWire(await alarms.answer(request.params.id, answer, nameOf(response, by))));
  });

  router.get("/:id/clip", async (request, response) => {
    const { id } = request.params;
    const clip = await alarms.clip(id);
    if (clip === null || clip.frames.length === 0)
      throw new AppError("not-found", "Nothing was recorded around this alarm, or not yet.");
    response.json(clipToWire(id, clip) satisfies AlarmClipJson);
  });

  return router;
}
