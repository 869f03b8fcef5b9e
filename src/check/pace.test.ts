import { describe, expect, it } from "vitest";
import type { LogEventData } from "../model/observed.ts";
import { factsOf } from "./facts.ts";
import { clusterRun } from "./history.test-data.ts";
import { electionPace, fixedDelayMs } from "./pace.ts";

const header = clusterRun().build().header;
const factsFor = (valkey: string, timeoutMs: number) =>
  factsOf(
    clusterRun({
      topology: { ...header.topology, valkey, settings: { "cluster-node-timeout": String(timeoutMs) } },
    })
      .end(1000)
      .build(),
  );
const delayed = (delayMs: number, rank: number, primaryRank?: number): LogEventData => ({
  node: "node-4",
  at: 1e9,
  errorMs: 1,
  event: "election-delayed",
  delayMs,
  detail:
    `Start of election delayed for ${delayMs} ` +
    `milliseconds (rank #${rank}${primaryRank === undefined ? "" : `, primary rank #${primaryRank}`}`,
});
const line = (event: LogEventData["event"], delayMs?: number): LogEventData => ({
  ...delayed(0, 0),
  event,
  delayMs,
});

describe("the delay of an election, by the server's version", () => {
  it.each([
    ["7.2.5", 2000, { fixedMs: 500, rankMs: 1000, primaryRankMs: 0, bestAtOnce: false, setting: null }],
    ["8.0.1", 2000, { fixedMs: 500, rankMs: 1000, primaryRankMs: 0, bestAtOnce: false }],
    ["8.1.1", 2000, { fixedMs: 500, rankMs: 1000, primaryRankMs: 500, bestAtOnce: false }],
    ["9.0.0", 3000, { fixedMs: 100, rankMs: 200, primaryRankMs: 100, bestAtOnce: false }],
    ["9.1.2", 2000, { fixedMs: 66, rankMs: 132, bestAtOnce: true, setting: "cluster-node-timeout" }],
    ["9.1.2", 60_000, { fixedMs: 500, rankMs: 1000 }],
    ["10.0.0", 15_000, { fixedMs: 500, bestAtOnce: true }],
  ])("%s with a node time-out of %i ms", (valkey, timeoutMs, pace) => {
    expect(electionPace(factsFor(valkey, timeoutMs), 0)).toMatchObject(pace);
  });

  it("is not known of a version that is not known", () => {
    expect(electionPace(factsFor("unstable", 2000), 0)).toBeUndefined();
  });

  it("is fixed but for what was drawn at random, by the ranks that the log tells", () => {
    const pace = electionPace(factsFor("8.1.1", 2000), 0);
    expect(fixedDelayMs(pace, delayed(869, 0, 0), [])).toBe(500);
    expect(fixedDelayMs(pace, delayed(1742, 1, 0), [])).toBe(1500);
    expect(fixedDelayMs(pace, delayed(1242, 0, 1), [])).toBe(1000);
    expect(fixedDelayMs(pace, delayed(742, 0), [line("election-moved", 1000)])).toBe(1500);
    expect(fixedDelayMs(pace, { ...delayed(742, 0), detail: undefined, fixedMs: 500 }, [])).toBe(500);
  });

  it("is nothing where the replica ranks best and asks at once, however its delay had been drawn", () => {
    const pace = electionPace(factsFor("9.1.2", 2000), 0);
    expect(fixedDelayMs(pace, delayed(0, 0, 0), [line("election-at-once")])).toBe(0);
    expect(fixedDelayMs(pace, delayed(120, 0, 0), [line("election-at-once")])).toBe(0);
    expect(fixedDelayMs(pace, delayed(0, 0, 0), [])).toBe(0);
    expect(fixedDelayMs(pace, delayed(120, 0, 0), [])).toBe(66);
  });
});
