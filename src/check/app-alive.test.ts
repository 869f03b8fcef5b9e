import { describe, expect, it } from "vitest";
import type { AppExpectations } from "../model/app.ts";
import { ANSWERED, appRun, BOOKS, frozen, ORDER, sends } from "./app/app-run.test-data.ts";
import type { HandMadeRun } from "./history.test-data.ts";
import { judge } from "./judge.ts";

const resultOf = (run: HandMadeRun, name: string) => {
  const { checks, app, accepted, verdict: whole } = judge(run.build());
  const check = checks.find((one) => one.name === name);
  return { ...check, reason: check?.evidence.reason, words: app?.words, app, accepted, whole };
};
const alive = (run: HandMadeRun) => resultOf(run, "app-alive");
const running = (app: AppExpectations = {}) =>
  sends(frozen(appRun({ expect: { app } })), { to: 19_900, ends: () => ANSWERED });
const exited = (run: HandMadeRun, atMs = 5000) =>
  run.observe(atMs, "app", {
    ...{ instance: "app-1", event: "exited", at: atMs * 1e6, code: 1, signal: null },
    lastLines: ["Error: Connection is closed.", ""],
  });
const restarted = (run: HandMadeRun, atMs: number, start = 2) =>
  run.observe(atMs, "app", { instance: "app-1", event: "started", at: atMs * 1e6, start });

describe("an application's life", () => {
  it("is told, with its memory", () => {
    const run = running();
    for (const [at, bytes] of [
      [100, 50e6],
      [9000, 90e6],
      [19_000, 60e6],
    ] as const)
      run.observe(at, "app-memory", { instance: "app-1", at: at * 1e6, rssBytes: bytes });
    expect(alive(run)).toMatchObject({
      verdict: "pass",
      summary: "the application stayed alive",
      app: { memory: { firstBytes: 50e6, maxBytes: 90e6, lastBytes: 60e6 }, restarts: 0 },
    });
  });

  it("has died if it ended by itself, with what it said last", () => {
    const died = alive(exited(running()));
    expect(died).toMatchObject({ verdict: "fail", reason: "died", words: ["DIED", "RECOVERED"] });
    expect(died.summary).toBe("app-1 ended by itself at 5.00 s (exit code 1): Error: Connection is closed.");
    expect(alive(exited(running(), 1000)).summary).toContain("before any fault");
  });

  it("has not died where it was asked to end", () => {
    const run = running();
    for (const [event, at] of [
      ["stopping", 19_950],
      ["killed", 19_990],
    ] as const)
      run.observe(at, "app", { instance: "app-1", event, at: at * 1e6 });
    expect(alive(run)).toMatchObject({ verdict: "pass" });
  });

  it("may end and be started again, as the scenario says", () => {
    const run = restarted(exited(running({ alive: false, restarts: 1 })), 5500);
    const found = alive(run);
    expect(found).toMatchObject({ verdict: "pass", words: ["DIED", "RECOVERED"], app: { restarts: 1 } });
    expect(found.accepted).toContainEqual(
      expect.objectContaining({ what: "application-exits", allowedBy: "expect.app.alive: false" }),
    );
    const often = restarted(restarted(running({ restarts: 1 }), 5500), 6000, 3);
    expect(alive(often)).toMatchObject({ verdict: "fail", reason: "too-many-restarts" });
  });

  it("must not say what the scenario forbids", () => {
    const line = (why: string) => (run: HandMadeRun) =>
      run.observe(6000, "app-line", {
        ...{ instance: "app-1", at: 6e9, stream: "stderr", text: "FATAL: OutOfMemory", why },
      });
    const found = alive(line("never")(running({ logNever: "/OutOfMemory/" })));
    expect(found).toMatchObject({ verdict: "fail", reason: "log-line-never" });
    expect(found.summary).toContain('matches /OutOfMemory/: "FATAL: OutOfMemory"');
    expect(alive(line("unhandled-error")(running()))).toMatchObject({
      verdict: "pass",
      evidence: { notes: ["1 unhandled error in its log, the first at 6.00 s: FATAL: OutOfMemory"] },
    });
  });

  it("is not known of what the drill did not start", () => {
    const url = appRun({ expect: { app: { alive: true } } }).build();
    const events = url.events.filter((event) => event.type !== "observation");
    const { checks } = judge({ ...url, events });
    expect(checks.find(({ name }) => name === "app-alive")).toMatchObject({
      verdict: "unknown",
      evidence: { reason: "life-not-observed" },
    });
  });
});

describe("probes that are sent once", () => {
  const asked = (run: HandMadeRun, when: "before" | "after", ok: boolean) =>
    run.observe(when === "before" ? 50 : 19_950, "app-probe", {
      ...{ probe: "books", when, ok, at: (when === "before" ? 50 : 19_950) * 1e6 },
      seen: ok ? "exit code 0" : "exit code 1: 3 orders are missing",
    });
  const books = () => sends(frozen(appRun({ probes: [ORDER, BOOKS] })), { to: 19_900, ends: () => ANSWERED });
  const checks = (run: HandMadeRun) => resultOf(run, "app-checks");

  it("went well before and after", () => {
    expect(checks(asked(asked(books(), "before", true), "after", true))).toMatchObject({
      verdict: "pass",
      whole: "pass",
    });
  });

  it("say no after the steps", () => {
    const found = checks(asked(asked(books(), "before", true), "after", false));
    expect(found).toMatchObject({ verdict: "fail", reason: "probe-failed-after" });
    expect(found.summary).toBe("books failed after the steps: exit code 1: 3 orders are missing");
  });

  it("make all unknown that failed before anything was broken", () => {
    const found = checks(exited(asked(asked(books(), "before", false), "after", false)));
    expect(found).toMatchObject({
      verdict: "unknown",
      reason: "before-probe-failed",
      whole: "unknown",
      words: [],
    });
  });

  it("were to be sent after the steps, and were not", () => {
    expect(checks(asked(books(), "before", true))).toMatchObject({
      verdict: "unknown",
      reason: "probe-not-sent-after",
    });
  });
});

describe("what no checker judged", () => {
  it("is called as the scenario writes it", () => {
    const expect_ = {
      probes: { order: { lost: 0, outageMs: 1 } },
      app: { logNever: "x", recoversWithinMs: 1 },
    };
    const { header, ...rest } = appRun({ expect: expect_ }).build();
    const { app: _, ...bare } = header;
    const found = judge({ ...rest, header: bare }).checks.find(({ name }) => name === "expectations");
    expect(found).toMatchObject({ verdict: "unknown" });
    expect(found?.summary).toContain(
      "expect.order.lost, expect.order.outage, expect.app.log.never, expect.app.recoversWithin are met",
    );
  });
});
