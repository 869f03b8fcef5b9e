import { availability } from "../model/availability.ts";
import type { TopologyKind } from "../model/plan.ts";
import { append } from "./append.ts";
import { counter } from "./counter.ts";
import { crud } from "./crud.ts";
import { keySpread } from "./key-spread.ts";
import { lock } from "./lock.ts";
import { pubsub } from "./pubsub.ts";
import { queue } from "./queue.ts";
import { register } from "./register.ts";
import { replicaReads } from "./replica-reads.ts";
import { retryingSession } from "./retrying-session.ts";
import { staleReads } from "./stale-reads.ts";
import { staleRoute } from "./stale-route.ts";
import { throughput } from "./throughput.ts";
import { transaction } from "./transaction.ts";
import { uniqueWrites } from "./unique-writes.ts";
import type { Workload } from "./workload.ts";

const ALL = [
  crud,
  replicaReads,
  keySpread,
  staleRoute,
  uniqueWrites,
  retryingSession,
  register,
  counter,
  append,
  staleReads,
  lock,
  transaction,
  queue,
  pubsub,
  throughput,
] as const;

/** One of the workloads that are built in, with the types of its name, its options and its kind. */
export type BuiltInWorkload = (typeof ALL)[number];

const workloads = new Map<string, Workload>(ALL.map((workload) => [workload.name, workload as Workload]));

/** All workloads, by name. The options of each are read by its own schema, so here they are unknown. */
export const WORKLOADS: ReadonlyMap<string, Workload> = workloads;

/** Adds a workload of a plugin, whose name the caller has found to be free. */
export function addWorkload(workload: Workload): void {
  workloads.set(workload.name, workload);
}

/** The load where nobody names one: see `Workload.standardLoad`. */
export function standardLoad(topology: TopologyKind): { readonly name: string; readonly options: unknown } {
  for (const workload of WORKLOADS.values()) {
    const { name, standardLoad: options } = workload;
    if (options !== undefined && availability(name, workload, { topology }).available)
      return { name, options };
  }
  throw new RangeError(`no workload is the standard load of ${topology}`);
}
