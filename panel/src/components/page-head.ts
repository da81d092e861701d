import { css, html, type TemplateResult } from "lit";
import { icon } from "./icon.ts";

/** The head of a page that lies below another one: the way back, and the heading. */
export const pageHeadStyles = css`
  header {
    display: flex;
    align-items: center;
    gap: 4px;
    margin-left: -12px;
  }
`;

export function pageHead(
  title: string,
  back: { readonly href: string; readonly name: string },
): TemplateResult {
  return html`<header>
    <a class="button icon" href=${back.href} aria-label=${back.name}>${icon("back")}</a>
    <h1 tabindex="-1">${title}</h1>
  </header>`;
}

export const BACK_TO_CARE = { href: "#/care", name: "Back to care" } as const;
export const BACK_TO_PEOPLE = { href: "#/people", name: "Back to people" } as const;
