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
    expect(await slot.filled()).toBe(true);
    expect(slot.take()).toBe(b);
    expect(b.disposed).toBe(false);
    expect(slot.take()).toBeNull();
  });

  it("wakes whoever waits, who then takes the newest there is", async () => {
    const slot = new NewestSlot<Item>();
    const filled = slot.filled();
    slot.put(new Item("a"));
    const b = new Item("b");
    slot.put(b);
    expect(await filled).toBe(true);
    expect(slot.take()).toBe(b);
    expect(slot.dropped).toBe(1);
  });

  it("lets nobody wait on a closed slot and keeps nothing", async () => {
    const slot = new NewestSlot<Item>();
    const waiting = slot.filled();
    slot[Symbol.dispose]();
    const late = new Item("late");
    slot.put(late);
    expect(await waiting).toBe(false);
    expect(late.disposed).toBe(true);
    expect(await slot.filled()).toBe(false);
    expect(slot.take()).toBeNull();
  });
});
