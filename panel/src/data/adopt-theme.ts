// Inside Home Assistant the panel sits in a frame of the same origin: the theme the user chose there, which may differ
// from what the system prefers, is read from the page around it.

const VARIABLES = [
  "--primary-background-color",
  "--card-background-color",
  "--ha-card-background",
  "--ha-card-border-radius",
  "--primary-text-color",
  "--secondary-text-color",
  "--divider-color",
  "--primary-color",
  "--ha-font-family-body",
] as const;

/** Copies the theme now and whenever it changes. Does nothing outside of Home Assistant. */
export function adoptTheme(): void {
  const around = outerRoot();
  if (around === null) return;
  const copy = () => copyTheme(around);
  copy();
  new MutationObserver(copy).observe(around, { attributes: true, attributeFilter: ["style", "class"] });
  // Themes that follow the system change without a word in the page.
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", copy);
}

function outerRoot(): HTMLElement | null {
  try {
    return window.parent === window ? null : window.parent.document.documentElement;
  } catch {
    // A frame on a page of another origin may not look out.
    return null;
  }
}

function copyTheme(around: HTMLElement): void {
  const outer = getComputedStyle(around);
  const own = document.documentElement;
  for (const name of VARIABLES) {
    const value = outer.getPropertyValue(name).trim();
    if (value === "") own.style.removeProperty(name);
    else own.style.setProperty(name, value);
  }
  const background = outer.getPropertyValue("--primary-background-color").trim();
  if (background === "") own.removeAttribute("data-scheme");
  else own.dataset.scheme = isDark(background) ? "dark" : "light";
}

/** Rec. 601 luma of any CSS colour, which the browser is asked to resolve. */
function isDark(colour: string): boolean {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) return false;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [red = 255, green = 255, blue = 255] = context.getImageData(0, 0, 1, 1).data;
  return 0.299 * red + 0.587 * green + 0.114 * blue < 128;
}
