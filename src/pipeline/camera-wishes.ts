import type { ToVision } from "./vision-contract.ts";

/** What is wanted of single cameras beside watching them, whichever vision process is at it. */
export class CameraWishes {
  readonly #send: (message: ToVision) => void;
  readonly #watched = new Map<string, { viewers: number; maxWidth: number }>();
  readonly #attended = new Set<string>();

  constructor(send: (message: ToVision) => void) {
    this.#send = send;
  }

  /** Whether somebody lies, or was last seen lying, anywhere. */
  get attending(): boolean {
    return this.#attended.size > 0;
  }

  /** Pictures of one camera until disposed; several viewers share one stream, as wide as the widest asks. */
  watch(cameraId: string, maxWidth: number): Disposable {
    const entry = this.#watched.get(cameraId) ?? { viewers: 0, maxWidth: 0 };
    entry.viewers += 1;
    entry.maxWidth = Math.max(entry.maxWidth, maxWidth);
    this.#watched.set(cameraId, entry);
    this.#send({ kind: "watch", cameraId, maxWidth: entry.maxWidth });
    let open = true;
    return {
      [Symbol.dispose]: () => {
        if (!open) return;
        open = false;
        entry.viewers -= 1;
        if (entry.viewers > 0) return;
        this.#watched.delete(cameraId);
        this.#send({ kind: "unwatch", cameraId });
      },
    };
  }

  /** Somebody lies, or was last seen lying, in this camera's room; or no longer. */
  attend(cameraId: string, lying: boolean): void {
    if (lying) this.#attended.add(cameraId);
    else this.#attended.delete(cameraId);
    this.#send({ kind: "attention", cameraId, lying });
  }

  /** Cameras that are left; nothing is wanted of the others. */
  keep(ids: ReadonlySet<string>): void {
    for (const id of this.#attended) if (!ids.has(id)) this.#attended.delete(id);
  }

  /** Tells a new process. */
  repeat(): void {
    for (const [cameraId, { maxWidth }] of this.#watched) this.#send({ kind: "watch", cameraId, maxWidth });
    for (const cameraId of this.#attended) this.#send({ kind: "attention", cameraId, lying: true });
  }
}
