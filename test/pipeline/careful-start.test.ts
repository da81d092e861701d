// The order in which cameras are opened after a death of the vision process.
import { describe, expect, it } from "vitest";
import {
  beginCarefully,
  type CarefulInput,
  type CarefulStart,
  isOver,
  stepCarefully,
} from "../../src/pipeline/careful-start.ts";

type Told = CarefulInput extends infer Input ? (Input extends unknown ? Omit<Input, "at"> : never) : never;

class Start {
  state: CarefulStart;
  cleared: string[] = [];
  now = 0;

  constructor(cameras: string, last: string) {
    this.state = beginCarefully([...cameras], [...last]);
  }

  tell(input: Told): this {
    const step = stepCarefully(this.state, { ...input, at: this.now } as CarefulInput);
    this.state = step.state;
    this.cleared.push(...step.cleared);
    return this;
  }

  hear(ids: string, playing = true): this {
    for (const cameraId of ids) this.tell({ kind: "heard", cameraId, playing });
    return this;
  }

  after(ms: number): this {
    this.now += ms;
    return this.tell({ kind: "time" });
  }

  get trial(): string {
    return this.state.trial.join("");
  }
}

describe("a careful start", () => {
  it("is over at once where nobody is suspected", () => {
    expect(isOver(new Start("ab", "").tell({ kind: "ready" }).hear("ab").state)).toBe(true);
  });

  it("opens suspects when the others have been heard of, be it that they cannot be reached", () => {
    const start = new Start("abc", "c").tell({ kind: "ready" }).hear("a");
    expect(start.trial).toBe("");
    expect(start.hear("b", false).trial).toBe("c");
  });

  it("does not wait for ever for somebody who is not heard of", () => {
    const start = new Start("abc", "c").tell({ kind: "ready" }).hear("a");
    expect(start.after(11_000).trial).toBe("");
    expect(start.after(2_000).trial).toBe("c");
  });

  it("waits for vision to be ready before any limit runs", () => {
    expect(new Start("ab", "b").after(60_000).trial).toBe("");
  });

  it("halves the suspects until one is tried alone, and clears those that play for some seconds", () => {
    const start = new Start("abcd", "abcd").tell({ kind: "ready" });
    expect(start.trial).toBe("ab");
    start.hear("ab").after(2_000);
    expect(start.trial).toBe("ab");
    expect(start.after(1_100).trial).toBe("c");
    expect(start.cleared.join("")).toBe("ab");
    start.hear("c").after(3_100);
    expect(start.trial).toBe("d");
    start.hear("d").after(3_100);
    expect(isOver(start.state)).toBe(true);
    expect(start.cleared.join("")).toBe("abcd");
  });

  it("does not wait for a suspect that cannot be reached, but proves the one beside it", () => {
    const alone = new Start("ab", "ab").tell({ kind: "ready" }).hear("a", false);
    expect(alone.trial).toBe("b");
    const beside = new Start("abc", "abc").tell({ kind: "ready" }).hear("a").hear("b", false);
    expect(beside.trial).toBe("ab");
    expect(beside.after(3_100).trial).toBe("c");
  });

  it("tries a camera that is admitted later, after the trial that is under way", () => {
    const start = new Start("ab", "b").tell({ kind: "ready" }).hear("a");
    start.tell({ kind: "admit", cameraId: "c" });
    expect(start.trial).toBe("b");
    expect(start.hear("b").after(3_100).trial).toBe("c");
  });

  it("does not wait for cameras that were removed", () => {
    const start = new Start("abc", "bc").tell({ kind: "ready" });
    start.tell({ kind: "keep", cameraIds: new Set(["c"]) });
    expect(start.trial).toBe("c");
  });
});
