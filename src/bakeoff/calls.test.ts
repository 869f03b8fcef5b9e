import { describe, expect, it } from "vitest";
import type { Plan } from "../model/plan.ts";
import { LiveCalls } from "./calls.ts";
import type { Said } from "./child/messages.ts";
import { eventOf } from "./said-events.ts";

const PLAN: Plan = { kind: "ha", nodes: [], shards: [] };
const MS = 1e6;

/** Writes and reads, one of each every 10 ms; times in ms. */
function caller() {
  const calls = new LiveCalls(PLAN);
  let op = 0;
  const take = (said: Said) => {
    const event = eventOf(said, []);
    if (event) calls.take(event);
  };
  const call = (f: string, atMs: number, ends: "ok" | "error" | "never", afterMs = 1) => {
    op += 1;
    const key = "{l}";
    take({ say: "invoke", at: atMs * MS, op, f, key, lateMs: 0 });
    const at = (atMs + afterMs) * MS;
    if (ends === "ok") take({ say: "ok", at, op });
    if (ends === "error") take({ say: "error", at, op, name: "Error", message: "no" });
  };
  const run = (fromMs: number, toMs: number, ends: (f: string) => "ok" | "error" | "never") => {
    for (let at = fromMs; at < toMs; at += 10) for (const f of ["write", "read"]) call(f, at, ends(f));
  };
  return { calls, call, run, isWell: (ms: number) => calls.isWell(ms * MS) };
}

describe("an app client is well", () => {
  it("once it is asked, and not before", () => {
    const { run, isWell } = caller();
    expect(isWell(1000)).toBe(false);
    run(1000, 2500, () => "ok");
    expect(isWell(2500)).toBe(true);
  });

  it("a second after its outage ended, of writes and of reads", () => {
    const { run, isWell } = caller();
    run(0, 2000, () => "ok");
    run(2000, 3000, (f) => (f === "read" ? "error" : "ok"));
    expect(isWell(3000)).toBe(false);
    run(3000, 3900, () => "ok");
    expect(isWell(3900)).toBe(false);
    run(3900, 4100, () => "ok");
    expect(isWell(4100)).toBe(true);
  });

  it("no more once it makes no calls, or they do not end", () => {
    const { run, isWell } = caller();
    run(0, 2000, () => "ok");
    expect(isWell(3500)).toBe(false);
    run(3500, 3900, () => "never");
    expect(isWell(3900)).toBe(false);
  });

  it("even if a call that was made long ago still hangs: that is told of the library elsewhere", () => {
    const { calls, call, run, isWell } = caller();
    call("write", 10, "never");
    run(20, 3000, () => "ok");
    expect(isWell(3000)).toBe(true);
    expect(calls.open).toBe(1);
  });

  it("if what its process tells comes late, but tells of answers that did not", () => {
    const { run, isWell } = caller();
    run(0, 3000, () => "ok");
    expect(isWell(3600)).toBe(true); // the lines of the last 600 ms are still under way
  });
});
