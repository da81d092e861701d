import { describe, expect, it } from "vitest";
import { NewestSlot } from "../../src/core/newest-slot.ts";

class Item implements Disposable {
  readonly name: string;
  disposed = false;
  constructor(name: string) {
    this.name = name;
  }
  [Symbol.dispose](): void {
    this.disposed = true;
  }
}

describe("a newest-wins slot", () => {
  it("drops and disposes the older item, and counts it", async () => {
    const slot = new NewestSlot<Item>();
    const [a, b] = [new Item("a"), new Item("b")];
    slot.put(a);
    slot.put(b);
    expect(a.disposed).toBe(true);
    expect(slot.dropped).toBe(1);
    expect(await slot.take()).toBe(b);
    expect(b.disposed).toBe(false);
  });

  it("hands an item straight to whoever waits", async () => {
    const slot = new NewestSlot<Item>();
    const taken = slot.take();
    const a = new Item("a");
    slot.put(a);
    expect(await taken).toBe(a);
    expect(slot.dropped).toBe(0);
  });

  it("lets nobody wait on a closed slot and keeps nothing", async () => {
    const slot = new NewestSlot<Item>();
    const waiting = slot.take();
    slot[Symbol.dispose]();
    const late = new Item("late");
    slot.put(late);
    expect(await waiting).toBeNull();
    expect(await slot.take()).toBeNull();
    expect(late.disposed).toBe(true);
  });
});
