import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type History, readHistory } from "../history/reader.ts";
import type { HistoryEvent } from "../model/event.ts";
import { judge } from "./judge.ts";

/*
 * Real histories (Valkey 8.1.1, iovalkey 0.4.0, two cores) of failovers that were asked for, of replicas that were
 * detached, and of losses long after a failover. Thinned out as those of `recorded.test.ts`: of the load a part, and
 * all around faults and changes of roles.
 */
const recorded = (name: string) =>
  readHistory(fileURLToPath(new URL(`${name}.fixture.jsonl`, import.meta.url)));

async function judged(name: string, change: (event: HistoryEvent) => HistoryEvent = (event) => event) {
  const history = await recorded(name);
  const result = judge({ ...history, events: history.events.map(change) } as History);
  return { result, check: (of: string) => result.checks.find((one) => one.name === of) };
}

/** As a version before roles were recorded would have written it. */
function withoutRoles(event: HistoryEvent): HistoryEvent {
  if (event.type !== "fault") return event;
  const { roles: _, losesData: __, ...rest } = event;
  return rest;
}

describe("a failover that a replica was asked for", () => {
  it("in a cluster: it took over, which is no needless failover and no split brain", async () => {
    const { result, check } = await judged("asked-of-a-replica");
    expect(result.verdict).toBe("pass");
    expect(result.needlessFailovers).toBe(0);
    expect(result.failover.promoted).toEqual({ from: "node-1", to: "node-4" });
    expect(check("promotion")?.evidence.asked).toEqual([
      { asked: "node-4", from: "node-1", tookOver: "node-4" },
    ]);
  });

  it("in a cluster: even where the history does not tell what the fault meant, it is not called needless", async () => {
    const { result, check } = await judged("asked-of-a-replica", (event) =>
      event.type === "fault" ? { ...withoutRoles(event), primaries: [], shards: [] } : event,
    );
    expect(result.needlessFailovers).toBe(0);
    expect(check("promotion")).toMatchObject({ verdict: "unknown", evidence: { reason: "no-primary-lost" } });
  });

  it(
    "in HA: Sentinel chose another, which is told; that the old primary went on taking writes is a " +
      "split brain",
    async () => {
      const { result, check } = await judged("ha-asked-of-a-replica");
      expect(result.needlessFailovers).toBe(0);
      expect(check("promotion")).toMatchObject({
        verdict: "pass",
        summary: expect.stringMatching(
          /^replica-1 in place of primary .*Sentinel chose it; replica-2 was asked for/,
        ),
        evidence: { asked: [{ asked: "replica-2", from: "primary", tookOver: "replica-1" }] },
      });
      expect(check("topology")).toMatchObject({ verdict: "fail", evidence: { reason: "split-brain" } });
      expect(check("durability")?.evidence.lossWindows).toMatchObject([
        { cause: "primary-lost", fault: "failover primary" },
        { cause: "superseded", superseded: "primary" },
      ]);
    },
  );

  it("of three replicas, two of them of one shard: each took over, one after the other", async () => {
    const { result, check } = await judged("two-replicas-asked");
    expect(result.verdict).toBe("pass");
    expect(check("promotion")?.evidence.asked).toEqual([
      { asked: "node-4", from: "node-1", tookOver: "node-4" },
      { asked: "node-7", from: "node-4", tookOver: "node-7" },
      { asked: "node-8", from: "node-2", tookOver: "node-8" },
    ]);
  });

  it("of three replicas at the same time: of the two of one shard one did not, and is not done", async () => {
    const { result, check } = await judged("two-at-once");
    expect(check("promotion")).toMatchObject({
      verdict: "fail",
      summary: "node-4 was asked to take over from node-1, and did not: node-7 did",
      evidence: {
        reason: "asked-replica-not-promoted",
        asked: [
          { asked: "node-4", tookOver: "node-7" },
          { asked: "node-7", tookOver: "node-7" },
          { asked: "node-5", tookOver: "node-5" },
        ],
      },
    });
    expect(result.failovers.map(({ promoted }) => promoted?.to).sort()).toEqual(["node-5", "node-7"]);
    expect(result.needlessFailovers).toBe(0);
  });
});

