import { slotsIn } from "../base/ranges.ts";
import { SLOT_COUNT } from "../base/slots.ts";
import type { Look } from "../base/wait.ts";
import { nodesWithRole, shardOf } from "../observe/view.ts";
import type { Drill } from "./drill.ts";

/** What a condition looks at: a drill, or a topology of a program. */
export interface Watched extends Pick<Drill, "plan" | "view" | "faultsInForce" | "lastDeclaredDown"> {
  readonly log: Pick<Drill["log"], "now">;
  /** Absent where no workload runs. */
  readonly operations?: Drill["operations"];
}

/** Something a drill can wait for. `begin` is called once; what it returns looks again and again. */
export interface Condition {
  readonly title: string;
  /** It is about operations: it can be awaited only where a workload runs. */
  readonly needsWorkload?: true;
  begin(drill: Watched): () => Look<string>;
}

/** How long all operations must have gone well before the service counts as recovered. */
export const STABLE_MS = 1000;

/** A replica serves as primary in place of each primary that the faults in force took. */
const promoted = {
  title: "a replica to be promoted",
  begin: (drill) => () => {
    const lost = drill.faultsInForce().flatMap((fault) => fault.primaries);
    const primaries = nodesWithRole(drill.view, "primary", drill.plan).filter((name) => !lost.includes(name));
    const shards = primaries.map((name) => shardOf(drill.view, drill.plan, name));
    const lacking = lost.filter((name) =>
      drill.plan.kind === "ha"
        ? primaries.length === 0
        : !shards.includes(drill.plan.nodes.find((node) => node.name === name)?.shard),
    );
    return lacking.length > 0
      ? { done: false, seen: `nobody serves in place of ${lacking.join(", ")}` }
      : { done: true, value: primaries.join(", ") };
  },
} satisfies Condition;

/** Writes and reads of every shard went well for a while. */
const recovered = {
  title: "writes and reads to go well again",
  needsWorkload: true,
  begin: ({ operations, log }) => {
    if (operations === undefined) throw new RangeError("no workload runs");
    const began = log.now();
    const told = operations.measure();
    return () => {
      const unwell = operations.unwell(began, STABLE_MS * 1e6, log.now());
      return unwell === undefined ? { done: true, value: told() } : { done: false, seen: unwell };
    };
  },
} as const satisfies Condition;

/**
 * Every node of the plan is up in a sound topology: one primary (in a cluster: primaries that serve all slots), all other data
 * nodes linked replicas. A primary without slots is one of a shard that has none yet, or none any more.
 */
const rejoined = {
  title: "every node to be back in its place",
  begin: (drill) => () => {
    const primaries = nodesWithRole(drill.view, "primary", drill.plan);
    if (drill.plan.kind === "ha" && primaries.length !== 1)
      return { done: false, seen: `${primaries.length} of 1 primaries` };
    const served = primaries.reduce((sum, name) => sum + slotsIn(drill.view.get(name)?.slots ?? []), 0);
    if (drill.plan.kind === "cluster" && served !== SLOT_COUNT)
      return { done: false, seen: `${served} of ${SLOT_COUNT} slots served` };
    for (const [name, node] of drill.view) {
      if (!node.reachable) return { done: false, seen: `${name} does not answer` };
      if (drill.plan.kind === "cluster" && node.state !== "ok")
        return { done: false, seen: `${name} says cluster_state:${node.state}` };
      if (node.doubts.length > 0)
        return { done: false, seen: `${name} still doubts ${node.doubts.join(", ")}` };
      if (primaries.includes(name)) continue;
      if (node.role === "primary" && node.slots.length === 0 && mayBeEmpty(drill, name)) continue;
      if (node.role !== "replica") return { done: false, seen: `${name} is no replica` };
      if (!node.linkUp) return { done: false, seen: `the link of ${name} to its primary is down` };
    }
    return { done: true, value: `primary ${primaries.join(", ")}` };
  },
} satisfies Condition;

/** A cluster's primary without slots: planned so, or emptied by moving them; one that lost them in a failover has a new primary. */
function mayBeEmpty({ plan, view }: Watched, name: string): boolean {
  if (plan.kind !== "cluster") return false;
  const { shard } = plan.nodes.find((node) => node.name === name) ?? {};
  const mates = plan.nodes.filter((node) => node.shard === shard && node.name !== name);
  return mates.every((mate) => (view.get(mate.name)?.slots.length ?? 0) === 0);
}

/** Enough Sentinels, or the cluster's primaries, agree that a node is down: the failover begins. */
const detected = {
  title: "a node to be declared down",
  begin: (drill) => {
    const began = drill.log.now();
    return () => {
      const { at, what } = drill.lastDeclaredDown ?? { at: -1, what: "nobody was declared down" };
      return at >= began ? { done: true, value: what } : { done: false, seen: what };
    };
  },
} satisfies Condition;

/** Each primary that no fault holds has a replica that could take over: one that follows it, with its link up. */
const isProtected = {
  title: "every primary to have a replica",
  begin: (drill) => () => {
    const faulted = drill.faultsInForce().flatMap(({ selfHealed, targets }) => (selfHealed ? [] : targets));
    const sound = (role: "primary" | "replica") =>
      nodesWithRole(drill.view, role, drill.plan).filter((name) => !faulted.includes(name));
    const primaries = sound("primary");
    const followed = sound("replica").flatMap((name) => {
      const node = drill.view.get(name);
      return node?.linkUp && node.follows !== undefined ? node.follows : [];
    });
    const bare = primaries.filter((name) => !followed.includes(name));
    return primaries.length === 0 || bare.length > 0
      ? {
          done: false,
          seen: bare.length > 0 ? `no replica follows ${bare.join(", ")}` : "there is no primary",
        }
      : { done: true, value: `${primaries.join(", ")} followed` };
  },
} satisfies Condition;

export const CONDITIONS = {
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
