import { readFile, rm } from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import { judge } from "../src/check/judge.ts";
import { listEnvironments } from "../src/driver/process/index.ts";
import { readHistory } from "../src/history/reader.ts";
import { resultSchema } from "../src/model/result.ts";
import type { FinishedRun } from "../src/run/run-scenario.ts";
import { parseScenario } from "../src/scenario/load.ts";
import { checkNamed, drill, problems } from "./support/drill.ts";
import { pathProblems } from "./support/path.ts";

const finished: FinishedRun[] = [];
async function run(name: string): Promise<FinishedRun> {
  const done = await drill(name);
  finished.push(done);
  return done;
}
afterAll(async () => {
  for (const { folder } of finished) await rm(folder.dir, { recursive: true, force: true });
});

/** `808 ms`, `4.20 s` or `-`, as the outage table has it. */
function inMs(cell: string): number {
  return cell === "-" ? 0 : Number.parseFloat(cell) * (cell.endsWith(" ms") ? 1 : 1000);
}

describe("ha-failover", () => {
  it("promotes a replica, and every number can be held against the history", async () => {
    const { result, folder } = await run("ha-failover");
    expect(problems(result)).toEqual([]);
    expect(result.verdict).toBe("pass");
    expect(result.failover.promoted).toMatchObject({
      from: "primary",
      to: expect.stringMatching(/^replica-[12]$/),
    });
    const phases = result.failover.phases.map((phase) => phase.name);
    for (const name of ["first error", "first retry", "replicas back", "restarted", "all replicas back"])
      expect(phases).toContain(name);
    // From the Sentinels' own events, the promoted node's log, and the client: where the outage went.
    const way = [
      "suspected",
      "detected",
      "voted",
      "elected",
      "selected",
      "promoted",
      "confirmed",
      "reconnected",
    ];
    expect(pathProblems(result.failover, way)).toEqual([]);
    expect(result.failover.outageMs).toBe(result.outage.writeMs);
    expect(result.failovers).toEqual([result.failover]);
    expect(result.failover.phases.find(({ name }) => name === "promoted")?.seenBy).toBe("log");
    expect(result.failover.phases.find(({ name }) => name === "suspected")?.governedBy).toMatchObject({
      setting: "down-after-milliseconds",
      value: "2000 ms",
    });
    expect(Math.abs(result.failover.unavoidableMs - 2000)).toBeLessThan(100);
    expect(result.needlessFailovers).toBe(0);
    const { writes } = result;
    expect(writes.survived + writes.lost).toBe(writes.acknowledged);
    expect(result.operations.ok + result.operations.fail + result.operations.info).toBe(
      result.operations.total,
    );

    const history = await readHistory(folder.history);
    const invoked = history.events.filter((event) => event.type === "invoke").length;
    expect(result.operations.total).toBe(invoked);
    expect(judge(history)).toEqual(result); // judged again, offline: the same
    expect(resultSchema.parse(JSON.parse(await readFile(folder.result, "utf8")))).toEqual(result);
  });

  it("leaves a run folder that tells everything, and a scenario that can be run again", async () => {
    const [{ folder } = { folder: undefined }] = finished;
    if (!folder) throw new Error("the drill before did not finish");
    const resolved = parseScenario(await readFile(folder.scenario, "utf8"), folder.scenario);
    expect(resolved).toMatchObject({ name: "ha-failover", topology: { quorum: 2 } });
    for (const node of ["primary", "replica-1", "sentinel-3"]) {
      expect(await readFile(`${folder.nodes}/${node}/node.conf`, "utf8")).toContain("port");
      expect(await readFile(`${folder.nodes}/${node}/node.log`, "utf8")).not.toBe("");
    }
    expect((await listEnvironments()).environments).toEqual([]);
  });
});

