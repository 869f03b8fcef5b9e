import { access, constants, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NodePlan } from "../../model/plan.ts";
import { runProgram } from "../../valkey/run-program.ts";
import type { ValkeyServer } from "../../valkey/server.ts";
import { configToTry, refusalIn } from "../config-refusal.ts";
import type { ConfigRefusal } from "../driver.ts";

/** It takes some 15 ms. */
const TRY_MS = 20_000;

/** See `Driver.refusalOf`. */
export async function refusalOf(
  server: ValkeyServer,
  program: NodePlan["program"],
  lines: readonly string[],
): Promise<ConfigRefusal | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "valkey-drill-config-"));
  try {
    await writeFile(join(folder, "node.conf"), configToTry(program, lines), { mode: 0o600 });
    const { PATH } = process.env;
    const args = [...server.args, "node.conf", ...(program === "sentinel" ? ["--sentinel"] : [])];
    const { stdout, stderr } = await runProgram(server.command, args, {
      env: { ...(PATH && { PATH }), ...server.env },
      cwd: folder,
      timeoutMs: TRY_MS,
    });
    return refusalIn(`${stdout}${stderr}`, lines) ?? (await missingModule(lines, server.version));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
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
