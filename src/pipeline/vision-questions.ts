// What the daemon asks of the vision process and waits for: a picture, what an address gives, what faces are in a photo.
import type { Clock } from "../core/clock.ts";
import { AppError } from "../core/errors.ts";
import type { PhotoDescription } from "../domain/tracklet.ts";
import { PendingRequests } from "./pending-requests.ts";
import type { FromVision, ProbeResult, ToVision } from "./vision-contract.ts";

type Answer = Extract<FromVision, { kind: "answer" }>["result"];
type Question = Extract<ToVision, { readonly requestId: string }>;

const REQUEST_LIMIT = 20_000;

export class VisionQuestions {
  readonly #requests: PendingRequests<Answer>;
  /** false when there is no process to ask. */
  readonly #send: (question: Question) => boolean;

  constructor(clock: Clock, send: (question: Question) => boolean) {
    this.#requests = new PendingRequests(clock, REQUEST_LIMIT);
    this.#send = send;
  }

  /** The newest picture as JPEG. All of these throw AppError vision.down, and source.unreachable as vision says. */
  async snapshot(cameraId: string, maxWidth: number): Promise<Uint8Array> {
    const result = await this.#ask((requestId) => ({ kind: "snapshot", requestId, cameraId, maxWidth }));
    if (!("jpeg" in result)) throw unexpected();
    return result.jpeg;
  }

  /** Opens a source once and says what is there, or rejects with a sentence that says why not. */
  async probe(source: string): Promise<ProbeResult> {
    const result = await this.#ask((requestId) => ({ kind: "probe", requestId, source }));
    if (!("stream" in result)) throw unexpected();
    return result;
  }

  /** The faces in a photo as it was uploaded. Throws AppError input.invalid, in a sentence, for what is no photo. */
  async describePhoto(photo: Uint8Array): Promise<PhotoDescription> {
    const result = await this.#ask((requestId) => ({ kind: "describe_photo", requestId, photo }));
    if (!("faces" in result)) throw unexpected();
    return result;
  }

  settle({ requestId, result }: Extract<FromVision, { kind: "answer" }>): void {
    this.#requests.settle(requestId, result);
  }

  refuse({ requestId, reason, input }: Extract<FromVision, { kind: "refusal" }>): void {
    this.#requests.refuse(
      requestId,
      new AppError(input === true ? "input.invalid" : "source.unreachable", reason),
    );
  }

  /** There is nobody left who could answer. */
  refuseAll(reason: string): void {
    this.#requests.refuseAll(new AppError("vision.down", reason));
  }

  #ask(build: (requestId: string) => Question): Promise<Answer> {
    return this.#requests.ask((requestId) => {
      if (this.#send(build(requestId))) return;
      const down = new AppError("vision.down", "the vision process is restarting; try again in a moment");
      this.#requests.refuse(requestId, down);
    });
  }
}

function unexpected(): AppError {
  return new AppError("internal", "vision answered another question than it was asked");
}
