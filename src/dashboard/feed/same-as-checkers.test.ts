import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { factsOf } from "../../check/facts.ts";
import { listedOutages } from "../../check/outages-listed.ts";
import { promotionsSeen } from "../../check/promotions-seen.ts";
import { readHistory } from "../../history/reader.ts";
import type { HistoryEvent } from "../../model/event.ts";
import type { LiveSetup, LiveTick } from "../../model/live.ts";
import { LiveFeed } from "./feed.ts";

/* The live page shows what the checkers find, event by event: "Save as a run" tells nothing else. */

const CHECK = join(import.meta.dirname, "../../check");
const RECORDED = readdirSync(CHECK, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".fixture.jsonl"))
  .sort();

/** All that a page was told by the end of a recording, looked at five times a second. */
async function watched(path: string) {
  const history = await readHistory(join(CHECK, path));
  const { nodes, shards, kind } = history.header.topology;
  let now = 0;
  let listener: (event: HistoryEvent) => void = () => {};
  const about = { id: "", title: "", driver: "", valkey: "", startedAt: "", mode: "watch" } as const;
  const setup: LiveSetup = {
    ...{ ...about, kind, shards, faults: [], workloads: [], clients: [] },
    nodes: nodes.map(({ name, role }) => ({ name, role, endpoint: "" })),
  };
  const feed = new LiveFeed({
    setup,
    nowMs: () => now,
    onEvent: (given) => {
      listener = given;
      return () => {};
    },
    nodesNow: () => [],
    status: () => ({ workload: null, client: "", busy: [], steps: [], over: false, ended: null }),
  });
  listener(history.header);
  for (const event of history.events) {
    for (; now + 200 < event.at / 1e6; now += 200) feed.tick();
    listener(event);
  }
  now = (history.events.at(-1)?.at ?? 0) / 1e6;
  feed.tick();
  return { facts: factsOf(history), soFar: feed.start().soFar };
}

const tenth = (ms: number) => Math.round(ms * 10) / 10;
const ended = ({ outages }: LiveTick, kind: string, shard: number | undefined) =>
  outages
    .filter((one) => one.kind === kind && one.shard === shard && one.toMs !== undefined && !one.endUnseen)
    .map(({ fromMs, toMs }) => [tenth(fromMs), tenth(toMs as number)]);

describe.each(RECORDED)("what the page shows of %s", (path) => {
  it("is the outages and the promotions that the checkers find", async () => {
    const { facts, soFar } = await watched(path);
    const promotions = soFar.lines.filter(({ kind }) => kind === "promotion");
    expect(promotions.map(({ atMs, from, text }) => [atMs, from, text]).sort()).toEqual(
      promotionsSeen(facts)
        .map(({ at, from, to }) => [at / 1e6, to, `took over from ${from}`])
        .sort(),
    );
    // In a cluster the checkers take the shards that were hit together; the page shows each by itself.
    for (const { kind, shards, state, startMs, endMs } of listedOutages(facts))
      if (state === "ended" && shards.length <= 1)
        expect(ended(soFar, kind, shards[0])).toContainEqual([startMs, endMs]);
  });
});
