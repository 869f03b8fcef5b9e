import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Is there a program of that name on PATH? Looked up at once, as what a driver can do must be known before it does anything. */
export function programOnPath(name: string): boolean {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter(Boolean)
    .some((folder) => {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
