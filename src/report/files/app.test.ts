import { describe, expect, it } from "vitest";
import type { Result } from "../../model/result.ts";
import { REPORT_FORMATS } from "../registry.ts";
import { appOf, recoveredApp, stuckApp } from "../sample-app.test-data.ts";
import { passingHa } from "../sample-results.test-data.ts";
import { renderAnnotations } from "./github.ts";
import { elementsNamed, readXml } from "./xml.test-data.ts";

const render = (format: "junit" | "markdown" | "prometheus" | "badge" | "svg", ...results: Result[]) =>
  REPORT_FORMATS[format].render(results, { colour: false });
const EVIL = "<b>`x`</b> | @team\n::error::x";
const evil: Result = {
  ...stuckApp,
  app: appOf({
    started: EVIL,
    words: ["STUCK"],
    probes: appOf().probes.map((probe) => ({ ...probe, asks: EVIL, answers: [{ answer: EVIL, count: 1 }] })),
    connections: (stuckApp.app?.connections ?? []).map((at) => ({ ...at, libraries: [EVIL] })),
  }),
};

describe("an application in files", () => {
  it("is in JUnit as properties of its suite: the words, its life, and a line for each probe", () => {
    const [suite] = readXml(render("junit", stuckApp)).children;
    if (suite === undefined) throw new Error("no suite");
    const properties = Object.fromEntries(
      elementsNamed(suite, "property").map(({ attributes }) => [attributes.name, attributes.value]),
    );
    expect(properties).toMatchObject({
      application: "STUCK, LOST",
      "application.started": "node server.js",
      "application.life": expect.stringMatching(/^2 instances, 1 restart, memory 81 MB/),
      "probe.order": expect.stringMatching(
        /^482 sent, 40 ok, 4 failed, 438 unknown; outage not over; 3 lost, 0 duplicated; answers TIMEOUT ×438/,
      ),
      "probe.health": expect.stringContaining("outage none; 99% within 2 ms"),
    });
    expect(render("junit", passingHa)).not.toContain("application");
  });

  it("is in Markdown with a table of its probes, and its connections if it is stuck", () => {
    const text = render("markdown", stuckApp, passingHa);
    expect(text).toContain("| quick | ✗ **fail** | STUCK, LOST | 2,304 ms |");
    expect(text).toContain("| ha-failover | ✓ pass | — | 1,630 ms |");
    expect(text).toContain("### ✗ **fail** STUCK, LOST quick");
    expect(text).toContain("Application `node server.js`: 2 instances, 1 restart");
    expect(text).toContain("- **LOST**: 3 acknowledged writes are gone");
    expect(text).toContain("| order | 482 | 40 | 4 | 438 | not over | — | 3 | 0 | POST /orders");
    expect(text).toContain("| primary | primary, superseded | 2 | set, info |  | 18 s | ioredis 5.8.2 |");
    expect(render("markdown", recoveredApp)).not.toContain("Its connections");
    expect(render("markdown", passingHa)).not.toMatch(/application/i);
  });

  it("is in Prometheus' format, and what was not measured is not", () => {
    const text = render("prometheus", stuckApp);
    const of = (name: string, label: string) => {
      const lines = text.split("\n").filter((line) => line.startsWith(`valkey_drill_app_${name}{`));
      const [, value] = /\} (\S+)$/.exec(lines.find((line) => line.includes(label)) ?? "") ?? [];
      return value === undefined ? undefined : Number(value);
    };
    expect([of("word", 'word="STUCK"'), of("word", 'word="RECOVERED"')]).toEqual([1, 0]);
    expect(of("recovered_seconds", "")).toBeUndefined();
    expect(of("restarts", "")).toBe(1);
    expect(of("memory_bytes", 'when="max"')).toBe(120_300_000);
    expect(of("probe_operations", 'probe="order",outcome="info"')).toBe(438);
    expect(of("probe_outage_seconds", 'probe="order"')).toBeUndefined();
    expect([of("probe_out", 'probe="order"'), of("probe_out", 'probe="health"')]).toEqual([1, 0]);
    expect(of("probe_latency_seconds", 'probe="order",quantile="0.99"')).toBeUndefined();
    expect(of("probe_writes", 'probe="order",fate="lost"')).toBe(3);
    expect(of("probe_writes", 'probe="health"')).toBeUndefined();
    expect(of("connections", 'node="primary",superseded="true"')).toBe(2);
    expect(of("connections", 'node="replica-2"')).toBeUndefined();
    expect(render("prometheus", passingHa)).not.toContain("valkey_drill_app_");
  });

  it("has an annotation of its own on GitHub, by the drill's verdict", () => {
    const lines = renderAnnotations([stuckApp]).trimEnd().split("\n");
    expect(lines.at(-1)).toMatch(
      /^::error title=valkey-drill quick%3A application STUCK%2C LOST::STUCK: .*%0ALOST: 3 .*%0Aorder: 482 sent/,
    );
    expect(renderAnnotations([recoveredApp])).toMatch(
      /^::notice title=valkey-drill quick%3A application RECOVERED::RECOVERED: [^\n]*\n$/,
    );
    expect(renderAnnotations([evil]).trimEnd().split("\n")).toHaveLength(lines.length);
  });

  it("has its words on pictures", () => {
    expect(render("badge", stuckApp)).toContain("✗ fail · STUCK, LOST");
    expect(render("svg", stuckApp)).toContain("✗ FAIL STUCK, LOST");
    expect(render("svg", stuckApp)).toContain("quick: fail STUCK, LOST");
  });

  it("shows what comes from an application as text", () => {
    const text = render("markdown", evil).replaceAll(/(`+)[\s\S]*?\1/g, "");
    expect(text).not.toMatch(/<(?!\/?(details|summary)>)|@team/);
    expect(readXml(render("junit", evil)).name).toBe("testsuites");
  });
});
