import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { delimiter, join, resolve } from "node:path";

/** The first program of that name on `env.PATH`, as an absolute path; undefined if there is none. */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const [first] = await findAllOnPath(name, env);
  return first;
}

/** Every program of that name on `env.PATH`, in its order. */
export async function findAllOnPath(name: string, env: NodeJS.ProcessEnv): Promise<string[]> {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = [...new Set(folders.map((folder) => resolve(join(folder, name))))];
  const runnable = await Promise.all(candidates.map(isProgram));
  return candidates.filter((_, index) => runnable[index]);
}

/** Is there a file that may be executed? Anything that stands in the way of looking means no. */
export async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
