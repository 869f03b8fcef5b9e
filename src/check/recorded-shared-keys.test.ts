import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type History, readHistory } from "../history/reader.ts";
import type { Expectations, HistoryEvent } from "../model/event.ts";
import { judge } from "./judge.ts";

/*
 * Real histories (Valkey 8.1.1, iovalkey 0.4.0, seed 1, two cores) of small drills, recorded with few sessions at low
 * rates. Of the watermarks every 20th is kept, and the last before the fault; all else is complete.
 *
 * - unreplicated: counter, append and stale-reads in the drill `ha-unreplicated`
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

describe("a primary that was killed after nothing had reached its replicas for half a second", async () => {
  const history = await recorded("unreplicated");
  const expecting = (expect: Expectations): History => ({
    ...history,
    header: { ...history.header, expect },
  });

  it("passes: what is gone was acknowledged in that time, and is told", () => {
    const result = judge(history);
    expect(result.verdict).toBe("pass");
    expect(result.failover.promoted).toEqual({ from: "primary", to: "replica-1" });
    expect(checkOf(history, "counter")).toMatchObject({
      verdict: "pass",
      summary: expect.stringMatching(/^at least 8 of 26 increments acknowledged are gone/),
      evidence: { missing: 8 },
    });
    expect(checkOf(history, "append")).toMatchObject({ verdict: "pass", evidence: { missing: 8 } });
    expect(checkOf(history, "stale-reads")).toMatchObject({
      verdict: "pass",
      evidence: { reads: { measured: 62, stale: 46 }, readYourWrites: { violations: 8 } },
    });
  });

  it("fails where fewer may be gone, or reads may be less stale", () => {
    const none = expecting({ lostAcknowledgedWrites: 0 });
    for (const [check, reason] of [
      ["counter", "acknowledged-increments-lost"],
      ["append", "acknowledged-elements-lost"],
    ] as const) {
      expect(checkOf(none, check)).toMatchObject({ verdict: "fail", evidence: { reason, missing: 8 } });
      expect(checkOf(expecting({ lostAcknowledgedWrites: 8 }), check)).toMatchObject({ verdict: "pass" });
    }
    for (const [staleness, reason] of [
      [{ maxMs: 3000 }, "too-stale"],
      [{ maxVersions: 1 }, "too-stale"],
      [{ readYourWrites: true }, "own-writes-unread"],
    ] as const) {
      const found = checkOf(expecting({ staleness }), "stale-reads");
      expect(found).toMatchObject({ verdict: "fail", evidence: { reason } });
    }
  });

  it.each<
    [check: string, what: string, reason: string, change: (value: string | null | string[]) => unknown]
  >([
    [
      "counter",
      "with less than the replicas had",
      "replicated-increments-lost",
      (value) => (value === "18" ? "9" : value),
    ],
    ["counter", "with more than was ever sent", "counted-twice", (value) => (value === "18" ? "27" : value)],
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
