import { type Options, SingleBar } from "cli-progress";

/** A bar on standard error for a person at a terminal; a line at every tenth for a log. */
export interface ProgressBar extends Disposable {
  update(share: number, label: string): void;
}

export function createProgressBar(title: string): ProgressBar {
  return process.stderr.isTTY === true ? new TerminalBar(title) : new LineBar(title);
}

class TerminalBar implements ProgressBar {
  readonly #bar: SingleBar;

  constructor(title: string) {
    const options: Options = {
      format: `${title} [{bar}] {percentage}% | {eta_formatted} left | {label}`,
      stream: process.stderr,
      hideCursor: true,
      etaBuffer: 50,
      clearOnComplete: false,
    };
    this.#bar = new SingleBar(options);
    this.#bar.start(1000, 0, { label: "" });
  }

  update(share: number, label: string): void {
    this.#bar.update(Math.round(Math.min(1, share) * 1000), { label });
  }

  [Symbol.dispose](): void {
    this.#bar.stop();
  }
}

class LineBar implements ProgressBar {
  readonly #title: string;
  #tenth = -1;

  constructor(title: string) {
    this.#title = title;
  }

  update(share: number, label: string): void {
    const tenth = Math.floor(Math.min(1, share) * 10);
    if (tenth <= this.#tenth) return;
    this.#tenth = tenth;
    process.stderr.write(`${this.#title}: ${tenth * 10} % ${label}\n`);
  }

  [Symbol.dispose](): void {}
}
