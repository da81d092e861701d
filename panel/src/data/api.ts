// The daemon's HTTP side, as functions. What it refuses becomes a Refusal with the daemon's own sentence.
import type {
  CameraDraftJson,
  CameraJson,
  CameraPatchJson,
  CameraTestJson,
  CameraTestResultJson,
  EventsJson,
  ProblemJson,
  SystemJson,
} from "../../../src/api/contract.ts";
import type { EventKind } from "../../../src/domain/events.ts";
import { accessToken, ownName } from "./preferences.ts";
import { apiUrl } from "./urls.ts";

export class Refusal extends Error {
  /** 0 when the daemon did not answer at all. */
  readonly status: number;
  /** What else the daemon said; null where the answer was not one of its own. */
  readonly problem: ProblemJson | null;

  constructor(status: number, detail: string, problem: ProblemJson | null = null) {
    super(detail);
    this.name = "Refusal";
    this.status = status;
    this.problem = problem;
  }
}

/** One sentence for people about anything thrown. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : "Something went wrong.";
}

export function addCamera(camera: CameraDraftJson): Promise<CameraJson> {
  return send<CameraJson>("POST", "cameras", camera);
}

export function changeCamera(id: string, patch: CameraPatchJson): Promise<CameraJson> {
  return send<CameraJson>("PATCH", `cameras/${encodeURIComponent(id)}`, patch);
}

export function removeCamera(id: string): Promise<void> {
  return send<void>("DELETE", `cameras/${encodeURIComponent(id)}`);
}

export function testCamera(target: CameraTestJson): Promise<CameraTestResultJson> {
  return send<CameraTestResultJson>("POST", "cameras/test", target);
}

export interface EventFilter {
  readonly kinds: readonly EventKind[] | null;
  readonly cameraId: string | null;
  readonly before: string | null;
  readonly limit: number;
}

export function listEvents({ kinds, cameraId, before, limit }: EventFilter): Promise<EventsJson> {
  const query = new URLSearchParams({ limit: String(limit) });
  if (kinds !== null) query.set("kind", kinds.join(","));
  if (cameraId !== null) query.set("camera_id", cameraId);
  if (before !== null) query.set("before", before);
  return send<EventsJson>("GET", `events?${query}`);
}

export function readSystem(): Promise<SystemJson> {
  return send<SystemJson>("GET", "system");
}

/** The name under which this device does things, as part of a body; Home Assistant knows better and goes by its own. */
export function byOwnName(): { readonly by?: string } {
  const by = ownName.get().trim();
  return by === "" ? {} : { by };
}

/** Throws Refusal. */
export async function send<T>(method: string, path: string, body?: unknown): Promise<T> {
  const headers = new Headers({ accept: "application/json" });
  if (body !== undefined) headers.set("content-type", "application/json");
  const token = accessToken.get();
  if (token !== "") headers.set("authorization", `Bearer ${token}`);
  const init: RequestInit = {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  let response: Response;
  try {
    response = await fetch(apiUrl(path), init);
  } catch {
    throw new Refusal(0, "Haven does not answer. Is it running?");
  }
  if (!response.ok) throw await refusalOf(response);
  return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
}

/** A proxy in between may answer with a page of its own. */
async function refusalOf(response: Response): Promise<Refusal> {
  const { status } = response;
  try {
    const problem = (await response.json()) as ProblemJson;
    const { detail } = problem;
    if (typeof detail === "string" && detail !== "") return new Refusal(status, detail, problem);
  } catch {
    // Not one of Haven's answers.
  }
  return new Refusal(status, `Haven could not be reached (answer ${status}).`);
}
