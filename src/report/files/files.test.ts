import { describe, expect, it } from "vitest";
import type { Result } from "../../model/result.ts";
import { REPORT_FORMATS } from "../registry.ts";
import { clusterResult, failingHa, passingHa } from "../sample-results.test-data.ts";
import { renderAnnotations } from "./github.ts";
import { escapedText } from "./markdown-text.ts";
import { elementsNamed, readXml } from "./xml.test-data.ts";

const HOSTILE =
  `<script>alert(1)</script> & "x" 'y' ]]> | \`code\` *bold* @team https://evil.example ` +
  `\u001b[31m\u0000\nline 2, a:b 100%`;
/** A drill in which everything that comes from servers or users is hostile. */
const hostile: Result = {
  ...failingHa,
  scenario: HOSTILE,
  replay: HOSTILE,
  failover: {
    ...failingHa.failover,
    phases: failingHa.failover.phases.map((phase) => ({
      ...phase,
      name: `${HOSTILE} ${phase.name}`,
      since: HOSTILE,
      governedBy: { setting: HOSTILE, value: HOSTILE, note: HOSTILE, unavoidableMs: 1 },
    })),
    promoted: { from: HOSTILE, to: HOSTILE },
  },
  checks: (["pass", "fail", "unknown"] as const).map((verdict) => ({
    name: `${HOSTILE} ${verdict}`,
    verdict,
    summary: HOSTILE,
    evidence: {
      reason: HOSTILE,
      notes: [HOSTILE],
      tables: [{ title: HOSTILE, columns: [HOSTILE], rows: [[HOSTILE]] }],
    },
  })),
};
const samples = [passingHa, failingHa, clusterResult(3), hostile];
const render = (format: keyof typeof REPORT_FORMATS, results: readonly Result[]) =>
  (REPORT_FORMATS[format].render as (results: readonly Result[], options: object) => string)(results, {});

describe("junit", () => {
  // The elements and attributes that Jenkins and GitLab read: https://github.com/jenkinsci/xunit-plugin, junit-10.xsd
  const ATTRIBUTES: Record<string, string[]> = {
    testsuites: ["name", "tests", "failures", "errors", "skipped"],
    testsuite: ["name", "timestamp", "time", "tests", "failures", "errors", "skipped"],
    testcase: ["classname", "name"],
    property: ["name", "value"],
    failure: ["message", "type"],
    error: ["message", "type"],
  };

  it("reads back as suites of cases, each with its word", () => {
    const document = readXml(render("junit", samples));
    expect(document.name).toBe("testsuites");
    expect(document.children.map(({ name }) => name)).toEqual(samples.map(() => "testsuite"));
    for (const [name, attributes] of Object.entries(ATTRIBUTES)) {
      for (const element of [document, ...elementsNamed(document, name)].filter((one) => one.name === name))
        expect(Object.keys(element.attributes)).toEqual(attributes);
    }
    const [, failing] = document.children;
    expect(failing?.attributes).toMatchObject({ tests: "4", failures: "2", errors: "1", time: "24.130" });
    const cases = elementsNamed(document, "testcase");
    const words = cases.map(({ children }) => children[0]?.name);
    expect(words.filter((word) => word === "failure")).toHaveLength(3);
    expect(words.filter((word) => word === "error")).toHaveLength(2);
    const durability = cases.find(
      ({ attributes }) => attributes.name === "durability" && attributes.classname?.includes("partition"),
    );
    expect(durability?.children[0]?.attributes).toMatchObject({
      message: expect.stringMatching(/^1,000 acknowledged writes are gone/),
      type: "lost-acknowledged-writes",
    });
  });

  it("has an error where nothing was checked: an empty suite would pass", () => {
    const [suite] = readXml(render("junit", [{ ...passingHa, verdict: "unknown", checks: [] }])).children;
    expect(suite?.attributes).toMatchObject({ tests: "1", errors: "1" });
  });
});

