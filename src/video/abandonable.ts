export interface Abandonable<T> {
  readonly outcome: Promise<T>;
  /** Rejects `outcome` at once, unless it is settled. */
  readonly abandon: (error: unknown) => void;
}

/**
 * Native work cannot be cancelled, but nobody has to wait for it. What it still brings after it was abandoned goes to
 * `tooLate`; a late failure concerns nobody.
 */
export function abandonable<T>(work: Promise<T>, tooLate: (value: T) => void): Abandonable<T> {
  let abandon: Abandonable<T>["abandon"] = () => undefined;
  const outcome = new Promise<T>((resolve, reject) => {
    let abandoned = false;
    abandon = (error) => {
      abandoned = true;
      reject(error);
    };
    work.then((value) => (abandoned ? tooLate(value) : resolve(value)), reject);
  });
  return { outcome, abandon };
}
