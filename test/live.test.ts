import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LiveControl } from "../src/dashboard/server/commands.ts";
import { openLiveServer } from "../src/dashboard/server/server.ts";
import { type History, readHistory } from "../src/history/reader.ts";
import { runFolder } from "../src/history/run-store.ts";
import type { AppHeader } from "../src/model/app.ts";
import { DrillError } from "../src/model/errors.ts";
import { appFailover } from "../src/report-model/app.test-data.ts";
import { loadScenario } from "../src/scenario/load.ts";
import { adminOf } from "../src/valkey/admin.ts";
import { chromiumPath, chromiumRequired, openChromium } from "./support/chromium.ts";
import { drillOf, problems } from "./support/drill.ts";
import { ask, type LiveProgram, liveProgram, openLive } from "./support/live.ts";
import { barriers } from "./support/reports.ts";
import { ROOT } from "./support/structure.ts";

/* The live page as one has it: `valkey-drill up --ui`, real servers, a real browser. */

const JSON_TYPE = { "Content-Type": "application/json" };
const WAIT = { timeout: 30_000 };

let program: LiveProgram;
let out: string;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "valkey-drill-live-"));
  program = await liveProgram(["up", "ha", "--replicas", "2", "--ui", "--out", out, "--quiet"]);
}, 300_000);

afterAll(async () => {
  // Ctrl-C gives everything back: the address answers no more, and (own-state.ts) no environment is left.
  expect(await program?.interrupt()).toBe(0);
  await expect(ask(program.url)).rejects.toThrow();
  await rm(out, { recursive: true, force: true });
});

describe("the door of the live page", () => {
  const heal = { method: "POST", body: "{}", headers: JSON_TYPE };
  const origin = () => new URL(program.url).origin;
  const path = (rest: string) => `${new URL(program.url).pathname}${rest}`;

  it("is open for the address that was printed, with a strict policy", async () => {
    const { status, headers, text } = await ask(program.url);
    expect(status).toBe(200);
    expect(text).toContain("<title>valkey-drill live</title>");
    const policy = String(headers["content-security-policy"]);
    expect(policy).toMatch(/default-src 'none'/);
    expect(policy).toMatch(/script-src 'sha256-[^']+';/);
    expect(policy).toMatch(/connect-src 'self'/);
    expect(policy).toMatch(/frame-ancestors 'none'/);
    expect(policy).not.toMatch(/unsafe/);
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "cache-control": "no-store" });
  });

  it("is only on the loopback", async () => {
    // Whoever listens at every address listens here too.
    const elsewhere = program.url.replace("127.0.0.1", "127.0.0.2");
    await expect(ask(elsewhere)).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL/);
  });

  it.each(["/", "/events", "/command/heal", `/${"x".repeat(43)}/`, `/${"x".repeat(43)}/events`])(
    "is shut without the token: %s",
    async (wrong) => {
      expect((await ask(program.url, { path: wrong })).status).toBe(403);
      const posted = await ask(program.url, {
        ...heal,
        path: wrong,
        headers: { ...JSON_TYPE, Origin: origin() },
      });
      expect(posted.status).toBe(403);
    },
  );

  it.each(["localhost", "evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1"])(
    "is shut for the host %s, as with DNS rebinding",
    async (host) => {
      for (const rest of ["", "events"])
        expect((await ask(program.url, { path: path(rest), headers: { Host: host } })).status).toBe(403);
    },
  );

  it.each([
    ["another origin", { Origin: "http://evil.example" }],
    ["another port of this machine", { Origin: "http://127.0.0.1:1" }],
    ["no origin", {}],
    ["a page of nobody", { Origin: "null" }],
  ])("takes no orders from %s", async (_, headers) => {
    const command = { ...heal, path: path("command/heal"), headers: { ...JSON_TYPE, ...headers } };
    expect((await ask(program.url, command)).status).toBe(403);
  });

  it("takes no orders from another site, whatever else it says", async () => {
    const headers = { ...JSON_TYPE, Origin: origin(), "Sec-Fetch-Site": "cross-site" };
    expect((await ask(program.url, { ...heal, path: path("command/heal"), headers })).status).toBe(403);
  });

  it("takes no orders by GET, PUT or a form", async () => {
    for (const name of ["inject", "heal", "start", "stop", "look", "restart-app", "export-run"])
      expect((await ask(program.url, { path: path(`command/${name}`) })).status).toBe(405);
    const headers = { Origin: origin() };
    const put = await ask(program.url, { ...heal, method: "PUT", path: path("command/heal") });
    expect(put.status).toBe(405);
    for (const type of ["application/x-www-form-urlencoded", "text/plain", "multipart/form-data"]) {
      const form = { ...heal, path: path("command/heal"), headers: { ...headers, "Content-Type": type } };
      expect((await ask(program.url, form)).status).toBe(415);
    }
  });

  it("refuses what is no order, and says why", async () => {
    const headers = { ...JSON_TYPE, Origin: origin() };
    const give = (name: string, body: unknown) =>
      ask(program.url, {
        method: "POST",
        path: path(`command/${name}`),
        headers,
        body: typeof body === "string" ? body : JSON.stringify(body),
      });
    expect(await give("heal", "{")).toMatchObject({ status: 422 });
    expect(await give("no-such", {})).toMatchObject({ status: 404 });
    const wrong = [
      [{ fault: "kil", targets: ["primary"] }, 'no fault is named \\"kil\\"'],
      [{ fault: "kill", targets: ["nobody"] }, 'there is no node \\"nobody\\"'],
      [{ fault: "memory", targets: ["sentinel-1"] }, "it is for data nodes"],
      [{ fault: "slow", targets: ["primary"], options: { seconds: -1 } }, "seconds"],
      [{ fault: "cut", targets: ["primary>primary"] }, "there is no link"],
      [{ fault: "kill", targets: [] }, "targets"],
    ] as const;
    for (const [body, why] of wrong) {
      const { status, text } = await give("inject", body);
      expect({ status, text }).toEqual({ status: 422, text: expect.stringContaining(why) });
    }
  });
});

