import { describe, expect, it } from "vitest";
import type { ClientHelp } from "../model/client-help.ts";
import {
  ANSWERED,
  appRun,
  badUntil,
  connected,
  EVENT,
  frozen,
  HUNG,
  ORDER,
  REFUSED,
  sends,
} from "./app/app-run.test-data.ts";
import { type HandMadeRun, okBy, REFUSED as REFUSED_BY_SERVER } from "./history.test-data.ts";
import { judge } from "./judge.ts";

const HELP: readonly ClientHelp[] = [
  {
    ...{ library: "ioredis", libNames: ["ioredis"], symptom: "frozen-primary", topology: "ha" },
    ...{ option: "socketTimeout: 2000", measured: "Measured.", reference: "docs/clients.md" },
  },
];

const resultOf = (run: HandMadeRun) => judge(run.build(), { clientHelp: HELP });
const wordOf = (run: HandMadeRun) => {
  const { checks, app } = resultOf(run);
  const check = checks.find(({ name }) => name === "app-recovery");
  return { ...check, reason: check?.evidence.reason, words: app?.words, after: app?.recoveredAfterMs };
};
/** It hangs from the fault to the end. */
const hanging = (options: Parameters<typeof appRun>[0] = {}, servers: Parameters<typeof frozen>[1] = {}) =>
  sends(frozen(appRun(options), servers), {
    to: servers.endMs ?? 20_000,
    ends: badUntil(servers.healAtMs ?? Infinity, HUNG),
  });

describe("an application that goes well again", () => {
  it("has recovered, and how long that took is told", () => {
    const found = wordOf(sends(frozen(appRun()), { to: 20_000, ends: badUntil(4500) }));
    expect(found).toMatchObject({ verdict: "pass", words: ["RECOVERED"], after: 2510 });
    expect(found.summary).toBe("every probe went well again, at most 2.51 s after a fault");
  });

  it("has recovered where it noticed nothing", () => {
    const found = wordOf(sends(frozen(appRun()), { to: 20_000, ends: () => ANSWERED }));
    expect(found).toMatchObject({ verdict: "pass", words: ["RECOVERED"], after: 0 });
  });

  it("is too late after the scenario's limit, whoever took the time, which is told", () => {
    const run = appRun({ expect: { app: { recoversWithinMs: 4000 } } });
    const found = wordOf(sends(frozen(run), { to: 20_000, ends: badUntil(6500) }));
    expect(found).toMatchObject({ verdict: "fail", reason: "recovered-late", words: ["RECOVERED"] });
    expect(found.summary).toMatch(/4\.51 s after .*limit is 4\.00 s.*servers were well again from 3\.60 s/);
  });

  it("may take as long as the scenario says", () => {
    const run = appRun({ expect: { app: { recoversWithinMs: 18_000 } } });
    const found = wordOf(sends(frozen(run), { to: 20_000, ends: badUntil(17_000) }));
    expect(found).toMatchObject({ verdict: "pass", words: ["RECOVERED"] });
  });

  it("recovers slowly and by itself: that is no hanging", () => {
    const found = wordOf(sends(frozen(appRun()), { to: 20_000, ends: badUntil(15_000) }));
    expect(found).toMatchObject({ verdict: "pass", words: ["RECOVERED"], after: 13_010 });
  });
});

