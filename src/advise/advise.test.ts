import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { builtInScenarios } from "../scenario/load.ts";
import { type TopologySpec, topologySpecSchema } from "../topology/spec.ts";
import { advise } from "./advise.ts";
import { advisedOf } from "./advised.ts";
import { predictLosses } from "./losses.ts";
import { predictOutage } from "./outage.ts";
import { RULES, risksOf } from "./rules/registry.ts";

const specOf = (given: object): TopologySpec => topologySpecSchema.parse(given);
const found = (given: object, client?: Parameters<typeof advisedOf>[2]) =>
  risksOf(advisedOf(specOf(given), "8.1.1", client)).map(({ rule }) => rule);

const ha = (more: object = {}) => ({ kind: "ha", ...more });
const cluster = (more: object = {}) => ({ kind: "cluster", ...more });
const patient = { name: "any", ms: 1000, setting: "limit", value: "1000" };

/** Of each rule where it fires, and where it does not. */
const CASES: Record<string, [fires: object, silent: object, client?: typeof patient]> = {
  "slow-detection": [ha({ downAfterMs: 30_000 }), ha({ downAfterMs: 5000 })],
  "hasty-detection": [ha({ downAfterMs: 1000 }), ha({ downAfterMs: 2000 })],
  "slow-node-timeout": [cluster({ nodeTimeoutMs: 15_000 }), cluster({ nodeTimeoutMs: 5000 })],
  "hasty-node-timeout": [cluster({ nodeTimeoutMs: 500 }), cluster()],
  "slow-second-try": [ha({ failoverTimeoutMs: 180_000 }), ha()],
  "client-gives-up": [ha(), ha({ downAfterMs: 50, config: {} }), patient],
  "quorum-of-one": [ha({ quorum: 1 }), ha({ sentinels: 1, quorum: 1 })],
  "quorum-of-all": [ha({ quorum: 3 }), ha({ sentinels: 5, quorum: 4 })],
  "few-sentinels": [ha({ sentinels: 2 }), ha()],
  "few-primaries": [cluster({ shards: 2 }), cluster()],
  "nobody-promotable": [ha({ config: { "slave-priority": 0 } }), ha({ config: { "replica-priority": 1 } })],
  "renamed-commands": [
    ha({ config: { "rename-command": ['KEYS ""', 'config ""'] } }),
    ha({ config: { "rename-command": "CONFIG c0" }, sentinelConfig: { "rename-command": "CONFIG c0" } }),
  ],
  "acl-stops-sentinel": [
    ha({
      config: { user: "guard on >pw allchannels +@all -slaveof" },
      sentinelConfig: { "auth-user": "guard" },
    }),
    ha({ config: { user: "guard on >pw allchannels +@all" }, sentinelConfig: { "auth-user": "guard" } }),
  ],
  "old-replica-barred": [
    cluster({ nodeTimeoutMs: 1000 }),
    cluster({ config: { "cluster-replica-validity-factor": 0 } }),
  ],
  "writes-without-replicas": [ha(), ha({ config: { "min-replicas-to-write": 1 } })],
  "writes-need-all-replicas": [
    cluster({ config: { "min-replicas-to-write": 1 } }),
    ha({ config: { "min-replicas-to-write": 1 } }),
  ],
  "empty-restart": [ha({ defaults: "server" }), ha()],
  "no-fsync": [ha({ config: { appendfsync: "no" } }), ha()],
  "all-shards-stop": [cluster(), cluster({ requireFullCoverage: false })],
  "small-backlog": [
    ha({ config: { "repl-backlog-size": "1mb" } }),
    ha({ config: { "repl-backlog-size": "64mb" } }),
  ],
  "replicas-evict": [
    ha({
      config: { maxmemory: "1gb", "maxmemory-policy": "allkeys-lru", "replica-ignore-maxmemory": false },
    }),
    ha({ config: { maxmemory: "1gb", "maxmemory-policy": "allkeys-lru" } }),
  ],
  "full-primary-after-failover": [
    ha({ config: { maxmemory: "1gb" } }),
    ha({ config: { maxmemory: "1gb", "maxmemory-policy": "allkeys-lru" } }),
  ],
};

