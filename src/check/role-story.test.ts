import { describe, expect, it } from "vitest";
import { detachedPrimaries } from "./detached.ts";
import { factsOf } from "./facts.ts";
import {
  clusterRun,
  type HandMadeRun,
  haRun,
  okBy,
  withClusterStart,
  withHaStart,
} from "./history.test-data.ts";
import { judge } from "./judge.ts";
import { promotionsSeen } from "./promotions-seen.ts";
import { roleStory } from "./role-story.ts";
import { supersededPrimaries } from "./split-brain.ts";

const facts = (run: HandMadeRun) => factsOf(run.build());
const promoted = (run: HandMadeRun) =>
  promotionsSeen(facts(run)).map(({ from, to, at }) => `${from} > ${to} ${at / 1e6}`);
const detached = (run: HandMadeRun) =>
  roleStory(facts(run)).detachments.map(
    ({ node, at, endedAt }) => `${node} ${at / 1e6}-${endedAt === undefined ? "" : endedAt / 1e6}`,
  );

/** Both replicas tell whom they follow. */
const told = (changes = {}) =>
  withHaStart(haRun(changes))
    .node(6, "replica-1", "follows", "primary")
    .node(6, "replica-2", "follows", "primary");
const DETACH = {
  fault: "detach",
  targets: ["replica-1"],
  primaries: [],
  roles: [{ detached: "replica-1" }],
} as const;
const REPLICA_1 = "slave 127.0.0.1:20001 127.0.0.1 20001 @ drill 127.0.0.1 20000";

describe("in HA, a replica that calls itself primary", () => {
  it("is detached where nobody else holds it to be the primary", () => {
    const run = told()
      .node(2000, "replica-1", "role", "primary")
      .node(5000, "replica-1", "role", "replica")
      .end(9000);
    expect(promoted(run)).toEqual([]);
    expect(detached(run)).toEqual(["replica-1 2000-5000"]);
    expect(supersededPrimaries(facts(run))).toEqual([]);
  });

  it.each([
    ["selected it before", 1900, `+selected-slave ${REPLICA_1}`],
    ["saw it promoted later", 3000, `+promoted-slave ${REPLICA_1}`],
    ["names it later", 3000, "+switch-master drill 127.0.0.1 20000 127.0.0.1 20001"],
    ["names somebody whose address nobody knows", 3000, "+switch-master drill a 1 b 2"],
  ])("was promoted if a Sentinel %s", (_, atMs, words) => {
    const run = told().node(2000, "replica-1", "role", "primary").sentinel(atMs, words).end(9000);
    expect(promoted(run)).toEqual(["primary > replica-1 2000"]);
    expect(detached(run)).toEqual([]);
  });

  it("was promoted if another node begins to follow it, but not if one did all the time", () => {
    const begins = told()
      .node(2000, "replica-1", "role", "primary")
      .node(3000, "replica-2", "follows", "replica-1")
      .end(9000);
    expect(promoted(begins)).toEqual(["primary > replica-1 2000"]);
    const chained = told()
      .node(1000, "replica-2", "follows", "replica-1")
      .node(2000, "replica-1", "role", "primary")
      .node(2500, "replica-2", "follows", "replica-1") // told again after it was not reachable
      .end(9000);
    expect(promoted(chained)).toEqual([]);
  });

  it("is not promoted by what a Sentinel says of another, nor by a failover that was called off", () => {
    const another = told()
      .node(2000, "replica-1", "role", "primary")
      .sentinel(3000, "+switch-master drill 127.0.0.1 20000 127.0.0.1 20002")
      .end(9000);
    expect(detached(another)).toEqual(["replica-1 2000-"]);
    const calledOff = told()
      .sentinel(1000, `+selected-slave ${REPLICA_1}`)
      .sentinel(1100, "-failover-abort-slave-timeout master drill 127.0.0.1 20000")
      .node(2000, "replica-1", "role", "primary")
      .end(9000);
    expect(detached(calledOff)).toEqual(["replica-1 2000-"]);
  });

  it("that a fault detached is promoted only from when others said so", () => {
    const run = told()
      .fault({ ...DETACH, atMs: 1900 })
      .node(2000, "replica-1", "role", "primary")
      .sentinel(6000, "+switch-master drill 127.0.0.1 20000 127.0.0.1 20001")
      .end(9000);
    expect(detached(run)).toEqual(["replica-1 2000-6000"]);
    expect(promoted(run)).toEqual(["primary > replica-1 6000"]);
    expect(supersededPrimaries(facts(run)).map(({ node, promotedAt }) => [node, promotedAt / 1e6])).toEqual([
      ["primary", 6000],
    ]);
  });

  it("stays detached when it is seen again, and may be promoted another time", () => {
    const run = told()
      .node(2000, "replica-1", "role", "primary")
      .node(2500, "replica-1", "reachable", "no")
      .node(2600, "replica-1", "role", "primary")
      .node(3000, "replica-1", "role", "replica")
      .sentinel(4000, `+selected-slave ${REPLICA_1}`)
      .node(4100, "replica-1", "role", "primary")
      .end(9000);
    expect(detached(run)).toEqual(["replica-1 2000-3000"]);
    expect(promoted(run)).toEqual(["primary > replica-1 4100"]);
  });

  it("was promoted by its own word where the history does not tell who follows whom", () => {
    const run = withHaStart(haRun()).node(2000, "replica-1", "role", "primary").end(9000);
    expect(promoted(run)).toEqual(["primary > replica-1 2000"]);
  });
});