describe.skipIf(chromiumPath === undefined && !chromiumRequired)("the live page in a browser", () => {
  let browser: Browser;
  let page: Page;
  let complaints: readonly string[];

  beforeAll(async () => {
    browser = await openChromium();
    ({ page, complaints } = await openLive(browser, program.url));
    page.setDefaultTimeout(WAIT.timeout);
  });
  afterAll(() => browser?.close());

  const role = (node: string) =>
    page.locator("table.nodes tr", { has: page.getByRole("rowheader", { name: node, exact: true }) });
  const events = () => page.locator("ol.events");
  const figure = (name: string) => page.locator(".figures > div", { hasText: name }).locator("strong");
  const choose = (fault: string) => page.getByRole("radio", { name: fault, exact: true }).check();
  const aim = async (...nodes: string[]) => {
    for (const box of await page.locator("table.nodes input:checked").all()) await box.uncheck();
    for (const node of nodes) await page.locator("table.nodes").getByLabel(node, { exact: true }).check();
  };

  it("shows the topology as it is, and the load that runs", async () => {
    await role("primary").getByText("primary").last().waitFor(WAIT);
    await expect
      .poll(() => role("replica-1").innerText(), WAIT)
      .toMatch(/replica-1\s+replica\s+primary\s+[\d,]+\s+[\d,]+/);
    await expect
      .poll(async () => Number.parseInt(await figure("Operations").innerText(), 10), WAIT)
      .toBeGreaterThan(100);
    expect(await page.locator(".chart canvas").count()).toBeGreaterThanOrEqual(2);
  });

  it("offers every fault, with its options as a form", async () => {
    await choose("slow-disk");
    expect(await page.locator("#fault-slow-disk-delayMs, [id^='fault-slow-disk-']").count()).toBeGreaterThan(
      0,
    );
    await choose("restart");
    expect(await page.locator("#fault-restart-data option").allInnerTexts()).toEqual(["keep", "lose"]);
  });

  it("shows the outage and the promotion that a click on kill leads to, and the way back", async () => {
    await choose("kill");
    await aim("primary");
    await page.getByRole("button", { name: "Inject kill: primary" }).click();
    await page.getByText("✗ outage").waitFor(WAIT);
    await expect.poll(() => figure("Primary").innerText(), WAIT).toMatch(/^replica-[12]$/);
    await events().getByText("took over from primary").waitFor(WAIT);
    await events()
      .getByText(/writes succeed again, after \d+\.\d\d s/)
      .waitFor(WAIT);
    expect(await role("primary").innerText()).toContain("does not answer, kill");
    await page.getByRole("button", { name: "Heal primary killed" }).click();
    await events().getByText("healed: primary killed").waitFor(WAIT);
    await expect.poll(() => role("primary").innerText(), WAIT).toMatch(/primary\s+replica\s+replica-/);
    // Neither who was the primary at first was promoted, nor the one that came back and may have called itself so.
    expect(await page.locator("ol.events li.kind-promotion").count()).toBe(1);
  });

  it("goes back to any moment: the topology, the charts and the log of then", async () => {
    await page.getByRole("slider").fill("1000");
    await expect.poll(() => figure("Primary").innerText()).toBe("primary");
    expect(await page.getByRole("button", { name: "live", exact: true }).getAttribute("aria-pressed")).toBe(
      "false",
    );
    expect(await events().innerText()).not.toContain("healed");
    await page.getByRole("button", { name: "live", exact: true }).click();
    await expect.poll(() => figure("Primary").innerText()).toMatch(/^replica-/);
  });

  it("cuts a link and heals it", async () => {
    await choose("cut");
    await page.getByLabel("From", { exact: true }).selectOption("sentinel-1");
    await page.getByRole("button", { name: "Inject cut: sentinel-1 ↔ every other node" }).click();
    await page.getByRole("button", { name: /^Heal sentinel-1 .* cut/ }).click(WAIT);
    await events()
      .getByText(/healed: sentinel-1/)
      .waitFor(WAIT);
  });

  it("changes the rate of the workload, and stops it", async () => {
    const form = page.getByRole("form", { name: "Workload" });
    await form.getByLabel("writesPerSecond").fill("300");
    await form.getByRole("button", { name: "Apply" }).click();
    await expect.poll(() => page.locator(".running").innerText(), WAIT).toContain("writesPerSecond 300");
    await expect
      .poll(async () => Number.parseInt(await figure("Operations").innerText(), 10), WAIT)
      .toBeGreaterThan(300);
    await form.getByRole("button", { name: "Stop" }).click();
    await page.getByText("Nothing is sent now.").waitFor(WAIT);
    await expect.poll(() => figure("Operations").innerText(), WAIT).toBe("0/s");
    await form.getByLabel("writesPerSecond").fill("99999999");
    expect(await form.evaluate((element: { checkValidity(): boolean }) => element.checkValidity())).toBe(
      false,
    );
    await form.getByLabel("writesPerSecond").fill("100");
    await form.getByRole("button", { name: /^Start unique-writes/ }).click();
    await page.getByText("unique-writes by iovalkey").waitFor(WAIT);
  });

  it("shows what servers hold as text, whatever it looks like", async () => {
    const key = "<script>alert(1)</script>";
    const primary = await figure("Primary").innerText();
    const [host, port] = (await role(primary).locator("td").last().innerText()).split(":");
    const admin = adminOf({ host: host as string, port: Number(port) });
    await admin.call(["SET", key, `"><img src=x onerror=alert(2)>`]);
    admin.close();
    await page.getByLabel("Key", { exact: true }).fill(key);
    await page.getByRole("button", { name: "Look" }).click();
    await expect
      .poll(() => page.locator("table.held").innerText(), WAIT)
      .toContain("<img src=x onerror=alert(2)>");
    await choose("config");
    await aim(primary);
    await page.locator("#fault-config-set").fill(`${key}=1`);
    await page.getByRole("button", { name: /^Inject config/ }).click();
    await page.locator(".refusal", { hasText: "fault config" }).waitFor(WAIT);
    expect(await page.locator("script").count()).toBe(1); // the page's own
    expect(await page.locator("img").count()).toBe(0);
  });

  it("keeps the session as a run that the checkers judge", async () => {
    await page.getByRole("button", { name: "Save as a run" }).click();
    const exported = page.locator(".exported");
    await exported.waitFor({ timeout: 60_000 });
    const folder = runFolder(await exported.locator("code").innerText());
    for (const file of [folder.history, folder.result, folder.report, folder.scenario])
      expect(existsSync(file)).toBe(true);
    const { header, events: recorded, complete } = await readHistory(folder.history);
    expect({ id: header.runId, complete }).toEqual({ id: folder.id, complete: true });
    expect(recorded.filter(({ type }) => type === "fault").length).toBeGreaterThanOrEqual(4);
    const again = ["check", folder.dir, "--json"];
    const judged = spawnSync(process.execPath, [join(ROOT, "dist/cli/main.js"), ...again], {
      encoding: "utf8",
    });
    const [result] = [JSON.parse(judged.stdout)].flat();
    const { promoted } = result.failover;
    // What the page had shown of the kill is what the run tells.
    const [first] = result.outages.filter(
      (one: { kind: string; state: string }) => one.kind === "writes" && one.state === "ended",
    );
    const shown = [...(await events().innerText()).matchAll(/writes succeed again, after (\d+\.\d\d) s/g)];
    const apart = shown.map(([, seconds]) => Math.abs(Number(seconds) - first.lengthMs / 1000));
    expect(Math.min(...apart)).toBeLessThan(0.006); // it shows two digits
    expect(promoted).toMatchObject({ from: "primary", to: expect.stringMatching(/^replica-/) });
    const [report] = await Promise.all([
      page.context().waitForEvent("page"),
      exported.getByRole("link").click(),
    ]);
    await report.waitForSelector("main section");
    expect(await report.locator("h1").innerText()).toContain("live-session");
    await report.close();
    await page.getByText("unique-writes by iovalkey").waitFor(WAIT); // it goes on
  });

  it("makes a drill of what was clicked, which runs", { tags: "long", timeout: 240_000 }, async () => {
    await page.getByRole("button", { name: "Show as a scenario" }).click();
    const yaml = await page.locator("#scenario-text").innerText();
    expect(yaml).toMatch(/- inject:\s+fault: kill\s+target: primary\s/);
    expect(yaml).toMatch(/- heal: kill\s/);
    expect(yaml).toMatch(/- wait: \d+ms/);
    const file = join(out, "clicked.yaml");
    await writeFile(file, yaml);
    const scenario = await loadScenario(file);
    const { result, folder } = await drillOf(scenario, 1);
    expect(result.failover?.promoted).toMatchObject({ from: "primary" });
    expect(problems(result).filter((text) => text.startsWith("steps"))).toEqual([]);
    await rm(folder.dir, { recursive: true, force: true });
  });

  it("shows an application under a drill, and starts an instance anew", async () => {
    const restarted: string[] = [];
    const server = await replayed(appFailover({ stuck: true, alone: true }).build(), async ({ instance }) => {
      if (restarted.length > 0) throw new DrillError("BAD_USAGE", "the steps are over");
      restarted.push(instance);
      return {};
    });
    try {
      const live = await openLive(browser, server.url);
      const panel = live.page.locator(".panel.application");
      await panel.getByText("node server.js").waitFor();
      await panel.getByRole("row", { name: /^order TIMEOUT \(unknown\); no success since 0:02/ }).waitFor();
      await panel.getByRole("row", { name: /^health ok/ }).waitFor();
      expect(await panel.locator(".chart canvas").count()).toBe(2);
      expect(await live.page.locator("header .verdict.big").innerText()).toBe("✗ application fails");
      await panel.getByRole("button", { name: "Restart app-2" }).click();
      await expect.poll(() => restarted, WAIT).toEqual(["app-2"]);
      await panel.getByRole("button", { name: "Restart app-1" }).click();
      await panel.getByText("the steps are over").waitFor(WAIT);
      // As it was while app-2 was away.
      await live.page.getByRole("slider").fill("3200");
      await panel.getByRole("row", { name: /^app-2 exited with code 1 0:03\.0/ }).waitFor();
      expect(await panel.getByRole("button").count()).toBe(0);
      await live.page.locator("ol.events").getByText("UnhandledPromiseRejection").waitFor();
      expect(await barriers(live.page)).toEqual([]);
      expect(live.complaints.filter((text) => !text.includes("422"))).toEqual([]);
      await live.page.setViewportSize({ width: 390, height: 800 });
      // The charts follow a moment later.
      const fits = () => live.page.evaluate("document.documentElement.scrollWidth <= innerWidth");
      await expect.poll(fits, WAIT).toBe(true);
      await live.page.context().close();
    } finally {
      await server.close();
    }
  });

  it("keeps nobody out, and complains of nothing", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of [1280, 400]) {
        const other = await openLive(browser, program.url, { colorScheme, viewport: { width, height: 800 } });
        expect(await barriers(other.page)).toEqual([]);
        expect(await other.page.evaluate("document.documentElement.scrollWidth <= innerWidth")).toBe(true);
        expect(other.complaints).toEqual([]);
        await other.page.context().close();
      }
    }
    expect(complaints.filter((text) => !text.includes("422"))).toEqual([]);
  });
});

/** A page that is told a whole history at once. */
async function replayed({ header, events }: History, restart: NonNullable<LiveControl["restart-app"]>) {
  const { kind, shards, nodes } = header.topology;
  const { started = "", probes } = header.app as AppHeader;
  const nowMs = (events.at(-1)?.at ?? 0) / 1e6;
  const server = await openLiveServer();
  const about = { id: header.runId, title: header.scenario, driver: "process", valkey: "8.1.1" };
  server.show(
    {
      setup: {
        ...{ ...about, mode: "watch", startedAt: header.startedAt, kind, shards },
        ...{ faults: [], workloads: [], clients: [] },
        nodes: nodes.map(({ name, role }) => ({ name, role, endpoint: "127.0.0.1:1" })),
        app: {
          started,
          asks: Object.fromEntries(probes.map((one) => [one.name, one.asks])),
          canRestart: true,
        },
      },
      nowMs: () => nowMs,
      onEvent: (listener) => {
        for (const event of events) listener(event);
        return () => {};
      },
      nodesNow: () => [],
      status: () => ({ workload: null, client: "", busy: [], steps: [], over: false, ended: null }),
    },
    { "restart-app": restart },
  );
  return server;
}
