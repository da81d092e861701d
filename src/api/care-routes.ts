import { type Response, Router } from "express";
import { AppError } from "../core/errors.ts";
import { areaOf } from "../domain/camera.ts";
import type { CareState } from "../domain/care.ts";
import type { CallerName } from "./alarm-routes.ts";
import type { CareJson, DaysJson, SensitivityJson, SettingsJson } from "./care-contract.ts";
import { careToWire, dayToWire, sensitivityToWire, settingsToWire } from "./care-mapping.ts";
import {
  parseAdlPatch,
  parseAlarmsPatch,
  parseArea,
  parseBy,
  parseDays,
  parseDrill,
  parseMode,
  parseSnooze,
} from "./care-parsers.ts";
import type { ApiDeps } from "./deps.ts";

/** Mode, snooze, drill, days, and the settings a household changes. */
export function careRoutes(deps: ApiDeps, nameOf: CallerName): Router {
  const { care, days, settings } = deps;
  const router = Router();
  const tell = (response: Response, state: CareState) =>
    response.json(careToWire(state, settings.current()) satisfies CareJson);

  router.get("/care", (_request, response) => {
    tell(response, care.state());
  });

  router.post("/care/mode", async (request, response) => {
    const { mode, by } = parseMode(request.body);
    tell(response, await care.setMode(mode, nameOf(response, by)));
  });

  router.post("/care/snooze", async (request, response) => {
    const { minutes, area, by } = parseSnooze(request.body);
    if (area !== null && !deps.cameras.list().some(({ camera }) => areaOf(camera) === area))
      throw new AppError("input.invalid", "No camera is in this area; there is nothing to snooze there.");
    tell(response, await care.snooze({ minutes, area, by: nameOf(response, by) }));
  });

  router.delete("/care/snooze", async (request, response) => {
    const area = parseArea(request.query);
    tell(response, await care.endSnooze(area, nameOf(response, parseBy(request.body, "an end"))));
  });

  router.post("/drill", async (request, response) => {
    const { cameraId, by } = parseDrill(request.body);
    if (cameraId !== null && deps.cameras.get(cameraId) === null)
      throw new AppError("not-found", "There is no camera with this id.");
    response.status(201);
    tell(response, await care.startDrill(cameraId, nameOf(response, by)));
  });

  router.delete("/drill", async (request, response) => {
    tell(response, await care.endDrill(nameOf(response, parseBy(request.body, "an end"))));
  });

  router.get("/days", async (request, response) => {
    const { from, to } = parseDays(request.query);
    response.json({ days: (await days.list(from, to)).map(dayToWire) } satisfies DaysJson);
  });

  router.get("/sensitivity", (_request, response) => {
    response.json(sensitivityToWire(deps) satisfies SensitivityJson);
  });

  router.get("/settings", (_request, response) => {
    response.json(settingsToWire(settings.current()) satisfies SettingsJson);
  });

  router.patch("/settings/adl", async (request, response) => {
    await settings.updateAdl(parseAdlPatch(request.body));
    response.json(settingsToWire(settings.current()) satisfies SettingsJson);
  });

  router.patch("/settings/alarms", async (request, response) => {
    await settings.updateAlarms(parseAlarmsPatch(request.body, settings.current().alarms.armed));
    response.json(settingsToWire(settings.current()) satisfies SettingsJson);
  });

  return router;
}
