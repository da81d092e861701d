/** Something was done to a person: said on the page, with a way back where there is one. */
export interface Done {
  readonly sentence: string;
  /** In whose audit it stands; null where it cannot be undone. */
  readonly personId: string | null;
  /** What it may be called there. */
  readonly actions: readonly string[];
}

/** Fires `done` up to the page, through every shadow root. */
export function tellDone(element: HTMLElement, detail: Done): void {
  element.dispatchEvent(new CustomEvent<Done>("done", { detail, bubbles: true, composed: true }));
}
