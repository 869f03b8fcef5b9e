import { slotsIn } from "../base/ranges.ts";
import { SLOT_COUNT } from "../base/slots.ts";
import type { Look } from "../base/wait.ts";
import { APP_AWAITED } from "../model/app.ts";
import type { Plan } from "../model/plan.ts";
import { nodesWithRole, shardOf, type TopologyView } from "../observe/view.ts";
import type { LiveOperations } from "./live-operations.ts";

/** Nodes as they were seen last. */
interface Seen {
  readonly plan: Plan;
  readonly view: TopologyView;
}

/** What a condition looks at: a session. */
export interface Watched extends Seen {
  readonly faults: {
    readonly all: readonly {
      readonly primaries: readonly string[];
      readonly targets: readonly string[];
      readonly selfHealed?: boolean;
    }[];
  };
  /** The last time (ns) that somebody was declared down, and what was said. */
  readonly lastDeclaredDown: { readonly at: number; readonly what: string } | undefined;
  readonly operations: Pick<LiveOperations, "measure" | "unwell" | "appUnwell">;
  now(): number;
}

/** Something a drill can wait for. `begin` is called once; what it returns looks again and again. */
export interface Condition {
  readonly title: string;
  /** It is about operations: it can be awaited only where a workload runs. */
  readonly needsWorkload?: true;
  /** @param since what came about before that time (ns) does not count */
  begin(on: Watched, since: number): () => Look<string>;
}

/** A replica serves as primary in place of each primary that the faults in force took. */
const promoted = {
  title: "a replica to be promoted",
  begin: (on) => () => {
    const lost = on.faults.all.flatMap(({ primaries }) => primaries);
    const primaries = nodesWithRole(on.view, "primary", on.plan).filter((name) => !lost.includes(name));
    return ended(unreplaced(lost, on), primaries.join(", "));
  },
} satisfies Condition;

/** Writes and reads of every shard went well for a while. */
const recovered = {
  title: "writes and reads to go well again",
  needsWorkload: true,
  begin: (on, since) => {
    const told = on.operations.measure();
    return () => {
      const unwell = on.operations.unwell(since, on.now());
      return unwell === undefined ? { done: true, value: told() } : { done: false, seen: unwell };
    };
  },
} as const satisfies Condition;

/** Every probe that asks the application at a fixed rate went well for a while. */
const appRecovered = {
  title: APP_AWAITED,
  needsWorkload: true,
  begin: (on, since) => {
    const told = on.operations.measure();
    return () => {
      const unwell = on.operations.appUnwell(since, on.now());
      return unwell === undefined ? { done: true, value: told() } : { done: false, seen: unwell };
    };
  },
} as const satisfies Condition;

/** Every node of the plan is up in a sound topology. */
const rejoined = {
  title: "every node to be back in its place",
  begin: (on) => () => ended(unsound(on), `primary ${nodesWithRole(on.view, "primary", on.plan).join(", ")}`),
} satisfies Condition;

/** Enough Sentinels, or the cluster's primaries, agree that a node is down: the failover begins. */
const detected = {
  title: "a node to be declared down",
  begin: (on, since) => () => {
    const { at, what } = on.lastDeclaredDown ?? { at: -1, what: "nobody was declared down" };
    return at >= since ? { done: true, value: what } : { done: false, seen: what };
  },
} satisfies Condition;

/** Each primary that no fault holds has a replica that could take over: one that follows it, with its link up. */
const isProtected = {
  title: "every primary to have a replica",
  begin: (on) => () => {
    const faulted = heldTargets(on.faults);
    const sound = (role: "primary" | "replica") =>
      nodesWithRole(on.view, role, on.plan).filter((name) => !faulted.includes(name));
    const primaries = sound("primary");
    const followed = sound("replica").flatMap((name) => {
      const node = on.view.get(name);
      return node?.linkUp && node.follows !== undefined ? node.follows : [];
    });
    const bare = primaries.filter((name) => !followed.includes(name));
    if (primaries.length === 0) return { done: false, seen: "there is no primary" };
    const lacking = bare.length > 0 ? `no replica follows ${bare.join(", ")}` : undefined;
    return ended(lacking, `${primaries.join(", ")} followed`);
  },
} satisfies Condition;

