import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeSampleHistory } from "../bench/sample-history.ts";
import { drawRun } from "../src/api/draw-run.ts";
import { haFailover, haRun, withHaStart } from "../src/check/history.test-data.ts";
import { judgeStream } from "../src/check/judge.ts";
import { type History, readHistory, streamHistory } from "../src/history/reader.ts";
import { runFolder } from "../src/history/run-store.ts";
import type { ReportModel } from "../src/model/report-model.ts";
import { renderBakeoffPage } from "../src/report/html/render.ts";
import { formatMs } from "../src/report/numbers.ts";
import { REPORT_FORMATS } from "../src/report/registry.ts";
import { appOf, stuckApp } from "../src/report/sample-app.test-data.ts";
import { bakeoffCell, bakeoffDocument, bakeoffRun } from "../src/report/terminal/bakeoff.test-data.ts";
import { appFailover } from "../src/report-model/app.test-data.ts";
import { chromiumPath, chromiumRequired, openChromium } from "./support/chromium.ts";
import { barriers, drawnRun, openReport } from "./support/reports.ts";
import { ROOT } from "./support/structure.ts";
import { temporaryFolder } from "./support/temporary.ts";

/* The report as a reader has it: one file, opened from disk in a real browser. */

const html = (...models: ReportModel[]) => REPORT_FORMATS.html.render(models);
const recorded = (name: string) => readHistory(join(ROOT, `src/check/${name}.fixture.jsonl`));
const KILOBYTE = 1024;

let browser: Browser;
/** Models of runs of all kinds, by name. */
let models: Readonly<Record<string, ReportModel>>;

