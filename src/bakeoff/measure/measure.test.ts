import { describe, expect, it } from "vitest";
import type { HistoryEvent } from "../../model/event.ts";
import type { Plan } from "../../model/plan.ts";
import { measure } from "./measure.ts";
import type { RunRecord } from "./run-record.ts";

const plan: Plan = { kind: "ha", nodes: [], shards: [] };
const seconds = (n: number) => n * 1e9;
const fault = {
  type: "fault",
  phase: "inject",
  fault: "pause",
  id: 1,
  targets: ["primary"],
  primaries: ["primary"],
} as const;
const promoted = {
  type: "topology",
  source: "r",
  event: "role",
  subject: "replica-1",
  to: "primary",
} as const;

/** A write every 100 ms for 20 s; the fault comes at 5 s, a new primary at 8 s. Writes made meanwhile end at `endsAt`. */
function history(endsAt: number): HistoryEvent[] {
  const events: HistoryEvent[] = [
    { ...fault, at: seconds(5) },
    { ...promoted, at: seconds(8) },
  ];
  for (let op = 0; op < 200; op += 1) {
    const at = seconds(op / 10);
    const held = at > seconds(5) && at < endsAt;
    const about = {
      client: "probe",
      workload: "bakeoff",
      f: "write",
      key: "{l}",
      value: `e${op}`,
      shared: true,
      due: at,
    } as const;
    events.push({ type: "invoke", op, at, ...about }, { type: "ok", op, at: held ? endsAt : at + 1e6 });
  }
  return events.sort((a, b) => a.at - b.at);
}

const judge = (
  endsAt: number,
  drop: readonly number[] = [],
  twice: readonly number[] = [],
  more: readonly HistoryEvent[] = [],
  known: Partial<RunRecord> = {},
) => {
  const there = Array.from({ length: 200 }, (_, op) => op).filter((op) => !drop.includes(op));
  const lists = { "{l}": [...there, ...twice].map((op) => `e${op}`) };
  const about = { replaced: true, recovered: true, scenarioEndedAt: seconds(18), endAt: seconds(20) };
  const events = [...history(endsAt), ...more].sort((a, b) => a.at - b.at);
  return measure({ plan, events, said: [], steps: [], lists, ...about, ...known });
};

