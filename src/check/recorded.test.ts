import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { pathProblems } from "../../test/support/path.ts";
import { readHistory } from "../history/reader.ts";
import { judge } from "./judge.ts";

/*
 * Real histories of the built-in drills (Valkey 8.1.1, iovalkey 0.4.0, seed 1, two cores), thinned out: of the load
 * every 20th operation, and all within 25 ms of where an outage begins or ends, with their keys' final values; of the
 * watermarks the last before each fault and every 40th. All else is complete, but for the lists of keys by slot.
 */
const recorded = (name: string) =>
  readHistory(fileURLToPath(new URL(`${name}.fixture.jsonl`, import.meta.url)));

describe("a recorded HA failover", () => {
  it("passes, with the failover's moments as its servers, logs and client told them", async () => {
    const result = judge(await recorded("ha-failover"));
    expect(result.verdict).toBe("pass");
    expect(result.failover.promoted).toEqual({ from: "primary", to: "replica-2" });
    expect(result.failover.phases.map(({ name, atMs, seenBy }) => [name, atMs, seenBy])).toEqual([
      ["last success", -1.4, "client"],
      ["fault", 0, "drill"],
      ["first error", 31, "client"],
      ["first retry", 64.9, "client"],
      ["suspected", 2048.6, "sentinel"],
      ["detected", 2133.5, "sentinel"],
      ["voted", 2133.6, "sentinel"],
      ["elected", 2226.1, "sentinel"],
      ["selected", 2311.7, "sentinel"],
      ["promoted", 2368.6, "log"],
      ["confirmed", 3219.3, "sentinel"],
      ["announced", 3284.4, "sentinel"],
      ["replicas back", 3351, "look"],
      ["reconnected", 3664, "client"],
      ["first read", 3672.4, "client"],
      ["first write", 3672.4, "client"],
      ["replicas told", 4234.2, "sentinel"],
      ["restarted", 5319.7, "drill"],
      ["all replicas back", 15442.8, "look"],
    ]);
    // Recorded beside other work: some sends came 66 ms late where the outage ended.
    const errors = { writeErrorMs: 66.5, readErrorMs: 66.5 };
    expect(result.outage).toEqual({ writeMs: 3673.8, readMs: 3673.8, ...errors });
  });

  it("tells where the outage went, and what its settings made unavoidable of it", async () => {
    const { failover } = judge(await recorded("ha-failover"));
    const way = ["suspected", "detected", "voted", "elected", "selected", "promoted", "confirmed"];
    expect(pathProblems(failover, [...way, "announced", "reconnected"])).toEqual([]);
    expect(failover).toMatchObject({ outageMs: 3673.8, unavoidableMs: 2000, resolutionMs: 20 });
  });

  it("fails if one write that was replicated before the kill is struck from the final values", async () => {
    const history = await recorded("ha-failover");
    const first = history.events.find((event) => event.type === "invoke" && event.f === "write");
    const gone = first?.type === "invoke" ? first.key : ""; // two seconds before the kill
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

  it("without the logs and the client's word is told by our looks, and adds up all the same", async () => {
    const history = await recorded("ha-failover");
    const told = ["log-event", "client-event"];
    const events = history.events.filter(
      (event) => event.type !== "observation" || !told.includes(event.name),
    );
    const { failover } = judge({ ...history, events });
    expect(pathProblems(failover, ["suspected", "detected", "promoted", "announced"])).toEqual([]);
    const seenBy = (name: string) => failover.phases.find((phase) => phase.name === name)?.seenBy;
    expect(seenBy("promoted")).toBe("look");
    expect(seenBy("reconnected")).toBeUndefined();
    expect(seenBy("restarted")).toBeUndefined();
    expect(seenBy("healed")).toBe("drill");
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

  it("tells of both failovers where the outage went; the longer one is the result's", async () => {
    const { failover, failovers, outage } = judge(await recorded("cluster-failover"));
    const way = ["suspected", "detected", "election", "voted", "promoted", "slots owned", "all slots served"];
    for (const one of failovers) expect(pathProblems(one, [...way, "reconnected"])).toEqual([]);
    expect(failovers.map(({ outageMs, unavoidableMs }) => [outageMs, unavoidableMs])).toEqual([
      [4945.1, 2491.5],
      [3712.7, 2552.3],
    ]);
    expect(failover).toEqual(failovers[0]);
    expect(outage.writeMs).toBe(4945.1);
    // What the log said: "delayed for 869 milliseconds (rank #0 …": 500 of them are the same for all.
    expect(failover.phases.find(({ name }) => name === "election")?.governedBy?.value).toBe("869 ms");
  });

  it("has the lost node back only once its link is up, not already when it calls itself a replica", async () => {
    const history = await recorded("cluster-failover");
    const [failover] = judge(history).failovers;
    const at = (name: string) => failover?.phases.find((phase) => phase.name === name)?.atMs;
    const changes = history.events.filter((event) => event.type === "topology");
    const said = (event: string, to: string) => {
      const healAt = history.events.find((one) => one.type === "fault" && one.phase === "heal")?.at ?? 0;
      const found = changes.find(
        (one) => one.event === event && one.subject === "node-1" && one.to === to && one.at > healAt,
      );
      return ((found?.at ?? 0) - (failover?.fault?.atMs ?? 0) * 1e6) / 1e6;
    };
    expect(said("role", "replica")).toBeLessThan(said("link", "up") - 5);
    expect(at("all replicas back")).toBeCloseTo(said("link", "up"), 0);
    expect(at("all slots served")).toBeCloseTo(4760.5, 1);
  });
});
