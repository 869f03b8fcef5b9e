import {
  type FailoverResult,
  type PhaseResult,
  RESULT_SCHEMA_VERSION,
  type Result,
} from "../model/result.ts";

/** A phase on the path; the first has nothing before it. */
function step(
  name: string,
  [atMs, tookMs, since]: [atMs: number, tookMs: number, since: string | null],
  governedBy?: PhaseResult["governedBy"],
): PhaseResult {
  return { name, atMs, tookMs, since, path: true, seenBy: "look", ...(governedBy && { governedBy }) };
}

const HA_FAILOVER: FailoverResult = {
  fault: { name: "primary killed", kind: "kill", targets: ["primary"], atMs: 2013.4 },
  promoted: { from: "primary", to: "replica-2" },
  outageMs: 1630.2,
  unavoidableMs: 500,
  resolutionMs: 20,
  phases: [
    step("last success", [-2, 0, null]),
    step("fault", [0, 2, "last success"]),
    step("suspected", [512.3, 512.3, "fault"], {
      setting: "down-after-milliseconds",
      value: "500 ms",
      note: "a Sentinel has had no answer for so long",
      unavoidableMs: 500,
    }),
    step("promoted", [1204.1, 691.8, "suspected"], {
      setting: null,
      value: null,
      note: "REPLICAOF NO ONE is sent at a tick of the Sentinel's timer",
      unavoidableMs: 0,
    }),
    step("first write", [1628.2, 424.1, "promoted"], {
      setting: "retryStrategy",
      value: "20–250 ms",
      note: "the first write after which all went well",
      unavoidableMs: 0,
    }),
    {
      name: "all replicas back",
      atMs: 2512.7,
      tookMs: 2512.7,
      since: "fault",
      path: false,
      seenBy: "look",
    },
  ],
};

/** A passing drill of HA. */
export const passingHa: Result = {
  schemaVersion: RESULT_SCHEMA_VERSION,
  scenario: "ha-failover",
  verdict: "pass",
  seed: 42,
  replay: "valkey-drill run ha-failover --driver process --valkey 8.1.1 --client iovalkey --seed 42",
  topology: {
    kind: "ha",
    driver: "process",
    valkey: "8.1.1",
    nodes: [
      { name: "primary", role: "primary", endpoint: "127.0.1.1:20000" },
      { name: "replica-1", role: "replica", endpoint: "127.0.1.2:20001" },
      { name: "replica-2", role: "replica", endpoint: "127.0.1.3:20002" },
      { name: "sentinel-1", role: "sentinel", endpoint: "127.0.1.4:20003" },
      { name: "sentinel-2", role: "sentinel", endpoint: "127.0.1.5:20004" },
      { name: "sentinel-3", role: "sentinel", endpoint: "127.0.1.6:20005" },
    ],
  },
  client: { name: "iovalkey", version: "0.4.0" },
  operations: { total: 9204, ok: 8998, fail: 191, info: 15, perSecond: 612.4 },
  writes: { acknowledged: 8412, survived: 8412, lost: 0, recovered: 3, indeterminate: 15 },
  outage: { writeMs: 1630.2, readMs: 1204.9 },
  failover: HA_FAILOVER,
  failovers: [HA_FAILOVER],
  needlessFailovers: 0,
  beforeFault: { writes: { p50Ms: 0.4, p99Ms: 2.1 }, throughput: null },
  shards: [],
  redirects: { moved: 0, ask: 0 },
  latency: { p50Ms: 0.412, p99Ms: 4.13, p999Ms: 1612.8, maxMs: 1630.2 },
  checks: [
    {
      name: "promotion",
      verdict: "pass",
      summary: "replica-2 was promoted 1,204 ms after primary was killed.",
      evidence: { promotedMs: 1204.1 },
    },
    {
      name: "outage",
      verdict: "pass",
      summary: "Writes stopped for 1,630 ms (at most 5,000 ms allowed), reads for 1,205 ms.",
      evidence: {
        tables: [
          {
            title: "Where the time went",
            columns: ["phase", "ms", "decided by"],
            rows: [
              ["detection", 512.3, "down-after-milliseconds 500"],
              ["election and promotion", 691.8, "Sentinel's election, failover-timeout"],
              ["client finds the new primary", 426.1, "sentinelRetryStrategy, disconnectTimeout"],
            ],
          },
        ],
        notes: [
          "Detection: lower down-after-milliseconds (now 500) to shorten it; below 200 pauses of the server pass " +
            "for death.",
        ],
      },
    },
    {
      name: "durability",
      verdict: "pass",
      summary: "All 8,412 acknowledged writes are present.",
      evidence: {},
    },
  ],
  startedAt: "2025-01-02T03:04:05.678Z",
  durationMs: 24_130,
};

