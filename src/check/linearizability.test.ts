import { describe, expect, it } from "vitest";
import { factsOf } from "./facts.ts";
import {
  type Ending,
  type HandMadeRun,
  haFailoverWithoutLoad,
  haRun,
  OK,
  REFUSED,
  TIMED_OUT,
} from "./history.test-data.ts";
import { linearizability, registerOperations } from "./linearizability.ts";

const KEY = "register:a1b2c3:0";

type Did = [client: string, did: string, atMs: number, ending?: Ending];

/** `write v`, `read v` (what it returned), `cas v w`, `cas v w saw x`. */
function registers(run: HandMadeRun, did: readonly Did[]): HandMadeRun {
  for (const [client, text, atMs, ending = OK] of did) {
    const [f = "", first = "", second = "", , saw] = text.split(" ");
    const start = { client, workload: "register", key: KEY, f, shared: true } as const;
    const ends = (value?: string | null): Ending =>
      ending === "never" || ending.outcome !== "ok" ? ending : { ...ending, value };
    if (f === "read") run.operation(start, atMs, ends(first === "nothing" ? null : first));
    else if (f === "write") run.operation({ ...start, value: first }, atMs, ending);
    else {
      const answer = saw === undefined ? "true" : JSON.stringify({ saw });
      run.operation({ ...start, value: JSON.stringify([first, second]) }, atMs, ends(answer));
    }
  }
  return run;
}

const check = (run: HandMadeRun) => linearizability.check(factsOf(run.build()));
const quiet = (did: readonly Did[]) => registers(haRun(), did).end(9000);

describe("the operations of the workload", () => {
  it("become operations on registers, except what surely did not happen", () => {
    const facts = factsOf(
      quiet([
        ["r-1", "write 0-1", 10],
        ["r-2", "write 0-2", 20, REFUSED],
        ["r-3", "write 0-3", 30, TIMED_OUT],
        ["r-1", "cas 0-1 0-4", 40, "never"],
        ["r-4", "cas 0-1 0-5 saw 0-4", 50, { outcome: "ok", afterMs: 2, node: "replica-1" }],
        ["r-4", "read nothing", 60],
      ])
        .finally(KEY, "0-4")
        .build(),
    );
    const told = registerOperations(facts).map(({ process, action, returnedAt, node }) => [
      process,
      action,
      returnedAt / 1e6,
      node,
    ]);
    expect(told).toEqual([
      ["r-1", { f: "write", value: "0-1" }, 11, undefined],
      ["r-3", { f: "write", value: "0-3" }, Infinity, undefined],
      ["r-1", { f: "cas", from: "0-1", to: "0-4" }, Infinity, undefined],
      ["r-4", { f: "cas-refused", from: "0-1", saw: "0-4" }, 52, "replica-1"],
      ["r-4", { f: "read", value: null }, 61, undefined],
      ["inspection", { f: "read", value: "0-4" }, 9000, undefined],
    ]);
  });

  it("are no concern of it where another workload did them", () => {
    expect(linearizability.applies(factsOf(haRun().probe({ from: 0, to: 100 }).end(1000).build()))).toBe(
      false,
    );
    expect(linearizability.applies(factsOf(quiet([["r-1", "read nothing", 10]]).build()))).toBe(true);
  });
});

describe("a run without a failover", () => {
  it("passes if every answer fits one order", () => {
    const run = quiet([
      ["r-1", "write 0-1", 10],
      ["r-2", "cas 0-1 0-2", 20],
      ["r-3", "write 0-3", 25, TIMED_OUT],
      ["r-2", "cas 0-1 0-4 saw 0-2", 30],
      ["r-1", "read 0-2", 40],
      ["r-1", "read 0-3", 1200],
    ]);
    expect(check(run.finally(KEY, "0-3"))).toEqual({
      verdict: "pass",
      summary: "7 operations on 1 key: each key linearizable",
      evidence: { keys: 1, operations: 7 },
    });
  });

  it("fails for a stale read, and says who read what from whom", () => {
    const node = "replica-1";
    const run = quiet([
      ["r-1", "write 0-1", 10],
      ["r-1", "write 0-2", 20, { outcome: "ok", afterMs: 1, node: "primary" }],
      ["r-2", "read 0-1", 30, { outcome: "ok", afterMs: 1, node }],
    ]);
    const { verdict, summary, evidence } = check(run);
    expect({ verdict, reason: evidence.reason }).toEqual({ verdict: "fail", reason: "not-linearizable" });
    expect(summary).toContain(
      "r-2 read 0-1 at 31.0 ms, after r-1's write 0-2 had been acknowledged at 21.0 ms",
    );
    expect(evidence.tables).toMatchObject([
      {
        columns: ["process", "operation", "invoked", "returned", "answered by", "order"],
        rows: [
          ["r-1", "write 0-1", "10.0 ms", "11.0 ms", "–", 1],
          ["r-1", "write 0-2", "20.0 ms", "21.0 ms", "primary", 2],
          ["r-2", "read 0-1", "30.0 ms", "31.0 ms", "replica-1", "fits nowhere"],
        ],
      },
    ]);
  });

  it("fails for what stands there at the end, which nobody can have left there", () => {
    const run = quiet([
      ["r-1", "write 0-1", 10],
      ["r-1", "write 0-2", 20],
    ]);
    expect(check(run.finally(KEY, "0-2")).verdict).toBe("pass");
    const { verdict, summary } = check(run.finally(KEY, "0-1"));
    expect(verdict).toBe("fail");
    expect(summary).toContain("inspection read 0-1");
    expect(check(run.finally(KEY, undefined)).evidence.reason).toBe("nothing-read"); // nor by anybody else
  });

  it("fails for a compare-and-set that was refused for the very value that was there", () => {
    const run = quiet([
      ["r-1", "write 0-1", 10],
      ["r-1", "cas 0-1 0-2 saw 0-1", 20],
    ]);
    expect(check(run)).toMatchObject({ verdict: "fail", evidence: { reason: "not-linearizable" } });
  });
});

