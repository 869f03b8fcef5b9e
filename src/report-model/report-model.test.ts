import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { factsOf } from "../check/facts.ts";
import { clusterFailover, haFailover, haRun, withHaStart } from "../check/history.test-data.ts";
import { judge } from "../check/judge.ts";
import { type History, readHistory } from "../history/reader.ts";
import { reportModelSchema } from "../model/report-model.ts";
import { reportModelOf } from "./report-model.ts";

const recorded = (name: string) =>
  readHistory(fileURLToPath(new URL(`../check/${name}.fixture.jsonl`, import.meta.url)));
const draw = (history: History) =>
  reportModelOf({ facts: factsOf(history), result: judge(history), logs: [], tool: "0.0.0" });
const sum = (numbers: readonly number[] = []) => numbers.reduce((total, number) => total + number, 0);

describe("the report model of a recorded run", () => {
  it.each(["ha-failover", "cluster-failover"])(
    "of %s holds what was recorded, by its schema",
    async (name) => {
      const history = await recorded(name);
      const model = draw(history);
      expect(reportModelSchema.parse(JSON.parse(JSON.stringify(model)))).toEqual(
        JSON.parse(JSON.stringify(model)),
      );
      const { total, ok, fail, info } = model.result.operations;
      const { writes, reads, others } = model.load;
      const of = (outcome: "ok" | "fail" | "info") =>
        sum([writes, reads, others].flatMap((kind) => kind[outcome]));
      expect([of("ok"), of("fail"), of("info")]).toEqual([ok, fail, info]);
      expect(ok + fail + info).toBe(total);
      expect(model.brokenOff).toBeNull();
      expect(sum(model.load.errors.flatMap(({ counts }) => counts))).toBe(fail + info);
      expect(model.faults.map(({ injectMs, healedMs = 0 }) => healedMs > injectMs)).not.toContain(false);
      expect(model.failovers.map(({ phases }) => phases)).toEqual(
        model.result.failovers.map(({ phases }) => phases),
      );
      expect(JSON.stringify(model).length).toBeLessThan(300_000);
    },
  );

  it("draws every failover of a run that lost several primaries", async () => {
    const { failovers, faults } = draw(await recorded("cluster-failover"));
    expect(failovers.map(({ promoted }) => promoted[0]?.to)).toEqual(["node-4", "node-5"]);
    expect(failovers.map(({ fault }) => fault)).toEqual(faults.map(({ id }) => id));
    expect(failovers[1]?.phases.map(({ name }) => name)).toContain("promoted");
    expect(failovers[0]?.outages.map(({ group, kind }) => `${group} ${kind}`)).toEqual([
      "hit writes",
      "hit reads",
      "others writes",
      "others reads",
    ]);
  });
});

describe("the fate of every write around a fault", () => {
  it("is counted where the write ended, and what was lost is told one by one", () => {
    const run = haFailover();
    for (const n of [90, 91, 92]) run.finally(`write:100:${n}`, null); // acknowledged at 1901 to 1941 ms, before the kill
    const { fates, result } = draw(run.build());
    expect(result.writes.lost).toBe(3);
    expect(fates.counts).toMatchObject({ lost: 3, survived: result.writes.survived });
    expect(
      fates.notable.map(({ fate, key, endedMs, beforeFaultMs }) => [fate, key, endedMs, beforeFaultMs]),
    ).toEqual([
      ["lost", "write:100:90", 1901, 99],
      ["lost", "write:100:91", 1921, 79],
      ["lost", "write:100:92", 1941, 59],
    ]);
    const [strip] = fates.windows;
    expect(sum(strip?.columns.lost)).toBe(3);
    const first = strip?.columns.lost?.findIndex((count) => count > 0) ?? -1;
    expect((strip?.fromMs ?? 0) + first * (strip?.columnMs ?? 0)).toBeCloseTo(1901, -2);
    expect(sum(strip?.columns.absent)).toBe(90); // refused from 2000 to 3800 ms, one each 20 ms
  });

  it("lists the worst first, and counts what it leaves out", () => {
    const run = withHaStart(haRun()).probe({ from: 0, to: 10_000, everyMs: 10 }).end(10_000);
    for (let n = 0; n < 600; n += 1) run.finally(`write:0:${n}`, n < 10 ? "else" : undefined);
    const { fates } = draw(run.build());
    expect(fates.notable).toHaveLength(400);
    expect(fates.omitted).toBe(200);
    expect(fates.notable.slice(0, 10).map(({ fate }) => fate)).toEqual(new Array(10).fill("changed"));
  });
});

describe("the topology over time", () => {
  it("tells who followed whom as it was recorded", () => {
    const run = haFailover()
      .topology(6, { source: "replica-2", event: "follows", subject: "replica-2", to: "primary" })
      .topology(3650, { source: "replica-2", event: "follows", subject: "replica-2", to: "replica-1" });
    const { changes } = draw(run.build()).topology;
    expect(changes.filter(({ what }) => what === "follows")).toEqual([
      { atMs: 6, node: "replica-2", what: "follows", to: "primary" },
      { atMs: 3650, node: "replica-2", what: "follows", to: "replica-1" },
    ]);
    expect(changes.filter(({ what }) => what === "sees").map(({ atMs, to }) => [atMs, to])).toEqual([
      [3000, "down"],
      [3020, "agreed"],
      [3600, "ok"],
    ]);
  });

  it("takes it from the watermarks and the last look, where an older history does not tell", () => {
    const { changes } = draw(haFailover().build()).topology;
    expect(changes.filter(({ what }) => what === "follows")).toEqual([
      { atMs: 1990, node: "replica-1", what: "follows", to: "primary" },
      { atMs: 1990, node: "replica-2", what: "follows", to: "primary" },
      { atMs: 8000, node: "primary", what: "follows", to: "replica-1" },
      { atMs: 8000, node: "replica-2", what: "follows", to: "replica-1" },
    ]);
  });
});

it("tells that a run was broken off, and why", () => {
  const run = withHaStart(haRun()).probe({ from: 0, to: 500 }).end(500, "error", "primary died by itself");
  expect(draw(run.build()).brokenOff).toBe("primary died by itself");
  const cut = clusterFailover().build();
  expect(draw({ ...cut, events: cut.events.slice(0, 200), complete: false }).brokenOff).toMatch(/no end/);
});

it("cuts long evidence, and tells how long it was", () => {
  const history = haFailover().build();
  const result = judge(history);
  const long = Array.from({ length: 5000 }, (_, n) => ({ key: `key:${n}`, atMs: n }));
  const checks = [{ name: "x", verdict: "fail" as const, summary: "", evidence: { reason: "r", long } }];
  const model = reportModelOf({
    facts: factsOf(history),
    result: { ...result, checks },
    logs: [],
    tool: "0.0.0",
  });
  expect(model.result.checks[0]?.evidence).toMatchObject({ reason: "r", cut: { long: 5000 } });
  expect(model.result.checks[0]?.evidence.long).toHaveLength(200);
});
