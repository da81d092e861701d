import { svg, type TemplateResult } from "lit";
import { ICON_PATHS, type IconName } from "./icon-paths.ts";

/** An icon beside words that say the same: hidden from screen readers. */
export function icon(name: IconName, size = 24): TemplateResult {
  return svg`<svg width=${size} height=${size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false" style="flex:none">
    <path d=${ICON_PATHS[name]}></path>
  </svg>`;
}