describe.skipIf(chromiumPath === undefined && !chromiumRequired)("the report in a browser", () => {
  beforeAll(async () => {
    browser = await openChromium();
    models = {
      ha: await drawnRun(await recorded("ha-failover"), { primary: LOG }),
      cluster: await drawnRun(await recorded("cluster-failover")),
      "lost writes": await drawnRun(withLostWrites()),
      "not linearizable": await drawnRun(notLinearizable()),
      application: withApp(await drawnRun(appFailover().build()), appOf()),
      "application alone": withApp(
        await drawnRun(appFailover({ stuck: true, alone: true }).build()),
        stuckApp.app,
      ),
      "broken off": await drawnRun(withHaStart(haRun()).end(100, "error", "primary died by itself").build()),
    };
  });
  afterAll(() => browser?.close());

  const model = (name: string) => models[name] as ReportModel;

  it.each(["ha", "cluster", "lost writes", "not linearizable", "application alone", "broken off"])(
    "opens from disk without a request or a complaint, and keeps nobody out: %s",
    async (name) => {
      for (const colorScheme of ["light", "dark"] as const) {
        const { page, requests, complaints } = await openReport(browser, html(model(name)), {
          colorScheme,
        });
        expect(await page.locator("h1").innerText()).toContain(model(name).result.scenario);
        expect(await barriers(page)).toEqual([]);
        expect(requests).toEqual([]);
        expect(complaints).toEqual([]);
        await page.context().close();
      }
    },
  );

  it("shows a run that failed as one: verdict, reason, and each lost write", async () => {
    const { page } = await openReport(browser, html(model("lost writes")));
    expect(await page.locator("h1").innerText()).toMatch(/✗ FAIL/);
    expect(await page.locator(".story").innerText()).toMatch(/2 of \d+ acknowledged writes were lost/);
    expect(await page.locator(".why").innerText()).toMatch(/durability.*replicated-writes-lost/s);
    expect(await page.locator(".strip svg").getAttribute("aria-label")).toMatch(/2 lost/);
    expect(await page.locator(".strip .fate.lost path").getAttribute("d")).toMatch(/^M/);
    expect(await page.locator("#fates table").innerText()).toContain("write:100:91");
    expect(await page.locator("#check-durability").getAttribute("open")).not.toBeNull();
    expect(await page.title()).toMatch(/^fail: hand-made/);
  });

  it("draws the stretch that no order explains", async () => {
    const { page } = await openReport(browser, html(model("not linearizable")));
    expect(await page.locator("#linearizability .operation.stuck text").first().textContent()).toMatch(
      /^✗ read/,
    );
    expect(await page.locator("#linearizability .operation").count()).toBeGreaterThan(2);
  });

  it("shows an application: its words, its probes beside the failover, its life, connections and log", async () => {
    const { page } = await openReport(browser, html(model("application alone")));
    expect(await page.locator("h1 .word").allInnerTexts()).toEqual(["STUCK, ", "LOST "]);
    expect(await page.locator(".story").innerText()).toContain(
      "STUCK: the servers recovered, but order did not",
    );
    expect(await page.locator(".figures dt").allInnerTexts()).not.toContain("Write outage");
    const lanes = page.locator("#application .app-lanes svg");
    expect(await lanes.getAttribute("aria-label")).toMatch(
      /order: no success, and goes on from 2\.010 s .* app-2: .*exited with code 1 from 3\.000 s to 3\.400 s/,
    );
    expect(await lanes.locator(".probe-lane .info").first().getAttribute("d")).toMatch(/^M/);
    expect(await lanes.locator(".band.phase").count()).toBeGreaterThan(2);
    const tables = page.locator("#application table");
    expect(await tables.nth(0).innerText()).toMatch(/order\s+482\s+40\s+4\s+438\s+not over/);
    expect(await tables.nth(1).innerText()).toMatch(/primary\s+primary, superseded\s+2\s+set, info/);
    expect(await page.locator("#timeline .lanes svg").getAttribute("aria-label")).toMatch(/app-2: .*exited/);
    await page.locator("#application .log").getByText("exited with code 1").waitFor();
    await page.locator("#logs .chip", { hasText: "app-2" }).click();
    expect(new Set(await page.locator("#logs .log .from").allInnerTexts())).toEqual(new Set(["app-2"]));
  });

  it("tells what a run that broke off has", async () => {
    const { page } = await openReport(browser, html(model("broken off")));
    expect(await page.locator(".story").innerText()).toContain("primary died by itself");
    expect(await page.locator("h1").innerText()).not.toMatch(/PASS/);
  });

  it("is scrubbed by keyboard, and the topology follows", async () => {
    const { page } = await openReport(browser, html(model("ha")));
    const moment = async () => Number.parseFloat(await page.locator(".scrub output").innerText());
    const topology = () => page.locator("figure.topology svg").getAttribute("aria-label");
    const { injectMs = 0 } = model("ha").faults[0] ?? {};
    const { to, atMs = 0 } = model("ha").failovers[0]?.promoted[0] ?? {};

    const before = await moment();
    await page.keyboard.press("ArrowRight");
    const after = await moment();
    expect(after).toBeGreaterThan(before);
    await page.keyboard.press("Shift+ArrowLeft");
    expect(await moment()).toBeLessThan(before);

    for (let press = 0; press < 60 && (await moment()) * 1000 >= injectMs; press += 1) {
      await page.keyboard.press("Shift+ArrowLeft");
    }
    expect(await topology()).toMatch(/^primary: primary/);
    expect(await topology()).not.toMatch(new RegExp(`${to}: primary`));
    for (let press = 0; press < 40 && (await moment()) * 1000 < atMs + 1; press += 1)
      await page.keyboard.press("n");
    expect(await topology()).toMatch(new RegExp(`${to}: primary`));
    expect(await topology()).toMatch(/^primary: does not answer/);

    // The slider itself does the same, and says it.
    await page.locator(".scrub input").focus();
    const spoken = () => page.locator(".scrub input").getAttribute("aria-valuetext");
    const said = await spoken();
    await page.keyboard.press("ArrowRight");
    expect(await spoken()).not.toBe(said);
  });

  it("shows the log of the node that was chosen, around the phase that was chosen", async () => {
    const { page } = await openReport(browser, html(model("ha")));
    await page.locator("figure.topology .node", { hasText: "primary" }).click();
    expect(await page.locator('.chip[aria-pressed="true"]').allInnerTexts()).toEqual(
      ["✓ primary"].map(() => "primary"),
    );
    const nodes = new Set(await page.locator(".log .from").allInnerTexts());
    expect([...nodes]).toEqual(["primary"]);
    expect(await page.locator(".log .said").allInnerTexts()).toContain(
      "Connection with replica client id #5 lost.",
    );
    await page.getByRole("button", { name: "show all", exact: true }).click();
    await page.getByRole("button", { name: "promoted", exact: true }).first().click();
    const { injectMs = 0 } = model("ha").faults[0] ?? {};
    const promoted = model("ha").failovers[0]?.phases.find(({ name }) => name === "promoted");
    const times = (await page.locator(".log .link").allInnerTexts()).map(
      (text) => Number.parseFloat(text) * 1000,
    );
    expect(times.length).toBeGreaterThan(0);
    for (const time of times) expect(Math.abs(time - injectMs - (promoted?.atMs ?? 0))).toBeLessThan(502);
  });

  it("puts several runs beside each other: what differs, what came of it, where the time went", async () => {
    const compared = html(model("ha"), model("lost writes"), model("cluster"));
    for (const colorScheme of ["light", "dark"] as const) {
      const { page, requests, complaints } = await openReport(browser, compared, { colorScheme });
      expect(await barriers(page)).toEqual([]);
      expect([...requests, ...complaints]).toEqual([]);
      const row = (panel: string, name: string) =>
        page.locator(`#${panel} tr`, { has: page.locator("th", { hasText: name }) }).locator("td");
      expect(await row("figures", "acknowledged writes lost").allInnerTexts()).toEqual(["▼ 0", "▲ 2", "▼ 0"]);
      expect(await row("differences", "topology").allInnerTexts()).toEqual([
        "HA 1+2, 3 Sentinels",
        expect.stringMatching(/^HA/),
        "Cluster 3+3",
      ]);
      expect(await row("checks", "durability").allInnerTexts()).toEqual([
        "✓ PASS",
        expect.stringMatching(/FAIL.*replicated-writes-lost/),
        "✓ PASS",
      ]);
      const { outageMs } = model("ha").result.failover;
      expect(await page.locator(".compared-outages strong").first().innerText()).toBe(
        formatMs(outageMs ?? 0),
      );
      expect(await page.locator(".lane-load .ok").count()).toBe(3);
      await page.context().close();
    }
    const { page } = await openReport(browser, compared, { viewport: { width: 390, height: 800 } });
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  });

  it("puts applications beside each other, with their words and the figures of their probes", async () => {
    const both = html(model("application"), { ...model("application alone"), runId: "other" });
    const { page, complaints } = await openReport(browser, both);
    expect([...(await barriers(page)), ...complaints]).toEqual([]);
    expect(await page.locator(".runs li").allInnerTexts()).toEqual([
      expect.stringMatching(/^A\s+✓ PASS RECOVERED quick/),
      expect.stringMatching(/^B\s+✗ FAIL STUCK, LOST quick/),
    ]);
    const row = (name: string) =>
      page.locator("#figures tr", { has: page.locator("th", { hasText: name }) }).locator("td");
    expect(await row("order: outage").allInnerTexts()).toEqual(["▼ 1,803 ms", "▲ not over"]);
    expect(await row("order: lost").allInnerTexts()).toEqual(["▼ 0", "▲ 3"]);
    expect(await row("operations failed").allInnerTexts()).toEqual(["180", "—"]);
  });

  it("shows a bake-off: each library's verdict and figures, and all under each other on one clock", async () => {
    const runs = [model("ha"), model("lost writes")].map((one, index) => ({
      ...one,
      runId: `run-${index}`,
    }));
    const steady = { median: 3500, worst: 3500 };
    const lost = {
      verdict: "fail" as const,
      reasons: ["lost"],
      notes: ["2 acknowledged writes are gone"],
    };
    const pool = { how: "its own", size: 3, serving: 1, connections: { before: 3, after: 5 } };
    const used = { calls: 9, failed: 2, unsettled: 0, errors: { READONLY: 2 }, longestMs: 9, missed: null };
    const features = [{ feature: "pool", works: "no" as const, ...used, pool }];
    const page = renderBakeoffPage(
      bakeoffDocument([
        bakeoffCell("ioredis", [bakeoffRun({ folder: "runs/run-0", features })], { writeOutageMs: steady }),
        bakeoffCell("ioredis", [bakeoffRun({ folder: "runs/run-1", ...lost })], {
          profile: "tuned",
          writeOutageMs: { median: 3500, worst: "endless" },
        }),
        bakeoffCell("glide", [], {
          why: "knows no Sentinel",
          issue: "https://github.com/valkey-io/valkey-glide/issues/2761",
        }),
      ]),
      runs,
    );
    const opened = await openReport(browser, page);
    expect(await barriers(opened.page)).toEqual([]);
    expect([...opened.requests, ...opened.complaints]).toEqual([]);
    const rows = await opened.page.locator("table.cells tbody tr").allInnerTexts();
    expect(rows[0]).toMatch(/^ioredis default\s+✓ PASS\s+3,500 ms\s/);
    expect(rows[1]).toMatch(/^ioredis tuned\s+✗ FAIL\s*lost\s+3,500 ms \/ no end\s/);
    expect(rows[2]).toMatch(/^glide default\s+not supported: knows no Sentinel github\.com/);
    expect(rows[3]).toMatch(
      /^ioredis default\s+does not work; 1 of 3 connections serve; 5 opened after the fault; 2 failed: READONLY$/,
    );
    expect(await opened.page.locator(".why").allInnerTexts()).toEqual([
      "ioredis tuned: 2 acknowledged writes are gone",
      "pool of ioredis: its own",
    ]);
    expect(await opened.page.locator(".lane-load text").allTextContents()).toEqual([
      "ioredis default",
      "ioredis tuned",
    ]);
    const narrow = await openReport(browser, page, { viewport: { width: 390, height: 800 } });
    expect(await narrow.page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
  });

  it("shows what comes from servers as text", async () => {
    const evil = `</script><script>window.hurt = 1</script><img src=x onerror="window.hurt = 1"><!--`;
    const run = haFailover({ scenario: evil, replay: evil }).operation(
      { f: "write", key: evil, value: evil },
      1900,
    );
    run.finally(evil, null).step(1950, evil, "timeout", evil);
    const log = `1:M 01 Jan 2025 00:00:00.100 * ${evil}\n`;
    const { page, requests, complaints } = await openReport(
      browser,
      html(await drawnRun(run.build(), { primary: log })),
    );
    expect(await page.evaluate("window.hurt")).toBeUndefined();
    expect(await page.locator("#fates td code").allInnerTexts()).toContain(evil);
    expect(await page.locator("h1").innerText()).toContain(evil);
    expect(await page.locator(".log .said").allInnerTexts()).toContain(evil);
    expect(await page.locator("img").count()).toBe(0);
    expect([...requests, ...complaints]).toEqual([]);
  });

  it.each([1300, 390])("fits a window %i wide", async (width) => {
    for (const name of ["ha", "cluster", "not linearizable", "application alone"]) {
      const { page } = await openReport(browser, html(model(name)), { viewport: { width, height: 800 } });
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
      await page.context().close();
    }
  });

  it("prints with everything unfolded, and without what one cannot press on paper", async () => {
    const { page } = await openReport(browser, html(model("lost writes")));
    const pdf = await page.pdf();
    expect(pdf.length).toBeGreaterThan(20 * KILOBYTE);
    expect(await page.locator("details:not([open])").count()).toBe(0);
    await page.emulateMedia({ media: "print" });
    expect(await page.locator(".toolbar").isVisible()).toBe(false);
    expect(await page.locator(".headline").isVisible()).toBe(true);
  });

  it("has XML and SVG that a browser reads", async () => {
    const page = await browser.newPage();
    const results = Object.values(models).map(({ result }) => result);
    for (const format of ["junit", "svg", "badge"] as const) {
      const text = REPORT_FORMATS[format].render(results, { colour: false });
      const root = await page.evaluate(
        `new DOMParser().parseFromString(${JSON.stringify(text)}, "application/xml").documentElement.nodeName`,
      );
      expect(root).toBe(format === "junit" ? "testsuites" : "svg");
    }
  });
});

it.each([100_000, 400_000])("is below 1 MB for a run of %i operations", async (operations) => {
  const run = runFolder(temporaryFolder("large"));
  await writeSampleHistory(run.history, operations);
  const page = html(await drawRun(run, await judgeStream(streamHistory(run.history))));
  expect(Buffer.byteLength(page)).toBeLessThan(KILOBYTE * KILOBYTE);
  expect(page.length).toBeGreaterThan(150 * KILOBYTE);
});

/** With another word of the checkers on its application. */
function withApp(model: ReportModel, app: ReportModel["result"]["app"]): ReportModel {
  const verdict = app?.words.includes("RECOVERED") ? "pass" : "fail";
  return { ...model, result: { ...model.result, verdict, app } };
}

/** As the servers write it; the recorded HA run began at this second. */
const LOG = `1:M 23 Nov 2026 04:43:15.100 # Connection with replica client id #5 lost.\n`;

/** Two writes that had been seen on the replicas are gone. */
function withLostWrites(): History {
  const run = haFailover();
  for (const n of [91, 92]) run.finally(`write:100:${n}`, null);
  return run.watermark(1999, 1998, "primary", ["replica-1", "replica-2"]).build();
}

/** A read finds an older value than another read before it. */
function notLinearizable(): History {
  const run = withHaStart(haRun());
  const operation = (client: string, f: "write" | "read", value: string, atMs: number) =>
    run.operation(
      {
        client,
        workload: "register",
        f,
        key: "register:1",
        ...(f === "write" && { value: JSON.stringify(value) }),
      },
      atMs,
      { outcome: "ok", afterMs: 5, ...(f === "read" && { value: JSON.stringify(value) }) },
    );
  operation("a", "write", "1", 100);
  operation("b", "write", "2", 200);
  operation("c", "read", "2", 300);
  operation("d", "read", "1", 400);
  return run.end(1000).build();
}