describe("a replica that was detached", () => {
  it("is no promotion, and its primary is not superseded", async () => {
    const { result, check } = await judged("detached");
    expect(result.verdict).toBe("pass");
    expect(result.needlessFailovers).toBe(0);
    expect(check("topology")?.summary).toMatch(
      /replica-1 called itself primary for 3.* in nobody's place, and took no write$/,
    );
  });

  it("is so without the fault's word as well: no Sentinel named it, and nobody followed it", async () => {
    const { result } = await judged("detached", withoutRoles);
    expect(result.verdict).toBe("pass");
    expect(result.needlessFailovers).toBe(0);
  });

  it("takes nothing from the failover that comes next", async () => {
    const { result, check } = await judged("detach-then-kill");
    expect(check("promotion")?.verdict).toBe("pass");
    expect(result.failovers.map(({ promoted }) => promoted)).toEqual([{ from: "primary", to: "replica-2" }]);
    expect(check("topology")?.summary).toContain("replica-1 called itself primary for 3.30 s");
  });

  it("fails if a single write was acknowledged by it meanwhile", async () => {
    const history = await recorded("detached");
    const detachedAt =
      history.events.find((event) => event.type === "fault" && event.phase === "injected")?.at ?? 0;
    let moved = false;
    const writes = new Set(
      history.events.flatMap((event) => (event.type === "invoke" && event.f === "write" ? event.op : [])),
    );
    const { check } = await judged("detached", (event) => {
      if (moved || event.type !== "ok" || event.at < detachedAt + 100e6 || !writes.has(event.op))
        return event;
      moved = true;
      return { ...event, node: "replica-1" };
    });
    expect(check("topology")).toMatchObject({
      verdict: "fail",
      evidence: { reason: "split-brain" },
      summary: expect.stringContaining("replica-1 called itself primary"),
    });
  });
});

describe("losses belong to the window in which they were acknowledged", () => {
  it("what a superseded primary took is not put down to the kill of all nodes 11 s later", async () => {
    const { check } = await judged("everything-stopped");
    expect(check("durability")?.evidence.lossWindows).toMatchObject([
      { cause: "primary-lost", fault: "failover primary" },
      { cause: "superseded", superseded: "primary" },
    ]);
    const lost = check("durability")?.evidence.lost as {
      cause: string;
      acknowledgedBeforeFaultMs?: number;
    }[];
    expect(lost.length).toBeGreaterThan(50);
    for (const { cause, acknowledgedBeforeFaultMs = 0 } of lost) {
      expect(["primary-lost", "superseded"]).toContain(cause);
      expect(Math.abs(acknowledgedBeforeFaultMs)).toBeLessThan(1000);
    }
  });

  it("nor is that told of any fault where nobody knows who acknowledged", async () => {
    const { check } = await judged("everything-stopped", (event) =>
      event.type === "ok" ? { ...event, node: undefined } : event,
    );
    const windows = check("durability")?.evidence.lossWindows as { cause: string; fault: string }[];
    expect(windows.map(({ cause }) => cause)).toContain("unattributed");
    expect(windows.filter(({ fault }) => fault.startsWith("kill"))).toEqual([]);
  });

  it("what a failover had carried over is put down to the kill after which everything came back empty", async () => {
    const { check } = await judged("lost-disks");
    expect(check("durability")).toMatchObject({
      verdict: "fail",
      evidence: {
        reason: "replicated-writes-lost",
        lossWindows: [
          { cause: "primary-lost", fault: "kill replica-1" },
          { cause: "primary-lost", fault: "kill primary", lost: 4, replicated: 0 },
        ],
      },
    });
  });

  it("what was emptied after a failover is put down to that, and only in its shard", async () => {
    const { check } = await judged("flushed-later");
    expect(check("promotion")?.verdict).toBe("pass");
    const windows = check("durability")?.evidence.lossWindows as {
      cause: string;
      fault: string;
      shard: number;
    }[];
    expect(windows[0]).toMatchObject({ cause: "data-removed", fault: "flush node-4", shard: 1, lost: 10 });
    expect(windows.every(({ shard }) => shard === 1)).toBe(true);
  });
});