describe("an application that hangs", () => {
  it("is stuck, and waits for the frozen primary", () => {
    const run = connected(hanging(), 1900, "primary", 2, { role: "primary" });
    for (const at of [6000, 19_900]) {
      connected(run, at, "primary", null);
      connected(run, at, "replica-1", 0, { role: "primary" });
      connected(run, at, "replica-2", 0, { role: "replica" });
    }
    run.observe(9000, "app-line", {
      ...{ instance: "app-1", at: 9e9, stream: "stderr", text: "command timed out", why: "error" },
    });
    const found = wordOf(run);
    expect(found).toMatchObject({ verdict: "fail", reason: "stuck", words: ["STUCK"], after: null });
    expect(found.evidence).toMatchObject({
      symptom: "frozen-primary",
      help: [{ library: "ioredis", option: "socketTimeout: 2000" }],
      notes: ["ioredis: socketTimeout: 2000 helps. Measured. (docs/clients.md)"],
    });
    expect(found.summary).toMatch(
      /^order hung, though the servers were well for 16\.\d\d s \(from 3\.60 s\): primary held 2 connections/,
    );
    expect(JSON.stringify(found.evidence?.tables)).toContain("command timed out");
    expect(resultOf(run).app?.connections).toMatchObject([
      { node: "primary", superseded: true, answered: false, count: 0 },
      { node: "replica-1", superseded: false, answered: true, count: 0 },
      { node: "replica-2", superseded: false },
    ]);
  });

  it("was stuck until the primary woke", () => {
    const found = wordOf(hanging({}, { healAtMs: 15_000 }));
    expect(found).toMatchObject({ reason: "stuck", words: ["STUCK"] });
    expect(found.summary).toContain("hung until 15.00 s");
    expect(found.evidence?.notes).toEqual([
      "it went well again only after pause primary had been undone at 15.00 s",
    ]);
  });

  it("was stuck, too, if all is answered when the primary wakes, in time for a patient probe", () => {
    const late = (at: number) =>
      at >= 2000 && at < 15_000 ? ({ outcome: "ok", afterMs: 15_020 - at } as const) : ANSWERED;
    const found = wordOf(sends(frozen(appRun(), { healAtMs: 15_000 }), { to: 20_000, ends: late }));
    expect(found).toMatchObject({ reason: "stuck", words: ["STUCK"] });
  });

  it("was stuck until somebody restarted it", () => {
    const run = sends(frozen(appRun()), { to: 20_000, ends: badUntil(14_000, HUNG) })
      .observe(13_500, "app", { instance: "app-1", event: "stopping", at: 13.5e9 })
      .observe(13_600, "app", { instance: "app-1", event: "stopped", at: 13.6e9 })
      .observe(13_700, "app", { instance: "app-1", event: "started", at: 13.7e9, start: 2 });
    expect(wordOf(run)).toMatchObject({ reason: "stuck", words: ["STUCK"], after: null });
  });

  it("stays with a primary that is a replica now, or has no connection, or hangs by itself", () => {
    const seen = (count: number, more: Parameters<typeof connected>[4], node = "primary") => {
      const run = hanging({}, { healAtMs: undefined });
      connected(run, 15_000, node, count, more);
      connected(run, 15_000, "replica-2", 0, { role: "replica" });
      return wordOf(run);
    };
    expect(seen(3, { role: "replica", idleS: 4 }).summary).toMatch(
      /3 connections of it are still at primary, which is a replica now: replica-1 was promoted/,
    );
    expect(seen(3, { role: "replica" }).evidence?.symptom).toBe("demoted-primary");
    expect(seen(0, { role: "primary" }, "replica-1").summary).toContain("it has no connection to any node");
    const blocked = { role: "primary", blocked: true, command: "brpop", idleS: 12 };
    expect(seen(1, blocked, "replica-1").summary).toMatch(/1 blocked in brpop, idle for up to 12 s/);
    expect(seen(2, { role: "primary" }, "replica-1").summary).toMatch(
      /what holds it up is in the application/,
    );
    const subscribed = connected(hanging(), 1900, "primary", 1, { role: "primary", subscriptions: 2 });
    connected(subscribed, 15_000, "replica-1", 1, { role: "primary" });
    expect(wordOf(subscribed).summary).toMatch(/connected to replica-1, and subscribed to nothing/);
    const halfMoved = connected(hanging(), 1900, "primary", 3, { role: "primary" });
    connected(halfMoved, 15_000, "primary", null);
    connected(halfMoved, 15_000, "replica-1", 1, { role: "primary" });
    expect(wordOf(halfMoved)).toMatchObject({ evidence: { symptom: "frozen-primary" } });
    expect(wordOf(halfMoved).summary).toContain("holds 1 of it: the others may wait for primary");
    expect(wordOf(hanging()).summary).toContain("nobody looked where its connections were");
  });

  it("names the instance that does, where the others do not", () => {
    const run = sends(frozen(appRun({ app: { instances: 2 } })), {
      to: 20_000,
      instances: ["app-1", "app-2"],
      ends: (at, instance) => (instance === "app-2" ? badUntil(Infinity, HUNG)(at) : badUntil(4500)(at)),
    });
    expect(wordOf(run)).toMatchObject({ reason: "stuck", evidence: { instances: ["app-2"] } });
    expect(wordOf(run).summary).toMatch(/^order hung at app-2, /);
  });

  it("goes wrong in part: that is told, and is no hanging", () => {
    const ends = (at: number, _: string, n: number) => (at > 2000 && n % 8 === 0 ? REFUSED : ANSWERED);
    const found = wordOf(sends(frozen(appRun()), { to: 20_000, ends }));
    expect(found).toMatchObject({ verdict: "fail", reason: "not-recovered", words: [] });
  });

  it("delivers nothing any more, though all is answered", () => {
    const run = sends(frozen(appRun({ probes: [ORDER, EVENT] })), { to: 20_000, ends: () => ANSWERED });
    for (let n = 0; n < 38; n += 1)
      run.observe(130 + 50 * n, "app-delivered", {
        ...{ probe: "event", instance: "app-1", at: (130 + 50 * n) * 1e6, id: `order-${n}` },
      });
    const found = wordOf(run);
    expect(found).toMatchObject({ reason: "stuck", words: ["STUCK"], evidence: { probe: "event" } });
    const writes = resultOf(run).checks.find(({ name }) => name === "app-writes");
    expect(writes).toMatchObject({ verdict: "unknown", evidence: { reason: "fates-not-told" } });
  });
});

