import { describe, expect, it } from "vitest";
import { covered } from "./coverage.ts";
import { durability } from "./durability.ts";
import { factsOf } from "./facts.ts";
import {
  clusterRun,
  type HandMadeRun,
  haFailoverWithoutLoad,
  haRun,
  TIMED_OUT,
  withHaStart,
} from "./history.test-data.ts";
import { lossWindowsOf } from "./loss-window.ts";

const windows = (run: HandMadeRun) => lossWindowsOf(factsOf(run.build()));

/** Each write is acknowledged 1 ms after it was sent. */
function write(run: HandMadeRun, key: string, atMs: number, fate: "lost" | "survived"): void {
  run.operation({ f: "write", key, value: "1" }, atMs);
  if (fate === "lost") run.finally(key, null);
}

/** The primary is killed at 2000 ms. */
function lateLosses(): HandMadeRun {
  const run = haFailoverWithoutLoad().watermark(1950, 1940, "primary", ["replica-1", "replica-2"]);
  write(run, "early", 1900, "survived");
  write(run, "first", 1979, "lost");
  write(run, "between", 1985, "survived");
  write(run, "last", 1994, "lost");
  write(run, "after", 1997, "survived");
  run.operation({ f: "write", key: "unknown", value: "1" }, 1990, TIMED_OUT);
  return run;
}

describe("the loss window", () => {
  it("runs from the first to the last acknowledgement that is lost, with all that was acknowledged in it", () => {
    expect(windows(lateLosses())).toEqual([
      {
        cause: "primary-lost",
        fault: expect.objectContaining({ id: 1, fault: "kill" }),
        shard: undefined,
        firstBeforeFaultMs: 20,
        lastBeforeFaultMs: 5,
        firstAtMs: 1980,
        lastAtMs: 1995,
        replicated: 0,
        lengthMs: 15,
        lost: 2,
        acknowledged: 3,
      },
    ]);
  });

  it("stands in the evidence of durability as numbers, and in its summary", () => {
    const found = covered(durability, factsOf(lateLosses().build()));
    expect(found).toMatchObject({
      verdict: "pass",
      evidence: {
        lossWindows: [
          {
            fault: "kill primary",
            faultAtMs: 2000,
            firstBeforeFaultMs: 20,
            lastBeforeFaultMs: 5,
            lengthMs: 15,
            lost: 2,
            acknowledged: 3,
          },
        ],
        tables: [{ rows: [["kill primary", "20 ms before", "5 ms before", 2, 3]] }],
      },
    });
    expect(found.summary).toBe(
      "2 of 5 writes acknowledged lost: in the last 20 ms before the fault (window of 15 ms: 2 lost of 3 " +
        "acknowledged), not yet seen on a replica",
    );
  });

  it("is not there where nothing is lost", () => {
    expect(windows(haFailoverWithoutLoad())).toEqual([]);
    expect(covered(durability, factsOf(haFailoverWithoutLoad().build())).evidence).not.toHaveProperty(
      "lossWindows",
    );
  });

  it("reaches beyond the fault where an answer was read after it", () => {
    const run = lateLosses();
    write(run, "read-late", 2001, "lost");
    expect(windows(run)).toMatchObject([
      { firstBeforeFaultMs: 20, lastBeforeFaultMs: -2, lost: 3, acknowledged: 5 },
    ]);
    expect(covered(durability, factsOf(run.build())).evidence).toMatchObject({
      tables: [{ rows: [["kill primary", "20 ms before", "2 ms after", 3, 5]] }],
    });
  });

  it("is told as after the fault where all of it was, as of a primary that is cut off and goes on", () => {
    const run = haFailoverWithoutLoad();
    write(run, "late-1", 2180, "lost");
    write(run, "late-2", 2190, "lost");
    expect(covered(durability, factsOf(run.build())).summary).toContain(
      "lost: from 181 ms after the fault on (",
    );
  });

  it("is each shard's own, and each fault's own", () => {
    const run = clusterRun()
      .fault({ targets: ["node-1", "node-2"], shards: [1, 2], atMs: 2000, healAtMs: 2900, healedAtMs: 3000 })
      .fault({ targets: ["node-4"], shards: [1], atMs: 6000 })
      .node(2010, "node-1", "reachable", "no")
      .node(2010, "node-2", "reachable", "no")
      .node(2500, "node-4", "role", "primary")
      .node(6010, "node-4", "reachable", "no")
      .end(8000);
    write(run, "{b}:1", 1989, "lost"); // shard 1
    write(run, "{b}:2", 1994, "lost");
    write(run, "{c}:1", 1991, "survived"); // shard 2: not in the window of shard 1
    write(run, "{c}:2", 1996, "lost");
    write(run, "{b}:3", 5989, "lost");
    expect(
      windows(run).map(({ fault, shard, lost, acknowledged, lengthMs }) => [
        fault?.id,
        shard,
        lost,
        acknowledged,
        lengthMs,
      ]),
    ).toEqual([
      [1, 1, 2, 2, 5],
      [1, 2, 1, 1, 0],
      [2, 1, 1, 1, 0],
    ]);
  });

  it("is its own for what a superseded primary took", () => {
    const run = lateLosses();
    const taken = { outcome: "ok", afterMs: 1, node: "primary" } as const;
    run.operation({ f: "write", key: "taken", value: "1" }, 5100, taken).finally("taken", null); // it is back at 4995
    expect(windows(run)).toMatchObject([
      { cause: "primary-lost", fault: { id: 1 }, lost: 2 },
      { cause: "superseded", superseded: "primary", lost: 1 },
    ]);
    expect(covered(durability, factsOf(run.build()))).toMatchObject({
      verdict: "pass",
      summary: expect.stringContaining("not yet seen on a replica; 1 taken by primary, which was superseded"),
    });
  });

  it("has no fault where no primary was lost", () => {
    const run = withHaStart(haRun()).end(3000);
    write(run, "gone", 1000, "lost");
    expect(windows(run)).toMatchObject([{ fault: undefined, firstBeforeFaultMs: undefined, lost: 1 }]);
  });
});
