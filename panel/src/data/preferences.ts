/** What this browser remembers. Private windows may refuse to: then it lasts as long as the page. */
class Preference {
  readonly #key: string;
  #value: string | null = null;

  constructor(key: string) {
    this.#key = `haven.${key}`;
  }

  get(): string {
    if (this.#value === null) {
      try {
        this.#value = localStorage.getItem(this.#key) ?? "";
      } catch {
        this.#value = "";
      }
    }
    return this.#value;
  }

  set(value: string): void {
    this.#value = value;
    try {
      localStorage.setItem(this.#key, value);
    } catch {
      // Remembered for this page only.
    }
  }
}

/** The daemon's api.token, when it asks for one. */
export const accessToken = new Preference("token");

/** Who acknowledges from this browser, outside Home Assistant. */
export const ownName = new Preference("name");

/** "yes" when people are drawn as skeletons without the picture. */
export const skeletonOnly = new Preference("skeleton-only");
