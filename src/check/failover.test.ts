import { describe, expect, it } from "vitest";
import type { ClientEventData, LogEventData } from "../model/observed.ts";
import { factsOf } from "./facts.ts";
import { failoversOf, worstOf } from "./failover.ts";
import {
  clusterFailover,
  type HandMadeRun,
  haFailover,
  haFailoverWithoutLoad,
  haRun,
  OK,
  REFUSED,
  withHaStart,
} from "./history.test-data.ts";
import { judge } from "./judge.ts";

const failovers = (run: HandMadeRun) => failoversOf(factsOf(run.build()));
const timesOf = (run: HandMadeRun) =>
  Object.fromEntries(failovers(run)[0]?.phases.map(({ name, atMs }) => [name, atMs]) ?? []);
const phase = (run: HandMadeRun, name: string) => failovers(run)[0]?.phases.find((one) => one.name === name);
const log = (data: Omit<LogEventData, "errorMs" | "at"> & { readonly atMs: number }) => {
  const { atMs, ...rest } = data;
  return { ...rest, at: atMs * 1e6, errorMs: 1 } satisfies LogEventData;
};
const client = (atMs: number, event: ClientEventData["event"], node?: string): ClientEventData => ({
  at: atMs * 1e6,
  client: "main",
  role: "primary",
  event,
  node,
});

