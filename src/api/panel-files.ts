import { existsSync } from "node:fs";
import { join } from "node:path";
import express, { type RequestHandler } from "express";

/**
 * The built panel. Its assets bear a hash of their content in their names and never change; index.html names them and
 * is asked for anew each time. No redirects: behind ingress they would lead out of the prefix.
 */
export function panelFiles(dir: string | null): RequestHandler {
  if (dir === null || !existsSync(join(dir, "index.html"))) return withoutPanel;
  return express.static(dir, {
    redirect: false,
    setHeaders: (response, path) => {
      const hashed = path.startsWith(join(dir, "assets"));
      response.setHeader("Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
}

const withoutPanel: RequestHandler = (request, response, next) => {
  if (request.path !== "/") return next();
  response.status(503).type("text/plain").send("The panel is not built. Run: npm run build\n");
};