describe("cluster-failover", () => {
  it("places keys, follows redirects, and shows what full coverage costs the healthy shards", async () => {
    const { result } = await run("cluster-failover");
    expect(problems(result)).toEqual([]);
    expect(result.redirects.moved).toBeGreaterThanOrEqual(20);
    expect(result.shards).toHaveLength(3);
    expect(result.shards.reduce((sum, shard) => sum + shard.keys, 0)).toBeGreaterThan(10_000);
    expect(result.shards.find((shard) => shard.shard === 1)?.primary).toBe("node-4");

    expect(result.failovers.map(({ promoted }) => promoted)).toEqual([
      { from: "node-1", to: "node-4" },
      { from: "node-2", to: "node-5" },
    ]);
    for (const failover of result.failovers) {
      // "slots owned" is known by looking: a write may go through before the next look, and it is not on the path then.
      expect(pathProblems(failover, ["suspected", "detected", "election", "promoted"])).toEqual([]);
      // 2000 ms of time-out, and the half second that a replica waits before it asks for votes.
      expect(failover.unavoidableMs).toBeGreaterThan(2400);
    }
    expect(Math.max(...result.failovers.map(({ outageMs }) => outageMs ?? Infinity))).toBe(
      result.outage.writeMs,
    );

    const [table] = checkNamed(result, "outage").evidence.tables as { rows: string[][] }[];
    const others = table?.rows.filter((row) => row[2] === "the other shards") ?? [];
    expect(others.map((row) => row[1])).toEqual(["yes", "no"]);
    const [withCoverage, without] = others.map((row) => inMs(row[3] as string));
    expect(withCoverage).toBeGreaterThan(2 * (without as number)); // "-", but for stalls of a busy machine
  });
});

describe("with WAIT", () => {
  it("loses nothing in HA when both replicas must confirm", { tags: "long" }, async () => {
    const { result } = await run("ha-failover-wait");
    expect(problems(result)).toEqual([]);
    expect(result.writes.lost).toBe(0);
    expect(result.writes.acknowledged).toBeGreaterThan(200);
  });

  it("loses nothing in a cluster when the shard's replica must confirm", async () => {
    const { result } = await run("cluster-failover-wait");
    expect(problems(result)).toEqual([]);
    expect(result.writes.lost).toBe(0);
  });
});

describe("ha-register", () => {
  it("finds one order for all that many processes did on the same keys, also for what has no certain end", async () => {
    const { result } = await run("ha-register");
    expect(problems(result)).toEqual([]);
    expect(result.operations.info).toBeGreaterThan(0); // of the primary that stood still
    expect(checkNamed(result, "linearizability").evidence).toMatchObject({ keys: 5 });
  });
});

describe("ha-shared-keys", () => {
  it(
    "counts, appends and reads from replicas through a failover, and holds every key to what was " +
      "acknowledged",
    async () => {
      const { result, folder } = await run("ha-shared-keys");
      expect(problems(result)).toEqual([]);
      const rows = (check: string, table = 0) =>
        (checkNamed(result, check).evidence.tables as { rows: (string | number)[][] }[])[table]?.rows ?? [];
      for (const check of ["counter", "append"]) {
        expect(rows(check)).toHaveLength(3);
        for (const [, acknowledged, unknown, , final, missing] of rows(check).map((row) => row.map(Number))) {
          expect(acknowledged).toBeGreaterThan(5);
          expect(final).toBeGreaterThanOrEqual((acknowledged as number) - (missing as number));
          expect(final).toBeLessThanOrEqual((acknowledged as number) + (unknown as number));
        }
      }
      // which ones, the library chooses
      for (const [node] of rows("stale-reads", 1)) expect(node).toMatch(/^replica-[12]$/);
      expect(rows("stale-reads", 1).length).toBeGreaterThan(0);
      expect(judge(await readHistory(folder.history))).toEqual(result);
    },
  );
});

