/** `task`, but not again while it runs; a failure is handed to `onError`. */
export function oneAtATime(
  task: () => Promise<void>,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let running = false;
  return async () => {
    if (running) return;
    running = true;
    try {
      await task();
    } catch (error) {
      onError(error);
    } finally {
      running = false;
    }
  };
}
