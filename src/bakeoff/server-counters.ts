/*
 *   every data node ──INFO, CLIENT LIST, four times a second──▶ sample ──less our own and the topology's──▶ what the client did
 */
import { pause } from "../base/wait.ts";
import { POOL_CONNECTION } from "../libraries/application.ts";
import type { Plan } from "../model/plan.ts";
import type { Reply } from "../valkey/admin.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import { parseCallsDone, parseCounters, parseInfo } from "../valkey/replies.ts";

const EVERY_MS = 250;
const ANSWER_MS = 400;
/** A node that was not heard for so long stood still, or was gone: what it counted meanwhile is not told apart. */
const SILENT_NS = 1.5e9;

/** What one node counted between two looks at it that followed each other. Times in ns on the run's clock. */
export interface CounterStep {
  readonly node: string;
  readonly from: number;
  readonly to: number;
  /**
   * Connections that the client under test opened: all that were received, less ours, less other nodes' and Sentinels'.
   * 0 while the node refuses who has no password: then they cannot be told apart.
   */
  readonly connections: number;
  /**
   * Of those, the connections of its pool that were seen for the first time: one that was gone again before the next
   * look is not.
   */
  readonly pooled: number;
  readonly moved: number;
  readonly ask: number;
  /** Errors by the server's own code. */
  readonly errors: Readonly<Record<string, number>>;
  /** Calls that were done, by command; on a replica also those of its primary. */
  readonly calls: Readonly<Record<string, number>>;
  readonly role: string;
}

interface Sample {
  readonly at: number;
  readonly runId: string;
  readonly role: string;
  readonly received: number;
  readonly own: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly calls: Readonly<Record<string, number>>;
}

export interface ServerCounters {
  readonly steps: readonly CounterStep[];
  /** Looks once more at all nodes, and looks no more. */
  stop(): Promise<void>;
}

/** Counts from now on, at every data node. */
export async function countAtServers(
  plan: Plan,
  admins: AdminPool,
  now: () => number,
): Promise<ServerCounters> {
  const steps: CounterStep[] = [];
  const stopping = new AbortController();
  const names = plan.nodes.filter(({ program }) => program === "server").map(({ name }) => name);
  const watches = names.map((name) => watchNode(name, admins, now, (step) => steps.push(step)));
  await Promise.all(watches.map((look) => look()));
  const loops = watches.map(async (look) => {
    while (!stopping.signal.aborted) {
      await pause(EVERY_MS, stopping.signal).catch(() => {}); // stopping: the loop's own condition ends it
      await look();
    }
  });
  return {
    steps,
    stop: async () => {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

/** Looks at one node, and tells what it counted since the look before, if there was one to compare with. */
function watchNode(node: string, admins: AdminPool, now: () => number, tell: (step: CounterStep) => void) {
  const known = new Set<string>();
  const knownOfPool = new Set<string>();
  let last: Sample | undefined;
  return async (): Promise<void> => {
    const seen = await sampleOf(node, admins, now);
    if (!seen) return;
    const { sample, topology, pool } = seen;
    const fresh = topology.filter((id) => !known.has(id));
    for (const id of fresh) known.add(id);
    const before = last;
    last = sample;
    if (!before || before.runId !== sample.runId || sample.at - before.at > SILENT_NS) return;
    const pooled = pool.map((id) => `${sample.runId} ${id}`).filter((id) => !knownOfPool.has(id));
    for (const id of pooled) knownOfPool.add(id);
    const grown = (name: string) => (sample.counters[name] ?? 0) - (before.counters[name] ?? 0);
    tell({
      node,
      from: before.at,
      to: sample.at,
      // Replicas that it refuses come back hundreds of times a second, and are gone before they can be seen to be
      // replicas.
      connections:
        grown("errorstat_NOAUTH") > 0
          ? 0
          : sample.received - before.received - (sample.own - before.own) - fresh.length,
      pooled: pooled.length,
      moved: grown("errorstat_MOVED"),
      ask: grown("errorstat_ASK"),
      errors: growth(errorsIn(before.counters), errorsIn(sample.counters)),
      calls: growth(before.calls, sample.calls),
      role: sample.role,
    });
  };
}

async function sampleOf(
  node: string,
  admins: AdminPool,
  now: () => number,
): Promise<{ sample: Sample; topology: string[]; pool: string[] } | undefined> {
  const admin = admins.of(node);
  try {
    const [info = "", clients = ""] = await admin.pipeline(
      [
        ["INFO", "server", "stats", "replication", "commandstats", "errorstats"],
        ["CLIENT", "LIST"],
      ],
      ANSWER_MS,
    );
    const fields = parseInfo(info);
    const sample = {
      at: now(),
      runId: fields.get("run_id") ?? "",
      role: fields.get("role") === "slave" ? "replica" : "primary",
      received: Number(fields.get("total_connections_received")),
      own: admin.connectionsOpened,
      counters: parseCounters(info),
      calls: parseCallsDone(info),
    };
    return { sample, topology: idsOf(clients, isOfTopology), pool: idsOf(clients, isOfPool) };
  } catch {
    return undefined; // it does not answer: that is seen by the silence
  }
}

/** Ids of the connections whose line is such a one. https://valkey.io/commands/client-list/ */
function idsOf(clients: Reply, isOne: (line: string) => boolean): string[] {
  return String(clients)
    .split("\n")
    .filter(isOne)
    .map((line) => /^id=(\d+)/.exec(line)?.[1] ?? "");
}

/** Replicas and Sentinels opened it. */
const isOfTopology = (line: string) => / name=sentinel-/.test(line) || / flags=\w*S/.test(line);

const POOL_NAME = new RegExp(` name=\\S*${POOL_CONNECTION}`);
const isOfPool = (line: string) => POOL_NAME.test(line);

const ERROR = "errorstat_";

function errorsIn(counters: Sample["counters"]): Record<string, number> {
  const errors = Object.entries(counters).filter(([name]) => name.startsWith(ERROR));
  return Object.fromEntries(errors.map(([name, count]) => [name.slice(ERROR.length), count]));
}

function growth(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  const grown = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, by]) => by > 0));
}
