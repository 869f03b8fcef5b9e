import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusterRun } from "../check/history.test-data.ts";
import type { Operation } from "../history/operations.ts";
import { loadOf } from "./load.ts";

const operation = (atMs: number, changes: Partial<Operation> = {}): Operation => ({
  op: 1,
  client: "probe",
  workload: "unique-writes",
  f: "write",
  key: "k",
  due: atMs * 1e6,
  invokedAt: atMs * 1e6,
  completedAt: (atMs + 1) * 1e6,
  outcome: "ok",
  attempts: 1,
  ...changes,
});
const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

describe("load over time", () => {
  it("stands where an operation was due, by kind and outcome", () => {
    const load = loadOf(
      [
        operation(5),
        operation(25, { outcome: "fail", error: { class: "READONLY", message: "" } }),
        operation(45, { f: "read", invokedAt: 95e6, completedAt: 96e6 }),
        operation(45, { f: "incr", client: "crud", outcome: "info", completedAt: undefined }),
      ],
      [],
    );
    expect(load.bucketMs).toBe(20);
    expect(load.writes).toEqual({ ok: [1, 0, 0], fail: [0, 1, 0], info: [0, 0, 0] });
    expect(load.reads.ok).toEqual([0, 0, 1]);
    expect(load.others.info).toEqual([0, 0, 1]);
    expect(load.errors.map((error) => [error.class, error.outcome, sum(error.counts)])).toEqual([
      ["READONLY", "fail", 1],
      ["no answer", "info", 1],
    ]);
    expect(load.latency.maxMs).toEqual([1, null, expect.closeTo(51, 0)]); // it waited 50 ms before it was sent
  });

  it("has the latency of the probe, or of all where none ran", () => {
    const crud = (atMs: number) => operation(atMs, { client: "crud", completedAt: (atMs + 80) * 1e6 });
    const mixed = loadOf([crud(1), operation(2), crud(3)], []).latency;
    expect(mixed.of).toBe("probe");
    expect(mixed.maxMs).toEqual([1]);
    const without = loadOf([crud(1)], []).latency;
    expect(without.of).toBe("all");
    expect(without.maxMs[0]).toBeCloseTo(80, 0);
  });

  it("counts each operation once, in at most 600 buckets, however long the run was", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 10_000_000 }), { minLength: 1, maxLength: 300 }), (times) => {
        const load = loadOf(
          times.map((atMs) => operation(atMs)),
          [],
        );
        expect(load.writes.ok.length).toBeLessThanOrEqual(600);
        expect(load.writes.ok.length).toBe(Math.floor(Math.max(...times) / load.bucketMs) + 1);
        expect(sum(load.writes.ok)).toBe(times.length);
        for (const [bucket, count] of load.writes.ok.entries()) {
          expect(count).toBe(times.filter((atMs) => Math.floor(atMs / load.bucketMs) === bucket).length);
        }
        const cells = load.latency.heat.flatMap((row) => row.filter((_, index) => index % 2 === 1));
        expect(sum(cells)).toBe(times.length);
        expect(load.latency.p99Ms.filter((value) => value !== null).every((value) => value === 1)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("has percentiles that stay right when buckets are merged", () => {
    const all = Array.from({ length: 1000 }, (_, n) =>
      operation(n % 2, { completedAt: (n % 2) * 1e6 + (n + 1) * 1e6 }),
    );
    const load = loadOf([...all, operation(4_000_000)], []);
    expect(load.latency.p50Ms[0]).toBeGreaterThan(490);
    expect(load.latency.p50Ms[0]).toBeLessThan(512);
    expect(load.latency.p99Ms[0]).toBeGreaterThan(980);
  });

  it("takes the rarest classes of errors together", () => {
    const load = loadOf(
      Array.from({ length: 20 }, (_, n) =>
        operation(n, { outcome: "fail", error: { class: `E${Math.floor(Math.sqrt(n * 20))}`, message: "" } }),
      ),
      [],
    );
    expect(load.errors.at(-1)?.class).toMatch(/^\d+ other classes$/);
    expect(sum(load.errors.flatMap(({ counts }) => counts))).toBe(20);
  });

  it("tells shards apart", () => {
    const { shards } = clusterRun().build().header.topology;
    const load = loadOf([operation(1, { key: "b" }), operation(2, { key: "a", outcome: "info" })], shards);
    expect(load.shards).toEqual([
      { shard: 1, ok: [1], bad: [0] },
      { shard: 2, ok: [0], bad: [0] },
      { shard: 3, ok: [0], bad: [1] },
    ]);
  });
});
