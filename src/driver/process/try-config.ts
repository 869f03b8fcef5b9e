import { access, constants } from "node:fs/promises";
import type { NodePlan } from "../../model/plan.ts";
import type { ValkeyServer } from "../../valkey/server.ts";
import { refusalBy } from "../config-refusal.ts";
import type { ConfigRefusal } from "../driver.ts";
import { rehearseServer } from "./rehearse.ts";

/** See `Driver.refusalOf`. */
export async function refusalOf(
  server: ValkeyServer,
  program: NodePlan["program"],
  lines: readonly string[],
): Promise<ConfigRefusal | undefined> {
  const refusal = await refusalBy((rehearsal) => rehearseServer(server, rehearsal), program, lines);
  return refusal ?? (await missingModule(lines, server.version));
}

/** Modules are loaded only once the whole file has been read. */
async function missingModule(lines: readonly string[], version: string): Promise<ConfigRefusal | undefined> {
  for (const [index, text] of lines.entries()) {
    const path = /^loadmodule\s+["']?([^\s"']+)/.exec(text)?.[1];
    if (path === undefined) continue;
    const isThere = await access(path, constants.R_OK | constants.X_OK).then(
      () => true,
      () => false,
    );
    if (!isThere) return { line: index + 1, words: `there is no module ${path} that can be run`, version };
  }
  return undefined;
}
