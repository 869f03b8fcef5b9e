import { appAlive } from "./app-alive.ts";
import { appChecks } from "./app-checks.ts";
import { appOutage } from "./app-outage.ts";
import { appRecovery } from "./app-recovery.ts";
import { appWrites } from "./app-writes.ts";
import { append } from "./append.ts";
import type { Checker } from "./checker.ts";
import { counter } from "./counter.ts";
import { crud } from "./crud.ts";
import { durability } from "./durability.ts";
import { keySpread } from "./key-spread.ts";
import { linearizability } from "./linearizability.ts";
import { lock } from "./lock.ts";
import { outage } from "./outage.ts";
import { promotion } from "./promotion.ts";
import { pubsub } from "./pubsub.ts";
import { queue } from "./queue.ts";
import { reconnection } from "./reconnection.ts";
import { replicaReads } from "./replica-reads.ts";
import { replicas } from "./replicas.ts";
import { staleReads } from "./stale-reads.ts";
import { staleRoute } from "./stale-route.ts";
import { steps } from "./steps.ts";
import { throughput } from "./throughput.ts";
import { topology } from "./topology.ts";
import { transaction } from "./transaction.ts";

const checkers: Checker[] = [
  appRecovery,
  appAlive,
  appWrites,
  appOutage,
  appChecks,
  promotion,
  outage,
  durability,
  counter,
  append,
  lock,
  transaction,
  queue,
  pubsub,
  topology,
  replicas,
  reconnection,
  crud,
  replicaReads,
  staleReads,
  keySpread,
  staleRoute,
  throughput,
  linearizability,
  steps,
];

/** All checkers, in the order in which their findings are read: those of plugins come last. */
export const CHECKERS: readonly Checker[] = checkers;

/** Adds a checker of a plugin, whose name the caller has found to be free. */
export function addChecker(checker: Checker): void {
  checkers.push(checker);
}
