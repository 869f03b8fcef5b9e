import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { type History, readHistory } from "../history/reader.ts";
import type { HistoryEvent } from "../model/event.ts";
import { judge } from "./judge.ts";

/*
 * Real histories of the workload `register` (Valkey 8.1.1, iovalkey 0.4.0, two cores), with few processes on two keys.
 * Of the watermarks every 20th is kept; all else is complete.
 *
 * - register-kept: the primary stands still for 1.3 s; no failover
 * - register-lost: the replica hears nothing for 0.7 s, then the primary is killed, and the replica promoted
 */
const recorded = (name: string) =>
  readHistory(fileURLToPath(new URL(`${name}.fixture.jsonl`, import.meta.url)));
const checkOf = (history: History) => judge(history).checks.find(({ name }) => name === "linearizability");

/** The history with one completion's value changed. */
function answering(history: History, op: number, value: string): History {
  const change = (event: HistoryEvent): HistoryEvent =>
    event.type === "ok" && event.op === op ? { ...event, value } : event;
  return { ...history, events: history.events.map(change) };
}

describe("a primary that stood still", async () => {
  const history = await recorded("register-kept");

  it("passes: of three compare-and-set without an end one happened, when the primary went on", () => {
    expect(judge(history).verdict).toBe("pass");
    expect(checkOf(history)).toMatchObject({ verdict: "pass", evidence: { keys: 2 } });
    const open = history.events.filter(({ type }) => type === "info");
    expect(open).toHaveLength(6);
  });

  it("fails if another of them is said to have happened as well: both found the same value", () => {
    // Operation 44 set 0-12 in place of 0-11, which 52 read; 45 would have set 0-13 in its place.
    const both = checkOf(answering(history, 51, "0-13"));
    expect(both).toMatchObject({ verdict: "fail", evidence: { reason: "not-linearizable" } });
  });

  it("fails if one answer is an older one", () => {
    const stale = checkOf(answering(history, 56, "0-1"));
    expect(stale).toMatchObject({ verdict: "fail", evidence: { stretches: [{ kind: "stale-read" }] } });
  });
});

describe("a primary that was killed with what its replica had not heard", async () => {
  const history = await recorded("register-lost");

  it("fails, and is called what it is: acknowledged writes were lost", () => {
    expect(checkOf(history)).toMatchObject({
      verdict: "fail",
      summary: expect.stringMatching(
        /^acknowledged writes were lost when replica-1 took primary's place at [0-9.]+ ms: 2 of 2 keys not linearizable/,
      ),
      evidence: {
        reason: "acknowledged-writes-lost",
        promotion: { from: "primary", to: "replica-1" },
        stretches: expect.arrayContaining([
          expect.objectContaining({
            kind: "stale-read",
            text:
              "register-4's cas from 1-20 found 1-8 at 3100.9 ms, after register-2's write 1-20 had been " +
              "acknowledged at 1236.7 ms",
          }),
        ]),
      },
    });
  });

  it("is judged alike however often it is judged", () => {
    expect(checkOf(history)).toEqual(checkOf(history));
  });
});
