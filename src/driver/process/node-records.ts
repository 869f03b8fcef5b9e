import type { ValkeyServer } from "../../valkey/server.ts";
import { isSame, type ProcessIdentity } from "../identity.ts";
import type { HelperName } from "./capabilities/helper-name.ts";
import type { StateFile } from "./state-file.ts";

/* What is written down of single nodes of an environment. */

/** The process that keeps up a fault from outside of the node, if it is there. */
export function helperOf({ record }: StateFile, node: string, name: HelperName): ProcessIdentity | undefined {
  const helper = record.nodes.find((one) => one.name === node)?.helpers?.[name];
  return helper && isSame(helper) ? helper : undefined;
}

/** @param helper absent: there is none any more */
export async function setHelper(
  state: StateFile,
  node: string,
  name: HelperName,
  helper: ProcessIdentity | undefined,
): Promise<void> {
  await state.update((record) => {
    const changed = record.nodes.find((one) => one.name === node);
    if (!changed) return;
    const { [name]: _, ...others } = changed.helpers ?? {};
    changed.helpers = helper ? { ...others, [name]: helper } : others;
  });
}

/** What the node is started with from its next start on. */
export async function setServer(
  state: StateFile,
  node: string,
  { cli: _, ...server }: ValkeyServer,
): Promise<void> {
  await state.update((record) => {
    const changed = record.nodes.find(({ name }) => name === node);
    if (changed) changed.server = { ...server, args: [...server.args], env: { ...server.env } };
  });
}