/** What faults hold now: of one that has healed itself nothing is left. */
export function heldTargets({ all }: Watched["faults"]): string[] {
  return all.flatMap(({ selfHealed, targets }) => (selfHealed ? [] : targets));
}

function ended(lacking: string | undefined, value: string): Look<string> {
  return lacking === undefined ? { done: true, value } : { done: false, seen: lacking };
}

/** What is lacking until other nodes are primaries in place of those that were lost; `undefined`: nothing. */
export function unreplaced(lost: readonly string[], { plan, view }: Seen): string | undefined {
  const serving = nodesWithRole(view, "primary", plan).filter((name) => !lost.includes(name));
  const served = serving.map((name) => shardOf(view, plan, name));
  const lacking = lost.filter((name) => !served.includes(shardOf(view, plan, name)));
  return lacking.length > 0 ? `nobody serves in place of ${lacking.join(", ")}` : undefined;
}

/**
 * What is lacking until the data nodes are one sound topology; `undefined`: nothing. One primary (in a cluster:
 * primaries that serve all slots), all other nodes linked replicas. A primary without slots is one of a shard that has
 * none yet, or none any more.
 *
 * @param back the nodes that must answer; absent: all must, and none may hold another, or the cluster, to be failed
 */
export function unsound(seen: Seen, back?: readonly string[]): string | undefined {
  const { plan, view } = seen;
  const primaries = nodesWithRole(view, "primary", plan);
  if (plan.kind === "ha" && primaries.length !== 1) return `${primaries.length} of 1 primaries`;
  const served = primaries.reduce((sum, name) => sum + slotsIn(view.get(name)?.slots ?? []), 0);
  if (plan.kind === "cluster" && served !== SLOT_COUNT) return `${served} of ${SLOT_COUNT} slots served`;
  for (const [name, node] of view) {
    if (!node.reachable) {
      if (back?.includes(name) ?? true) return `${name} does not answer`;
      continue;
    }
    if (back === undefined && plan.kind === "cluster" && node.state !== "ok")
      return `${name} says cluster_state:${node.state}`;
    if (back === undefined && node.doubts.length > 0) return `${name} still doubts ${node.doubts.join(", ")}`;
    if (primaries.includes(name)) continue;
    if (node.role === "primary" && node.slots.length === 0 && mayBeEmpty(seen, name)) continue;
    if (node.role !== "replica") return `${name} is no replica`;
    if (!node.linkUp) return `the link of ${name} to its primary is down`;
  }
  return undefined;
}

/**
 * A cluster's primary without slots: planned so, or emptied by moving them; one that lost them in a failover has a new
 * primary.
 */
function mayBeEmpty({ plan, view }: Seen, name: string): boolean {
  if (plan.kind !== "cluster") return false;
  const { shard } = plan.nodes.find((node) => node.name === name) ?? {};
  const mates = plan.nodes.filter((node) => node.shard === shard && node.name !== name);
  return mates.every((mate) => (view.get(mate.name)?.slots.length ?? 0) === 0);
}

export const CONDITIONS = {
  "app-recovered": appRecovered,
  detected,
  promoted,
  protected: isProtected,
  recovered,
  rejoined,
} as const satisfies Record<string, Condition>;

export type ConditionName = keyof typeof CONDITIONS;
/** Those that can be awaited without a workload. */
export type TopologyCondition = {
  [Name in ConditionName]: (typeof CONDITIONS)[Name] extends { needsWorkload: true } ? never : Name;
}[ConditionName];
export const conditionNames = Object.keys(CONDITIONS) as [ConditionName, ...ConditionName[]];
