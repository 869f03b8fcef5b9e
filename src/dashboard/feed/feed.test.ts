import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../model/event.ts";
import type { LiveSetup, LiveTick } from "../../model/live.ts";
import type { NodeNow } from "../source.ts";
import { LiveFeed } from "./feed.ts";

/** A feed by hand: times in ms. */
function begin(shards: LiveSetup["shards"] = []) {
  let now = 0;
  let nodes: NodeNow[] = [];
  let listener: (event: HistoryEvent) => void = () => {};
  let op = 0;
  const node = (name: string, role: "primary" | "replica" | "sentinel") => ({ name, role, endpoint: "" });
  const feed = new LiveFeed({
    setup: {
      id: "test",
      title: "test",
      mode: "play",
      kind: "ha",
      driver: "process",
      valkey: "8.1",
      startedAt: "",
      nodes: [node("primary", "primary"), node("replica-1", "replica"), node("sentinel-1", "sentinel")],
      shards,
      faults: [],
      workloads: [],
      clients: [],
    },
    nowMs: () => now,
    onEvent: (given) => {
      listener = given;
      return () => {
        listener = () => {};
      };
    },
    nodesNow: () => nodes,
    status: () => ({ workload: null, client: "iovalkey", busy: [], steps: [], over: false, ended: null }),
  });
  const record = (event: HistoryEvent) => {
    now = Math.max(now, event.at / 1e6);
    listener(event);
  };
  const invoke = (ms: number, f = "write", key = "k") => {
    op += 1;
    record({ type: "invoke", at: ms * 1e6, op, client: "probe", workload: "w", f, key, due: ms * 1e6 });
    return op;
  };
  const end = (ms: number, number: number, type: "ok" | "fail" | "info" = "ok", message = "no") =>
    record({
      type,
      at: ms * 1e6,
      op: number,
      ...(type !== "ok" && { error: { class: "CONNECTION-LOST", message } }),
    });
  const tick = (ms = now): LiveTick => {
    now = ms;
    const told = feed.tick();
    if (told === undefined) throw new Error("all must be told again");
    return told;
  };
  const see = (offsets: Record<string, number>, slots: Record<string, string> = {}) => {
    nodes = Object.entries(offsets).map(([name, offset]) => ({ name, offset, slots: slots[name] ?? "" }));
  };
  return { feed, record, invoke, end, tick, see, at: (ms: number) => (now = ms) };
}