/** A failing drill of HA: a thousand acknowledged writes are gone, and reads never came back. */
export const failingHa: Result = {
  ...passingHa,
  scenario: "ha-partition",
  verdict: "fail",
  replay: "valkey-drill run ha-partition --driver process --valkey 8.1.1 --client iovalkey --seed 42",
  writes: { acknowledged: 8412, survived: 7412, lost: 1000, recovered: 0, indeterminate: 15 },
  outage: { writeMs: 2304.2, readMs: null },
  checks: [
    {
      name: "promotion",
      verdict: "pass",
      summary: "replica-2 was promoted 1,204 ms after primary was cut off.",
      evidence: {},
    },
    {
      name: "outage",
      verdict: "fail",
      summary: "Reads did not recover by the end of the run, 20 s after the fault.",
      evidence: { reason: "reads-not-recovered", readMs: null, lastSuccessMs: 12.4 },
    },
    {
      name: "durability",
      verdict: "fail",
      summary:
        "1,000 acknowledged writes are gone: the primary that was cut off went on taking writes for 4,012 ms, and " +
        "they were discarded when it came back as a replica.",
      evidence: {
        reason: "lost-acknowledged-writes",
        limit: 0,
        lostKeys: Array.from({ length: 1000 }, (_, index) => `w:${4000 + index}`),
        samples: Array.from({ length: 12 }, (_, index) => ({
          key: `w:${4000 + index}`,
          acknowledgedBy: "primary",
          atMs: 1043.25 + index,
        })),
        notes: [
          "Set min-replicas-to-write 1 and min-replicas-max-lag 1: a primary that is cut off then refuses writes " +
            "after about a second.",
        ],
      },
    },
    {
      name: "split-brain",
      verdict: "unknown",
      summary: "The old primary could not be asked for its role while it was cut off.",
      evidence: { reason: "no-observation", asked: ["primary"], window: { fromMs: 1050, toMs: 5062 } },
    },
  ],
};

/** A cluster of `shards` shards, each with one replica, after the first one's primary was killed. */
export function clusterResult(shards: number): Result {
  const per = Math.floor(16_384 / shards);
  const numbers = Array.from({ length: shards }, (_, index) => index + 1);
  return {
    ...passingHa,
    scenario: "cluster-failover",
    replay: `valkey-drill run cluster-failover --seed 42`,
    topology: {
      kind: "cluster",
      driver: "docker",
      valkey: "9.1.2",
      nodes: numbers.flatMap((shard) => [
        { name: `node-${shard}`, role: "primary" as const, endpoint: `127.0.1.${shard}:7000` },
        {
          name: `node-${shard + shards}`,
          role: "replica" as const,
          endpoint: `127.0.1.${shard + shards}:7000`,
        },
      ]),
    },
    failover: clusterFailover(shards),
    failovers: [clusterFailover(shards)],
    outage: { writeMs: 4207, readMs: null },
    redirects: { moved: 14, ask: 2 },
    shards: numbers.map((shard) => ({
      shard,
      slots: `${(shard - 1) * per}-${shard === shards ? 16_383 : shard * per - 1}`,
      keys: 2800 + shard,
      primary: shard === 1 ? `node-${1 + shards}` : `node-${shard}`,
      replicas: shard === 1 ? [] : [`node-${shard + shards}`],
    })),
    checks: [
      {
        name: "promotion",
        verdict: "pass",
        summary: "node-4 was promoted 3,912 ms after the fault.",
        evidence: {},
      },
      {
        name: "other-shards",
        verdict: "pass",
        summary: "The shards that were not hit went on: longest outage 38 ms (at most 500 ms allowed).",
        evidence: {
          tables: [
            {
              title: "Outage by shard",
              columns: ["shard", "write ms", "read ms", "operations"],
              rows: numbers.map((shard) => [shard, shard === 1 ? 4207 : 38 - (shard % 7), 12, 3010 + shard]),
            },
          ],
        },
      },
    ],
  };
}

function clusterFailover(shards: number): FailoverResult {
  const limitingSetting = { setting: "cluster-node-timeout", note: "a node has heard nothing for so long" };
  return {
    ...HA_FAILOVER,
    fault: { name: "node-1 killed", kind: "kill", targets: ["node-1"], atMs: 2013.4 },
    promoted: { from: "node-1", to: `node-${1 + shards}` },
    outageMs: 4207,
    unavoidableMs: 2000,
    phases: [
      step("last success", [-3, 0, null]),
      step("fault", [0, 3, "last success"]),
      step("suspected", [2080, 2080, "fault"], { ...limitingSetting, value: "2000 ms", unavoidableMs: 2000 }),
      step("detected", [2480, 400, "suspected"], { ...limitingSetting, value: "2000", unavoidableMs: 0 }),
      step("promoted", [3912, 1432, "detected"]),
      step("first write", [4204, 292, "promoted"]),
      { ...step("all replicas back", [14_220, 14_220, "fault"]), path: false },
    ],
  };
}
