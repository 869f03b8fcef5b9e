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
  it("says that no probe is running, rather than that all is well", () => {
    expect(operations("ha").live.unwell(0, S, 5 * S)).toContain("no probe is running");
    const { live, run } = operations("ha");
    run("k", S, "ok", S, "session");
    expect(live.unwell(0, S, 5 * S)).toContain("no probe is running");
  });

  it("wants a success that was sent since, not one that only ended since", () => {
    const { live, run } = operations("ha");
    run("k", 1 * S, "ok", 3 * S);
    expect(live.unwell(2 * S, S, 4 * S)).toBe("no answer to writes yet");
    run("k", 2 * S, "ok");
    run("k", 2.5 * S, "ok");
    expect(live.unwell(2 * S, S, 4 * S)).toBeUndefined();
  });

  it("wants that nothing went wrong for a while", () => {
    const { live, run } = operations("ha");
    run("k", 2 * S, "fail");
    run("k", 3 * S, "ok");
    run("k", 3.6 * S, "ok");
    expect(live.unwell(0, 2 * S, 3.9 * S)).toBe("writes fail: READONLY");
    expect(live.unwell(0, 2 * S, 4.1 * S)).toBeUndefined();
    run("k", 3.5 * S, "info", 4.5 * S);
    expect(live.unwell(0, 2 * S, 5 * S)).toBe("writes fail: READONLY");
  });

  it("wants that successes are seen for as long as a recovery must last, of a probe that sends seldom too", () => {
    const { live, run } = operations("ha");
    run("k", 1 * S, "fail");
    run("k", 3 * S, "ok");
    expect(live.unwell(0, S, 3.4 * S)).toBe("writes went well for too short a time");
    run("k", 3.4 * S, "ok");
    expect(live.unwell(0, S, 3.6 * S)).toBe("writes went well for too short a time");
    run("k", 3.5 * S, "ok");
    expect(live.unwell(0, S, 3.6 * S)).toBeUndefined();
  });

  it("wants that nothing stalled for a while, and that nothing waits", () => {
    const { live, run } = operations("ha");
    run("k", 1 * S, "ok", 1.9 * S); // answered, after 900 ms
    run("k", 2 * S, "ok");
    run("k", 2.5 * S, "ok");
    expect(live.unwell(0, S, 2.8 * S)).toBe("writes stalled a moment ago");
    expect(live.unwell(0, S, 3 * S)).toBeUndefined();
    run("k", 3 * S, "open");
    expect(live.unwell(0, S, 3.2 * S)).toBeUndefined();
    expect(live.unwell(0, S, 3.3 * S)).toBe("writes wait for an answer");
  });

  it("holds writes, reads and shards apart", () => {
    const { live, run } = operations("cluster");
    for (const key of ["b", "c", "a"]) {
      run(key, S, "ok");
      run(key, S, "ok", S, "probe", "read");
    }
    expect(live.unwell(0, S, 3 * S)).toBeUndefined();
    run("c", 2.5 * S, "fail", 2.5 * S, "probe", "read");
    expect(live.unwell(0, S, 3 * S)).toBe("reads to shard 2 fail: READONLY");
    run("b", 3 * S, "ok");
    expect(live.unwell(2.9 * S, 0.1 * S, 4 * S)).toMatch(/^no answer to (reads|writes) to shard [123] yet$/);
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
