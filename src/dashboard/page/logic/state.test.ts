import { describe, expect, it } from "vitest";
import type { LiveFaultWindow } from "../../../model/live.ts";
import type { Session } from "../store.ts";
import type { LiveNode } from "./nodes-at.ts";
import { rivalsAmong, stateAt } from "./state.ts";

const FAULT: LiveFaultWindow = {
  ...{ id: 1, fault: "kill", label: "primary killed", targets: ["a"], primaries: ["a"], injectMs: 1000 },
};

function session(changes: Partial<Session> = {}, kind: "ha" | "cluster" = "ha"): Session {
  return {
    version: 0,
    setup: { kind } as Session["setup"],
    bucketMs: 250,
    ...{ buckets: [], changes: [], samples: [], slots: [], lines: [], faults: [], outages: [] },
    app: { probes: new Map(), life: [], memory: [] },
    watched: [{ kind: "writes", fromMs: 0 }],
    nowMs: 10_000,
    total: 0,
    status: { workload: null, client: "c", busy: [], steps: [], over: false, ended: null },
    ...changes,
  };
}

const node = (name: string, role: "primary" | "replica", slots = "", reachable = true) =>
  ({ node: { name }, role, slots, reachable }) as unknown as LiveNode;
const SOUND = [node("a", "primary"), node("b", "replica")];
const words = (of: Session, atMs: number, nodes = SOUND, contact?: "gone" | "connecting") =>
  stateAt(of, atMs, nodes, contact).words;

describe("the state of the page", () => {
  it("is serving only while the probe asks, and no fault is in force", () => {
    expect(words(session(), 5000)).toBe("✓ serving");
    expect(words(session({ faults: [FAULT] }), 5000)).toBe("▲ faults in force");
    expect(words(session({ faults: [FAULT] }), 500)).toBe("✓ serving");
    expect(words(session({ watched: [] }), 5000)).toBe("▲ not measured");
    expect(words(session({ watched: [{ kind: "writes", fromMs: 0, toMs: 4000 }] }), 5000)).toBe(
      "▲ not measured",
    );
  });

  it("is an outage until the first success, and recovering until that lasted", () => {
    const outages = [{ kind: "writes", fromMs: 1000, seeminglyToMs: 3000 }] as const;
    expect(words(session({ outages }), 2000)).toBe("✗ outage");
    expect(words(session({ outages }), 3200)).toBe("▲ recovering");
    const over = session({ outages: [{ kind: "writes", fromMs: 1000, toMs: 3000 }] });
    expect([words(over, 2999), words(over, 3000)]).toEqual(["✗ outage", "✓ serving"]);
  });

  it("is never serving while two nodes that answer are primary of the same", () => {
    const two = [node("a", "primary"), node("b", "primary")];
    expect(words(session(), 5000, two)).toBe("✗ 2 primaries at once");
    expect(words(session(), 5000, [node("a", "primary", "", false), node("b", "primary")])).toBe("✓ serving");
    const cluster = session({}, "cluster");
    const shards = [node("a", "primary", "0-5460, 7000"), node("b", "primary", "5461-6999")];
    expect(words(cluster, 5000, shards)).toBe("✓ serving");
    expect(rivalsAmong(cluster, [...shards, node("c", "primary", "6900-8000")])).toEqual(["a", "b", "c"]);
    expect(rivalsAmong(cluster, [...shards, node("c", "primary", "")])).toEqual([]);
  });

  it("is its verdict once a drill is over, and what was so then at an earlier moment", () => {
    const ended = { verdict: "fail", text: "FAIL", report: null };
    const status = { ...session().status, over: true };
    expect(words(session({ status }), 10_000)).toBe("■ ended");
    expect(words(session({ status: { ...status, ended } }), 10_000)).toBe("■ ended: fail");
    expect(words(session({ status: { ...status, ended } }), 5000)).toBe("✓ serving");
  });

  it("is not told as it is now without a connection", () => {
    expect(words(session(), 10_000, SOUND, "connecting")).toBe("▲ no connection");
    expect(words(session(), 10_000, SOUND, "gone")).toBe("■ ended");
    expect(words(session(), 5000, SOUND, "gone")).toBe("✓ serving");
  });
});
