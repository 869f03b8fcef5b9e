import { describe, expect, it } from "vitest";
import { factsOf } from "../check/facts.ts";
import { haFailover } from "../check/history.test-data.ts";
import { judge } from "../check/judge.ts";
import type { History } from "../history/reader.ts";
import { reportModelSchema } from "../model/report-model.ts";
import { appFailover } from "./app.test-data.ts";
import { reportModelOf } from "./report-model.ts";

const draw = (history: History) =>
  reportModelSchema.parse(
    reportModelOf({ facts: factsOf(history), result: judge(history), logs: [], tool: "0.0.0" }),
  );
const sum = (numbers: readonly number[] = []) => numbers.reduce((total, number) => total + number, 0);

describe("the report model of a run with an application", () => {
  it("counts what each probe asked where it was due, and nothing of it as load on the servers", () => {
    const { app, load, result } = draw(appFailover().build());
    const [order, health] = app?.probes ?? [];
    expect(app?.probes.map(({ name }) => name)).toEqual(["order", "health"]); // a command is not sent over time
    expect([sum(order?.ok), sum(order?.fail), sum(order?.info)]).toEqual([102, 10, 34]);
    expect(order?.bucketMs).toBe(200);
    expect(order?.info.findIndex((count) => count > 0)).toBe(10); // from 2000 ms on
    expect(health?.bucketMs).toBe(100);
    expect(health?.ok.slice(0, 7)).toEqual([0, 1, 0, 0, 0, 0, 1]);
    const all = [load.writes, load.reads, load.others].flatMap(({ ok, fail, info }) => [ok, fail, info]);
    expect(sum(all.flat())).toBe(result.operations.total);
    expect(draw(haFailover().build())).not.toHaveProperty("app");
  });

  it("tells how each instance lived", () => {
    const { app } = draw(appFailover().build());
    const [first, second] = app?.instances ?? [];
    expect(first?.bands).toEqual([
      { fromMs: 10, toMs: 90, look: "starting", text: "starting" },
      { fromMs: 90, toMs: 7850, look: "ready", text: "ready" },
      { fromMs: 7850, toMs: 7900, look: "stopping", text: "stopping" },
      { fromMs: 7900, toMs: 8000, look: "stopped", text: "stopped with code 0" },
    ]);
    expect(second?.bands.slice(1, 5).map(({ fromMs, text }) => [fromMs, text])).toEqual([
      [90, "ready"],
      [3000, "exited with code 1"],
      [3400, "starting, restart 1"],
      [4000, "ready"],
    ]);
    expect(first?.memory).toHaveLength(8);
    expect(first?.memory[0]).toEqual([500, 42_500_000]);
  });

  it("keeps the peaks of memory, however long the run", () => {
    const run = appFailover();
    for (let n = 0; n < 1000; n += 1)
      run.observe(4100 + n, "app-memory", {
        instance: "app-1",
        at: (4100 + n) * 1e6,
        rssBytes: n === 501 ? 9e9 : 5e7,
      });
    const [first] = draw(run.build()).app?.instances ?? [];
    expect(first?.memory.length).toBeLessThanOrEqual(300);
    expect(first?.memory).toContainEqual([4601, 9e9]);
  });

  it("has what the application wrote in the log, on the same clock", () => {
    const { lines } = draw(appFailover({ stuck: true }).build()).logs;
    expect(lines).toContainEqual([2990, "app-2", "#", "UnhandledPromiseRejection: Error: out of orders"]);
    expect(lines).toContainEqual([3000, "app-2", ">", "exited with code 1"]);
    expect(lines).toContainEqual([3000, "app-2", "*", "Error: out of orders"]);
    expect(lines).toContainEqual([3400, "app-2", ">", "starting, restart 1"]);
    expect(lines).toContainEqual([95, "probes", ">", "books (before) ok: exit 0"]);
    expect(lines).toContainEqual([7800, "probes", ">", "books (after) not ok: exit 1: 3 missing"]);
  });
});
