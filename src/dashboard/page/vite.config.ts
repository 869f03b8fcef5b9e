import { defineConfig } from "vite";
import { oneFile } from "../../report/html/page/one-file.ts";

/*
 * `vite build src/dashboard/page`: one file, dist/dashboard/live.html, which talks to the server that it came from
 * alone.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  logLevel: "warn",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../../../dist/dashboard",
    emptyOutDir: false,
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
  },
  plugins: [oneFile("live.html", "; connect-src 'self'")],
});
