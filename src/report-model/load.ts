import { shardOfKey } from "../base/slots.ts";
import { TimeBuckets } from "../base/time-buckets.ts";
import type { Operation } from "../history/operations.ts";
import type { Outcome } from "../model/outcome.ts";
import type { ShardPlan } from "../model/plan.ts";
import type { ReportLoad } from "../model/report-model.ts";
import { Columns } from "./columns.ts";
import { errorCounts } from "./errors.ts";
import { HEAT_EDGES_MS, LatencyBuckets } from "./latency.ts";

const KINDS = ["writes", "reads", "others"] as const;
const OUTCOMES = ["ok", "fail", "info"] as const;

type Kind = (typeof KINDS)[number];

/** Width of a bucket at the beginning. */
const FIRST_MS = 20;
/** A chart is about as many pixels wide. */
const MOST = 600;

/** Load over time from all operations, which may come one after the other and are not kept. */
export function loadOf(operations: Iterable<Operation>, shards: readonly ShardPlan[]): ReportLoad {
  const load = new LoadOverTime(shards);
  for (const operation of operations) load.take(operation);
  return load.model();
}

/**
 * Counts operations in at most a few hundred buckets of time, however many there are. It may be drawn at any moment while it goes on.
 */
export class LoadOverTime {
  readonly #shards: readonly ShardPlan[];
  readonly #buckets = new TimeBuckets({ firstMs: FIRST_MS, most: MOST });
  readonly #counts = new Columns(this.#buckets);
  readonly #byShard = new Columns(this.#buckets);
  readonly #errors = new Columns(this.#buckets);
  readonly #probe = new LatencyBuckets(this.#buckets);
  /** Of all operations; of no use once the probe has been seen. */
  #all: LatencyBuckets | undefined = new LatencyBuckets(this.#buckets);

  constructor(shards: readonly ShardPlan[]) {
    this.#shards = shards;
  }

  take(operation: Operation): void {
    const { f, outcome, key, client, due, invokedAt, completedAt, error } = operation;
    const since = due ?? invokedAt;
    const bucket = this.#buckets.indexOf(since / 1e6);
    this.#counts.add(`${kindOf(f)} ${outcome}`, bucket);
    const shard = shardOfKey(key, this.#shards);
    if (shard !== undefined) this.#byShard.add(`${shard} ${outcome === "ok" ? "ok" : "bad"}`, bucket);
    if (outcome !== "ok") this.#errors.add(`${outcome} ${error?.class ?? "no answer"}`, bucket);
    if (client === "probe") this.#all = undefined;
    if (outcome !== "ok" || completedAt === undefined) return;
    const latencyMs = Math.max(0, (completedAt - since) / 1e6);
    if (client === "probe") this.#probe.add(bucket, latencyMs);
    this.#all?.add(bucket, latencyMs);
  }

  model(): ReportLoad {
    const counted = (kind: Kind) =>
      Object.fromEntries(
        OUTCOMES.map((outcome) => [outcome, this.#counts.values(`${kind} ${outcome}`)]),
      ) as Record<Outcome, number[]>;
    return {
      bucketMs: this.#buckets.widthMs,
      writes: counted("writes"),
      reads: counted("reads"),
      others: counted("others"),
      latency: {
        of: this.#all === undefined ? "probe" : "all",
        edgesMs: [...HEAT_EDGES_MS],
        ...(this.#all ?? this.#probe).measures(),
      },
      errors: errorCounts(this.#errors),
      shards: this.#shards.map(({ shard }) => ({
        shard,
        ok: this.#byShard.values(`${shard} ok`),
        bad: this.#byShard.values(`${shard} bad`),
      })),
    };
  }
}

function kindOf(f: string): Kind {
  return f === "write" ? "writes" : f === "read" ? "reads" : "others";
}
