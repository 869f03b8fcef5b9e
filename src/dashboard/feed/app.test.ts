import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../model/event.ts";
import type { LiveProbe } from "../../model/live-app.ts";
import { appFailover } from "../../report-model/app.test-data.ts";
import { LiveFeed } from "./feed.ts";

/** A hand-made drill with an application, looked at five times a second. */
function followed({ stuck = false, untilMs = Infinity } = {}) {
  const { header, events } = appFailover({ stuck }).build();
  let now = 0;
  let listener: (event: HistoryEvent) => void = () => {};
  const { kind, shards, nodes } = header.topology;
  const feed = new LiveFeed({
    setup: {
      ...{ id: "", title: "", driver: "", valkey: "", startedAt: "", mode: "watch", kind, shards },
      ...{ faults: [], workloads: [], clients: [] },
      nodes: nodes.map(({ name, role }) => ({ name, role, endpoint: "" })),
    },
    nowMs: () => now,
    onEvent: (given) => {
      listener = given;
      return () => {};
    },
    nodesNow: () => [],
    status: () => ({ workload: null, client: "", busy: [], steps: [], over: false, ended: null }),
  });
  for (const event of events.filter(({ at }) => at / 1e6 <= untilMs)) {
    now = event.at / 1e6;
    listener(event);
  }
  return { feed, at: (ms: number) => (now = ms) };
}

/** How many ended ok, failed, and ended nobody knows how. */
const counts = ({ buckets }: LiveProbe) =>
  [1, 2, 3].map((place) => buckets.reduce((sum, bucket) => sum + (bucket[place] as number), 0));

describe("an application on the live page", () => {
  it("has its probes' answers apart from what is sent to the servers", () => {
    const { feed } = followed();
    const { app, total, buckets } = feed.start().soFar;
    expect(app?.probes.map(({ name }) => name)).toEqual(["health", "order"]);
    expect(counts(app?.probes.find(({ name }) => name === "order") as LiveProbe)).toEqual([102, 10, 34]);
    expect(total).toBe(780);
    expect(buckets.reduce((sum, [, ok, fail, info]) => sum + ok + fail + info, 0)).toBe(780);
  });

  it("tells what is new, and only that", () => {
    const { feed } = followed();
    expect(feed.tick()?.app?.life).toHaveLength(11);
    expect(feed.tick()).not.toHaveProperty("app");
    expect(feed.start().soFar.app?.life).toHaveLength(11); // another page is told all
  });

  it("tells since when an answer is waited for", () => {
    const { feed } = followed({ stuck: true, untilMs: 2500 });
    const order = feed.tick()?.app?.probes.find(({ name }) => name === "order");
    expect(order?.waitingSinceMs).toBe(2000);
    expect(counts(order as LiveProbe)).toEqual([36, 0, 0]);
  });

  it("has the life of its instances, their memory, and what they wrote", () => {
    const { feed } = followed({ stuck: true });
    const { app, lines } = feed.start().soFar;
    expect(app?.life.filter(({ instance }) => instance === "app-2").map(({ text }) => text)).toEqual([
      ...["starting", "ready", "exited with code 1", "starting, restart 1", "ready", "stopping"],
      "stopped with code 0",
    ]);
    expect(app?.memory[0]).toEqual([500, "app-1", 42_500_000]);
    const told = lines.map(({ atMs, kind, from, text }) => [atMs, kind, from, text]);
    expect(told).toContainEqual([3000, "error", "app-2", "exited with code 1: Error: out of orders"]);
    expect(told).toContainEqual([3400, "app", "app-2", "starting, restart 1"]);
    expect(told).toContainEqual([
      ...[2990, "error", "app-2"],
      "UnhandledPromiseRejection: Error: out of orders",
    ]);
    expect(told).toContainEqual([7800, "error", "books", "not ok (after): exit 1: 3 missing"]);
    expect(told).toContainEqual([
      ...[3000, "error", expect.stringMatching(/^app-/)],
      expect.stringMatching(/^order order-\d+ ended, nobody knows how: TIMEOUT/),
    ]);
  });
});
