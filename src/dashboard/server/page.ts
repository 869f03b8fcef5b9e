import { existsSync, readFileSync } from "node:fs";

/** Beside this module in the package; from the sources, or from tools made of them, the one that was built last. */
const PAGES = ["../live.html", "../../../dist/dashboard/live.html", "../../../../dist/dashboard/live.html"];

export interface LivePage {
  readonly html: string;
  /** Its content security policy, which names its script and style by their hashes. */
  readonly policy: string;
}

let loaded: LivePage | undefined;

/** The page as it was built. */
export function livePage(): LivePage {
  if (loaded !== undefined) return loaded;
  const path = PAGES.map((page) => new URL(page, import.meta.url)).find((url) => existsSync(url));
  if (path === undefined) throw new Error("the live page has not been built: npm run build");
  const html = readFileSync(path, "utf8");
  const policy = /<meta http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(html)?.[1];
  if (policy === undefined) throw new Error(`${path.pathname} has no content security policy`);
  loaded = { html, policy };
  return loaded;
}
