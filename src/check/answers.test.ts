import { describe, expect, it } from "vitest";
import type { PhaseResult } from "../model/result.ts";
import { factsOf } from "./facts.ts";
import { failoversOf } from "./failover.ts";
import {
  clusterRun,
  type Ending,
  type HandMadeRun,
  haFailoverWithoutLoad,
  haRun,
  KEY_OF_SHARD,
  OK,
  okBy,
  TIMED_OUT,
  withClusterStart,
  withHaStart,
} from "./history.test-data.ts";

/* What the probe was answered divides the last phase: the servers' part is not the client's. */

const refused = (error: string, node?: string): Ending => ({ outcome: "fail", afterMs: 1, error, node });
const first = (run: HandMadeRun) => failoversOf(factsOf(run.build()))[0];
const path = (run: HandMadeRun) => first(run)?.phases.filter((one) => one.path) ?? [];
const names = (run: HandMadeRun) => path(run).map(({ name }) => name);
const phase = (run: HandMadeRun, name: string): PhaseResult | undefined =>
  first(run)?.phases.find((one) => one.name === name);
const sum = (run: HandMadeRun) => path(run).reduce((total, { tookMs }) => total + tookMs, 0);

/** Announced at 3600 ms; then this, until 6000. */
const ha = (ends: (at: number) => Ending, settings = {}) => {
  const { topology } = haRun().build().header;
  return haFailoverWithoutLoad({
    topology: { ...topology, settings: { ...topology.settings, ...settings } },
  }).probe({
    from: 100,
    to: 7900,
    ends: (at) => (at < 2000 || at >= 6000 ? OK : at < 3600 ? TIMED_OUT : ends(at)),
  });
};

describe("after a promotion", () => {
  it("the time in which servers refused is theirs, and unavoidable for the client", () => {
    const run = ha((at) => (at < 5600 ? refused("NOREPLICAS", "primary") : refused("ECONNREFUSED")), {
      "min-replicas-to-write": "1",
    });
    expect(names(run).slice(-2)).toEqual(["last NOREPLICAS", "first write"]);
    const last = phase(run, "last NOREPLICAS");
    expect(last).toMatchObject({ atMs: 3581, responsible: "servers", seenBy: "client" });
    expect(last?.governedBy).toMatchObject({
      setting: "min-replicas-to-write",
      value: "1",
      unavoidableMs: last?.tookMs,
      note: expect.stringContaining("replica-1 had been promoted in its place"),
    });
    expect(phase(run, "first write")).toMatchObject({ responsible: "client", tookMs: 420 });
    expect(sum(run)).toBeCloseTo(first(run)?.outageMs ?? 0, 1);
  });

  it("what the client waited for before a server answered is a step of its own, and the client's", () => {
    const run = ha((at) => (at < 4600 ? refused("ECONNREFUSED") : refused("LOADING", "replica-1")));
    expect(names(run).slice(-3)).toEqual(["first LOADING", "last LOADING", "first write"]);
    expect(phase(run, "first LOADING")).toMatchObject({ responsible: "client", atMs: 2601 });
    expect(phase(run, "first LOADING")?.governedBy?.unavoidableMs).toBe(0);
    expect(phase(run, "last LOADING")).toMatchObject({ responsible: "servers", tookMs: 1380 });
    expect(sum(run)).toBeCloseTo(first(run)?.outageMs ?? 0, 1);
  });

  it.each(["MASTERDOWN", "TRYAGAIN", "MISCONF", "OOM", "BUSY", "MAXCLIENTS", "CLUSTERDOWN"])(
    "%s is the servers'",
    (code) => {
      expect(
        phase(
          ha(() => refused(code, "replica-1")),
          `last ${code}`,
        ),
      ).toMatchObject({ responsible: "servers" });
    },
  );

  it.each(["ECONNREFUSED", "NOT-CONNECTED", "TIMEOUT", "CONNECTION-LOST", "NO-CLUSTER-NODE", "UNKNOWN"])(
    "%s is the client's",
    (code) => {
      const run = ha(() => refused(code));
      expect(names(run).filter((name) => name.startsWith("last "))).toEqual(["last success"]);
    },
  );

  it("READONLY is the client's once another was promoted: it could have asked", () => {
    expect(names(ha(() => refused("READONLY", "primary")))).not.toContain("last READONLY");
  });

  it("answers that came late are not put down to the client's search for a node", () => {
    const run = ha(() => ({ outcome: "ok", afterMs: 400, node: "replica-1" }));
    expect(phase(run, "last late answer")).toMatchObject({ responsible: "servers" });
    expect(phase(run, "last late answer")?.governedBy).toMatchObject({
      setting: null,
      unavoidableMs: null,
      note: expect.stringContaining("later than 250 ms"),
    });
  });

  it("a single answer of another kind does not part what was answered before and after it", () => {
    const run = ha((at) => (at === 4500 ? refused("CONNECTION-LOST") : refused("LOADING", "replica-1")));
    expect(names(run).filter((name) => name.endsWith("LOADING"))).toEqual(["last LOADING"]);
  });

  it("two times of refusal are told apart, and so is what lay between", () => {
    const run = ha((at) =>
      at >= 4400 && at < 5200 ? refused("ECONNREFUSED") : refused("LOADING", "replica-1"),
    );
    expect(names(run).slice(-4)).toEqual([
      "last LOADING",
      "first LOADING (2)",
      "last LOADING (2)",
      "first write",
    ]);
    expect(sum(run)).toBeCloseTo(first(run)?.outageMs ?? 0, 1);
  });

  it("other faults that were in force meanwhile are named", () => {
    const run = ha(() => refused("NOREPLICAS", "replica-1")).fault({
      fault: "pause",
      targets: ["replica-2"],
      primaries: [],
      atMs: 3700,
      healAtMs: 5000,
      healedAtMs: 5001,
    });
    expect(phase(run, "last NOREPLICAS")?.governedBy?.note).toMatch(/in force meanwhile: .*pause replica-2/);
  });
});

