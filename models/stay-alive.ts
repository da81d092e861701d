import { MessageChannel } from "node:worker_threads";

/**
 * Keeps the process from ending until it is disposed. The clock's timers deliberately do not, so a command line that
 * only waits (for another process's lock, for the next attempt) would otherwise end in the middle of its work.
 */
export function stayAlive(): Disposable {
  const { port1, port2 } = new MessageChannel();
  port1.ref();
  return {
    [Symbol.dispose]: () => {
      port1.close();
      port2.close();
    },
  };
}