describe("a run in which no answer tells anything", () => {
  it.each<[what: string, did: Did[]]>([
    [
      "nothing was acknowledged",
      [
        ["r-1", "write 0-1", 10, TIMED_OUT],
        ["r-2", "read 0-1", 20, "never"],
      ],
    ],
    [
      "everything was refused",
      [
        ["r-1", "write 0-1", 10, REFUSED],
        ["r-2", "read 0-1", 20, REFUSED],
      ],
    ],
  ])("since %s, is unknown, whatever the inspection read at the end", (_, did) => {
    const run = quiet(did).finally(KEY, "0-1");
    expect(check(run)).toMatchObject({
      verdict: "unknown",
      summary: "nothing to judge: none of 2 operations was acknowledged",
      evidence: { reason: "nothing-acknowledged", operations: 2, acknowledged: 0 },
    });
  });

  it("since only writes were acknowledged, is unknown", () => {
    const run = quiet([["r-1", "write 0-1", 10]]);
    expect(check(run)).toMatchObject({ verdict: "unknown", evidence: { reason: "nothing-read" } });
  });
});

describe("a failover (promotion at 3400 ms)", () => {
  const before: Did[] = [
    ["r-1", "write 0-1", 1900],
    ["r-1", "write 0-2", 1990],
    ["r-2", "read 0-2", 1992],
  ];
  const run = (after: Did[]) => registers(haFailoverWithoutLoad(), [...before, ...after]);

  it("that loses nothing passes, though what was under way has no certain end", () => {
    const under: Did[] = [
      ["r-3", "write 0-3", 1999, TIMED_OUT],
      ["r-1", "cas 0-2 0-4", 2500, REFUSED],
      ["r-2", "read 0-2", 4000],
      ["r-2", "read 0-3", 4500],
    ];
    expect(check(run(under)).verdict).toBe("pass");
  });

  it("that loses an acknowledged write fails, and is called what it is", () => {
    const judged = check(run([["r-2", "read 0-1", 4000]]));
    expect(judged).toMatchObject({
      verdict: "fail",
      evidence: {
        reason: "acknowledged-writes-lost",
        promotion: { from: "primary", to: "replica-1", atMs: 3400 },
        stretches: [{ kind: "stale-read" }],
      },
    });
    expect(judged.summary).toMatch(
      /^acknowledged writes were lost when replica-1 took primary's place at 3400 ms: .* r-2 read 0-1 at 4001.0 ms/,
    );
  });

  it("that loses a write which was only read, never acknowledged, fails as well: the read was a dirty one", () => {
    const dirty = registers(haFailoverWithoutLoad(), [
      ["r-1", "write 0-1", 1900],
      ["r-3", "write 0-2", 1990, TIMED_OUT],
      ["r-2", "read 0-2", 1992],
      ["r-2", "read 0-1", 4000],
    ]);
    expect(check(dirty)).toMatchObject({ verdict: "fail", evidence: { reason: "acknowledged-writes-lost" } });
  });

  it("in which the old primary goes on taking writes fails, and says that there were two", () => {
    const two = run([
      ["r-3", "write 0-5", 3800, { outcome: "ok", afterMs: 1, node: "primary" }],
      ["r-2", "read 0-2", 4000, { outcome: "ok", afterMs: 1, node: "replica-1" }],
    ]);
    const { summary, evidence } = check(two);
    expect(evidence.reason).toBe("acknowledged-writes-lost");
    expect(summary).toMatch(
      /^acknowledged writes went to another node after replica-1 had taken primary's place/,
    );
  });

  it("has no part in a stale read before it, nor in one of the promoted node's own writes", () => {
    const early = registers(haFailoverWithoutLoad(), [...before, ["r-2", "read 0-1", 1996]]);
    expect(check(early).evidence.reason).toBe("not-linearizable");
    const node = "replica-1";
    const late = run([
      ["r-3", "write 0-5", 5000, { outcome: "ok", afterMs: 1, node }],
      ["r-2", "read 0-2", 5010, { outcome: "ok", afterMs: 1, node }],
    ]);
    expect(check(late).evidence.reason).toBe("not-linearizable");
  });
});