// Sentinel takes ten seconds to make an old primary a replica; these drills measure nothing meanwhile, so they share
// them.
describe("an old primary, until it is a replica,", () => {
  it.concurrent("takes writes for as long as it calls itself primary, and all of them are lost", {
    tags: "long",
  }, async () => {
    const { result } = await run("ha-resumed-primary");
    expect(problems(result)).toEqual([]);
    const [table] = checkNamed(result, "topology").evidence.tables as { rows: string[][] }[];
    const [superseded, promoted, both, took, acknowledged, counted] = table?.rows[0] ?? [];
    expect([superseded, promoted]).toEqual(["primary", result.failover.promoted?.to]);
    expect(inMs(both as string)).toBeGreaterThan(8000); // Sentinel's own pace
    expect(inMs(took as string)).toBeGreaterThan(8000);
    expect(number(acknowledged)).toBe(result.writes.lost);
    expect(number(counted)).toBeGreaterThanOrEqual(number(acknowledged));
  });

  it.concurrent("takes what lay in its sockets and no more, with min-replicas-to-write", {
    tags: "long",
  }, async () => {
    const { result } = await run("ha-resumed-primary-min-replicas");
    expect(problems(result)).toEqual([]);
    const topology = checkNamed(result, "topology");
    expect(topology.summary).toMatch(/primary took \d+ writes? (in \d+ ms|all at once) after replica-[12]/);
    expect(result.operations.fail).toBeGreaterThan(200); // NOREPLICAS, 50 times a second for ten seconds
  });

  it.concurrent("grants no lock that counts, if all replicas must confirm it", { tags: "long" }, async () => {
    const { result } = await run("ha-lock");
    expect(problems(result)).toEqual([]);
    expect(checkNamed(result, "lock").evidence.acquired).toBeGreaterThan(10);
  });

  it.concurrent("is still the primary if it was frozen for less than Sentinel waits", async () => {
    const { result } = await run("ha-resumed-primary-in-time");
    expect(problems(result)).toEqual([]);
    expect(result.writes.lost).toBe(0);
    expect(result.failover.promoted).toBeNull();
  });
});

/** The first number of a cell: `1,420 to 1,421 calls`. */
function number(cell = ""): number {
  return Number.parseInt(cell.replaceAll(",", ""), 10);
}

describe("ha-unreplicated", () => {
  it("loses what no replica had, tells how much, and passes only because the scenario lets it go", async () => {
    const { result, folder } = await run("ha-unreplicated");
    expect(problems(result)).toEqual([]);
    const missing = (check: string) => checkNamed(result, check).evidence.missing;
    for (const check of ["counter", "append"]) expect(missing(check)).toBeGreaterThan(5);
    expect(result.writes.lost).toBeGreaterThan(5);
    expect(checkNamed(result, "stale-reads").evidence.staleness).toMatchObject({
      ms: { max: expect.toSatisfy((ms: number) => ms > 300) },
    });
    const history = await readHistory(folder.history);
    const strict = judge({
      ...history,
      header: { ...history.header, expect: { lostAcknowledgedWrites: 0 } },
    });
    for (const [check, noun] of [
      ["counter", "increments"],
      ["append", "elements"],
      ["durability", "writes"],
    ] as const) {
      const evidence = { reason: `acknowledged-${noun}-lost` };
      expect(checkNamed(strict, check)).toMatchObject({ verdict: "fail", evidence });
    }
  });
});

describe("messages, jobs and transfers", () => {
  it("ha-transactions: the sum holds, and every acknowledged transfer is in the ledger, or told as lost", async () => {
    const { result, folder } = await run("ha-transactions");
    expect(problems(result)).toEqual([]);
    const { sumsRead, conflicts } = checkNamed(result, "transaction").evidence;
    expect(sumsRead).toBeGreaterThan(5);
    expect(conflicts).toBeGreaterThan(0);
    expect(judge(await readHistory(folder.history))).toEqual(result);
  });

  it("ha-queue-stream: every acknowledged job is done, or told as lost", async () => {
    const { result } = await run("ha-queue-stream");
    expect(problems(result)).toEqual([]);
    expect(checkNamed(result, "queue").evidence).toMatchObject({ handedOut: 0 });
  });

  it("ha-queue-list: the same of a list", { tags: "long" }, async () => {
    const { result } = await run("ha-queue-list");
    expect(problems(result)).toEqual([]);
  });

  it("ha-pubsub: every subscriber hears again, and what each missed is told", async () => {
    const { result } = await run("ha-pubsub");
    expect(problems(result)).toEqual([]);
    const { heard, longestSilenceMs } = checkNamed(result, "pubsub").evidence;
    expect(heard).toBeGreaterThan(100);
    expect(longestSilenceMs).toBeGreaterThan(2000); // down-after-milliseconds
  });

  it("cluster-messages-and-jobs: on all shards, one of which loses its primary", {
    tags: "long",
  }, async () => {
    const { result } = await run("cluster-messages-and-jobs");
    expect(problems(result)).toEqual([]);
    const [banks] = checkNamed(result, "transaction").evidence.tables as { rows: unknown[][] }[];
    expect(banks?.rows).toHaveLength(3);
  });
});
