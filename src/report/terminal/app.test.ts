import { stripVTControlCharacters } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AppResult } from "../../model/app-result.ts";
import type { Result } from "../../model/result.ts";
import { appOf, recoveredApp, stuckApp } from "../sample-app.test-data.ts";
import { passingHa } from "../sample-results.test-data.ts";
import { renderResult } from "./result.ts";
import { renderSummary } from "./summary.ts";

const draw = (result: Result, width = 120) => renderResult(result, { colour: false, width });
const withApp = (changes: Partial<AppResult>, result: Partial<Result> = {}) =>
  draw({ ...recoveredApp, ...result, app: appOf(changes) });

describe("an application in a terminal", () => {
  it("has its words behind the verdict, above and below", () => {
    const lines = draw(stuckApp).split("\n");
    expect(lines[0]).toBe("✗ FAIL  STUCK, LOST  quick");
    expect(lines).toContain("✗ FAIL  STUCK, LOST  quick, 24.1 s");
    expect(draw(recoveredApp).split("\n")[0]).toBe("✓ PASS  RECOVERED  quick");
    expect(draw(passingHa)).not.toContain("Application");
  });

  it("keeps them where the drill let something go, and where they are not known", () => {
    const text = "2 lost writes allowed by expect.order.lost";
    const accepted = [{ what: "lost-writes", count: 2, allowedBy: "expect.order.lost", text }];
    expect(withApp({ words: ["LOST", "RECOVERED"] }, { accepted })).toMatch(
      /^✓ PASS, with 2 lost writes allowed by expect\.order\.lost\n {2}LOST, RECOVERED {2}quick\n/,
    );
    const unknown = withApp({ words: [] }, { verdict: "unknown" });
    expect(unknown).toMatch(/^\? UNKNOWN {2}quick\n/);
    expect(unknown).toContain("what became of it is not known");
  });

  it("tells what was started, what each word means, and how it lived", () => {
    const text = draw(stuckApp);
    expect(text).toMatch(/Application {2}node server\.js\n/);
    expect(text).toContain("STUCK: the servers recovered, but order did not go well again");
    expect(text).toContain("LOST: 3 acknowledged writes are gone");
    expect(text).toContain("2 instances · 1 restart · memory 81 MB at first, 120 MB at most, 96 MB at last");
    expect(draw(recoveredApp)).toContain(
      "RECOVERED: every probe went well again, at most 1,813 ms after a fault",
    );
    expect(withApp({ started: null, memory: null })).toMatch(/Application {2}ran already\n/);
  });

  it("has a line for each probe, and what it asked and was answered", () => {
    const text = draw(stuckApp);
    expect(text).toMatch(/\n {4}probe +sent +ok +failed +unknown +outage +99% within +lost +duplicated\n/);
    expect(text).toMatch(/\n {4}order +482 +40 +4 +438 +not over +— +3 +0\n/);
    expect(text).toMatch(/\n {4}stored +478 +478 +0 +0 +— +3\.2 ms +— +—\n/);
    expect(text).toMatch(/\n {4}health +24 +24 +0 +0 +none +2 ms +— +—\n/);
    expect(text).toContain('order    POST /orders {"id": "{{unique}}"} → TIMEOUT ×438, HTTP-201 ×40');
  });

  it("tells an outage that ended beside one that goes on, and what was not measured", () => {
    const [order] = appOf().probes;
    if (order === undefined) throw new Error("no probe");
    const one = { ...order, outages: [...order.outages, { startMs: 5000, endMs: null, failed: 9 }] };
    expect(withApp({ probes: [one] })).toContain("1,803 ms (another not over)");
    expect(withApp({ probes: [{ ...order, outageMs: null, outages: [] }] })).toContain("not measured");
  });

  it("leaves out what no probe can tell", () => {
    const probes = appOf().probes.map((probe) => ({ ...probe, lost: null, duplicated: null }));
    expect(withApp({ probes })).not.toMatch(/99% within +lost/);
    expect(withApp({ probes: [] })).not.toContain("asked → answered");
  });

  it("shows where the connections are if it is stuck, and only then", () => {
    const text = draw(stuckApp);
    expect(text).toMatch(/primary +primary, superseded +2 +set, info +18 s +ioredis 5\.8\.2\n/);
    expect(text).toMatch(/replica-1 +primary +none\n/);
    expect(text).toMatch(/replica-2 +role not known +did not answer\n/);
    const narrow = draw(stuckApp, 60).replaceAll(/\s+/g, " ");
    expect(narrow).toContain(
      "primary primary, superseded: 2 connections; of ioredis 5.8.2; last commands set, info; idle for 18 s",
    );
    const { connections = [] } = stuckApp.app ?? {};
    expect(withApp({ connections })).not.toContain("superseded");
  });

  it("says nothing of writes and latency where only the application was asked", () => {
    expect(draw(stuckApp)).not.toMatch(/\n {2}(Writes|Operations|Latency|Outage) /);
    expect(draw(recoveredApp)).toMatch(/\n {2}Operations /);
  });

  it("differs by colour in nothing but escape codes, and keeps to the width", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(stuckApp, recoveredApp),
        fc.integer({ min: 60, max: 120 }),
        fc.lorem({ maxCount: 12 }),
        (result, width, asks) => {
          const probes = appOf().probes.map((probe) => ({ ...probe, asks }));
          const changed = { ...result, app: { ...(result.app as AppResult), probes } };
          const plain = draw(changed, width);
          const long = plain.split("\n").filter((line) => line.length > width && !line.includes("again:"));
          expect(long).toEqual([]);
          const coloured = renderResult(changed, { colour: true, width });
          expect(stripVTControlCharacters(coloured)).toBe(plain);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("is in the summary of several drills, where one has an application", () => {
    const summary = (results: Result[]) => renderSummary(results, { colour: false, width: 100 });
    const text = summary([stuckApp, recoveredApp, passingHa]);
    expect(text).toMatch(/✗ FAIL +STUCK, LOST +quick/);
    expect(text).toMatch(/✓ PASS +— +ha-failover/);
    expect(summary([passingHa])).not.toContain("application");
  });
});
