import { readFile, rename, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { namesIn } from "../../model/addresses.ts";
import { DrillError } from "../../model/errors.ts";
import type { Plan } from "../../model/plan.ts";
import { nodeOf } from "../driver.ts";
import type { LinkControl } from "../links.ts";
import { HOSTS_FILE } from "./capabilities/names.ts";

/** Where the nodes of an environment are called, and where their names lead. */
export class Addresses {
  readonly #plan: Plan;
  readonly #links: () => LinkControl | undefined;
  readonly #dirOf: (node: string) => string;
  readonly #listeners = new Set<(node: string, host: string) => void>();
  /** Nodes that are at the other one of their two addresses. */
  readonly #moved = new Set<string>();

  constructor(plan: Plan, links: () => LinkControl | undefined, dirOf: (node: string) => string) {
    this.#plan = plan;
    this.#links = links;
    this.#dirOf = dirOf;
  }

  /** See `RunningTopology.changeAddress`. */
  async change(node: string, names: "follow" | "stale" = "follow"): Promise<void> {
    const { announced, fabric, hostname } = nodeOf(this.#plan, node).endpoint;
    const links = this.#links();
    if (!announced || !fabric?.spare || !links)
      throw new DrillError("LACKS_CAPABILITY", `${node} has no other address`);
    const host = await links.move(node);
    if (!this.#moved.delete(node)) this.#moved.add(node);
    const isCalledByName = namesIn(this.#plan).has(hostname ?? "");
    if (!isCalledByName) await announce(this.#dirOf(node), host); // else it announces its name
    if (hostname === undefined || names === "stale") return;
    const folders = isCalledByName ? this.#plan.nodes.map(({ name }) => this.#dirOf(name)) : [];
    await Promise.all(folders.map((dir) => leadName(dir, hostname, host)));
    for (const listener of this.#listeners) listener(node, host);
  }

  /** All nodes back at their first addresses; their files are to be written anew. */
  async restore(): Promise<void> {
    for (const node of this.#moved) {
      const host = await this.#links()?.move(node);
      if (host !== undefined) for (const listener of this.#listeners) listener(node, host);
    }
    this.#moved.clear();
  }

  /** See `RunningTopology.onRenamed`. */
  onRenamed(listener: (node: string, host: string) => void): void {
    this.#listeners.add(listener);
  }
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
