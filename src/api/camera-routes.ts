import { type Request, type Response, Router } from "express";
import { AppError } from "../core/errors.ts";
import { redactUrl } from "../core/logger.ts";
import type { CamerasJson, CameraTestResultJson } from "./contract.ts";
import type { CameraAdmin, CameraView } from "./deps.ts";
import type { LiveHub } from "./live-hub.ts";
import { streamMjpeg } from "./mjpeg.ts";
import { parseCameraPatch, parseCameraTest, parseNewCamera, settledZones } from "./request-parsers.ts";
import { cameraToWire, streamToWire } from "./wire-mapping.ts";

/** Each opens a stream and a decoder; a page that asks for more at once is not a person with a form. */
const MAX_TESTS = 2;

/** Every open one keeps a connection and a camera's picture encoder busy. */
const MAX_STREAMS = 16;

export function cameraRoutes(cameras: CameraAdmin, hub: LiveHub): Router {
  const router = Router();
  let tests = 0;
  let streams = 0;

  router.get("/", (_request, response) => {
    response.json({ cameras: cameras.list().map(cameraToWire) } satisfies CamerasJson);
  });

  router.post("/", async (request, response) => {
    response.status(201).json(cameraToWire(await cameras.add(parseNewCamera(request.body))));
  });

  router.post("/test", async (request, response) => {
    const target = parseCameraTest(request.body);
    const source = target.kind === "source" ? target.source : visible(cameras, target.cameraId).camera.source;
    if (tests >= MAX_TESTS) {
      throw new AppError("conflict", "Other addresses are being tested right now; try again in a moment.");
    }
    tests += 1;
    try {
      const { stream, jpeg } = await cameras.test(source, whileOpen(response));
      const picture = `data:image/jpeg;base64,${Buffer.from(jpeg).toString("base64")}`;
      response.json({ stream: streamToWire(stream), picture } satisfies CameraTestResultJson);
    } finally {
      tests -= 1;
    }
  });

  router.get("/:id", (request, response) => {
    response.json(cameraToWire(existing(cameras, request.params.id)));
  });

  router.patch("/:id", async (request, response) => {
    const { camera } = existing(cameras, request.params.id);
    const { source, zones, ...others } = parseCameraPatch(request.body);
    const rest = zones === undefined ? others : { ...others, zones: settledZones(zones, camera.zones) };
    // A form that sends the address back as it was shown to it must not cost the camera its password.
    const unchanged = source === undefined || source === redactUrl(camera.source);
    // The small stream of another address would go on being watched in its place.
    const moved = { substream: null, ...rest, source };
    const view = await cameras.update(camera.id, unchanged ? rest : moved);
    response.json(cameraToWire(view));
  });

  router.delete("/:id", async (request, response) => {
    await cameras.remove(existing(cameras, request.params.id).camera.id);
    response.status(204).end();
  });

  router.get("/:id/snapshot.jpg", async (request: Request<{ id: string }>, response) => {
    const { id } = visible(cameras, request.params.id).camera;
    const jpeg = await cameras.snapshot(id, whileOpen(response));
    // Privacy may have been switched on while the picture was made.
    visible(cameras, id);
    response.type("image/jpeg").send(Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength));
  });

  router.get("/:id/live", (request: Request<{ id: string }>, response) => {
    const { id } = visible(cameras, request.params.id).camera;
    if (streams >= MAX_STREAMS)
      throw new AppError("conflict", "Too many live pictures are open; close one first.");
    streams += 1;
    response.on("close", () => {
      streams -= 1;
    });
    streamMjpeg(hub, id, response);
  });

  return router;
}

function existing(cameras: CameraAdmin, id: string): CameraView {
  const view = cameras.get(id);
  if (view === null) throw new AppError("not-found", "There is no camera with this id.");
  return view;
}

/** The camera, unless its privacy is on: then nobody gets a picture of it. */
function visible(cameras: CameraAdmin, id: string): CameraView {
  const view = existing(cameras, id);
  if (view.camera.privacy) {
    throw new AppError(
      "conflict",
      "Privacy is on for this camera: there is no picture until it is switched off.",
    );
  }
  return view;
}

/** Ends with the request: nobody waits for an answer any more. */
function whileOpen(response: Response): AbortSignal {
  const abort = new AbortController();
  response.on("close", () =>
    abort.abort(new AppError("interrupted", "The caller did not wait for the answer.")),
  );
  return abort.signal;
}
