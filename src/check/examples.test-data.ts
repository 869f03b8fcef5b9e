import { join } from "node:path";
import { type History, readHistory } from "../history/reader.ts";
import {
  appRun,
  BOOKS,
  badUntil,
  found,
  frozen,
  HUNG,
  ORDER,
  readBack,
  STORED,
  sends,
} from "./app/app-run.test-data.ts";
import { clusterRun, type Ending, haRun } from "./history.test-data.ts";

/** A history that a checker passes, and one that it does not. Recorded where a real server can be brought to it. */
export interface Examples {
  readonly good: () => Promise<History> | History;
  readonly bad: () => Promise<History> | History;
  /** A checker that only measures never fails: what shows nothing is unknown. Default: `fail`. */
  readonly badIs?: "fail" | "unknown";
}

const recorded = (name: string) => () => readHistory(join(import.meta.dirname, `${name}.fixture.jsonl`));
const answering = (value: string): Ending => ({ outcome: "ok", value });
const observed = (checker: string, data: object) => () =>
  clusterRun().observe(0, checker, data).end(10).build();

/** An application whose primary is frozen and replaced: it goes well again at that time. */
const application = (wellAtMs: number, times: (n: number) => number | null = () => 1) => {
  const run = appRun({ probes: [ORDER, STORED, BOOKS], expect: { probes: { order: { outageMs: 6000 } } } });
  sends(frozen(run), { to: 19_100, ends: badUntil(wellAtMs, HUNG) });
  return readBack(run, { atMs: 19_500, count: 380, ends: (n) => found(times(n)) });
};
const booksAre = (ok: boolean) => {
  const run = application(4500);
  for (const [when, at, well] of [
    ["before", 50, true],
    ["after", 19_950, ok],
  ] as const)
    run.observe(at, "app-probe", { probe: "books", when, at: at * 1e6, ok: well, seen: "exit code" });
  return run.build();
};

/**
 * For each checker, by its name. Recorded were (Valkey 8.1.1, iovalkey 0.4.0, seed 1, two cores): of the drills with
 * `lock` and `retrying-session` together; of `key-spread` in a whole cluster, and in one of whose shards the only node
 * had been killed; of requests that give up 300 ms after the first attempt; of a lock whose holder never looks at its
 * clock; of `pubsub`, `queue` and `transaction` together at low rates, and of their controls, with every 20th
 * watermark. The others are those of `recorded*.test.ts`.
 */
export const EXAMPLES: Readonly<Record<string, Examples>> = {
  "app-recovery": { good: () => application(4500).build(), bad: () => application(Infinity).build() },
  "app-alive": {
    good: () => application(4500).build(),
    bad: () =>
      application(4500)
        .observe(9000, "app", { instance: "app-1", event: "exited", at: 9e9, code: 1 })
        .build(),
  },
  "app-writes": {
    good: () => application(4500).build(),
    bad: () => application(4500, (n) => (n === 7 ? null : 1)).build(),
  },
  "app-outage": { good: () => application(4500).build(), bad: () => application(12_000).build() },
  "app-checks": { good: () => booksAre(true), bad: () => booksAre(false) },
  promotion: { good: recorded("ha-failover"), bad: recorded("two-at-once") },
  outage: { good: recorded("ha-failover"), bad: recorded("recorded-causes/config-renamed") },
  durability: { good: recorded("ha-failover"), bad: recorded("lost-disks") },
  topology: { good: recorded("ha-failover"), bad: recorded("ha-asked-of-a-replica") },
  replicas: { good: recorded("cluster-failover"), bad: recorded("recorded-causes/config-renamed") },
  steps: { good: recorded("cluster-failover"), bad: recorded("recorded-causes/config-renamed") },
  counter: { good: recorded("unreplicated"), bad: recorded("naive-retry") },
  append: { good: recorded("unreplicated"), bad: recorded("naive-retry") },
  "stale-reads": { good: recorded("unreplicated"), bad: recorded("replica-goes-back") },
  linearizability: { good: recorded("register-kept"), bad: recorded("register-lost") },
  lock: { good: recorded("locks-held-and-requests-answered"), bad: recorded("lock-expires") },
  transaction: { good: recorded("messages-jobs-and-transfers"), bad: recorded("transfers-unwatched") },
  queue: { good: recorded("messages-jobs-and-transfers"), bad: recorded("jobs-popped") },
  pubsub: { good: recorded("messages-jobs-and-transfers"), bad: recorded("silent-subscribers") },
  reconnection: { good: recorded("locks-held-and-requests-answered"), bad: recorded("requests-give-up") },
  "key-spread": { good: recorded("keys-by-slot"), bad: recorded("keys-of-a-shard-that-is-gone") },
  crud: {
    good: recorded("ha-failover"),
    bad: () =>
      haRun()
        .operation({ client: "crud", workload: "crud", f: "incr", key: "a", value: "1" }, 1, answering("1"))
        .operation({ client: "crud", workload: "crud", f: "incr", key: "a", value: "2" }, 2, answering("3"))
        .end(10)
        .build(),
  },
  "replica-reads": {
    good: recorded("ha-failover"),
    bad: observed("replica-reads", {
      reads: 10,
      answered: 10,
      matched: 10,
      servedBy: { primary: { role: "primary", gets: 10 }, "replica-1": { role: "replica", gets: 0 } },
      usedReplicasAfterMs: 0,
    }),
  },
  "stale-route": {
    good: recorded("cluster-failover"),
    bad: observed("stale-route", {
      slot: 7,
      from: "node-1",
      to: "node-2",
      writes: 20,
      arrived: 19,
      clientMoved: 20,
      clientAsk: 0,
      serverMoved: { "node-1": 20, "node-2": 0 },
    }),
  },
  throughput: {
    good: recorded("recorded-causes/restarted-while-loading"),
    bad: observed("throughput", {
      connections: 1,
      pipeline: 1,
      perSecond: 0,
      p50Ms: null,
      p99Ms: null,
      errors: 9,
      lastError: null,
    }),
    badIs: "unknown",
  },
};
