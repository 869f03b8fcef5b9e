import { describe, expect, it } from "vitest";
import { durability } from "./durability.ts";
import { factsOf } from "./facts.ts";
import { type HandMadeRun, haFailoverWithoutLoad, haRun, okBy, withHaStart } from "./history.test-data.ts";
import { lossWindowsOf } from "./loss-window.ts";

const check = (run: HandMadeRun) => durability.check(factsOf(run.build()));
/** Cause, fault and number of each window. */
const causes = (run: HandMadeRun) =>
  lossWindowsOf(factsOf(run.build())).map(({ cause, fault, superseded = "", lost }) =>
    [cause, fault ? `${fault.fault} ${fault.id}` : superseded, lost].join(" "),
  );
const KILL = [{ from: "primary" }];
const BOTH = ["replica-1", "replica-2"];

function lost(run: HandMadeRun, key: string, atMs: number, by: string | undefined = "primary"): HandMadeRun {
  const ending = by === "" ? ({ outcome: "ok", afterMs: 1 } as const) : okBy(by);
  return run.operation({ f: "write", key, value: "v" }, atMs, ending).finally(key, null);
}

/** primary is killed at 2000, replica-1 promoted at 3400; replica-1 is killed at 7000, and comes back by itself. */
function twoLosses(): HandMadeRun {
  return haFailoverWithoutLoad()
    .watermark(1950, 1940, "primary", BOTH)
    .fault({ targets: ["replica-1"], atMs: 7000, healAtMs: 7500 })
    .node(7010, "replica-1", "reachable", "no");
}

describe("what took a lost write back", () => {
  it("is the first loss of its primary, if it was not seen on the node that took over", () => {
    expect(causes(lost(twoLosses(), "k", 1980))).toEqual(["primary-lost kill 1 1"]);
  });

  it("is the next loss, if the node that took over had it: two primaries lost after each other", () => {
    const run = lost(lost(lost(twoLosses(), "carried", 1900), "k", 1980), "later", 6900, "replica-1");
    expect(causes(run)).toEqual(["primary-lost kill 2 2", "primary-lost kill 1 1"]);
    expect(check(run)).toMatchObject({ verdict: "fail", evidence: { reason: "replicated-writes-lost" } });
  });

  it("is what came after the last time it was read, whatever the watermarks say", () => {
    const run = lost(twoLosses(), "k", 1980);
    const read = { outcome: "ok", afterMs: 1, value: "v" } as const;
    run.operation({ f: "read", key: "k" }, 6000, { ...read, node: "replica-1" });
    expect(causes(run)).toEqual(["primary-lost kill 2 1"]);
    // A primary that was superseded may still hold what is gone.
    const stale = lost(twoLosses(), "k", 1980);
    stale.operation({ f: "read", key: "k" }, 5200, { ...read, node: "primary" });
    expect(causes(stale)).toEqual(["primary-lost kill 1 1"]);
  });

  it("is that its primary had been superseded, and no kill that came later", () => {
    const run = lost(twoLosses(), "k", 5200);
    expect(causes(run)).toEqual(["superseded primary 1"]);
    const [only] = check(run).evidence.lost as object[];
    expect(only).toEqual({
      key: "k",
      acknowledgedAtMs: 5201,
      acknowledgedBeforeFaultMs: undefined,
      seenReplicated: false,
      cause: "superseded",
    });
  });

  it("is not known where nobody tells who acknowledged it, and a superseded primary was alive", () => {
    const run = lost(twoLosses(), "k", 5200, "");
    expect(causes(run)).toEqual(["unattributed primary 1"]);
    expect(check(run)).toMatchObject({ verdict: "unknown", evidence: { reason: "writes-not-attributed" } });
  });

  it("is a fault that removes data by itself, though nobody was lost; what came after it is not", () => {
    const flushed = () =>
      withHaStart(haRun()).fault({
        ...{ fault: "flush", targets: ["primary"], roles: [], losesData: "at-once" },
        ...{ atMs: 2000, injectedAtMs: 2050 },
      });
    expect(causes(lost(flushed(), "k", 1000).end(5000))).toEqual(["data-removed flush 1 1"]);
    const after = lost(flushed(), "k", 3000).end(5000);
    expect(causes(after)).toEqual(["unexplained  1"]);
    expect(check(after)).toMatchObject({
      verdict: "fail",
      summary: "1 acknowledged write gone, which no loss of a primary explains",
      evidence: { reason: "acknowledged-writes-lost" },
    });
  });

  it("is one that removes data as long as it is in force, until it is healed", () => {
    const evicting = { fault: "memory", targets: ["primary"], roles: [], losesData: "in-force" } as const;
    const run = withHaStart(haRun()).fault({ ...evicting, atMs: 2000, healAtMs: 4000, healedAtMs: 4010 });
    lost(lost(run, "during", 3000), "after", 4500).end(6000);
    expect(causes(run)).toEqual(["data-removed memory 1 1", "unexplained  1"]);
  });

  it("is no fault before it, and none that hit another node", () => {
    const before = withHaStart(haRun()).fault({
      targets: ["primary"],
      roles: KILL,
      atMs: 500,
      healAtMs: 800,
      healedAtMs: 900,
    });
    before.node(510, "primary", "reachable", "no");
    expect(causes(lost(before, "k", 1000).end(5000))).toEqual(["unexplained  1"]);
    const other = withHaStart(haRun()).fault({
      targets: ["replica-1"],
      primaries: [],
      roles: [],
      losesData: "in-force",
      atMs: 2000,
    });
    expect(causes(lost(other, "k", 1000).end(5000))).toEqual(["unexplained  1"]);
  });

  it("is left open, and no reason to fail, where a history does not tell what its faults do", () => {
    const old = withHaStart(haRun()).fault({ fault: "flush", targets: ["primary"], atMs: 2000 });
    expect(check(lost(old, "k", 1000).end(5000)).verdict).toBe("pass");
  });

  it("is told of each loss by its own name, where there are several", () => {
    const run = lost(lost(twoLosses(), "k", 1980), "later", 6990, "replica-1");
    expect(check(run).summary).toMatch(
      /lost: in the last 19 ms before kill primary \(.*\), not yet seen on a replica; in the last 9 ms before kill replica-1 \(/,
    );
  });
});