describe("prometheus", () => {
  // https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
  const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"';
  const SAMPLE = new RegExp(
    `^([a-zA-Z_:][a-zA-Z0-9_:]*)\\{(${LABEL}(?:,${LABEL})*)\\} (-?[0-9.]+(?:e[+-]?[0-9]+)?)$`,
  );
  const read = (text: string) => {
    expect(text.endsWith("\n")).toBe(true);
    const typed = new Set<string>();
    return text
      .slice(0, -1)
      .split("\n")
      .flatMap((line) => {
        const [, type] = /^# TYPE (\w+) gauge$/.exec(line) ?? [];
        if (type) {
          expect(typed).not.toContain(type);
          typed.add(type);
        }
        if (/^# (HELP \w+ .+|TYPE \w+ gauge)$/.test(line)) return [];
        const [, name = "", labels = "", value] = SAMPLE.exec(line) ?? [];
        expect(typed, line).toContain(name);
        return [{ name, labels, value: Number(value) }];
      });
  };

  it("is in the format, each sample once and under its type", () => {
    const found = read(render("prometheus", [...samples, passingHa, passingHa]));
    const ids = found.map(({ name, labels }) => `${name}{${labels}}`);
    expect(new Set(ids).size).toBe(ids.length);
    expect(found.every(({ value }) => Number.isFinite(value))).toBe(true);
  });

  it("has the figures, and none where nothing was measured", () => {
    const found = read(render("prometheus", [failingHa]));
    const of = (name: string, label = "") =>
      found.find((one) => one.name === `valkey_drill_${name}` && one.labels.includes(label))?.value;
    expect(of("verdict", 'verdict="fail"')).toBe(1);
    expect(of("verdict", 'verdict="pass"')).toBe(0);
    expect(of("check_verdict", 'check="durability",verdict="fail"')).toBe(1);
    expect(of("outage_seconds", 'kind="write"')).toBe(2.3042);
    expect(of("outage_seconds", 'kind="read"')).toBeUndefined();
    expect(of("failover_phase_seconds", 'phase="all replicas back"')).toBe(2.5127);
    expect(of("writes", 'fate="lost"')).toBe(1000);
    expect(of("latency_seconds", 'quantile="0.99"')).toBe(0.00413);
  });
});

describe("markdown", () => {
  it("names what failed, with its reason, and the command that repeats it", () => {
    const text = render("markdown", [passingHa, failingHa]);
    expect(text).toContain("## valkey-drill: ✗ **fail**");
    expect(text).toContain(
      "✗ **fail** **durability** (`lost-acknowledged-writes`): 1,000 acknowledged writes are gone",
    );
    expect(text).toContain("| ha-partition | ✗ **fail** | 2,304 ms | not recovered | 1,000 of 8,412 |");
    expect(text).toContain(`Again: \`${failingHa.replay}\``);
  });

  it("writes signs of HTML and Markdown so that they are read as they were", () => {
    expect(escapedText("a<b> & #1 *x* @me")).toBe("a&#60;b&#62; &#38; \\#1 \\*x\\* &#64;me");
  });

  it("shows what comes from servers as text", () => {
    const text = render("markdown", [hostile]);
    const outsideCode = text.replaceAll(/(`+)[\s\S]*?\1/g, (run) => (run.includes("\n\n") ? run : ""));
    expect(outsideCode).not.toMatch(/<(?!\/?(details|summary)>)/);
    expect(outsideCode).not.toMatch(/[^\\]\*bold/);
    expect(outsideCode).not.toContain("@team");
    expect(text).not.toContain("\u001b");
    const cells = text.split("\n").filter((line) => line.trimStart().startsWith("|"));
    expect(cells.length).toBeGreaterThan(5);
    expect(cells.every((line) => line.trimEnd().endsWith("|"))).toBe(true);
  });
});

describe("svg", () => {
  it.each(["svg", "badge"] as const)(
    "%s is well-formed, loads nothing, and is named for those who do not see it",
    (format) => {
      for (const results of [samples, ...samples.map((one) => [one]), []]) {
        const text = render(format, results);
        const document = readXml(text);
        expect(document.name).toBe("svg");
        expect(document.attributes["aria-label"]).toBeTruthy();
        expect(text.replace('xmlns="http://www.w3.org/2000/svg"', "")).not.toMatch(
          /href|src=|url\(|<script|<foreign/,
        );
      }
    },
  );

  it("shows the verdict and the outage, also one that did not end", () => {
    const words = (format: "svg" | "badge", result: Result) => {
      const document = readXml(render(format, [result]));
      return [...elementsNamed(document, "text"), ...elementsNamed(document, "tspan")]
        .map(({ text }) => text)
        .join(" | ");
    };
    const endless: Result = {
      ...failingHa,
      outage: { writeMs: null, readMs: null },
      checks: [{ ...(failingHa.checks[1] as Result["checks"][0]), evidence: { reason: "not-recovered" } }],
    };
    expect(words("badge", passingHa)).toBe("valkey-drill | ✓ pass · write outage 1,630 ms");
    expect(words("badge", failingHa)).toContain("✗ fail · write outage 2,304 ms · 1,000 writes lost");
    expect(words("badge", endless)).toContain("write outage not recovered");
    expect(words("svg", passingHa)).toMatch(
      /writes failed \| 1,630 ms .*first write \| 1,628 ms \| \+424 ms/,
    );
    expect(words("svg", endless)).toContain("writes failed | to the end");
    expect(words("svg", failingHa)).toContain("outage: Reads did not recover");
  });
});

describe("annotations for GitHub", () => {
  it("tell each check that did not pass, in one line each", () => {
    const lines = renderAnnotations([passingHa, failingHa]).trimEnd().split("\n");
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(
      /^::error title=valkey-drill ha-partition%3A durability fail::1,000 acknowledged.*%0Aagain: valkey-drill run/,
    );
    expect(renderAnnotations([passingHa])).toBe("");
    expect(renderAnnotations([{ ...passingHa, verdict: "unknown", checks: [] }])).toMatch(
      /^::error .*unknown/,
    );
  });

  it("cannot be broken out of", () => {
    const lines = renderAnnotations([hostile]).trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const [, title = "", message = ""] = /^::error title=(.*?)::(.*)$/.exec(line) ?? [];
      expect(title).toContain("100%25");
      expect(title).not.toMatch(/[,:]/);
      expect(message).toContain("%0Aline 2");
    }
  });
});