describe("what is measured", () => {
  it("is the outage as the caller saw it, and how long it took to the new primary", () => {
    const found = judge(seconds(9));
    expect(found).toMatchObject({ verdict: "pass", writeOutageMs: 4000 - 1, toNewPrimaryMs: 1000 });
    expect(found.calls).toMatchObject({ total: 200, ok: 200, hung: 0, unsettled: 0 });
  });

  it("is unknown if the servers failed over twice for one fault, whatever the client did", () => {
    const switched = (at: number, source: string, to: string) =>
      ({
        type: "topology",
        source,
        event: "sentinel",
        at: seconds(at),
        detail: `+switch-master drill ${to}`,
      }) as const;
    const once = [switched(8.1, "sentinel-1", "a 1 b 1"), switched(8.2, "sentinel-2", "a 1 b 1")];
    expect(judge(seconds(9), [], [], once)).toMatchObject({ verdict: "pass", reasons: [] });
    const twice = [...once, switched(10, "sentinel-1", "b 1 a 1")];
    expect(judge(seconds(16), [3], [], twice)).toMatchObject({
      verdict: "unknown",
      reasons: ["second-failover"],
    });
  });

  it("takes no node that comes back for a second failover, and no promotion for none", () => {
    const seen = (at: number, subject: string, event: "role" | "reachable", to: string) =>
      ({ type: "topology", source: subject, event, subject, to, at: seconds(at) }) as const;
    const cluster = { plan: { ...plan, kind: "cluster" } } as const;
    const began = [seen(1, "primary", "role", "primary"), seen(1, "replica-1", "role", "replica")];
    const back = [seen(5.1, "other", "reachable", "no"), seen(9, "other", "role", "primary")];
    const once = [...began, ...back, seen(9.1, "primary", "role", "replica")];
    expect(judge(seconds(9), [], [], once, cluster)).toMatchObject({ reasons: [] });
    const twice = [...once, seen(11, "primary", "role", "primary")];
    expect(judge(seconds(9), [], [], twice, cluster)).toMatchObject({ reasons: ["second-failover"] });
  });

  it("is hung and stuck, if calls wait for the old primary to wake up", () => {
    expect(judge(seconds(16))).toMatchObject({
      verdict: "fail",
      reasons: ["stuck", "hung"],
      toNewPrimaryMs: 8000,
    });
  });

  it("is lost by the client, if it was acknowledged long after the fault, and by nobody if just before it", () => {
    expect(judge(seconds(9), [100])).toMatchObject({
      reasons: ["lost"],
      writes: { lost: 1, lostByClient: 1 },
    });
    expect(judge(seconds(9), [49])).toMatchObject({ verdict: "pass", writes: { lost: 1, lostByClient: 0 } });
  });

  it("is counted from the fault that is meant, and from when the new primary could be found", () => {
    const events = history(seconds(9)).map((event) => (event.type === "fault" ? { ...event, id: 2 } : event));
    const earlier: HistoryEvent[] = [
      { ...fault, at: seconds(1) },
      { ...promoted, subject: "replica-2", at: seconds(2) },
    ];
    // One was lost around the first fault, which nobody is blamed for.
    const there = Array.from({ length: 200 }, (_, op) => `e${op}`).filter((element) => element !== "e9");
    const of = (more: object) =>
      measure({
        plan,
        events: [...earlier, ...events].sort((a, b) => a.at - b.at),
        said: [],
        steps: [],
        lists: { "{l}": there },
        ...{ replaced: true, recovered: true, scenarioEndedAt: seconds(18), endAt: seconds(20) },
        ...more,
      });
    expect(of({ since: 2 })).toMatchObject({
      verdict: "pass",
      toNewPrimaryMs: 1000,
      writeOutageMs: 4000 - 1,
    });
    expect(of({ since: 2 }).writes).toMatchObject({ lost: 1, lostByClient: 0 });
    expect(of({ since: 2, findableAt: seconds(8.5) })).toMatchObject({ toNewPrimaryMs: 500 });
    // Counted from the first fault, all is well at once after that promotion: this would hide what is asked.
    expect(of({}).toNewPrimaryMs).toBeLessThan(200);
  });

  it("is lost by no client, if a primary took it that nobody had replaced yet", () => {
    const went = (op: number) => judge(seconds(5), [op]).writes;
    expect(went(51)).toMatchObject({ lost: 1, lostByClient: 0 }); // between the order to kill and the death
    expect(went(70)).toMatchObject({ lost: 1, lostByClient: 0 }); // cut off from its replicas, until another is promoted at 8 s
    expect(went(95)).toMatchObject({ lost: 1, lostByClient: 1 });
    expect(went(30)).toMatchObject({ lost: 1, lostByClient: 1 }); // replicated long since
  });

  it("is lost by no client around a later handover, and by it between two", () => {
    const handover = { ...promoted, subject: "replica-2", at: seconds(15) } as const;
    expect(judge(seconds(5), [151], [], [handover]).writes).toMatchObject({ lost: 1, lostByClient: 0 });
    expect(judge(seconds(5), [120], [], [handover]).writes).toMatchObject({ lost: 1, lostByClient: 1 });
  });

  it("is a pool's state at the end: which of its connections still serve, and how many were opened", () => {
    const pool = (serving: number) => {
      const used = Array.from({ length: 60 }, (_, n) => n).flatMap((n): HistoryEvent[] => {
        const [op, at] = [1000 + n, seconds(18) + n * 30e6];
        const about = { client: "probe", workload: "bakeoff", f: "pool", key: "{l}:pool" } as const;
        return [
          { type: "invoke", op, at, ...about, value: `p${n}` },
          { type: "ok", op, at: at + 1e6, value: `client ${n % serving}` },
        ];
      });
      const said = [{ at: 1, say: "pool", how: "its own", size: 3 }] as const;
      const step = {
        node: "n",
        connections: 0,
        moved: 0,
        ask: 0,
        errors: {},
        calls: {},
        role: "primary",
      } as const;
      const steps = [
        { ...step, from: 0, to: seconds(1), pooled: 3 },
        { ...step, from: seconds(8), to: seconds(9), pooled: 4 },
      ];
      return judge(seconds(5), [], [], used, { said, steps }).features.find(
        ({ feature }) => feature === "pool",
      );
    };
    const seen = { how: "its own", size: 3, connections: { before: 3, after: 4 } };
    expect(pool(3)).toMatchObject({ works: "yes", failed: 0, pool: { ...seen, serving: 3 } });
    expect(pool(2)).toMatchObject({ works: "no", failed: 0, pool: { ...seen, serving: 2 } });
  });

  it("says nothing of a library that connected, and was slow before anything was broken", () => {
    const calm = { events: [], scenarioEndedAt: undefined };
    const opening = (...said: RunRecord["said"]) => judge(seconds(9), [], [], [], { ...calm, said });
    expect(opening({ at: 1, say: "opened", tookMs: 9 })).toMatchObject({
      verdict: "unknown",
      reasons: ["never-well"],
    });
    expect(opening()).toMatchObject({ verdict: "fail", reasons: ["no-connection"] });
    expect(opening({ at: 1, say: "failed", message: "no way in" })).toMatchObject({
      verdict: "fail",
      notes: ["it could not connect: no way in"],
    });
  });

  describe("where the drill or the app client stood still", () => {
    const stall = (from: number, to: number): HistoryEvent => ({
      type: "observation",
      at: seconds(to),
      name: "stall",
      data: { from: seconds(from), to: seconds(to), kind: "not-run" },
    });

    it("is unknown: no outage, no hang and no loss is charged to the library", () => {
      const found = judge(seconds(16), [100], [], [stall(5.2, 15.9)]);
      expect(found).toMatchObject({ verdict: "unknown", reasons: ["tool-stalled"], writeOutageMs: null });
      expect(found.toNewPrimaryMs).toBeNull();
      expect(found.notes[0]).toContain("10.7 s from 5.2 s on");
    });

    it("is measured all the same if that was short", () => {
      expect(judge(seconds(16), [], [], [stall(6, 6.4)])).toMatchObject({ reasons: ["stuck", "hung"] });
    });

    it("is never passed, and fails for what holds whatever the times were", () => {
      expect(judge(seconds(9), [], [], [stall(5.2, 7)])).toMatchObject({ verdict: "unknown" });
      expect(judge(seconds(9), [], [70], [stall(5.2, 7)])).toMatchObject({ reasons: ["duplicated"] });
    });

    it("says nothing of a loop that stood still with it, and all of one that did so by itself", () => {
      const sample = (at: number, blockedMs: number) =>
        ({ at: seconds(at), say: "sample", rssBytes: 1, heapBytes: 1, cpuUs: 1, blockedMs }) as const;
      const said = [
        { at: seconds(0.5), say: "opened", tookMs: 9 } as const,
        ...[1, 2, 7, 19.5].map((at) => sample(at, at === 7 ? 4000 : 0)),
      ];
      expect(judge(seconds(5), [], [], [], { said })).toMatchObject({ blockedMs: 4000, verdict: "fail" });
      expect(judge(seconds(5), [], [], [stall(3, 6.9)], { said })).toMatchObject({ blockedMs: 0 });
    });
  });

  it("is there twice, if it was sent twice", () => {
    expect(judge(seconds(9), [], [70])).toMatchObject({ reasons: ["duplicated"], writes: { duplicated: 1 } });
  });
});
