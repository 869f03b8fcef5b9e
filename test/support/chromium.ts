import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { type Browser, chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];

/** The browser on this machine, if there is one. */
export const chromiumPath = (process.env.PATH ?? "")
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find(isProgram);

/** In CI a test that needs a browser may not be skipped. */
export const chromiumRequired = process.env.VALKEY_DRILL_REQUIRE_CHROMIUM === "1";

if (chromiumPath === undefined && !chromiumRequired) {
  process.stderr.write(
    `Tests of the report in a browser are skipped: there is none of ${NAMES.join(", ")} on PATH\n`,
  );
}

export async function openChromium(): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(`there is none of ${NAMES.join(", ")} on PATH`);
  // Its own sandbox does not work for root, as in containers of CI; the pages are our own.
  return chromium.launch({ executablePath: chromiumPath, args: ["--no-sandbox"] });
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
