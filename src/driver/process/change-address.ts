import { readFile, rename, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { namesIn } from "../../model/addresses.ts";
import { DrillError } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import { nodeOf } from "../driver.ts";
import type { LinkControl } from "../links.ts";
import { HOSTS_FILE } from "./capabilities/names.ts";

interface Place {
  readonly plan: Plan;
  readonly links: LinkControl | undefined;
  /** The folder of a node. */
  dirOf(node: string): string;
}

/**
 * Moves a node to the other one of its two addresses: see `RunningTopology.changeAddress`.
 *
 * @returns where its name leads now; undefined: it has none, or that leads to where it did
 */
export async function changeAddress(
  { plan, links, dirOf }: Place,
  node: string,
  names: "follow" | "stale",
): Promise<string | undefined> {
  const { announced, fabric, hostname } = nodeOf(plan, node).endpoint;
  if (!announced || !fabric?.spare || !links)
    throw new DrillError("LACKS_CAPABILITY", `${node} has no other address`);
  const host = await links.move(node);
  const isCalledByName = namesIn(plan).has(hostname ?? "");
  if (!isCalledByName) await announce(dirOf(node), host); // else it announces its name
  if (hostname === undefined || names === "stale") return undefined;
  if (isCalledByName) await Promise.all(plan.nodes.map(({ name }) => leadName(dirOf(name), hostname, host)));
  return host;
}

/** From its next start on it tells others that it is there; the server may have rewritten the file. */
async function announce(dir: string, host: string): Promise<void> {
  const path = join(dir, "node.conf");
  const text = await readFile(path, "utf8");
  const own = /^((?:replica|cluster)-announce-ip|sentinel announce-ip) .*$/gm;
  await writeFile(path, text.replaceAll(own, `$1 ${host}`));
}

/**
 * From now on that name leads there, for the node of that folder. Its resolver looks whether the file is of another
 * second than before: so each change is a second later than the last.
 */
async function leadName(dir: string, name: string, host: string): Promise<void> {
  const path = join(dir, HOSTS_FILE);
  const lines = (await readFile(path, "utf8")).split("\n");
  const changed = lines.map((line) => (line.endsWith(` ${name}`) ? `${host} ${name}` : line));
  const next = `${path}.next`;
  const { mode, mtimeMs } = await stat(path);
  await writeFile(next, changed.join("\n"), { mode });
  const time = Math.max(Date.now(), mtimeMs + 1000) / 1000;
  await utimes(next, time, time);
  await rename(next, path);
}
