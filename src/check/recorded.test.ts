import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readHistory, streamHistory } from "../history/reader.ts";
import { judge, judgeStream } from "./judge.ts";

/*
 * Real histories of the built-in drills (Valkey 8.1.1, iovalkey 0.4.0, seed 1, two cores), thinned out: of the load every 20th
 * operation (HA) or every 15th (cluster) with its key's final value, of the watermarks the last before each fault and
 * every 40th. Topology events, faults, steps, CRUD rounds and final looks are complete.
 */
const pathOf = (name: string) => fileURLToPath(new URL(`${name}.fixture.jsonl`, import.meta.url));
const recorded = (name: string) => readHistory(pathOf(name));

it.each(["ha-failover", "cluster-failover"])(
  "%s is judged alike as a whole and while it is read",
  async (name) => {
    expect(await judgeStream(streamHistory(pathOf(name)))).toEqual(judge(await recorded(name)));
  },
);

describe("a recorded HA failover", () => {
  it("passes, with the failover's moments as its servers told them", async () => {
    const result = judge(await recorded("ha-failover"));
    expect(result.verdict).toBe("pass");
    expect(result.failover.promoted).toEqual({ from: "primary", to: "replica-2" });
    expect(result.failover.phases.map(({ name, atMs }) => [name, Math.round(atMs)])).toEqual([
      ["fault", 0],
      ["suspected", 2094],
      ["detected", 2157],
      ["elected", 2204],
      ["promoted", 2413],
      ["announced", 3304],
      ["first read", expect.closeTo(3304, -3)],
      ["replicas back", 3365],
      ["first write", expect.closeTo(3304, -3)],
      ["restarted", 4907],
      ["all replicas back", expect.closeTo(15_502, -2)],
    ]);
    // Thinned out, it is known to 100 ms at either end; the whole history says 3309 ms.
    expect(Math.abs((result.outage.writeMs ?? 0) - 3309)).toBeLessThan(250);
  });

  it("fails if one write that was replicated before the kill is struck from the final values", async () => {
    const history = await recorded("ha-failover");
    const gone = "unique:698b73:1"; // the probe's first, two seconds before the kill
    const events = history.events.map((event) => {
      if (event.type !== "observation" || event.name !== "final-values") return event;
      const { values } = event.data as { values: [string, string | null][] };
      return { ...event, data: { values: values.map(([key, value]) => [key, key === gone ? null : value]) } };
    });
    const durability = judge({ ...history, events }).checks.find(({ name }) => name === "durability");
    expect(durability).toMatchObject({
      verdict: "fail",
      evidence: { reason: "replicated-writes-lost", keys: [gone] },
    });
  });

  it("had two nodes that called themselves primary, and holds what each of them was told and counted", async () => {
    const topology = judge(await recorded("ha-failover")).checks.find(({ name }) => name === "topology");
    expect(topology?.summary).toMatch(
      /^replica-2 is the only primary; 3 Sentinels name it; primary called itself primary beside replica-2 for 10.\d\d s and took no write, by its own count as well$/,
    );
  });

  it("is unknown if it does not tell who acknowledged while two were primaries", async () => {
    const history = await recorded("ha-failover");
    const events = history.events.map((event) => ("node" in event ? { ...event, node: undefined } : event));
    const counted = events.map((event) =>
      event.type === "observation" && event.name === "write-account" ? { ...event, name: "other" } : event,
    );
    const judged = judge({ ...history, events: counted }).checks.find(({ name }) => name === "topology");
    expect(judged).toMatchObject({ verdict: "unknown", evidence: { reason: "writes-not-attributed" } });
  });

  it("is unknown wherever it is cut off", async () => {
    const history = await recorded("ha-failover");
    for (let length = 0; length < history.events.length; length += 50) {
      const result = judge({ ...history, events: history.events.slice(0, length), complete: false });
      expect([length, result.verdict]).toEqual([length, "unknown"]);
      expect(result.checks.find(({ name }) => name === "steps")?.verdict).toBe("unknown");
      expect(result.checks.filter(({ verdict }) => verdict === "fail")).toEqual([]);
    }
  });
});

describe("a recorded cluster failover", () => {
  it("passes: two primaries replaced, the other shards held apart, every slot served", async () => {
    const result = judge(await recorded("cluster-failover"));
    expect(result.verdict).toBe("pass");
    const check = (name: string) => result.checks.find((one) => one.name === name);
    expect(check("promotion")?.evidence.promotions).toMatchObject([
      { from: "node-1", to: "node-4" },
      { from: "node-2", to: "node-5" },
    ]);
    expect(check("topology")?.summary).toContain("6 nodes agree on who serves them, at which epochs");
    const [table] = (check("outage")?.evidence.tables ?? []) as { rows: string[][] }[];
    expect(table?.rows.map((row) => row.slice(0, 3))).toEqual([
      ["kill node-1", "yes", "shard 1 (hit)"],
      ["kill node-1", "yes", "the other shards"],
      ["kill node-2", "no", "shard 2 (hit)"],
      ["kill node-2", "no", "the other shards"],
    ]);
    expect(table?.rows[1]?.[3]).not.toBe("-"); // full coverage: they stalled as well
    expect(table?.rows[3]?.slice(3)).toEqual(["-", "-"]); // without it they went on
  });

  it("has the lost node back only once its link is up, not already when it calls itself a replica", async () => {
    const { phases } = judge(await recorded("cluster-failover")).failover;
    const at = (name: string) => phases.find((phase) => phase.name === name)?.atMs;
    expect(at("all slots served")).toBeCloseTo(3808.7, 1);
    // role replica at 10283.38 ms, link up at 10368.74 ms, the fault at 5394.87 ms
    expect(at("all replicas back")).toBeCloseTo(4973.9, 1);
  });
});
