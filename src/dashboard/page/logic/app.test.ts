import { describe, expect, it } from "vitest";
import type { LiveBucket } from "../../../model/live-bucket.ts";
import type { AppSession, KnownProbe, Session } from "../store.ts";
import { instancesAt, probeSeries, probesAt } from "./app.ts";
import { stateAt } from "./state.ts";

const bucket = (index: number, ok: number, info = 0): LiveBucket => [
  ...([index, ok, 0, info, 1, 2, 3] as const),
  info > 0 ? { "TIMEOUT (unknown)": info } : null,
];
/** Well to 2.5 s, then nothing but time-outs to 5 s, then well. */
const BUCKETS = Array.from({ length: 40 }, (_, index) =>
  index >= 10 && index < 20 ? bucket(index, 0, 5) : bucket(index, 5),
);

function session(probe: Partial<KnownProbe>, nowMs = 10_000, app: Partial<AppSession> = {}): Session {
  const order = { bucketMs: 250, buckets: BUCKETS, waitingSinceMs: null, ...probe };
  return {
    version: 0,
    setup: { kind: "ha" } as Session["setup"],
    bucketMs: 250,
    ...{ buckets: [], changes: [], samples: [], slots: [], lines: [], faults: [], outages: [] },
    ...{ watched: [], total: 0, nowMs },
    app: { probes: new Map([["order", order]]), life: [], memory: [], ...app },
    status: { workload: null, client: "c", busy: [], steps: [], over: false, ended: null },
  };
}
const at = (of: Session, atMs: number) => probesAt(of, atMs)[0];

describe("a probe at one moment", () => {
  it("is well, or fails since its last success, or in part", () => {
    const all = session({});
    expect(at(all, 2000)).toMatchObject({ state: "well", words: "ok", okPerSecond: 20, badPerSecond: 0 });
    expect(at(all, 4000)).toMatchObject({
      state: "failing",
      words: "TIMEOUT (unknown); no success since 0:02.5",
      okPerSecond: 0,
      badPerSecond: 20,
    });
    expect(at(all, 6000)).toMatchObject({ state: "well", p99Ms: 2 });
    expect(at(session({ buckets: [bucket(0, 3, 1)] }), 100)).toMatchObject({
      ...{ state: "failing", words: "TIMEOUT (unknown), in part" },
    });
  });

  it("hangs if it waits for an answer for long, which is known only of now", () => {
    const hangs = session({ buckets: BUCKETS.slice(0, 10), waitingSinceMs: 2500 }, 4000);
    expect(at(hangs, 4000)).toMatchObject({
      ...{ state: "hanging", words: "waits for an answer; no success since 0:02.5" },
    });
    expect(at(hangs, 3000)?.state).toBe("well");
    const short = session({ buckets: BUCKETS.slice(0, 10), waitingSinceMs: 2500 }, 3000);
    expect(at(short, 3000)?.state).toBe("well");
    // Others that were sent later have gone well: one answer is late, no more.
    expect(at(session({ waitingSinceMs: 6000 }), 10_000)?.state).toBe("well");
  });

  it("has not been asked before its first answer", () => {
    expect(at(session({ buckets: [] }), 100)).toMatchObject({ state: "unasked", words: "not answered yet" });
  });

  it("decides what is so at a glance, where nothing else is measured", () => {
    const words = (atMs: number) => stateAt(session({}), atMs, []).words;
    expect([words(2000), words(4000), words(6000)]).toEqual([
      ...["✓ serving", "✗ application fails", "✓ serving"],
    ]);
  });
});

describe("an instance at one moment", () => {
  it("is what happened to it last, with the memory that was seen last", () => {
    const life = (atMs: number, event: "ready" | "exited") =>
      ({ atMs, instance: "app-1", event, text: event }) as const;
    const memory = [
      [500, "app-1", 40],
      [1500, "app-1", 50],
      [500, "app-10", 7],
      [500, "app-2", 8],
    ] as const;
    const all = session({}, 10_000, { life: [life(100, "ready"), life(3000, "exited")], memory });
    expect(
      instancesAt(all, 1000).map(({ name, last, memoryBytes }) => [name, last?.text, memoryBytes]),
    ).toEqual([
      ["app-1", "ready", 40],
      ["app-2", undefined, 8],
      ["app-10", undefined, 7],
    ]);
    expect(instancesAt(all, 4000)[0]).toMatchObject({ last: { text: "exited" }, memoryBytes: 50 });
  });
});

describe("the chart of a probe", () => {
  it("is no comb, however seldom it is sent", () => {
    const buckets = Array.from({ length: 40 }, (_, index) =>
      index % 4 === 0 ? bucket(index, 1) : undefined,
    );
    const { series } = probeSeries(
      { bucketMs: 250, buckets, waitingSinceMs: null },
      { fromMs: 0, toMs: 10_000 },
      10_000,
    );
    expect(new Set(series[0]?.values)).toEqual(new Set([1])); // one a second
  });

  it("draws rates, and leaves out the bucket that is being filled", () => {
    const { times, series } = probeSeries(
      { bucketMs: 250, buckets: BUCKETS, waitingSinceMs: null },
      { fromMs: 0, toMs: 5000 },
      4900,
    );
    expect(times.at(-1)).toBe(4625);
    const [ok, failed, unknown] = series;
    expect([ok?.values[0], failed?.values[0], unknown?.values[0]]).toEqual([20, 0, 0]);
    expect([ok?.values[12], unknown?.values[12]]).toEqual([0, 20]);
  });
});
