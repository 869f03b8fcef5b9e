import { describe, expect, it } from "vitest";
import { factsOf } from "../facts.ts";
import {
  clusterFailover,
  clusterRun,
  type HandMadeRun,
  haFailoverWithoutLoad,
  haRun,
  okBy,
  REFUSED,
  withClusterStart,
  withHaStart,
} from "../history.test-data.ts";
import { holdersAt, longestWell, serversWell, supersededAt } from "./servers-well.ts";

const spansOf = (run: HandMadeRun) =>
  serversWell(factsOf(run.build())).map(({ from, to }) => [from / 1e6, to / 1e6]);
const failover = () => haFailoverWithoutLoad();

describe("the times in which the servers are well", () => {
  it("end with the fault, and begin again when Sentinel has named who was promoted", () => {
    expect(spansOf(failover())).toEqual([
      [5, 2000],
      [3600, 8000],
    ]);
  });

  it("do not begin again while nobody is promoted, or before the fault is undone", () => {
    const gone = withHaStart(haRun()).fault({ targets: ["primary"], atMs: 1000 });
    expect(spansOf(gone.node(1010, "primary", "reachable", "no").end(5000))).toEqual([[5, 1000]]);
    const slowed = withHaStart(haRun()).fault({
      ...{ fault: "slow", targets: ["primary>replica-1"], atMs: 1000, healAtMs: 3000, healedAtMs: 3010 },
    });
    expect(spansOf(slowed.end(5000))).toEqual([
      [5, 1000],
      [3010, 5000],
    ]);
  });

  it("go on while a fault has hold of others; but not if no Sentinel can be asked", () => {
    const replica = withHaStart(haRun()).fault({ targets: ["replica-1"], primaries: [], atMs: 1000 });
    expect(spansOf(replica.end(5000))).toEqual([[5, 5000]]);
    const targets = ["sentinel-1", "sentinel-2", "sentinel-3"];
    const mute = withHaStart(haRun()).fault({ targets, primaries: [], atMs: 1000 });
    expect(spansOf(mute.end(5000))).toEqual([[5, 1000]]);
  });

  it("need as many replicas as min-replicas-to-write asks for", () => {
    const run = withHaStart(haRun()).observe(500, "settings", { "min-replicas-to-write": "2" });
    run.node(1000, "replica-1", "link", "down").node(2000, "replica-1", "link", "up").end(5000);
    expect(spansOf(run)).toEqual([
      [5, 1000],
      [2000, 5000],
    ]);
  });

  it("do not count at the end where the nodes were found unsound", () => {
    const run = withHaStart(haRun()).finalNodes(4900, [{ node: "replica-1", role: "replica" }]);
    expect(spansOf(run.end(5000))).toEqual([]);
  });

  it("are those in which the drill's own client is answered, whatever the nodes say", () => {
    const run = failover().probe({
      from: 100,
      to: 7900,
      ends: (at) => (at >= 2000 && at < 6000 ? REFUSED : okBy(at < 2000 ? "primary" : "replica-1")),
    });
    expect(spansOf(run)).toEqual([
      [5, 1981],
      [6001, 8000],
    ]);
  });

  it("of a cluster need every shard", () => {
    const run = withClusterStart(clusterRun())
      .fault({ targets: ["node-1"], shards: [1], atMs: 2000 })
      .node(2010, "node-1", "reachable", "no")
      .node(4210, "node-2", "state", "fail")
      .node(5000, "node-4", "role", "primary")
      .node(5100, "node-2", "state", "ok")
      .end(8000);
    expect(spansOf(run)).toEqual([
      [5, 2000],
      [5100, 8000],
    ]);
    expect(spansOf(clusterFailover()).at(-1)?.[1]).toBe(8000);
  });
});

it("tells who holds the place of a primary, and who lost it", () => {
  const facts = factsOf(failover().build());
  expect(holdersAt(facts, 1e9)).toEqual(["primary"]);
  expect(holdersAt(facts, 4e9)).toEqual(["replica-1"]);
  expect(supersededAt(facts, "primary", 7e9)).toBe(3.4e9);
  expect(supersededAt(facts, "replica-1", 7e9)).toBeUndefined();
  expect(supersededAt(facts, "replica-2", 7e9)).toBeUndefined();
  expect(longestWell(facts, { from: 1e9, to: 4e9 })).toBe(1e9);
});
