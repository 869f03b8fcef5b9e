import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { pathProblems } from "../../../test/support/path.ts";
import { type History, readHistory } from "../../history/reader.ts";
import type { CheckResult, Result } from "../../model/result.ts";
import { judge } from "../judge.ts";
import { filled } from "./filled.test-data.ts";

/*
 * Real histories (Valkey 8.1.1 and 9.1.2, iovalkey 0.4.0, two cores that others used as well), thinned out: of the load
 * every 4th to 40th operation, and all within 25 ms of where an outage begins or ends, with their keys' final values;
 * of the watermarks the last before each fault and every 100th. All else is complete. The probe's other operations are
 * filled in again: filled.test-data.ts says why. Two are whole, with 20 writes a second: both-primaries-slow and
 * shard-without-replica-restarted.
 */
const recorded = async (name: string): Promise<History> =>
  filled(await readHistory(fileURLToPath(new URL(`${name}.fixture.jsonl`, import.meta.url))));
const judged = async (name: string): Promise<Result> => judge(await recorded(name));
const check = (result: Result, name: string): CheckResult | undefined =>
  result.checks.find((one) => one.name === name);
const without = (history: History, ...observations: string[]): History => ({
  ...history,
  events: history.events.filter(
    (event) => event.type !== "observation" || !observations.includes(event.name),
  ),
});
const path = ({ failover }: Result) => failover.phases.filter((phase) => phase.path);
const sum = (result: Result) => path(result).reduce((total, { tookMs }) => total + tookMs, 0);

describe("nobody was promoted", () => {
  it.each([
    ["nobody-good-enough", { reason: "no-good-replica", setting: "replica-priority", value: "0" }],
    ["no-priority-five-sentinels", { reason: "no-good-replica", setting: "replica-priority", value: "0" }],
    [
      "config-renamed",
      {
        reason: "promotion-refused",
        setting: "rename-command",
        value: 'CONFIG ""',
        commandsMissing: ["CONFIG"],
      },
    ],
    [
      "slaveof-renamed",
      {
        reason: "promotion-refused",
        setting: "rename-command",
        commandsMissing: ["SLAVEOF"],
        errors: { EXECABORT: 2 },
      },
    ],
    ["sentinels-in-tilt", { reason: "sentinel-tilt", sentinelsAlive: 3, needed: 2 }],
    [
      "replicas-back-too-late",
      { reason: "waiting-to-retry", setting: "failover-timeout", value: "20000 ms" },
    ],
    [
      "replicas-must-not-fail-over",
      { reason: "replicas-must-not-fail-over", setting: "cluster-replica-no-failover", value: "yes" },
    ],
    [
      "data-too-old",
      { reason: "replica-data-too-old", setting: "cluster-replica-validity-factor", value: "1" },
    ],
    ["primaries-majority-lost", { reason: "primaries-majority-lost", primariesAlive: 1, needed: 2 }],
  ])("%s: the reason is what servers said", async (name, evidence) => {
    const promotion = check(await judged(name), "promotion");
    expect(promotion).toMatchObject({ verdict: "fail", evidence });
    expect(promotion?.evidence.said).toMatch(/^(sentinel|node)-\d: ./);
  });

  it.each([
    ["nobody-good-enough", "sentinel", "-failover-abort-no-good-slave"],
    ["config-renamed", "sentinel", "-failover-abort-slave-timeout"],
    ["sentinels-in-tilt", "sentinel", "+tilt"],
  ])("%s: without Sentinel's word it is not made up", async (name, _, word) => {
    const history = await recorded(name);
    const events = history.events.filter(
      (event) => !(event.type === "topology" && event.detail?.startsWith(word)),
    );
    const { evidence } = check(judge({ ...history, events }), "promotion") as CheckResult;
    const before = check(judge(history), "promotion")?.evidence.reason;
    expect(evidence.reason).not.toBe(before);
  });

  it(
    "a replica's own word that it must not fail over is needed, or the settings that it was " +
      "started with",
    async () => {
      const history = without(await recorded("replicas-must-not-fail-over"), "node-setting");
      expect(check(judge(history), "promotion")?.evidence).toMatchObject({
        reason: "replicas-must-not-fail-over",
        said: "node-4: started with cluster-replica-no-failover yes",
      });
      const { topology } = history.header;
      const { "cluster-replica-no-failover": _, ...settings } = topology.settings;
      const header = { ...history.header, topology: { ...topology, settings } };
      expect(check(judge({ ...history, header }), "promotion")?.evidence.reason).toBe("not-promoted");
    },
  );

  it("what stopped the first attempt is told beside the wait for the next", async () => {
    const { evidence } = check(await judged("replicas-back-too-late"), "promotion") as CheckResult;
    expect(evidence.also).toMatchObject([{ reason: "no-good-replica" }]);
    expect(evidence.said).toContain("Next failover delay");
  });
});

