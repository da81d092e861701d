import { Router } from "express";
import { toWire } from "../domain/events.ts";
import { alarmRoutes, type CallerName } from "./alarm-routes.ts";
import { careRoutes } from "./care-routes.ts";
import type { ConfigJson, EventsJson } from "./contract.ts";
import type { ApiDeps } from "./deps.ts";
import { identityRoutes } from "./identity-routes.ts";
import { personRoutes } from "./person-routes.ts";
import { parseEventQuery } from "./request-parsers.ts";
import { systemToWire } from "./wire-mapping.ts";

export interface HomeRoutesOptions {
  readonly version: string;
  readonly homeAssistant: boolean;
  readonly nameOf: CallerName;
}

/** Events, alarms, care, persons, configuration and system. */
export function homeRoutes(deps: ApiDeps, options: HomeRoutesOptions): Router {
  const { nameOf } = options;
  const router = Router();

  router.get("/events", async (request, response) => {
    const query = parseEventQuery(request.query);
    const events = await deps.events.list(query);
    const next = events.length < query.limit ? null : (events.at(-1)?.eventId ?? null);
    response.json({ events: events.map(toWire), next } satisfies EventsJson);
  });

  router.use("/alarms", alarmRoutes(deps.alarms, nameOf));
  router.use("/", careRoutes(deps, nameOf));
  router.use("/persons", personRoutes(deps, nameOf));
  router.use("/", identityRoutes(deps.persons, nameOf));

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
