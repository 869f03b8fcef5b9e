import type { Operation } from "../history/operations.ts";
import type { History } from "../history/reader.ts";
import { INTACT } from "../history/sample.test-data.ts";
import {
  type FaultEvent,
  type HeaderEvent,
  HISTORY_SCHEMA_VERSION,
  type HistoryEvent,
  type RoleChange,
  type StepEvent,
  type TopologyEvent,
} from "../model/event.ts";
import type { FinalNode } from "../model/observed.ts";
import type { Outcome } from "../model/outcome.ts";
import type { SlotRange } from "../model/plan.ts";

/** How an operation of a hand-made run ends; `never`: it has no completion. */
export type Ending =
  | "never"
  | {
      readonly outcome: Outcome;
      readonly afterMs?: number;
      readonly value?: string | null;
      readonly error?: string;
      /** Default: `error`. */
      readonly message?: string;
      readonly attempts?: number;
      /** Who answered. */
      readonly node?: string;
    };

export const OK: Ending = { outcome: "ok", afterMs: 1 };
export const okBy = (node: string): Ending => ({ outcome: "ok", afterMs: 1, node });
/** Refused at once. */
export const REFUSED: Ending = { outcome: "fail", afterMs: 1, error: "READONLY" };
/** No answer within a deadline of a second. */
export const TIMED_OUT: Ending = { outcome: "info", afterMs: 1000, error: "no answer within 1000 ms" };

export interface ProbeOptions {
  readonly f?: "write" | "read";
  readonly from: number;
  readonly to: number;
  readonly everyMs?: number;
  /** Default `<f>:<n>`. */
  readonly key?: (n: number) => string;
  readonly ends?: (atMs: number) => Ending;
}

/**
 * What stands under a key at the end: a string, the elements of a list, `null` for nothing, `undefined` for "could not
 * be read".
 */
export type FinalValue = string | readonly string[] | null | undefined;

export interface HandFault {
  readonly fault?: string;
  readonly targets: readonly string[];
  /** Default: the targets. */
  readonly primaries?: readonly string[];
  readonly shards?: readonly number[];
  readonly roles?: readonly RoleChange[];
  readonly losesData?: "at-once" | "in-force";
  readonly atMs: number;
  /** Default: 1 ms later. */
  readonly injectedAtMs?: number;
  readonly healAtMs?: number;
  readonly healedAtMs?: number;
}

/**
 * Writes a history by hand. All times in milliseconds since the run began; events may be given in any order. Unless
 * told otherwise, at the end every acknowledged write is there and no other.
 */
export class HandMadeRun {
  readonly #header: HeaderEvent;
  readonly #events: HistoryEvent[] = [];
  readonly #final = new Map<string, FinalValue>();
  #op = 0;
  #faults = 0;
  #step = 0;
  #complete = true;

  constructor(header: HeaderEvent) {
    this.#header = header;
  }

  /** The probe: one operation every `everyMs` (default 20), each to a key of its own. */
  probe({ f = "write", from, to, everyMs = 20, key, ends = () => OK }: ProbeOptions): this {
    for (let at = from, n = 0; at < to; at += everyMs, n += 1) {
      const name = key?.(n) ?? `${f}:${from}:${n}`;
      this.operation(
        { client: "probe", workload: "unique-writes", f, key: name, value: `v-${name}` },
        at,
        ends(at),
      );
    }
    return this;
  }