describe("a rule", () => {
  it.each(RULES.map(({ name }) => name))("%s fires where it should, and not where it should not", (name) => {
    const [fires, silent, client] = CASES[name] ?? [{}, {}];
    expect(found(fires, client)).toContain(name);
    expect(found(silent, client && { ...client, ms: 60_000 })).not.toContain(name);
  });

  it("names a scenario that there is", async () => {
    const names = await builtInScenarios();
    const shown = RULES.flatMap(({ scenario }) =>
      typeof scenario === "string" ? [scenario] : Object.values(scenario),
    );
    expect(shown.filter((name) => !names.includes(name))).toEqual([]);
    const losses = [
      ha(),
      ha({ replicas: 0 }),
      ha({ config: { "min-replicas-to-write": 1 } }),
      cluster(),
    ].flatMap((given) => predictLosses(advisedOf(specOf(given), "8.1.1")));
    expect(losses.filter(({ scenario }) => !names.includes(scenario))).toEqual([]);
  });
});

describe("the predicted outage", () => {
  const outage = (given: object, valkey = "8.1.1") => predictOutage(advisedOf(specOf(given), valkey));

  it("is at least the time of detection, and likely at most twice its lower end, for all settings", () => {
    const times = fc.integer({ min: 50, max: 600_000 });
    fc.assert(
      fc.property(times, fc.constantFrom("7.2.4", "8.0.1", "8.1.1", "9.0.0", "9.1.2"), (ms, valkey) => {
        for (const given of [ha({ downAfterMs: ms }), cluster({ nodeTimeoutMs: ms })]) {
          const { minMs, lowMs, highMs } = outage(given, valkey);
          expect(minMs).toBeGreaterThanOrEqual(ms);
          expect(lowMs).toBeGreaterThanOrEqual(minMs);
          expect(highMs).toBeGreaterThan(lowMs);
          expect(highMs).toBeLessThanOrEqual(2 * lowMs);
        }
      }),
    );
  });

  it("holds what was measured: the least and the most of 80 failovers with the drills' settings", () => {
    const measured: [object, string, number, number][] = [
      [ha(), "8.1.1", 3225, 3977],
      [cluster(), "8.1.1", 3413, 4995],
      [cluster(), "9.1.2", 2369, 3985],
    ];
    for (const [given, valkey, least, most] of measured) {
      const { lowMs, highMs } = outage(given, valkey);
      expect(lowMs).toBeLessThanOrEqual(least);
      expect(highMs).toBeGreaterThanOrEqual(most);
    }
  });

  it.each([
    [ha({ replicas: 0 }), /there is no replica/],
    [ha({ config: { "replica-priority": 0 } }), /replica-priority is 0/],
    [ha({ config: { "rename-command": 'CONFIG ""' } }), /CONFIG is not known/],
    [ha({ config: { "min-replicas-to-write": 2 } }), /min-replicas-to-write is 2/],
    [cluster({ shards: 2 }), /of 2 primaries 2 must vote, and 1 is left/],
    [cluster({ config: { "cluster-replica-no-failover": true } }), /cluster-replica-no-failover/],
    [cluster({ config: { "min-replicas-to-write": 1 } }), /min-replicas-to-write is 1/],
  ])("has no end for %j", (given, why) => {
    expect(outage(given).endless).toMatch(why);
  });

  it("has an end with the settings of the drills", () => {
    expect(outage(ha()).endless).toBeNull();
    expect(outage(cluster()).endless).toBeNull();
  });

  it("is shorter in a cluster where a newer version waits less", () => {
    expect(outage(cluster(), "9.1.2").lowMs).toBeLessThan(outage(cluster(), "8.1.1").lowMs);
  });
});

describe("what may be lost", () => {
  const windows = (given: object) =>
    predictLosses(advisedOf(specOf(given), "8.1.1")).map(({ windowMs }) => windowMs);

  it("is bounded by settings, or by nothing", () => {
    expect(windows(ha())).toEqual([null, null, 2000]);
    expect(windows(ha({ config: { "min-replicas-to-write": 1, appendfsync: "always" } }))).toEqual([
      null,
      11_000,
      0,
    ]);
    expect(windows(cluster({ nodeTimeoutMs: 5000 }))).toEqual([null, 5000, 2000]);
    expect(windows(ha({ defaults: "server" }))).toEqual([null, null, null]);
  });
});

it("advice names where a risky setting stands", () => {
  const spec = specOf(ha({ downAfterMs: 30_000 }));
  const places = new Map([["down-after-milliseconds", "sentinel.conf:4"]]);
  const origin = { files: ["sentinel.conf"], held: 1, places, replaced: [], notes: [] };
  const { risks } = advise({ ...spec, origin }, ["sentinel.conf"], "8.1");
  expect(risks.find(({ rule }) => rule === "slow-detection")?.place).toBe("sentinel.conf:4");
});
