import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { z } from "zod";
import { DrillError, messageOf } from "../model/errors.ts";
import { temporaryBeside } from "./temporary.ts";

/** `$VALKEY_DRILL_STATE`, or `valkey-drill` in `$XDG_STATE_HOME` (default `~/.local/state`). */
export function defaultStateDir(env: NodeJS.ProcessEnv = process.env): string {
  if (env.VALKEY_DRILL_STATE) return env.VALKEY_DRILL_STATE;
  const { XDG_STATE_HOME: xdg } = env;
  // The XDG base directory specification: a relative path is invalid and shall be ignored.
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), ".local", "state"), "valkey-drill");
}

/** Makes the folders. @throws DrillError `STATE_UNWRITABLE` */
export function openStateDir(stateDir: string): void {
  writing(stateDir, () => {
    mkdirSync(environmentsDir(stateDir), { recursive: true, mode: 0o700 });
    mkdirSync(portsDir(stateDir), { recursive: true, mode: 0o700 });
    mkdirSync(dockerDir(stateDir), { recursive: true, mode: 0o700 });
  });
}

export const portsDir = (stateDir: string) => join(stateDir, "ports");

export const environmentsDir = (stateDir: string) => join(stateDir, "environments");

/** Plans of the environments of containers; all else of them stands in their labels. */
export const dockerDir = (stateDir: string) => join(stateDir, "docker");

/** The names in a folder; none if it is not there. */
export function listDir(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** @throws if there is none, or it is not what this tool writes. */
export function parseFile<T>(path: string, schema: z.ZodType<T>): T {
  const read = schema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  if (!read.success) throw new Error(z.prettifyError(read.error), { cause: read.error });
  return read.data;
}

/** Writes a file in one step, for its owner alone: nobody ever sees half of it. @throws DrillError `STATE_UNWRITABLE` */
export function writeWhole(stateDir: string, path: string, content: unknown): void {
  const temporary = temporaryBeside(path);
  writing(stateDir, () => {
    writeFileSync(temporary, JSON.stringify(content), { mode: 0o600 });
    renameSync(temporary, path);
  });
}

/** Does it, or says that the state folder cannot be written to. @throws DrillError `STATE_UNWRITABLE` */
export function writing<T>(stateDir: string, write: () => T): T {
  try {
    return write();
  } catch (cause) {
    throw new DrillError(
      "STATE_UNWRITABLE",
      `cannot write to the state folder ${stateDir}: ${messageOf(cause)}`,
      {
        hint: "make that folder writable, or name another one in the environment variable VALKEY_DRILL_STATE",
        cause,
      },
    );
  }
}
