// Entry of an inference worker thread: holds one session per model and answers one request at a time, in order.
import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { AppError, messageOf } from "../core/errors.ts";
import { ModelSession } from "./model-session.ts";
import { transferable } from "./tensor.ts";
import type { FromWorker, ToWorker, WorkerSetup } from "./worker-messages.ts";

const sessions = new Map<string, ModelSession>();

function serve(port: MessagePort, { open }: WorkerSetup): void {
  let last: Promise<void> = Promise.resolve();
  port.on("message", (message: ToWorker) => {
    last = last.then(async () => {
      await answer(port, message);
      Atomics.sub(open, 0, 1);
      Atomics.notify(open, 0);
      if (message.kind === "close") process.exit();
    });
  });
}

async function answer(port: MessagePort, message: ToWorker): Promise<void> {
  const say = (reply: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(reply, transfer);
  try {
    switch (message.kind) {
      case "load": {
        // A worker that was hired while a model was being loaded is asked twice.
        if (!sessions.has(message.modelId)) {
          sessions.set(message.modelId, await ModelSession.open(message.path, message.provider));
        }
        say({ kind: "loaded" });
        return;
      }
      case "run": {
        const session = sessions.get(message.modelId);
        if (session === undefined) throw new AppError("internal", `${message.modelId} is not loaded`);
        const reason = session.objectionTo(message.inputs);
        if (reason !== null) {
          say({ kind: "refused", reason });
          return;
        }
        const start = performance.now();
        const { tensors, transfer } = transferable(await session.run(message.inputs));
        say({ kind: "ran", outputs: tensors, ms: performance.now() - start }, transfer);
        return;
      }
      case "close": {
        for (const session of sessions.values()) await session.close();
        return;
      }
    }
  } catch (error) {
    say({ kind: "failed", reason: messageOf(error) });
  }
}

if (parentPort !== null) serve(parentPort, workerData as WorkerSetup);