it("that no Sentinel answered is not the client's part", () => {
  const quorum = (run: HandMadeRun, atMs: number, reachable: boolean) => {
    for (const sentinel of ["sentinel-1", "sentinel-2", "sentinel-3"])
      run.observe(atMs, "sentinel-quorum", { sentinel, at: atMs * 1e6, reachable });
    return run;
  };
  const run = () => ha((at) => (at < 5600 ? refused("NOT-CONNECTED") : refused("ECONNREFUSED")));
  expect(names(quorum(run(), 10, true))).not.toContain("last NO-SENTINEL");
  const gone = quorum(quorum(quorum(run(), 10, true), 3600, false), 5500, true);
  expect(phase(gone, "last NO-SENTINEL")).toMatchObject({ responsible: "servers", atMs: 3481 });
});

describe("a primary of a cluster that was restarted, and nobody in its place", () => {
  const restarted = (ends: (at: number) => Ending) =>
    withClusterStart(clusterRun())
      .fault({ fault: "restart", targets: ["node-1"], shards: [1], atMs: 2000, healedAtMs: 2050 })
      .node(2010, "node-1", "reachable", "no")
      .node(2060, "node-1", "reachable", "yes")
      .node(2060, "node-1", "state", "fail")
      .node(4060, "node-1", "state", "ok")
      .probe({ from: 100, to: 7900, key: (n) => `{${KEY_OF_SHARD[0]}}:${n}`, ends })
      .end(8000);
  const down = (at: number) => (at < 2000 || at >= 4100 ? okBy("node-1") : refused("CLUSTERDOWN", "node-1"));
  const began = (run: HandMadeRun) => run.observe(2070, "process-began", { node: "node-1", at: 2060e6 });

  it("takes no commands for 2 s, which no setting turns: neither the client's nor full coverage's", () => {
    const run = began(restarted(down));
    expect(phase(run, "last CLUSTERDOWN")?.governedBy).toMatchObject({
      setting: null,
      note: expect.stringContaining("CLUSTER_WRITABLE_DELAY"),
    });
    expect(first(run)?.unavoidableMs).toBeGreaterThan(1900);
  });

  it("its own word counts where the client did not come to ask", () => {
    const run = began(
      restarted((at) => (at < 2000 || at >= 4500 ? okBy("node-1") : refused("ECONNREFUSED"))),
    );
    expect(phase(run, "last CLUSTERDOWN")).toMatchObject({
      atMs: 2060,
      seenBy: "look",
      responsible: "servers",
    });
    expect(phase(run, "last CLUSTERDOWN")?.governedBy?.note).toContain("would have answered");
    expect(phase(run, "first write")).toMatchObject({ responsible: "client", tookMs: 441 });
  });

  it("no cause is named for which nothing was seen", () => {
    expect(phase(restarted(down), "last CLUSTERDOWN")?.governedBy).toMatchObject({ setting: null });
    const misses = restarted(down).topology(2060, { source: "node-1", event: "slots", to: "10923" });
    expect(phase(misses, "last CLUSTERDOWN")?.governedBy).toMatchObject({
      setting: "cluster-require-full-coverage",
      value: "yes",
    });
  });
});

it("what a primary answered whose pause ended before it was replaced is the drill's, then the client's", () => {
  const run = withHaStart(haRun())
    .fault({ fault: "pause", targets: ["primary"], atMs: 2000, healAtMs: 2790, healedAtMs: 2800 })
    .node(2410, "primary", "reachable", "no")
    .probe({ from: 100, to: 4900, ends: (at) => (at >= 2000 && at < 2800 ? TIMED_OUT : OK) })
    .end(5000);
  expect(path(run).map(({ name, responsible }) => [name, responsible])).toEqual([
    ["last success", "client"],
    ["fault", "drill"],
    ["healed", "drill"],
    ["first write", "client"],
  ]);
});
