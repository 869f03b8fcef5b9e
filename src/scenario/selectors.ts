import { didYouMean } from "../base/nearest.ts";
import type { Random } from "../base/random.ts";
import { inRanges, keySlot } from "../base/slots.ts";
import { DrillError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { nodesWithRole, shardOf, type TopologyView } from "../observe/view.ts";

/** The forms of a selector, for the help and the guide. */
export const SELECTORS: Readonly<Record<string, string>> = {
  primary: "the primary of an HA topology",
  primaries: "every primary",
  replica: "one replica, chosen by the seed",
  replicas: "every replica",
  sentinel: "one Sentinel, chosen by the seed",
  sentinels: "every Sentinel",
  "shard:N/primary": "the primary of shard N (also shard:N/replica, shard:N/replicas)",
  "zone:NAME": "every node in that zone (also zone:NAME/primaries, zone:NAME/replicas, zone:NAME/sentinels)",
  "owner-of:KEY": "the primary that serves the slot of KEY",
  NAME: "a node by its name, such as replica-2 or node-5",
};

/** A node by its name, as topologies name them. `primary` is always the role. */
type NodeName = `replica-${number}` | `sentinel-${number}` | `node-${number}`;

/**
 * A selector of nodes, as `checkSelector` lets it pass. What only a plan can tell (is there a shard 9?) it lets pass
 * too.
 */
export type NodeSelector =
  | "primary"
  | "primaries"
  | "replica"
  | "replicas"
  | "sentinel"
  | "sentinels"
  | `shard:${number}/${"primary" | "replica" | "replicas"}`
  | `zone:${string}`
  | `owner-of:${string}`
  | NodeName;

type Role = "primary" | "replica" | "sentinel";

interface Parsed {
  readonly role?: Role;
  readonly all: boolean;
  readonly shard?: number;
  readonly zone?: string;
  readonly key?: string;
  readonly name?: string;
}

/**
 * Is this a selector that could mean something on that plan?
 *
 * @throws DrillError `BAD_USAGE` saying what is wrong
 */
export function checkSelector(selector: string, plan: Plan): void {
  parse(selector, plan);
}

/** The Sentinels that selectors may mean, whatever roles the other nodes have. */
export function sentinelsNamed(selectors: readonly string[], plan: Plan): string[] {
  const sentinels = plan.nodes.filter((node) => node.program === "sentinel").map((node) => node.name);
  return selectors.flatMap((selector) => {
    const { role, name, zone } = parse(selector, plan);
    if (zone !== undefined)
      return sentinels.filter(
        (sentinel) => (role ?? "sentinel") === "sentinel" && zoneOf(plan, sentinel) === zone,
      );
    return sentinels.filter((sentinel) => role === "sentinel" || name === sentinel);
  });
}

/** The zone that a selector names as a whole; `undefined`: it names no zone. */
export function zoneSelected(selector: string): string | undefined {
  return /^zone:([^/]+)$/.exec(selector)?.[1];
}

function zoneOf({ nodes }: Plan, name: string): string | undefined {
  return nodes.find((node) => node.name === name)?.zone;
}

/**
 * The names that the selector means **now**, by the roles that the nodes really have.
 *
 * @throws DrillError `BAD_USAGE` if it is no selector; `NOT_READY` if no node answers to it now
 */
export function select(selector: string, plan: Plan, view: TopologyView, random: Random): string[] {
  const parsed = parse(selector, plan);
  if (parsed.name !== undefined) return [parsed.name];
  const found = candidates(parsed, plan, view);
  if (found.length === 0) throw new DrillError("NOT_READY", `no node is "${selector}" at this time`);
  if (parsed.all) return found;
  const some = parsed.role === "replica" || parsed.role === "sentinel" ? found : withFollowers(found, view);
  return [some[random.below(some.length)] as string];
}

/**
 * Where several call themselves primary (one was superseded, or a replica was detached), those that replicas follow.
 */
function withFollowers(primaries: string[], view: TopologyView): string[] {
  const followed = primaries.filter((name) => (view.get(name)?.onlineReplicas ?? 0) > 0);
  return followed.length > 0 ? followed : primaries;
}

function candidates(parsed: Parsed, plan: Plan, view: TopologyView): string[] {
  if (parsed.zone !== undefined) {
    const { zone, ...others } = parsed;
    const found = parsed.role ? candidates(others, plan, view) : plan.nodes.map(({ name }) => name);
    return found.filter((name) => zoneOf(plan, name) === zone);
  }
  if (parsed.role === "sentinel")
    return plan.nodes.filter((node) => node.role === "sentinel").map((node) => node.name);
  if (parsed.key !== undefined) {
    const slot = keySlot(parsed.key);
    const primaries = nodesWithRole(view, "primary", plan);
    return plan.kind === "ha"
      ? primaries
      : primaries.filter((name) => inRanges(slot, view.get(name)?.slots ?? []));
  }
  const found = nodesWithRole(view, parsed.role === "replica" ? "replica" : "primary", plan);
  return parsed.shard === undefined
    ? found
    : found.filter((name) => shardOf(view, plan, name) === parsed.shard);
}

function parse(selector: string, plan: Plan): Parsed {
  const names = plan.nodes.map((node) => node.name);
  if (selector !== "primary" && names.includes(selector)) return { name: selector, all: false };
  if (selector.startsWith("owner-of:") && selector.length > "owner-of:".length) {
    return { key: selector.slice("owner-of:".length), all: false };
  }
  const shard = /^shard:(\d+)\/(primary|replicas?)$/.exec(selector);
  if (shard) {
    const number = Number(shard[1]);
    if (plan.kind !== "cluster") throw bad(selector, "an HA topology has no shards", plan);
    if (number < 1 || number > plan.shards.length)
      throw bad(selector, `there are shards 1 to ${plan.shards.length}`, plan);
    return { shard: number, ...roleOf(shard[2] as string) };
  }
  const zoned = /^zone:([^/]+)(?:\/(primaries|replicas|sentinels))?$/.exec(selector);
  if (zoned) return zonedBy(selector, zoned, plan);
  if (/^(primar(y|ies)|replicas?|sentinels?)$/.test(selector)) {
    const { role, all } = roleOf(selector);
    if (plan.kind === "cluster" && selector === "primary")
      throw bad(selector, "a cluster has several primaries", plan);
    if (plan.kind === "cluster" && role === "sentinel")
      throw bad(selector, "a cluster has no Sentinels", plan);
    return { role, all: all && selector !== "primary" };
  }
  throw bad(
    selector,
    `no node or selector has that name.${didYouMean(selector, [...names, ...Object.keys(SELECTORS)])}`,
    plan,
  );
}

function zonedBy(selector: string, [, zone = "", roles]: RegExpExecArray, plan: Plan): Parsed {
  const zones = [...new Set(plan.nodes.flatMap((node) => node.zone ?? []))];
  if (zones.length === 0) throw bad(selector, "the topology has no zones: topology.zones gives them", plan);
  if (!zones.includes(zone)) throw bad(selector, `there are the zones ${zones.join(", ")}`, plan);
  if (plan.kind === "cluster" && roles === "sentinels")
    throw bad(selector, "a cluster has no Sentinels", plan);
  return { zone, all: true, ...(roles !== undefined && { role: roleOf(roles).role }) };
}

function roleOf(word: string): { role: Role; all: boolean } {
  if (word.startsWith("primar")) return { role: "primary", all: true };
  return { role: word.startsWith("replica") ? "replica" : "sentinel", all: word.endsWith("s") };
}

function bad(selector: string, why: string, plan: Plan): DrillError {
  const forms = Object.keys(SELECTORS).join(", ");
  return new DrillError("BAD_USAGE", `"${selector}" selects nothing: ${why}`, {
    hint: `Selectors: ${forms}. Nodes: ${plan.nodes.map((node) => node.name).join(", ")}.`,
  });
}