describe("servers that are not well", () => {
  it("have an outage of their own: the application is not blamed", () => {
    const found = wordOf(hanging({}, { promoted: false }));
    expect(found).toMatchObject({ verdict: "unknown", reason: "recovery-not-observed", words: [] });
    expect(found.summary).toContain("the servers were not well themselves");
  });

  it("are named for a limit that is very short, too", () => {
    const found = wordOf(hanging({ expect: { app: { recoversWithinMs: 0 } } }, { promoted: false }));
    expect(found).toMatchObject({ verdict: "fail", reason: "servers-not-well", words: [] });
    const soon = appRun({ expect: { app: { recoversWithinMs: 0 } } });
    const late = wordOf(sends(frozen(soon, { healAtMs: 4500 }), { to: 20_000, ends: badUntil(4600) }));
    expect(late).toMatchObject({ verdict: "fail", reason: "recovered-late", words: ["RECOVERED"] });
  });

  it("make a limit fail, and are named for it", () => {
    const expected = { expect: { app: { recoversWithinMs: 5000 } } };
    const found = wordOf(hanging(expected, { promoted: false }));
    expect(found).toMatchObject({ verdict: "fail", reason: "servers-not-well", words: [] });
    expect(found.summary).toContain("That is the servers' outage");
  });

  it("are seen by the drill's own client, whatever the nodes say of themselves", () => {
    const run = hanging().probe({
      from: 100,
      to: 19_900,
      ends: (at) => (at < 2000 ? okBy("primary") : REFUSED_BY_SERVER),
    });
    expect(wordOf(run)).toMatchObject({ verdict: "unknown", words: [] });
  });

  it("are well for as long as the drill's own client says so, though no node told it", () => {
    const run = hanging({}, { promoted: false }).probe({
      from: 100,
      to: 19_900,
      ends: (at) => (at >= 2000 && at < 5000 ? REFUSED_BY_SERVER : okBy(at < 2000 ? "primary" : "replica-1")),
    });
    expect(wordOf(run)).toMatchObject({ reason: "stuck" });
  });
});