describe("the phases of a failover", () => {
  it("of HA come from Sentinel's events, the nodes' roles and links, and the probe", () => {
    expect(timesOf(haFailover())).toEqual({
      "last success": -19,
      fault: 0,
      "first error": 1,
      suspected: 1000,
      detected: 1020,
      voted: 1050,
      elected: 1100,
      promoted: 1400,
      announced: 1600,
      "replicas back": 1700,
      "first write": 1801,
      "first read": 1811,
      healed: 3000,
      "all replicas back": 3600, // not 3500, when it was a replica whose link was down
    });
  });

  it("of a cluster come from the nodes' flags and states", () => {
    expect(timesOf(clusterFailover())).toEqual({
      "last success": -19,
      fault: 0,
      "first error": 1,
      suspected: 2000,
      detected: 2200,
      promoted: 3000,
      "replicas back": 3000, // nobody but the lost one had a broken link
      "all slots served": 3100, // by the last of the nodes to say so
      "first write": 3201,
      "first read": 3211,
      healed: 4000,
      "all replicas back": 4300,
    });
  });

  it("stand in the order in which they came", () => {
    for (const run of [haFailover(), clusterFailover()]) {
      const times = Object.values(timesOf(run));
      expect(times).toEqual([...times].sort((a, b) => a - b));
    }
  });

  it("that never came are left out", () => {
    const run = withHaStart(haRun())
      .fault({ targets: ["primary"], atMs: 1000 })
      .node(1010, "primary", "reachable", "no")
      .sentinel(2000, "+sdown master drill 127.0.0.1 20000")
      .end(5000);
    expect(timesOf(run)).toEqual({ fault: 0, suspected: 1000 });
  });

  it("do not take what Sentinel says of a replica, or of another node, for a word about the primary", () => {
    const run = withHaStart(haRun())
      .fault({ targets: ["primary"], atMs: 1000 })
      .node(1010, "primary", "reachable", "no")
      .sentinel(1500, "+sdown slave 127.0.0.1:20001 127.0.0.1 20001 @ drill 127.0.0.1 20000")
      .sentinel(1600, "+odown master drill 127.0.0.1 20002 #quorum 2/2")
      .end(5000);
    expect(timesOf(run)).toEqual({ fault: 0 });
  });

  it("of two faults are each its own", () => {
    const run = haFailoverWithoutLoad()
      .fault({ targets: ["replica-1"], atMs: 6000 })
      .node(6010, "replica-1", "reachable", "no")
      .sentinel(7000, "+sdown master drill 127.0.0.1 20001")
      .node(7300, "primary", "role", "primary");
    const found = failovers(run);
    const suspected = found.map(({ phases }) => phases.find(({ name }) => name === "suspected")?.atMs);
    expect(suspected).toEqual([1000, 1000]);
    expect(found.map(({ promoted }) => promoted)).toEqual([
      { from: "primary", to: "replica-1" },
      { from: "replica-1", to: "primary" },
    ]);
  });

  it("take from a node's log what our looks cannot see, and what they see late", () => {
    const run = clusterFailover()
      .observe(
        7960,
        "log-event",
        log({ node: "node-4", atMs: 4205, event: "election-delayed", delayMs: 742, fixedMs: 500 }),
      )
      .observe(7960, "log-event", log({ node: "node-5", atMs: 4900, event: "election-started" })) // another shard's
      .observe(7960, "log-event", log({ node: "node-4", atMs: 4950, event: "election-started" }))
      .observe(7960, "log-event", log({ node: "node-2", atMs: 4949, event: "vote-granted" }))
      .observe(7960, "log-event", log({ node: "node-4", atMs: 4960, event: "promoted" }))
      .observe(7960, "log-event", log({ node: "node-1", atMs: 5995, event: "restarted" }));
    expect(timesOf(run)).toMatchObject({ election: 2950, voted: 2950, promoted: 2960, restarted: 4000 });
    expect(phase(run, "promoted")?.seenBy).toBe("log");
    expect(phase(run, "healed")).toBeUndefined();
    // Of 750 ms since it was seen to have failed, 500 are the server's own, counted from when it said so.
    expect(phase(run, "election")).toMatchObject({
      tookMs: 750,
      governedBy: { setting: null, value: "742 ms", unavoidableMs: 505 },
    });
  });

  it("take from the client when it could send to the new primary, and not to any other", () => {
    const run = haFailover({
      client: { name: "c", version: "1", recovery: { setting: "backoff", value: "20–250 ms" } },
    })
      .observe(2004, "client-event", client(2004, "lost", "primary"))
      .observe(2005, "client-event", client(2005, "reconnecting"))
      .observe(3610, "client-event", client(3610, "ready", "replica-2"))
      .observe(3750, "client-event", client(3750, "ready", "replica-1"));
    expect(timesOf(run)).toMatchObject({ "first retry": 5, reconnected: 1750 });
    expect(phase(run, "reconnected")).toMatchObject({
      path: true,
      since: "announced",
      tookMs: 150,
      governedBy: { setting: "backoff", value: "20–250 ms" },
    });
  });

  it("name no setting of the client while another fault held the new primary", () => {
    const recovery = { setting: "backoff", value: "20–250 ms" };
    const run = () => haFailover({ client: { name: "c", version: "1", recovery } });
    expect(phase(run(), "first write")?.governedBy).toMatchObject(recovery);
    const held = run().fault({
      fault: "pause",
      targets: ["replica-1"],
      atMs: 3620,
      healAtMs: 3790,
      healedAtMs: 3795,
    });
    expect(phase(held, "first write")?.governedBy).toMatchObject({ setting: null, value: null });
    expect(phase(held, "first write")?.governedBy?.note).toContain("in force meanwhile: pause replica-1");
  });

  it("take no replica for back that is linked to the primary that stands still, or that calls itself primary", () => {
    const moved = (run: HandMadeRun) =>
      timesOf(run.node(3900, "replica-2", "follows", "replica-1"))["replicas back"];
    const paused = () =>
      withHaStart(haRun({ expect: { promoted: true } }))
        .fault({ fault: "pause", targets: ["primary"], atMs: 2000 })
        .node(3400, "replica-1", "role", "primary");
    expect(moved(paused().node(5, "replica-2", "follows", "primary"))).toBe(1900);
    const detached = paused().node(1500, "replica-2", "role", "primary");
    expect(moved(detached.node(3900, "replica-2", "role", "replica"))).toBe(1900);
  });

  it("count the return of replicas as on the way only where writes need them", () => {
    expect(phase(haFailover(), "replicas back")).toMatchObject({
      path: false,
      since: "promoted",
      tookMs: 300,
    });
    expect(phase(haFailover({ waitReplicas: 1 }), "replicas back")).toMatchObject({
      path: true,
      governedBy: { setting: "waitReplicas", value: "1" },
    });
    for (const name of ["min-replicas-to-write", "min-slaves-to-write"]) {
      const set = haFailover().observe(50, "settings", { [name]: "1" });
      expect(phase(set, "replicas back")).toMatchObject({
        path: true,
        governedBy: { setting: "min-replicas-to-write", value: "1" },
      });
    }
  });
});