describe("in a cluster, a replica that calls itself primary", () => {
  const claims = (ownSlots: number) =>
    withClusterStart(clusterRun())
      .topology(2000, { source: "node-4", event: "role", subject: "node-4", to: "primary", ownSlots })
      .end(9000);
  it("was promoted if it serves slots, and is detached if it serves none", () => {
    expect(promoted(claims(5461))).toEqual(["node-1 > node-4 2000"]);
    expect(promoted(claims(0))).toEqual([]);
    expect(detached(claims(0))).toEqual(["node-4 2000-"]);
    expect(supersededPrimaries(facts(claims(0)))).toEqual([]);
  });

  it("without slots was promoted if a fault that had asked for it saw it take over", () => {
    const roles = [{ from: "node-1", to: "node-4", by: "node-4" }];
    const run = claims(0).fault({
      fault: "failover",
      targets: ["node-4"],
      primaries: [],
      roles,
      atMs: 1900,
      injectedAtMs: 2050,
    });
    expect(promoted(run)).toEqual(["node-1 > node-4 2000"]);
  });
});

const SAME = { keys: 3, digest: "d1" };

describe("a detached replica", () => {
  const run = (byReplica: boolean, splitBrain = {}) => {
    const made = told({ expect: { promoted: false, splitBrain } })
      .fault({ ...DETACH, atMs: 1900, healAtMs: 5000, healedAtMs: 5010 })
      .node(2000, "replica-1", "role", "primary")
      .node(5005, "replica-1", "role", "replica")
      .probe({ from: 100, to: 7000, ends: () => okBy("primary") })
      .watermark(6900, 6890, "primary", ["replica-1", "replica-2"])
      .finalNodes(7950, [
        { node: "primary", role: "primary", ...SAME },
        { node: "replica-1", role: "replica", follows: "primary", ...SAME },
        { node: "replica-2", role: "replica", follows: "primary", ...SAME },
      ])
      .end(8000);
    if (byReplica)
      for (const n of [0, 1, 2]) {
        made.operation({ f: "write", key: `astray:${n}`, value: "v" }, 3000 + n * 100, okBy("replica-1"));
        made.finally(`astray:${n}`, null);
      }
    return judge(made.build());
  };
  const check = (name: string, ...args: Parameters<typeof run>) =>
    run(...args).checks.find((one) => one.name === name);

  it("that nobody wrote to is no promotion and no split brain, and is told", () => {
    expect(run(false).checks.filter(({ verdict, name }) => verdict !== "pass" && name !== "steps")).toEqual(
      [],
    );
    expect(run(false).needlessFailovers).toBe(0);
    expect(check("topology", false)?.summary).toMatch(
      /replica-1 called itself primary for 3.0\d s after it had left primary, in nobody's place, and took no write$/,
    );
  });

  it("that clients wrote to is a split brain, and what it took is lost for that", () => {
    expect(check("promotion", true)?.verdict).toBe("pass");
    expect(check("topology", true)).toMatchObject({
      verdict: "fail",
      evidence: { reason: "split-brain" },
      summary: expect.stringContaining("in nobody's place, and took 3 writes (limit: 0 writes)"),
    });
    expect(check("durability", true)).toMatchObject({
      verdict: "pass",
      evidence: { lossWindows: [{ cause: "detached", detached: "replica-1", lost: 3 }] },
      summary: expect.stringContaining("3 taken by replica-1, which was detached"),
    });
    expect(check("topology", true, { writes: 3 })?.verdict).toBe("pass");
    expect(check("topology", true, { writes: 3, ms: 100 })?.verdict).toBe("fail"); // from 3001 to 3201
  });

  it("whose writes nobody can tell from the primary's is unknown", () => {
    const made = told({ expect: { promoted: false } })
      .node(2000, "replica-1", "role", "primary")
      .probe({ from: 100, to: 7000 })
      .finalNodes(7950, [{ node: "primary", role: "primary" }])
      .end(8000);
    expect(detachedPrimaries(facts(made))[0]?.unattributed.length).toBeGreaterThan(100);
    expect(judge(made.build()).checks.find(({ name }) => name === "topology")).toMatchObject({
      verdict: "unknown",
      evidence: { reason: "writes-not-attributed" },
    });
  });
});
