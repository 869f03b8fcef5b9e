import { append } from "./append.ts";
import { counter } from "./counter.ts";
import { crud } from "./crud.ts";
import { keySpread } from "./key-spread.ts";
import { lock } from "./lock.ts";
import { register } from "./register.ts";
import { replicaReads } from "./replica-reads.ts";
import { retryingSession } from "./retrying-session.ts";
import { staleReads } from "./stale-reads.ts";
import { staleRoute } from "./stale-route.ts";
import { throughput } from "./throughput.ts";
import { uniqueWrites } from "./unique-writes.ts";
import type { Workload } from "./workload.ts";

/** All workloads, by name. The options of each are read by its own schema, so here they are unknown. */
export const WORKLOADS: ReadonlyMap<string, Workload> = new Map(
  [
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
    throughput,
  ].map((workload) => [workload.name, workload as Workload]),
);