describe("the path", () => {
  it.each([
    ["HA", haFailover()],
    ["a cluster", clusterFailover()],
  ])("adds up to the outage in %s", (_, run) => {
    const result = judge(run.build());
    const { phases, outageMs } = result.failover;
    const path = phases.filter((one) => one.path);
    expect(path[0]?.name).toBe("last success");
    expect(path.at(-1)?.name).toBe("first write");
    expect(path.reduce((sum, { tookMs }) => sum + tookMs, 0)).toBeCloseTo(outageMs as number, 1);
    expect(outageMs).toBe(result.outage.writeMs);
    path.slice(1).forEach(({ since }, index) => {
      expect(since).toBe(path[index]?.name);
    });
  });

  it("begins at the last success, where the service went on after the fault", () => {
    // Cut off from the others, the primary goes on for 1.2 s; the Sentinels need 1 s.
    const run = haFailoverWithoutLoad().probe({
      from: 100,
      to: 7900,
      ends: (at) => (at >= 3200 && at < 3800 ? REFUSED : OK),
    });
    const path = failovers(run)[0]?.phases.filter((one) => one.path) ?? [];
    expect(path.map(({ name }) => name)).toEqual(["last success", "promoted", "announced", "first write"]);
    expect(path[0]).toMatchObject({ atMs: 1181, tookMs: 0, since: null });
    expect(phase(run, "suspected")).toMatchObject({ path: false, since: "fault" });
    expect(path.reduce((sum, { tookMs }) => sum + tookMs, 0)).toBe(620);
  });

  it("leads to the healing where nobody was promoted", () => {
    const run = withHaStart(haRun())
      .fault({ fault: "pause", targets: ["primary"], atMs: 2000, healAtMs: 2790, healedAtMs: 2800 })
      .node(2410, "primary", "reachable", "no")
      .probe({ from: 100, to: 4900, ends: (at) => (at >= 2000 && at < 2800 ? REFUSED : OK) })
      .end(5000);
    const [failover] = failovers(run);
    expect(failover?.phases.filter((one) => one.path).map(({ name }) => name)).toEqual([
      "last success",
      "fault",
      "healed", // a pause: nothing was started again
      "first write",
    ]);
    expect(failover).toMatchObject({ promoted: null, outageMs: 820, unavoidableMs: 800 });
  });

  it("is empty where nothing failed, and has no end where nothing recovered", () => {
    const undisturbed = haFailoverWithoutLoad().probe({ from: 100, to: 7900 });
    expect(failovers(undisturbed)[0]).toMatchObject({ outageMs: 0 });
    expect(failovers(undisturbed)[0]?.phases.filter((one) => one.path)).toEqual([]);
    const open = haFailoverWithoutLoad().probe({
      from: 100,
      to: 7900,
      ends: (at) => (at < 2000 ? OK : REFUSED),
    });
    expect(failovers(open)[0]?.outageMs).toBeNull();
    expect(phase(open, "first write")).toBeUndefined();
    expect(phase(open, "announced")?.path).toBe(true);
  });
});

describe("what governs a phase", () => {
  const detection = (run: HandMadeRun) => phase(run, "suspected")?.governedBy;

  it("is the setting in force when the fault came, and no more of the step is unavoidable than it took", () => {
    expect(detection(haFailover())).toMatchObject({
      setting: "down-after-milliseconds",
      value: "1000 ms",
      unavoidableMs: 1000,
    });
    const changed = clusterFailover().observe(1000, "settings", { "cluster-node-timeout": "1500" });
    expect(detection(changed)).toMatchObject({
      setting: "cluster-node-timeout",
      value: "1500 ms",
      unavoidableMs: 1500,
    });
    const slower = clusterFailover().observe(1000, "settings", { "cluster-node-timeout": "9000" });
    expect(detection(slower)?.unavoidableMs).toBe(2000);
    const later = clusterFailover().observe(2500, "settings", { "cluster-node-timeout": "1500" });
    expect(detection(later)?.value).toBe("2000 ms");
  });

  it("adds up to what the settings make unavoidable of the path", () => {
    expect(failovers(haFailover())[0]?.unavoidableMs).toBe(1000);
    // Without a log: the time-out, and the half second that every replica waits.
    expect(failovers(clusterFailover())[0]?.unavoidableMs).toBe(2500);
  });
});

describe("a replica that was told to take over", () => {
  it("asked for no vote: it was promoted before the others agreed that its primary had failed", () => {
    const { events, ...history } = clusterFailover().build();
    const agreed = (event: (typeof events)[number]) =>
      event.type === "topology" && event.event === "flag" && event.to === "fail";
    expect(events.filter(agreed)).toHaveLength(1);
    const late = events
      .map((event) => (agreed(event) ? { ...event, at: 5.03e9 } : event))
      .toSorted((a, b) => a.at - b.at);
    const [failover] = failoversOf(factsOf({ ...history, events: late }));
    const limitOf = (name: string) => failover?.phases.find((one) => one.name === name)?.governedBy;
    expect(limitOf("promoted")).toMatchObject({
      note: expect.stringContaining("told to take over"),
      unavoidableMs: 0,
    });
    const [asUsual] = failoversOf(factsOf(clusterFailover().build()));
    expect(asUsual?.phases.find(({ name }) => name === "promoted")?.governedBy).toMatchObject({
      note: expect.stringContaining("voted for it"),
    });
  });
});

describe("failover of a result", () => {
  it("is the one that kept writes down the longest", () => {
    const run = haFailover()
      .fault({ targets: ["replica-1"], atMs: 6500 })
      .node(6510, "replica-1", "reachable", "no");
    const found = failoversOf(factsOf(run.build()));
    expect(found).toHaveLength(2);
    const facts = factsOf(run.build());
    expect(worstOf(found, facts).fault?.targets).toEqual(["primary"]);
    expect(worstOf([...found].reverse(), facts).fault?.targets).toEqual(["primary"]);
    expect(worstOf([], facts)).toMatchObject({ fault: null, phases: [], outageMs: null });
  });
});
