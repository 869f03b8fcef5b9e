import type { NodePlan } from "../../model/plan.ts";
import { shellInData, writing } from "./shell.ts";

/**
 * Puts the files of a node into its volume before it starts, where they hold secrets: `docker inspect` shows the
 * environment of a container to everybody who may ask the engine, so they do not go that way.
 */
export async function putSecretFiles(
  { files, secret }: NodePlan,
  container: string,
  id: string,
  signal?: AbortSignal,
): Promise<void> {
  if (secret) await shellInData(container, id, ["-eu"], { input: writing(files), signal });
}