describe("the servers' part of an outage", () => {
  it("the 2 s after a primary's start are not put down to the client", async () => {
    const result = await judged("shard-without-replica-restarted");
    const phase = path(result).find(({ name }) => name === "last CLUSTERDOWN");
    expect(phase).toMatchObject({ responsible: "servers", governedBy: { setting: null } });
    expect(phase?.governedBy?.note).toContain("CLUSTER_WRITABLE_DELAY");
    expect(phase?.tookMs).toBeGreaterThan(1900);
    expect(phase?.governedBy?.unavoidableMs).toBe(phase?.tookMs);
    const client = path(result).filter(({ responsible }) => responsible === "client");
    expect(client.reduce((total, { tookMs }) => total + tookMs, 0)).toBeLessThan(100);
    expect(sum(result)).toBeCloseTo(result.failover.outageMs ?? 0, 1);
  });

  it("is so without the logs as well: the nodes' own looks tell of the start", async () => {
    const result = judge(without(await recorded("shard-without-replica-restarted"), "log-event"));
    const phase = path(result).find(({ name }) => name === "last CLUSTERDOWN");
    expect(phase?.governedBy?.note).toContain("CLUSTER_WRITABLE_DELAY");
    const blind = judge(
      without(await recorded("shard-without-replica-restarted"), "log-event", "process-began"),
    );
    const unknown = path(blind).find(({ name }) => name === "last CLUSTERDOWN");
    expect(unknown).toMatchObject({ responsible: "servers", governedBy: { setting: null } });
    expect(unknown?.governedBy?.note).not.toContain("CLUSTER_WRITABLE_DELAY");
  });

  it("a primary that answered NOREPLICAS for 10 s kept the client, not its retryStrategy", async () => {
    const result = await judged("paused-primary-min-replicas");
    const steps = path(result);
    const [first, last, reconnected] = ["first NOREPLICAS", "last NOREPLICAS", "reconnected"].map((wanted) =>
      steps.find(({ name }) => name === wanted),
    );
    expect(last).toMatchObject({
      responsible: "servers",
      governedBy: { setting: "min-replicas-to-write", value: "1", unavoidableMs: last?.tookMs },
    });
    expect(last?.tookMs).toBeGreaterThan(9000);
    expect(last?.governedBy?.note).toContain("replica-2 had been promoted");
    expect(first?.governedBy?.note).toContain("in force meanwhile: primary paused");
    expect(reconnected?.tookMs).toBeLessThan(500);
    expect(check(result, "outage")?.verdict).not.toBe("pass");
  });

  it("reading data after a start is told by the node's log, where the probe did not come to ask", async () => {
    const result = await judged("restarted-while-loading");
    const loading = path(result).find(({ name }) => name === "last LOADING");
    expect(loading).toMatchObject({ responsible: "servers", seenBy: "log" });
    expect(loading?.governedBy?.note).toContain("reads its data");
    expect(sum(result)).toBeCloseTo(result.failover.outageMs ?? 0, 1);
  });

  it("late answers are not put down to the client's search for a node", async () => {
    const result = await judged("both-primaries-slow");
    const late = path(result).find(({ name }) => name === "last late answer");
    expect(late?.governedBy).toMatchObject({ setting: null, unavoidableMs: null });
    expect(late?.governedBy?.note).toMatch(/in force meanwhile: node-[12] asleep for/);
    const servers = path(result).filter(({ name }) => name.endsWith("late answer"));
    const took = servers.reduce((total, { tookMs }) => total + tookMs, 0);
    expect(took).toBeGreaterThan((result.failover.outageMs ?? 0) * 0.9);
  });

  it("other faults in force are named beside what took long", async () => {
    const detected = path(await judged("quorum-lost-and-back")).find(({ name }) => name === "detected");
    expect(detected?.tookMs).toBeGreaterThan(7000);
    expect(detected?.governedBy?.note).toContain("in force meanwhile: sentinel-1, sentinel-2 killed");
  });
});

describe("advice", () => {
  const notes = (result: Result) => (check(result, "outage")?.evidence.notes ?? []) as string[];

  it("to do without full coverage is given where a node said that slots are not served, with its words", async () => {
    for (const name of ["shard-gone-with-full-coverage", "replicas-must-not-fail-over"]) {
      expect(notes(await judged(name)).join()).toMatch(
        /node-\d said ".*hash slot is not served.*" .* after the fault; cluster-require-full-coverage no/,
      );
    }
  });

  it("is not given where none said so, though another shard stalled as well: it was hit itself", async () => {
    const found = notes(await judged("both-primaries-slow")).join();
    expect(found).not.toContain("cluster-require-full-coverage");
  });
});

describe("Valkey 9.1", () => {
  const WAY = ["suspected", "detected", "election", "voted", "promoted"];

  it(
    "the best-ranked replica asks at once: no delay is called unavoidable, and nothing stands before what " +
      "led to it",
    async () => {
      const { failovers } = await judged("cluster-failover-9-1");
      expect(failovers).toHaveLength(2);
      for (const failover of failovers) {
        expect(pathProblems(failover, WAY)).toEqual([]);
        const election = failover.phases.find(({ name }) => name === "election");
        expect(election?.governedBy).toMatchObject({
          value: "0 ms",
          note: expect.stringContaining("ranks best and asked for votes at once"),
        });
        expect(election?.governedBy?.unavoidableMs).toBeLessThan(50);
        expect(failover.unavoidableMs).toBeLessThan(2100); // the node time-out, and next to nothing else
      }
    },
  );

  it("so it is by our looks alone", async () => {
    const history = await recorded("cluster-failover-9-1");
    const { failovers } = judge(without(history, "log-event"));
    for (const failover of failovers) {
      expect(pathProblems(failover, ["suspected", "detected", "promoted"])).toEqual([]);
      expect(failover.unavoidableMs).toBeLessThan(2100);
      const detected = failover.phases.find(({ name }) => name === "detected");
      expect(detected).toMatchObject({ seenBy: "look" });
      expect(detected?.errorMs).toBeGreaterThan(0);
    }
  });

  it("logs that tell only of the election, and looks that tell the rest, make one order", async () => {
    const history = await recorded("cluster-failover-9-1");
    const events = history.events.filter(
      (event) =>
        event.type !== "observation" ||
        event.name !== "log-event" ||
        !["suspects", "failed"].includes((event.data as { event: string }).event),
    );
    for (const failover of judge({ ...history, events }).failovers)
      expect(pathProblems(failover, WAY)).toEqual([]);
  });
});
