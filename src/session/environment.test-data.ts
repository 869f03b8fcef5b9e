import { rm } from "node:fs/promises";
import type { z } from "zod";
import { testDriver } from "../../test/support/server.ts";
import { temporaryFolder } from "../../test/support/temporary.ts";
import { seededRandom } from "../base/random.ts";
import { type Look, waitFor } from "../base/wait.ts";
import { type Facts, factsOf } from "../check/facts.ts";
import type { ClientOptions, DrillClient, SubscribeOptions, Subscription } from "../client/client.ts";
import type { Driver, LinkRequest, RunningTopology } from "../driver/driver.ts";
import { awaitFindable } from "../driver/ready.ts";
import type { FaultContext } from "../fault/fault.ts";
import { runClock } from "../history/clock.ts";
import type { Operation } from "../history/operations.ts";
import type { History } from "../history/reader.ts";
import type { Recorder } from "../history/recorder.ts";
import { INTACT, sampleHeader } from "../history/sample.test-data.ts";
import { iovalkey } from "../libraries/iovalkey/index.ts";
import type { ClientLibrary } from "../libraries/library.ts";
import { nodeNames } from "../model/addresses.ts";
import type { HistoryEvent } from "../model/event.ts";
import { viewNow } from "../observe/status.ts";
import { nodesWithRole } from "../observe/view.ts";
import { topologySpecSchema } from "../topology/spec.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import { parseReplication, type Replication } from "../valkey/replies.ts";
import { historyLog } from "../workload/log.ts";
import type { Workload, WorkloadContext } from "../workload/workload.ts";
import { targetOf } from "./client-target.ts";
import { startEnvironment } from "./environment.ts";

/** A real topology for tests, with what they ask of it again and again. */
export interface TestEnvironment {
  readonly topology: RunningTopology;
  readonly admins: AdminPool;
  /** By iovalkey, if no other library is given. */
  connect(options?: Partial<ClientOptions>, library?: ClientLibrary): Promise<DrillClient>;
  subscribe(to: SubscribeOptions, library?: ClientLibrary): Promise<Subscription>;
  /** Names of the nodes that are primaries or replicas now. */
  nodesOf(role: "primary" | "replica"): Promise<string[]>;
  replication(node: string): Promise<Replication>;
  close(): Promise<void>;
}

/**
 * Starts the topology, its replicas to be found by any client; the state folder is the test run's own
 * (`test/support/own-state.ts`).
 */
export async function testEnvironment(
  spec: object,
  { driver, links }: { readonly driver?: Driver; readonly links?: LinkRequest } = {},
): Promise<TestEnvironment> {
  const dir = temporaryFolder("environment");
  const random = seededRandom(1);
  const { topology, admins, close } = await startEnvironment({
    spec: topologySpecSchema.parse(spec),
    driver: driver ?? (await testDriver()),
    links,
    random,
    dir,
    detached: false,
  });
  await awaitFindable(topology.plan, admins, { timeoutMs: 20_000 });
  return {
    topology,
    admins,
    connect: (options, library = iovalkey) =>
      library.connect({ target: targetOf(topology.plan), random, ...options }, 10_000),
    subscribe: async (to, library = iovalkey) => {
      if (!library.subscribe) throw new Error(`${library.name} has no subscribe`);
      return library.subscribe({ target: targetOf(topology.plan), random }, to, 10_000);
    },
    nodesOf: async (role) => nodesWithRole(await viewNow(topology.plan, admins), role, topology.plan),
    replication: async (node) => parseReplication(await admins.of(node).call(["INFO", "replication"])),
    close: async () => {
      await close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** What a fault is given on it; `remember` is called with what the fault would have written down. */
export function faultContext(
  { topology, admins }: TestEnvironment,
  remember: FaultContext["remember"] = async () => {},
): FaultContext {
  return { topology, admins, random: seededRandom(1), signal: new AbortController().signal, remember };
}

/** A workload's context on it, and what was recorded. */
export async function workloadOn(
  environment: TestEnvironment,
  client: DrillClient,
  changes: Partial<WorkloadContext> = {},
): Promise<{ context: WorkloadContext; history: () => History }> {
  const events: HistoryEvent[] = [];
  const recorder: Recorder = {
    record: (event) => {
      events.push(event);
    },
    onEvent: () => () => {},
    failure: undefined,
    flush: async () => {},
    close: async () => undefined,
  };
  const roles = {
    primary: await environment.nodesOf("primary"),
    replica: await environment.nodesOf("replica"),
  };
  const { plan } = environment.topology;
  const context: WorkloadContext = {
    plan,
    log: historyLog(recorder, runClock(), nodeNames(plan)),
    client,
    writer: client,
    connect: (options) => environment.connect(options),
    subscribe: (to) => environment.subscribe(to),
    admins: environment.admins,
    random: seededRandom(1),
    waitReplicas: 0,
    nodesOf: (role) => roles[role],
    signal: new AbortController().signal,
    ...changes,
  };
  const { topology } = sampleHeader();
  const header = sampleHeader({ topology: { ...topology, kind: plan.kind, shards: plan.shards } });
  return { context, history: () => ({ header, events: [...events], complete: true, integrity: INTACT }) };
}

/** A steady workload that was started on it. */
export interface StartedWorkload {
  readonly context: WorkloadContext;
  readonly history: () => History;
  /** All so far, those without an end as well. */
  operations(): readonly Operation[];
  /** How those ended that were sent since that time (ns): `ok`, `info NOT-REPLICATED`. */
  endsSince(at: number): string[];
  /** Stops it, and waits for its last operations. */
  end(): Promise<Facts>;
}

/** Starts a steady workload on it, with the defaults of the options that are not given. */
export async function startWorkload<Options>(
  environment: TestEnvironment,
  client: DrillClient,
  workload: Workload<string, z.ZodType<Options>>,
  given: object,
  changes: Partial<WorkloadContext> = {},
): Promise<StartedWorkload> {
  const stop = new AbortController();
  const { context, history } = await workloadOn(environment, client, { ...changes, signal: stop.signal });
  const running = workload.run(context, workload.options.parse(given));
  const operations = () => factsOf(history()).operations;
  return {
    context,
    history,
    operations,
    endsSince: (at) =>
      operations()
        .filter(({ invokedAt, completedAt }) => invokedAt >= at && completedAt !== undefined)
        .map(({ outcome, error }) => `${outcome} ${error?.class ?? ""}`.trim()),
    end: async () => {
      stop.abort();
      await running;
      return factsOf(history());
    },
  };
}

/** Waits for a condition on a real server, for at most 20 s. */
export function until(what: string, look: () => Promise<boolean | string>): Promise<void> {
  const once = async (): Promise<Look<undefined>> => {
    const seen = await look();
    return seen === true ? { done: true, value: undefined } : { done: false, seen: String(seen) };
  };
  return waitFor(once, { what, timeoutMs: 20_000 });
}
