import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chromiumPath, chromiumRequired, openChromium } from "./support/chromium.ts";
import { ask, type LiveProgram, liveProgram, openLive } from "./support/live.ts";
import { barriers } from "./support/reports.ts";
import { ROOT } from "./support/structure.ts";

/* `valkey-drill run --ui`: a drill, followed in a real browser. */

const WAIT = { timeout: 60_000 };
const DRILL = `
name: followed
description: The primary is killed, and the page follows.
topology: { kind: ha, replicas: 2, sentinels: 3 }
app:
  command: node ${join(ROOT, "test/support/app/orders.mjs")}
  instances: 2
probes:
  - { name: order, http: 'POST /orders {"id": "{{unique}}"}', every: 100ms, deadline: 2s, is: write }
steps:
  - start: unique-writes
  - wait: 2s
  - inject: { fault: kill, target: primary }
  - await: { condition: recovered, within: 30s }
  - wait: 1s
expect: { promoted: true }
`;

let browser: Browser | undefined;
let program: LiveProgram | undefined;
let out: string;

beforeAll(async () => {
  out = await mkdtemp(join(tmpdir(), "valkey-drill-live-run-"));
  await writeFile(join(out, "followed.yaml"), DRILL);
}, 300_000);
afterAll(async () => {
  await browser?.close();
  await program?.interrupt();
  await rm(out, { recursive: true, force: true });
});

describe.skipIf(chromiumPath === undefined && !chromiumRequired)(
  "a drill that is followed on the page",
  () => {
    it("shows its steps, the promotion and the outage, and in the end its verdict and report", async () => {
      browser = await openChromium();
      program = await liveProgram(["run", join(out, "followed.yaml"), "--ui", "--out", out, "--json"]);
      const { page, complaints } = await openLive(browser, program.url);
      page.setDefaultTimeout(WAIT.timeout);

      await page.locator(".steps li.begin", { hasText: "wait for" }).waitFor();
      // Who begins as the primary was not promoted.
      const promotions = page.locator("ol.events li.kind-promotion");
      await promotions.getByText("took over from primary").waitFor();
      expect(await promotions.count()).toBe(1);
      await page
        .locator("ol.events")
        .getByText(/writes succeed again, after/)
        .waitFor();
      await page
        .locator(".panel.application")
        .getByRole("row", { name: /^order / })
        .waitFor();
      // The servers are only looked at: no form, and an order is refused.
      expect(await page.getByRole("form").count()).toBe(0);
      const { origin, pathname } = new URL(program.url);
      const order = (name: string, body: object) =>
        ask(program?.url ?? "", {
          method: "POST",
          path: `${pathname}command/${name}`,
          headers: { "Content-Type": "application/json", Origin: origin },
          body: JSON.stringify(body),
        });
      expect(await order("heal", {})).toMatchObject({ status: 409 });
      // Only the application takes orders, while the steps run, and for instances that it has.
      expect(await order("restart-app", { instance: "app-9" })).toMatchObject({
        status: 422,
        text: expect.stringMatching(/no instance|only while the steps/),
      });

      const ended = page.locator(".ended");
      await ended.waitFor();
      const { verdict } = await program.document<{ verdict: "pass" | "fail" | "unknown" }>();
      expect(await ended.innerText()).toMatch(new RegExp(`^${verdict.toUpperCase()}`));
      expect(await page.locator("header .verdict.big").innerText()).toBe(`■ ended: ${verdict}`);
      expect(await page.locator(".steps li.waiting, .steps li.begin").count()).toBe(0);
      const [report] = await Promise.all([
        page.context().waitForEvent("page"),
        page.getByRole("link", { name: "Open the report" }).click(),
      ]);
      await report.waitForSelector("main section");
      expect(await report.locator("h1").innerText()).toContain("followed");
      await report.close();

      expect(await barriers(page)).toEqual([]);
      expect(complaints).toEqual([]);
      expect(await program.interrupt()).toBe({ pass: 0, fail: 1, unknown: 2 }[verdict]);
      await expect(ask(program.url)).rejects.toThrow();
    }, 180_000);
  },
);
