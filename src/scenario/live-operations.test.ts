import { describe, expect, it } from "vitest";
import type { Outcome } from "../model/outcome.ts";
import { liveOperations } from "./live-operations.ts";
import { planOf } from "./plans.test-data.ts";

const S = 1e9;

function operations(kind: "ha" | "cluster") {
  const live = liveOperations(planOf({ kind }));
  let op = 0;
  const run = (
    key: string,
    sentAt: number,
    outcome: Outcome | "open",
    endedAt = sentAt + 1e6,
    client = "probe",
    f = "write",
  ) => {
    op += 1;
    live.take({ type: "invoke", at: sentAt, op, client, workload: "w", f, key });
    if (outcome === "open") return;
    const error = outcome === "ok" ? undefined : { class: "READONLY", message: "READONLY" };
    live.take({ type: outcome, at: endedAt, op, error });
  };
  return { live, run };
}

describe("unwell", () => {
  it("is what the service says of each stream, and of what waits", () => {
    const { live, run } = operations("cluster");
    expect(live.unwell(0, S / 2)).toContain("no probe is running");
    for (let at = S; at < 3 * S; at += S / 20) for (const key of ["b", "c", "a"]) run(key, at, "ok");
    expect(live.unwell(S, 3 * S)).toBeUndefined();
    run("c", 3 * S, "fail", 3 * S);
    expect(live.unwell(S, 3 * S)).toBe("writes to shard 2 fail: READONLY");
    for (let at = 3.05 * S; at < 5 * S; at += S / 20) for (const key of ["b", "c", "a"]) run(key, at, "ok");
    expect(live.unwell(3 * S, 5 * S)).toBeUndefined();
    run("b", 5 * S, "open");
    expect(live.unwell(3 * S, 5.3 * S)).toMatch(/^writes to shard \d (wait for an answer)$/);
  });
});

describe("measure", () => {
  it("tells the operations and errors since it began, and the last of them", () => {
    const { live, run } = operations("ha");
    const all = live.measure();
    run("k", S, "ok");
    run("k", S, "fail");
    run("k", S, "open");
    const later = live.measure();
    expect(live.total).toBe(2);
    expect(all()).toMatch(/^\d+ ops\/s, 1 errors \(last: READONLY\)$/);
    expect(all()).toMatch(/1 errors/); // asking changes nothing
    expect(later()).toMatch(/^0 ops\/s, 0 errors$/);
  });
});