  operation(
    start: Pick<Operation, "key" | "f"> &
      Partial<Pick<Operation, "client" | "workload" | "value" | "shared">> & { readonly due?: number | null },
    atMs: number,
    ending: Ending = OK,
  ): this {
    this.#op += 1;
    const op = this.#op;
    const { client = "probe", workload = "unique-writes", due = ns(atMs), ...rest } = start;
    const sentAt = due === null ? {} : { due };
    this.#events.push({ type: "invoke", at: ns(atMs), op, client, workload, ...sentAt, ...rest });
    const own = start.f === "write" && !start.shared;
    if (own && !this.#final.has(start.key)) this.#final.set(start.key, null);
    if (ending === "never") return this;
    const { outcome, afterMs = 1, value, error, message = error, attempts, node } = ending;
    const told = error === undefined ? {} : { error: { class: error, message: message ?? error } };
    this.#events.push({ type: outcome, at: ns(atMs + afterMs), op, value, attempts, node, ...told });
    if (own && outcome === "ok") this.#final.set(start.key, start.value ?? null);
    return this;
  }

  fault({
    fault = "kill",
    targets,
    primaries = targets,
    shards,
    roles,
    losesData,
    atMs,
    injectedAtMs = atMs + 1,
    healAtMs,
    healedAtMs,
  }: HandFault): this {
    this.#faults += 1;
    const id = this.#faults;
    const phase = (name: FaultEvent["phase"], at: number) =>
      this.#events.push({
        ...{ type: "fault", at: ns(at), phase: name, id, fault, targets, primaries, shards },
        ...(roles && { roles }),
        ...(losesData && { losesData }),
      });
    phase("inject", atMs);
    phase("injected", injectedAtMs);
    if (healAtMs !== undefined) phase("heal", healAtMs);
    if (healedAtMs !== undefined) phase("healed", healedAtMs);
    return this;
  }

  topology(atMs: number, event: Omit<TopologyEvent, "type" | "at">): this {
    this.#events.push({ type: "topology", at: ns(atMs), ...event });
    return this;
  }

  /** A node's own account of itself. */
  node(
    atMs: number,
    name: string,
    event: "role" | "follows" | "link" | "reachable" | "state",
    to: string,
  ): this {
    return this.topology(atMs, { source: name, event, subject: name, to });
  }

  sentinel(atMs: number, detail: string, source = "sentinel-1"): this {
    return this.topology(atMs, { source, event: "sentinel", detail });
  }

  flag(atMs: number, source: string, subject: string, to: "ok" | "pfail" | "fail"): this {
    return this.topology(atMs, { source, event: "flag", subject, to });
  }

  watermark(atMs: number, ackedByMs: number, primary: string, replicas: readonly string[]): this {
    this.#events.push({
      type: "replicated",
      at: ns(atMs),
      primary,
      replicas,
      ackedBy: ns(ackedByMs),
      offset: atMs,
    });
    return this;
  }

  observe(atMs: number, name: string, data: unknown): this {
    this.#events.push({ type: "observation", at: ns(atMs), name, data });
    return this;
  }

  step(atMs: number, name: string, status: StepEvent["status"] = "done", detail?: string): this {
    const index = this.#step;
    this.#step += 1;
    this.#events.push({ type: "step", at: ns(atMs), index, name, status: "begin" });
    this.#events.push({ type: "step", at: ns(atMs), index, name, status, detail });
    return this;
  }

  finally(key: string, value: FinalValue): this {
    this.#final.set(key, value);
    return this;
  }

  finalNodes(atMs: number, nodes: readonly Partial<FinalNode>[]): this {
    for (const node of nodes)
      this.observe(atMs, "final-node", { reachable: true, linkUp: true, slots: [], ...node });
    return this;
  }

  end(atMs: number, reason: "completed" | "interrupted" | "error" = "completed", detail?: string): this {
    this.#complete = reason === "completed";
    this.#events.push({ type: "end", at: ns(atMs), reason, detail });
    return this;
  }

  build(): History {
    const events = [...this.#events].sort((a, b) => a.at - b.at);
    const end = events.findIndex((event) => event.type === "end");
    const known = [...this.#final].filter(([, value]) => value !== undefined);
    const unread = [...this.#final].filter(([, value]) => value === undefined).map(([key]) => key);
    const at = events.at(-1)?.at ?? 0;
    const observations: HistoryEvent[] = [
      { type: "observation", at, name: "final-values", data: { node: "n", values: known } },
      { type: "observation", at, name: "final-values", data: { unread, why: "no node serves their slots" } },
    ];
    events.splice(end < 0 ? events.length : end, 0, ...(this.#final.size > 0 ? observations : []));
    return { header: this.#header, events, complete: end >= 0 && this.#complete, integrity: INTACT };
  }
}

/** A primary, two replicas and three Sentinels, quorum 2. */
export function haRun(changes: Partial<HeaderEvent> = {}, sentinels = 3): HandMadeRun {
  const names = [
    ["primary", "primary"],
    ["replica-1", "replica"],
    ["replica-2", "replica"],
    ...Array.from({ length: sentinels }, (_, n) => [`sentinel-${n + 1}`, "sentinel"] as const),
  ] as const;
  return new HandMadeRun({
    ...header(),
    topology: {
      kind: "ha",
      driver: "process",
      valkey: "8.1.1",
      nodes: names.map(([name, role], n) => ({
        name,
        role,
        endpoint: { host: "127.0.0.1", port: 20_000 + n },
      })),
      shards: [],
      quorum: 2,
      settings: { "down-after-milliseconds": "1000", "failover-timeout": "10000" },
    },
    ...changes,
  });
}

export const SHARDS: readonly SlotRange[] = [
  [0, 5460],
  [5461, 10_922],
  [10_923, 16_383],
];
/** Keys whose slots lie in shards 1, 2 and 3. */
export const KEY_OF_SHARD = ["b", "c", "a"] as const;

/** Three shards, each with a primary (`node-1` to `node-3`) and a replica (`node-4` to `node-6`). */
export function clusterRun(changes: Partial<HeaderEvent> = {}): HandMadeRun {
  const nodes = Array.from({ length: 6 }, (_, n) => ({
    name: `node-${n + 1}`,
    role: n < 3 ? ("primary" as const) : ("replica" as const),
    endpoint: { host: "127.0.0.1", port: 21_000 + n, busPort: 22_000 + n },
    shard: (n % 3) + 1,
  }));
  return new HandMadeRun({
    ...header(),
    topology: {
      kind: "cluster",
      driver: "process",
      valkey: "8.1.1",
      nodes,
      shards: SHARDS.map((range, n) => ({
        shard: n + 1,
        slots: [range],
        primary: `node-${n + 1}`,
        replicas: [`node-${n + 4}`],
      })),
      settings: { "cluster-node-timeout": "2000", "cluster-require-full-coverage": "yes" },
    },
    ...changes,
  });
}

/** What the nodes of {@link haRun} say of themselves at the start. */
export function withHaStart(run: HandMadeRun): HandMadeRun {
  for (const name of ["primary", "replica-1", "replica-2"]) {
    run.node(5, name, "reachable", "yes");
    run.node(5, name, "role", name === "primary" ? "primary" : "replica");
    run.node(5, name, "link", "up");
  }
  return run;
}

/** And those of {@link clusterRun}. */
export function withClusterStart(run: HandMadeRun): HandMadeRun {
  for (let n = 1; n <= 6; n += 1) {
    const name = `node-${n}`;
    run.node(5, name, "reachable", "yes");
    run.node(5, name, "role", n <= 3 ? "primary" : "replica");
    run.node(5, name, "link", "up");
    run.node(5, name, "state", "ok");
  }
  return run;
}

/**
 * The primary is killed at 2000 ms, replica-1 promoted at 3400, the client well again at 3800, the old primary started
 * at 5000 and back as a replica at 5600; the run ends at 8000.
 */
export function haFailover(changes: Partial<HeaderEvent> = {}): HandMadeRun {
  const run = haFailoverWithoutLoad(changes);
  const ends = (at: number) =>
    at >= 2000 && at < 3800 ? REFUSED : okBy(at < 2000 ? "primary" : "replica-1");
  return run
    .probe({ from: 100, to: 7900, ends })
    .probe({ f: "read", from: 110, to: 7900, ends })
    .watermark(1990, 1980, "primary", ["replica-1", "replica-2"]);
}

export function haFailoverWithoutLoad(changes: Partial<HeaderEvent> = {}): HandMadeRun {
  const primary = "master drill 127.0.0.1 20000";
  return withHaStart(haRun({ expect: { promoted: true }, ...changes }))
    .fault({ targets: ["primary"], atMs: 2000, healAtMs: 4990, healedAtMs: 5000 })
    .node(2010, "primary", "reachable", "no")
    .node(2012, "replica-1", "link", "down")
    .node(2012, "replica-2", "link", "down")
    .sentinel(3000, `+sdown ${primary}`)
    .sentinel(3020, `+odown ${primary} #quorum 2/2`)
    .sentinel(3050, "+vote-for-leader b18372f1 1")
    .sentinel(3100, `+elected-leader ${primary}`)
    .node(3400, "replica-1", "role", "primary")
    .node(3400, "replica-1", "link", "up")
    .sentinel(3600, "+switch-master drill 127.0.0.1 20000 127.0.0.1 20001")
    .node(3700, "replica-2", "link", "up")
    .node(4995, "primary", "reachable", "yes")
    .node(4995, "primary", "role", "primary")
    .node(4995, "primary", "link", "up")
    .node(5500, "primary", "role", "replica")
    .node(5500, "primary", "link", "down")
    .node(5600, "primary", "link", "up")
    .finalNodes(7950, [
      { node: "primary", role: "replica", follows: "replica-1", keys: 3, digest: "d1" },
      { node: "replica-1", role: "primary", keys: 3, digest: "d1" },
      { node: "replica-2", role: "replica", follows: "replica-1", keys: 3, digest: "d1" },
    ])
    .step(100, "steady load")
    .step(2000, "kill primary")
    .end(8000);
}

/**
 * node-1 (shard 1) is killed at 2000 ms, node-4 promoted at 5000; shard 1 is well again at 5200, the others stalled
 * from 4200 to 5100; node-1 is started at 6000 and is a replica at 6300; the run ends at 8000.
 */
export function clusterFailover(changes: Partial<HeaderEvent> = {}): HandMadeRun {
  const run = withClusterStart(clusterRun({ expect: { promoted: true }, ...changes }))
    .fault({ targets: ["node-1"], shards: [1], atMs: 2000, healAtMs: 5990, healedAtMs: 6000 })
    .node(2010, "node-1", "reachable", "no")
    .node(2020, "node-4", "link", "down")
    .flag(4000, "node-2", "node-1", "pfail")
    .flag(4200, "node-3", "node-1", "fail");
  for (let n = 2; n <= 6; n += 1) run.node(4210 + n, `node-${n}`, "state", "fail");
  run.node(5000, "node-4", "role", "primary").node(5000, "node-4", "link", "up");
  for (let n = 2; n <= 6; n += 1) run.node(5040 + n * 10, `node-${n}`, "state", "ok");
  run
    .node(6005, "node-1", "reachable", "yes")
    .node(6005, "node-1", "role", "replica")
    .node(6005, "node-1", "state", "ok")
    .node(6300, "node-1", "link", "up");
  const bad = [
    [2000, 5200],
    [4200, 5100],
    [4200, 5100],
  ] as const;
  KEY_OF_SHARD.forEach((tag, n) => {
    const [from, to] = bad[n] as readonly [number, number];
    const [before, after] = [`node-${n + 1}`, n === 0 ? "node-4" : `node-${n + 1}`];
    const ends = (at: number) => (at >= from && at < to ? REFUSED : okBy(at < from ? before : after));
    run
      .probe({ from: 100 + n, to: 7900, ends, key: (i) => `{${tag}}:w${i}` })
      .probe({ f: "read", from: 110 + n, to: 7900, ends, key: (i) => `{${tag}}:r${i}` })
      .watermark(1990, 1980, `node-${n + 1}`, [`node-${n + 4}`]);
  });
  const place = (n: number) => SHARDS[n] as SlotRange;
  return run
    .step(100, "steady load")
    .finalNodes(7950, [
      { node: "node-1", role: "replica", follows: "node-4", state: "ok", shard: 1, digest: "s1", keys: 1 },
      { node: "node-2", role: "primary", slots: [place(1)], state: "ok", shard: 2, digest: "s2", keys: 2 },
      { node: "node-3", role: "primary", slots: [place(2)], state: "ok", shard: 3, digest: "s3", keys: 3 },
      { node: "node-4", role: "primary", slots: [place(0)], state: "ok", shard: 1, digest: "s1", keys: 1 },
      { node: "node-5", role: "replica", follows: "node-2", state: "ok", shard: 2, digest: "s2", keys: 2 },
      { node: "node-6", role: "replica", follows: "node-3", state: "ok", shard: 3, digest: "s3", keys: 3 },
    ])
    .end(8000);
}

function header(): Omit<HeaderEvent, "topology"> {
  return {
    type: "header",
    at: 0,
    schemaVersion: HISTORY_SCHEMA_VERSION,
    runId: "20250101-000000-hand-made-0000",
    scenario: "hand-made",
    seed: 7,
    startedAt: "2025-01-01T00:00:00.000Z",
    client: { name: "iovalkey", version: "0.4.0" },
    waitReplicas: 0,
    expect: {},
    replay: "valkey-drill run hand-made --seed 7",
  };
}

function ns(ms: number): number {
  return Math.round(ms * 1e6);
}
