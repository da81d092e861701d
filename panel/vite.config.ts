import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  // Relative: Home Assistant's ingress serves the panel under a prefix that changes.
  base: "./",
  build: { outDir: "../dist/panel", emptyOutDir: true, target: "es2022" },
});
