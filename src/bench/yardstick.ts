// The least that watching can cost: bare decoding and bare inference, in a process of its own so that its CPU time is its
// alone. Whatever Haven costs is held against it, in the same run.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { entryPoint } from "../core/entry-point.ts";
import { AppError } from "../core/errors.ts";
import type { ExecutionProvider } from "../inference/execution-provider.ts";
import type { Tensors } from "../inference/tensor.ts";
import type { ModelCall, Took, YardstickAnswer, YardstickQuestion } from "./yardstick-messages.ts";

type Done = Extract<YardstickAnswer, { kind: "done" }>;

interface Waiting {
  readonly resolve: (answer: Done) => void;
  readonly reject: (error: AppError) => void;
}

export class Yardstick implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #waiting: Waiting[] = [];
  readonly #ended: Promise<unknown>;
  #alive = true;

  constructor() {
    this.#child = fork(entryPoint(import.meta.url, "./yardstick-main.ts"), [], {
      serialization: "advanced",
      stdio: ["ignore", 2, 2, "ipc"],
      execArgv: [],
    });
    this.#ended = once(this.#child, "close");
    this.#child.on("error", () => {});
    this.#child.on("message", (answer: YardstickAnswer) => {
      const asked = this.#waiting.shift();
      if (answer.kind === "done") asked?.resolve(answer);
      else asked?.reject(new AppError("inference.failed", `The yardstick failed: ${answer.reason}`));
    });
    this.#child.once("close", () => {
      this.#alive = false;
      const gone = new AppError("inference.failed", "The yardstick's process ended by itself.");
      for (const { reject } of this.#waiting.splice(0)) reject(gone);
    });
  }

  /**
   * Opens the models, files by their ids, with the same settings as Haven's workers, and keeps what they are run on: for each
   * picture the runs it needs.
   */
  async load(
    models: ReadonlyMap<string, string>,
    pictures: readonly (readonly ModelCall[])[],
    provider: ExecutionProvider = "cpu",
  ): Promise<void> {
    await this.#ask({ kind: "load", models, pictures, provider });
  }

  /** Per picture of decoding `pictures` of a file, from its beginning and over again. */
  async decode(path: string, pictures: number): Promise<Took> {
    return perPicture(await this.#ask({ kind: "decode", path, pictures }), pictures);
  }

  /** Per picture of running the models for it. */
  async infer(pictures: number): Promise<Took> {
    return perPicture(await this.#ask({ kind: "infer", pictures }), pictures);
  }

  /**
   * CPU milliseconds per analysed picture of decoding `pictures` of a file at `fps`, each when it is due, and running the
   * models for `analysedFps` of them. Dearer than in one go: caches are cold each time, and the processor has slowed down.
   */
  async pace(
    path: string,
    pictures: number,
    { fps, analysedFps }: { readonly fps: number; readonly analysedFps: number },
  ): Promise<number> {
    const { took, analysed } = await this.#ask({ kind: "pace", path, pictures, fps, analysedFps });
    return took.cpuMs / analysed;
  }

  /** What comes out of each run for each kept picture. */
  async outputs(): Promise<readonly (readonly Tensors[])[]> {
    return (await this.#ask({ kind: "outputs" })).outputs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  #ask(question: YardstickQuestion): Promise<Done> {
    return new Promise((resolve, reject) => {
      if (!this.#alive) return reject(new AppError("inference.failed", "The yardstick's process is gone."));
      this.#waiting.push({ resolve, reject });
      this.#child.send(question);
    });
  }
}

function perPicture({ took }: Done, pictures: number): Took {
  return { cpuMs: took.cpuMs / pictures, wallMs: took.wallMs / pictures };
}