describe("what was not observed", () => {
  it("is no hanging: the drill was too short, or cut short", () => {
    expect(wordOf(hanging({}, { endMs: 9000 }))).toMatchObject({
      verdict: "unknown",
      reason: "recovery-not-observed",
      words: [],
    });
    expect(wordOf(hanging({}, { endMs: 12_000, endReason: "interrupted" }))).toMatchObject({
      verdict: "unknown",
      words: [],
    });
  });

  it("is a probe that never once succeeded: the answer that it got is told", () => {
    const wrong = { outcome: "fail", error: "HTTP-404", message: "Cannot POST /order" } as const;
    const found = wordOf(sends(frozen(appRun()), { to: 20_000, ends: () => wrong }));
    expect(found).toMatchObject({ verdict: "unknown", reason: "probe-never-ok", words: [] });
    expect(found.summary).toMatch(/never once succeeded: 398 of 398 times HTTP-404 \(Cannot POST \/order\)/);
  });

  it("is an application that was not right before", () => {
    const run = hanging().observe(50, "app-probe", {
      ...{ probe: "books", when: "before", at: 50e6, ok: false, seen: "exit code 1: 3 orders are missing" },
    });
    expect(wordOf(run)).toMatchObject({ verdict: "unknown", reason: "before-probe-failed", words: [] });
    expect(resultOf(run).verdict).toBe("unknown");
  });

  it("is a step that waited for such a probe in vain", () => {
    const wrong = { outcome: "fail", error: "HTTP-404" } as const;
    const waited = (ends: typeof wrong | typeof ANSWERED, detail: string) => {
      const run = sends(frozen(appRun()), { to: 20_000, ends: () => ends }).step(
        19_500,
        "await",
        "timeout",
        detail,
      );
      return resultOf(run).checks.find(({ name }) => name === "steps");
    };
    const forIt = "waited 10000 ms for the application to go well again";
    expect(waited(wrong, forIt)).toMatchObject({
      verdict: "unknown",
      evidence: { reason: "probe-never-ok" },
    });
    expect(waited(ANSWERED, forIt)).toMatchObject({ verdict: "fail" });
    expect(waited(wrong, "waited 10000 ms for writes and reads to go well again")).toMatchObject({
      verdict: "fail",
    });
  });

  it("is what its own restart brought about: that is no fault's doing", () => {
    const bad = (at: number) => (at >= 12_000 && at < 13_000 ? REFUSED : ANSWERED);
    const run = sends(frozen(appRun()), { to: 20_000, ends: bad })
      .observe(11_990, "app", { instance: "app-1", event: "stopping", at: 11.99e9 })
      .observe(12_500, "app", { instance: "app-1", event: "started", at: 12.5e9, start: 2 });
    expect(wordOf(run)).toMatchObject({ verdict: "pass", words: ["RECOVERED"], after: 0 });
  });

  it("is what no probe was sent for", () => {
    const late = wordOf(sends(frozen(appRun()), { from: 3000, to: 20_000, ends: () => ANSWERED }));
    expect(late).toMatchObject({ verdict: "unknown", reason: "probe-started-late", words: [] });
    const stopped = wordOf(sends(frozen(appRun()), { to: 1900, ends: () => ANSWERED }));
    expect(stopped).toMatchObject({ verdict: "unknown", reason: "probe-stopped" });
    const gap = sends(frozen(appRun()), { to: 2500, ends: () => ANSWERED });
    expect(wordOf(sends(gap, { from: 9000, to: 20_000, ends: () => ANSWERED }))).toMatchObject({
      reason: "probe-stopped",
    });
    const none = frozen(appRun({ expect: { app: { recoversWithinMs: 5000 } } }));
    expect(wordOf(none)).toMatchObject({ verdict: "unknown", reason: "no-probe" });
  });

  it("is whether it would have recovered without its restart", () => {
    const run = sends(frozen(appRun()), { to: 20_000, ends: badUntil(5000) })
      .observe(4500, "app", { instance: "app-1", event: "stopping", at: 4.5e9 })
      .observe(4700, "app", { instance: "app-1", event: "started", at: 4.7e9, start: 2 });
    expect(wordOf(run)).toMatchObject({ verdict: "unknown", reason: "restarted", words: [] });
  });

  it("is the time in which the tool itself stood still", () => {
    const run = hanging({}, { endMs: 14_000 }).observe(13_990, "stall", {
      ...{ from: 4e9, to: 13.5e9, kind: "not-run" },
    });
    expect(wordOf(run)).toMatchObject({ verdict: "unknown", words: [] });
  });
});

describe("an application that died", () => {
  it("is not stuck", () => {
    const run = hanging().observe(2100, "app", {
      ...{
        instance: "app-1",
        event: "exited",
        at: 2.1e9,
        code: 1,
        lastLines: ["Error: Connection is closed."],
      },
    });
    expect(wordOf(run)).toMatchObject({ verdict: "fail", reason: "died", words: ["DIED"] });
  });
});
