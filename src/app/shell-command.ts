import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/**
 * What `/bin/sh -c` is given for a command line. A single command takes the shell's place: signals then reach it alone,
 * and how it ends is told as it is, not as the shell's exit code. Whatever the shell itself does stays as it is.
 */
export function shellText(command: string, { PATH = "" }: NodeJS.ProcessEnv): string {
  const [, quoted, first = quoted?.slice(1, -1)] =
    /^\s*(?:('[^']+'|"[^"$`\\]+")|([\w./+-]+))(?=\s|$)/.exec(command) ?? [];
  const isSingle = first !== undefined && !/[;&|<>()\n`{}]/.test(withoutQuoted(command));
  return isSingle && isProgram(first, PATH) ? `exec ${command.trimStart()}` : command;
}

/** What stands in quotes has no meaning to the shell, but for `$` and backquotes in double ones. */
function withoutQuoted(command: string): string {
  return command.replace(/\\.|'[^']*'|"(?:\\.|[^"\\])*"/gs, (quoted) => (quoted.includes("`") ? "`" : ""));
}

/** There is a file of that name that can be run; so it is no mere word of the shell, as `exit` is. */
function isProgram(name: string, path: string): boolean {
  if (name.includes("/")) return true;
  return path.split(delimiter).some((folder) => {
    try {
      const file = join(folder, name);
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false; // not here
    }
  });
}
