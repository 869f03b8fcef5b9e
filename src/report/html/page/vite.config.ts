import { defineConfig } from "vite";
import { oneFile } from "./one-file.ts";

/* `vite build src/report/html/page`: everything becomes one file, dist/report/html/page.html, which loads nothing. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  logLevel: "warn",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../../../../dist/report/html",
    emptyOutDir: false,
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
  },
  plugins: [oneFile("page.html")],
});
