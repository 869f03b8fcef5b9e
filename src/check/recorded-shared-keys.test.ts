import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type History, readHistory } from "../history/reader.ts";
import type { HistoryEvent } from "../model/event.ts";
import { judge } from "./judge.ts";

/*
 * Real histories (Valkey 8.1.1, iovalkey 0.4.0, seed 1, two cores) of small drills, recorded with few sessions at low rates. Of the
 * watermarks every 20th is kept, and the last before the fault; all else is complete.
 *
 * - shared-keys: counter, append and stale-reads through the loss of the primary, as in `ha-shared-keys`
 * - naive-retry, replica-goes-back: the controls of those names
 */
const recorded = (name: string) =>
  readHistory(fileURLToPath(new URL(`${name}.fixture.jsonl`, import.meta.url)));
const checkOf = (history: History, name: string) =>
  judge(history).checks.find((check) => check.name === name);

/** The history with what stands under keys at the end changed. */
function withFinals(history: History, change: (value: string | null | string[]) => unknown): History {
  const events = history.events.map((event): HistoryEvent => {
    if (event.type !== "observation" || event.name !== "final-values") return event;
    const { values = [], ...rest } = event.data as { values?: [string, string | null | string[]][] };
    return { ...event, data: { ...rest, values: values.map(([key, value]) => [key, change(value)]) } };
  });
  return { ...history, events };
}

describe("recorded counters, lists and replica reads through a failover", async () => {
  const history = await recorded("shared-keys");

  it("pass", () => {
    const result = judge(history);
    expect(result.verdict).toBe("pass");
    expect(result.failover.promoted).toEqual({ from: "primary", to: "replica-1" });
    expect(checkOf(history, "counter")?.summary).toMatch(/^all 33 increments acknowledged on 1 counter/);
    expect(checkOf(history, "append")?.summary).toMatch(/^all 35 elements acknowledged on 1 list/);
    expect(checkOf(history, "stale-reads")).toMatchObject({
      verdict: "pass",
      evidence: { reads: { measured: 68, stale: 0 }, monotonicReads: { violations: 0 } },
    });
  });

  it.each<
    [check: string, what: string, reason: string, change: (value: string | null | string[]) => unknown]
  >([
    [
      "counter",
      "with less than the replicas had",
      "replicated-increments-lost",
      (value) => (value === "33" ? "9" : value),
    ],
    ["counter", "with one more", "counted-twice", (value) => (value === "33" ? "34" : value)],
    [
      "append",
      "without its first",
      "replicated-elements-lost",
      (value) => (Array.isArray(value) ? value.slice(1) : value),
    ],
    [
      "append",
      "with its last twice",
      "duplicated-elements",
      (value) => (Array.isArray(value) ? [...value, value.at(-1)] : value),
    ],
    [
      "append",
      "turned round",
      "reordered-elements",
      (value) => (Array.isArray(value) ? value.toReversed() : value),
    ],
  ])("%s, %s: %s", (check, _what, reason, change) => {
    expect(checkOf(withFinals(history, change), check)).toMatchObject({
      verdict: "fail",
      evidence: { reason },
    });
  });

  it("stale-reads, with an answer that nobody wrote: never-written", () => {
    const ok = history.events.findIndex((event) => event.type === "ok" && event.value?.startsWith("5@"));
    const events = history.events.with(ok, {
      ...(history.events[ok] as HistoryEvent),
      value: "999@",
    } as HistoryEvent);
    expect(checkOf({ ...history, events }, "stale-reads")).toMatchObject({
      verdict: "fail",
      evidence: { reason: "never-written" },
    });
  });
});

it("a recorded naive retry: counted twice, and appended twice", async () => {
  const history = await recorded("naive-retry");
  expect(checkOf(history, "counter")).toMatchObject({
    verdict: "fail",
    evidence: { reason: "counted-twice" },
  });
  expect(checkOf(history, "append")).toMatchObject({
    verdict: "fail",
    summary: expect.stringContaining("2 elements more than once, first append-2:5"),
    evidence: { reason: "duplicated-elements" },
  });
});

it("a recorded replica that goes back: sessions read versions older than they knew", async () => {
  const history = await recorded("replica-goes-back");
  expect(checkOf(history, "stale-reads")).toMatchObject({
    verdict: "fail",
    evidence: { reason: "non-monotonic-reads", monotonicReads: { violations: 2 } },
  });
  const measured = { ...history, header: { ...history.header, expect: {} } };
  expect(checkOf(measured, "stale-reads")).toMatchObject({
    verdict: "pass",
    evidence: { monotonicReads: { violations: 2 } },
  });
});
