import type { Page } from "playwright-core";

/**
 * What can be checked by machine, over all shadow roots, for what is visible: names of controls, labels, one heading of
 * the first order, targets of 44 px (WCAG 2.5.5), contrast of text of 4.5 to 1 (3 to 1 when large; WCAG 1.4.3), nothing
 * wider than the window. Returns sentences; empty when all is well.
 */
export function accessibilityProblems(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const problems: string[] = [];
    const elements: Element[] = [];
    const collect = (root: Document | ShadowRoot) => {
      for (const element of root.querySelectorAll("*")) {
        elements.push(element);
        if (element.shadowRoot !== null) collect(element.shadowRoot);
      }
    };
    collect(document);
    const visible = elements.filter((element) => element.checkVisibility());
    const parentOf = (node: Node): Element | null => {
      const parent = node.parentNode;
      const slot = node instanceof Element ? node.assignedSlot : null;
      return slot ?? (parent instanceof ShadowRoot ? parent.host : parent instanceof Element ? parent : null);
    };
    const describe = (element: Element) =>
      `<${element.localName}> "${(element.textContent ?? "").trim().slice(0, 30)}"`;

    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (colour: string): [number, number, number, number] => {
      if (canvas === null) throw new Error("no canvas");
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [r = 0, g = 0, b = 0, a = 0] = canvas.getImageData(0, 0, 1, 1).data;
      return [r, g, b, a / 255];
    };
    const backgroundOf = (element: Element): [number, number, number] => {
      const layers: [number, number, number, number][] = [];
      for (let at: Element | null = element; at !== null; at = parentOf(at)) {
        const layer = rgba(getComputedStyle(at).backgroundColor);
        layers.push(layer);
        if (layer[3] === 1) break;
      }
      return layers
        .reverse()
        .reduce<[number, number, number]>(
          ([r, g, b], [lr, lg, lb, a]) => [lr * a + r * (1 - a), lg * a + g * (1 - a), lb * a + b * (1 - a)],
          [255, 255, 255],
        );
    };
    const luminance = (colour: readonly number[]) => {
      const [r = 0, g = 0, b = 0] = colour.map((value) => {
        const share = value / 255;
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };

    for (const element of visible) {
      const style = getComputedStyle(element);
      const control = element.matches("a[href], button, input, select, summary");
      if (control && !element.matches(":disabled")) {
        const label = element as HTMLInputElement;
        const name = [
          element.getAttribute("aria-label"),
          element.textContent,
          ...[...(label.labels ?? [])].map((words) => words.textContent),
        ];
        if (name.every((words) => (words ?? "").trim() === ""))
          problems.push(`${describe(element)} has no name`);
        // A box in a label is as large as its label; a link in a sentence as large as its words.
        const target = element.closest("label") ?? element;
        const { width, height } = target.getBoundingClientRect();
        const inline = style.display === "inline";
        if (!inline && (width < 44 || height < 44))
          problems.push(`${describe(element)} is ${width} x ${height}`);
      }
      if (element.localName === "img" && !element.hasAttribute("alt")) problems.push("a picture without alt");

      const ownText = [...element.childNodes].some(
        (node) => node.nodeType === 3 && (node.textContent ?? "").trim() !== "",
      );
      const faded = (() => {
        for (let at: Element | null = element; at !== null; at = parentOf(at)) {
          if (Number(getComputedStyle(at).opacity) < 1) return true;
        }
        return false;
      })();
      // Over a picture there is no one colour to compare with; what is disabled needs none.
      if (!ownText || faded || element.matches("option, :disabled, title, style, script")) continue;
      const background = backgroundOf(element);
      const [r, g, b, a] = rgba(style.color);
      const colour = [r, g, b].map((value, i) => value * a + (background[i] ?? 0) * (1 - a));
      const [bright = 0, dark = 0] = [luminance(colour), luminance(background)].sort((x, y) => y - x);
      const contrast = (bright + 0.05) / (dark + 0.05);
      const size = Number.parseFloat(style.fontSize);
      const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      if (contrast < (large ? 3 : 4.5))
        problems.push(`${describe(element)} has a contrast of ${contrast.toFixed(2)}`);
    }

    const headings = visible.filter((element) => element.localName === "h1");
    if (headings.length !== 1) problems.push(`${headings.length} headings of the first order`);
    const ids = (root: Document | ShadowRoot) =>
      [...root.querySelectorAll("[id]")].map((element) => element.id);
    for (const element of elements) {
      const own = element.shadowRoot === null ? [] : ids(element.shadowRoot);
      if (new Set(own).size !== own.length) problems.push(`<${element.localName}> has an id twice`);
    }
    if (document.documentElement.lang === "") problems.push("the page has no language");
    if (document.title === "") problems.push("the page has no title");
    if (document.documentElement.scrollWidth > innerWidth) problems.push("the page is wider than the window");
    return problems;
  });
}