describe("the feed of the live page", () => {
  it("counts an operation in the bucket in which it was due, whenever it ends", () => {
    const { invoke, end, tick } = begin();
    const slow = invoke(100);
    end(110, invoke(105));
    expect(tick(260).buckets).toEqual([[0, 1, 0, 0, expect.any(Number), expect.any(Number), 5, null]]);
    end(900, slow);
    const [bucket] = tick(910).buckets;
    expect(bucket?.[5]).toBeLessThanOrEqual(bucket?.[6] as number);
    expect(bucket?.slice(0, 4)).toEqual([0, 2, 0, 0]);
    expect(bucket?.[6]).toBe(800);
    expect(bucket?.[5]).toBeGreaterThan(780);
    expect(bucket?.[5]).toBeLessThan(880);
    expect(tick(950).buckets).toEqual([]);
  });

  it("tells errors by class, and in the log the first of each with its key", () => {
    const { invoke, end, tick } = begin();
    for (let n = 0; n < 5; n += 1) end(20 + n, invoke(10 + n, "write", `<script>${n}`), "info");
    end(40, invoke(30), "fail");
    const { buckets, lines } = tick(50);
    expect(buckets[0]?.[7]).toEqual({ "CONNECTION-LOST (unknown)": 5, "CONNECTION-LOST (failed)": 1 });
    const errors = lines.filter(({ kind }) => kind === "error").map(({ text }) => text);
    expect(errors).toEqual([
      "write <script>0 ended, nobody knows how: CONNECTION-LOST: no",
      "write k failed: CONNECTION-LOST: no",
    ]);
  });

  it("sees an outage while it lasts, from the last success to the first of a recovery that lasts", () => {
    const { invoke, end, tick } = begin();
    for (let ms = 0; ms < 1000; ms += 10) end(ms + 1, invoke(ms));
    for (let ms = 1000; ms < 3000; ms += 10) end(ms + 1, invoke(ms), "fail");
    expect(tick(3000).outages).toEqual([{ kind: "writes", fromMs: 991 }]);
    end(3012, invoke(3010));
    expect(tick(3020).outages).toEqual([{ kind: "writes", fromMs: 991, seeminglyToMs: 3012 }]);
    for (let ms = 3020; ms < 3530; ms += 10) end(ms + 1, invoke(ms));
    const { outages, lines } = tick(3540);
    expect(outages).toEqual([{ kind: "writes", fromMs: 991, toMs: 3012 }]);
    expect(lines.map(({ text }) => text)).toContain("writes succeed again, after 2.02 s");
  });

  it("sees the outage of one shard of a cluster, whatever the others serve", () => {
    const { invoke, end, tick } = begin([
      { shard: 1, slots: [[0, 8191]], primary: "a", replicas: [] },
      { shard: 2, slots: [[8192, 16383]], primary: "b", replicas: [] },
    ]);
    const [one, two] = ["bar", "foo"]; // slots 5061 and 12182
    for (let ms = 0; ms < 2000; ms += 10) {
      end(ms + 1, invoke(ms, "write", one), ms < 500 ? "ok" : "fail");
      end(ms + 2, invoke(ms + 1, "write", two));
    }
    expect(tick(2000).outages).toEqual([{ kind: "writes", shard: 1, fromMs: 491 }]);
  });

  it("takes one success in the middle of failures for no end", () => {
    const { invoke, end, tick } = begin();
    for (let ms = 0; ms < 3000; ms += 10) end(ms + 1, invoke(ms), ms < 500 || ms === 1500 ? "ok" : "fail");
    expect(tick(3000).outages).toEqual([{ kind: "writes", fromMs: 491 }]);
  });

  it("counts only what the probe sends: a caller that waits for answers shows no outage", () => {
    const { record, tick } = begin();
    for (let op = 1; op < 100; op += 1) {
      const at = op * 10e6;
      record({ type: "invoke", at, op, client: "crud", workload: "crud", f: "write", key: "k" });
      record({ type: "fail", at: at + 1e6, op, error: { class: "READONLY", message: "no" } });
    }
    expect(tick(1000)).toMatchObject({ outages: [], watched: [] });
  });

  it("sees no outage where all is served, nor where nobody asks", () => {
    const { invoke, end, tick, feed } = begin();
    for (let ms = 0; ms < 1000; ms += 10) end(ms + 1, invoke(ms));
    expect(tick(5000).outages).toEqual([]);
    for (let ms = 6000; ms < 7000; ms += 10) end(ms + 1, invoke(ms));
    expect(tick(7000).outages).toEqual([]);
    expect(feed.start().soFar.outages).toEqual([]);
  });

  it("says of an outage in which the probe was stopped that nobody saw its end", () => {
    const { invoke, end, tick, record } = begin();
    for (let ms = 0; ms < 500; ms += 10) end(ms + 1, invoke(ms));
    for (let ms = 500; ms < 1500; ms += 10) end(ms + 1, invoke(ms), "fail");
    expect(tick(1500).outages).toHaveLength(1);
    const stop = { workload: "w", phase: "end", at: 1600e6 } as const;
    record({ type: "observation", at: 1600e6, name: "workload", data: stop });
    const { outages, watched } = tick(4000);
    expect(outages).toEqual([{ kind: "writes", fromMs: 491, toMs: 1490, endUnseen: true }]);
    expect(watched).toEqual([{ kind: "writes", fromMs: 0, toMs: 1600 }]);
  });

  it("tells roles, faults and Sentinels' words in its log, and keeps the offsets", () => {
    const { record, tick, see, feed } = begin();
    see({ primary: 100, "replica-1": 90 });
    const sentinel = (detail: string) =>
      record({ type: "topology", at: 2e6, source: "sentinel-1", event: "sentinel", detail });
    record({
      type: "topology",
      at: 1e6,
      source: "replica-1",
      event: "role",
      subject: "replica-1",
      to: "primary",
    });
    sentinel("+odown master drill 127.0.0.1 1 #quorum 2/2");
    sentinel("+tilt #tilt mode entered");
    const fault = {
      type: "fault",
      fault: "kill",
      targets: ["primary"],
      id: 1,
      label: "primary killed",
    } as const;
    record({ ...fault, at: 3e6, phase: "inject" });
    record({ ...fault, at: 4e6, phase: "injected" });
    record({ ...fault, at: 9e6, phase: "healed" });
    const { lines, faults, samples, changes } = tick(10);
    expect(lines.map(({ kind, from, text }) => [kind, from, text])).toEqual([
      ["topology", "replica-1", "is a primary"],
      ["sentinel", "sentinel-1", "+odown master drill 127.0.0.1 1 #quorum 2/2"],
      ["fault", "drill", "inject: primary killed"],
      ["heal", "drill", "healed: primary killed"],
    ]);
    expect(faults).toMatchObject([{ id: 1, injectMs: 3, injectedMs: 4, healedMs: 9 }]);
    expect(samples).toEqual([[10, [100, 90]]]);
    expect(changes.map(({ what, to }) => [what, to])).toEqual([
      ["role", "primary"],
      ["sees", "agreed"],
    ]);
    expect(feed.start().soFar.lines).toHaveLength(4);
    expect(tick(20).lines).toEqual([]);
  });

  it("tells a change of slots once", () => {
    const { tick, see } = begin();
    see({ primary: 1 }, { primary: "0-16383" });
    expect(tick(0).slots).toEqual([{ atMs: 0, node: "primary", slots: "0-16383" }]);
    expect(tick(1000).slots).toEqual([]);
    see({ primary: 1 }, {});
    expect(tick(2000).slots).toEqual([{ atMs: 2000, node: "primary", slots: "" }]);
  });

  it("takes no more room for a day than for an hour, and says when all must be told again", () => {
    const { feed, invoke, end, at } = begin();
    const days = 24 * 3600 * 1000;
    let again = 0;
    for (let ms = 0; ms < days; ms += 5000) {
      end(ms + 1, invoke(ms));
      at(ms + 1);
      if (feed.tick() === undefined) again += 1;
    }
    const { bucketMs, soFar } = feed.start();
    expect(soFar.buckets.length).toBeLessThanOrEqual(4800);
    expect(soFar.buckets.reduce((sum, [, ok]) => sum + ok, 0)).toBe(days / 5000);
    expect(bucketMs).toBe(250 * 2 ** again);
    expect(soFar.samples.length).toBeLessThanOrEqual(2400);
  });
});
