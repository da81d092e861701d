import { type Request, type Response, Router } from "express";
import { toWire } from "../domain/events.ts";
import type { AlarmsJson, ConfigJson, EventsJson } from "./contract.ts";
import type { ApiDeps } from "./deps.ts";
import { parseAcknowledge, parseEventQuery } from "./request-parsers.ts";
import { alarmToWire, systemToWire } from "./wire-mapping.ts";

export interface HomeRoutesOptions {
  readonly version: string;
  readonly homeAssistant: boolean;
  /** The signed-in user of a request, when Home Assistant says who that is. */
  readonly userOf: (response: Response) => string | null;
}

/** Events, alarms, configuration and system. */
export function homeRoutes(deps: ApiDeps, options: HomeRoutesOptions): Router {
  const router = Router();

  router.get("/events", async (request, response) => {
    const query = parseEventQuery(request.query);
    const events = await deps.events.list(query);
    const next = events.length < query.limit ? null : (events.at(-1)?.eventId ?? null);
    response.json({ events: events.map(toWire), next } satisfies EventsJson);
  });

  router.get("/alarms", (_request, response) => {
    response.json({ alarms: deps.alarms.list().map(alarmToWire) } satisfies AlarmsJson);
  });

  router.post("/alarms/:id/acknowledge", async (request: Request<{ id: string }>, response) => {
    const given = parseAcknowledge(request.body);
    const user = options.userOf(response);
    const by = user ?? (options.homeAssistant ? "Home Assistant" : (given ?? "the panel"));
    response.json(alarmToWire(await deps.alarms.acknowledge(request.params.id, by)));
  });

  router.get("/config", (_request, response) => {
    response.json({ config: deps.config.current() } satisfies ConfigJson);
  });

  router.get("/config/schema", (_request, response) => {
    response.json(deps.config.schema());
  });

  router.get("/system", (_request, response) => {
    response.json(systemToWire(deps.system.info(), options.version, options.homeAssistant));
  });

  return router;
}
