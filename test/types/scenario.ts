/*
 * Types of scenarios. Nothing here is run: it is compiled, against the sources (`npm run types`) and against the
 * package with the oldest and the newest TypeScript (`test/package.test.ts`). What must be wrong says so by `@ts-expect-error`: each stands above
 * the line that the compiler must complain of.
 */
import { defineScenario, loadScenario, runScenario, type Scenario, type ScenarioInput } from "valkey-drill";

const head = { name: "typed", description: "d", topology: { kind: "ha" } } as const;

/** Everything that a scenario may hold. */
export const whole: ScenarioInput = defineScenario({
  name: "typed",
  description: "Everything once.",
  plugins: ["./mine.mjs"],
  topology: {
    kind: "cluster",
    shards: 3,
    replicas: [1, 1, 2],
    requireFullCoverage: false,
    config: { appendonly: true },
  },
  client: "node-redis",
  durability: { waitReplicas: 1 },
  steps: [
    { set: { "cluster-require-full-coverage": false } },
    { run: "crud" },
    { run: { crud: { ttlMs: 500 } } },
    { start: "unique-writes" },
    { start: { "unique-writes": { writesPerSecond: 50 } } },
    { wait: "1.5s" },
    { inject: { fault: "kill", target: "primary" } },
    {
      inject: {
        fault: "kill",
        target: ["shard:1/primary", "replica-2", "owner-of:a key"],
        for: "2s",
        optional: true,
      },
    },
    { inject: { fault: "move-slots", target: "shard:1/primary", toShard: 2 } },
    { inject: { fault: "cut", target: "primary" } },
    { inject: { fault: "cut", target: "primary<>replicas,clients<>primary" } },
    { inject: { fault: "delay", target: "node-1>node-2", ms: 20 } },
    { inject: { fault: "cut", target: "primary,sentinel-1|replicas,sentinel-2" } },
    { await: { condition: "promoted", within: "15s" } },
    { heal: "kill" },
    { stop: "unique-writes" },
    {
      schedule: [
        { at: "1s", inject: { fault: "pause", target: "primary", for: "3s" } },
        { every: "500ms", times: 4, run: "crud" },
        { after: "promoted", within: "10s", heal: "pause" },
      ],
    },
  ],
  expect: {
    promoted: true,
    outage: { writeMs: 8000 },
    lostAcknowledgedWrites: 3,
    splitBrain: { ms: 100, writes: 2 },
  },
});

/** Steps that a program makes. */
export const shards = defineScenario({
  ...head,
  steps: Array.from({ length: 3 }, (_, index) => [
    { inject: { fault: "kill", target: `shard:${index + 1}/primary` } } as const,
    { heal: "kill" } as const,
  ]).flat(),
});

export async function runs(): Promise<void> {
  const { result, folder } = await runScenario(whole);
  const verdict: "pass" | "fail" | "unknown" = result.verdict;
  const scenario: Scenario = await loadScenario("ha-failover");
  await runScenario(scenario, { seed: 7, valkey: "8.1", driver: "docker", outDir: folder.dir });
  // @ts-expect-error there is no such driver
  await runScenario(scenario, { driver: "podman" });
  console.log(verdict);
}

// @ts-expect-error steps are lacking
defineScenario({ ...head });
// @ts-expect-error no such client
defineScenario({ ...head, client: "nope", steps: [{ wait: "1s" }] });
// @ts-expect-error no such step
defineScenario({ ...head, steps: [{ injekt: { fault: "kill", target: "primary" } }] });
// @ts-expect-error a step has one action
defineScenario({ ...head, steps: [{ run: "crud", wait: "1s" }] });
// @ts-expect-error no such fault
defineScenario({ ...head, steps: [{ inject: { fault: "kil", target: "primary" } }] });
// @ts-expect-error a fault needs a target
defineScenario({ ...head, steps: [{ inject: { fault: "kill" } }] });
// @ts-expect-error no such selector
defineScenario({ ...head, steps: [{ inject: { fault: "kill", target: "primry" } }] });
// @ts-expect-error no such form of a shard
defineScenario({ ...head, steps: [{ inject: { fault: "kill", target: "shard:one/primary" } }] });
// @ts-expect-error one of them is no selector
defineScenario({ ...head, steps: [{ inject: { fault: "kill", target: ["primary", "nobody"] } }] });
// @ts-expect-error links are no target of a fault of nodes
defineScenario({ ...head, steps: [{ inject: { fault: "kill", target: "primary<>replicas" } }] });
// @ts-expect-error no such end of a link
defineScenario({ ...head, steps: [{ inject: { fault: "cut", target: "primary<>replicaz" } }] });
// @ts-expect-error no such option
defineScenario({ ...head, steps: [{ inject: { fault: "delay", target: "primary", mss: 3 } }] });
// @ts-expect-error an option of another type
defineScenario({ ...head, steps: [{ inject: { fault: "delay", target: "primary", ms: "3" } }] });
// @ts-expect-error an option of another fault
defineScenario({ ...head, steps: [{ inject: { fault: "kill", target: "primary", ms: 3 } }] });
// @ts-expect-error an option that it must have
defineScenario({ ...head, steps: [{ inject: { fault: "move-slots", target: "primary" } }] });
// @ts-expect-error no duration
defineScenario({ ...head, steps: [{ inject: { fault: "kill", target: "primary", for: 3 } }] });
// @ts-expect-error no duration
defineScenario({ ...head, steps: [{ wait: "a while" }] });
// @ts-expect-error a finite workload is run
defineScenario({ ...head, steps: [{ start: "crud" }] });
// @ts-expect-error a steady workload is started
defineScenario({ ...head, steps: [{ run: "unique-writes" }] });
// @ts-expect-error no such option of a workload
defineScenario({ ...head, steps: [{ start: { "unique-writes": { writesPerSecnd: 3 } } }] });
// @ts-expect-error no such workload
defineScenario({ ...head, steps: [{ stop: "unique-wries" }] });
// @ts-expect-error no such condition
defineScenario({ ...head, steps: [{ await: { condition: "promotd", within: "1s" } }] });
// @ts-expect-error no such fault to heal
defineScenario({ ...head, steps: [{ heal: "kil" }] });
// @ts-expect-error a schedule cannot wait
defineScenario({ ...head, steps: [{ schedule: [{ at: "1s", wait: "1s" }] }] });
defineScenario({
  ...head,
  // @ts-expect-error no such fault in a schedule
  steps: [{ schedule: [{ at: "1s", inject: { fault: "kil", target: "primary" } }] }],
});
// @ts-expect-error shards are a cluster's
defineScenario({ ...head, topology: { kind: "ha", shards: 3 }, steps: [{ wait: "1s" }] });
// @ts-expect-error no such limit
defineScenario({ ...head, steps: [{ wait: "1s" }], expect: { outage: { writMs: 3 } } });
// @ts-expect-error no such part of a scenario
defineScenario({ ...head, steps: [{ wait: "1s" }], expects: {} });
