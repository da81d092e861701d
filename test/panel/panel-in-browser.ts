import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { build } from "vite";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** A name for what is skipped without it. */
export const IN_BROWSER = existsSync(CHROMIUM) ? "in a browser" : `in a browser (skipped: no ${CHROMIUM})`;
export const noBrowser = !existsSync(CHROMIUM);

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--disable-background-networking"],
  });
}

/** Builds the panel as it is now into a folder of its own, and returns that. */
export async function buildPanel(): Promise<string> {
  const outDir = mkdtempSync(join(tmpdir(), "haven-built-panel-"));
  const configFile = join(import.meta.dirname, "../../panel/vite.config.ts");
  await build({ configFile, logLevel: "error", build: { outDir, emptyOutDir: true } });
  return outDir;
}

export const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true };

/** A fresh page in a fresh profile, with what went wrong in it. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page: Page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(url);
  return { page, errors, [Symbol.asyncDispose]: () => context.close() };
}
