import { describe, expect, it } from "vitest";
import type { AcceptedResult, Result } from "../model/result.ts";
import { acceptedWords, shortAcceptedWords } from "./accepted-words.ts";
import { renderAnnotations } from "./files/github.ts";
import { REPORT_FORMATS, type ResultFormat } from "./registry.ts";
import { failingHa, passingHa } from "./sample-results.test-data.ts";
import { renderSoak } from "./terminal/soak.ts";

const line = "expect.lostAcknowledgedWrites";
const lost: AcceptedResult = {
  what: "lost-writes",
  count: 1110,
  allowedBy: line,
  text: `1,110 lost writes allowed by ${line}`,
};
const elements = {
  ...lost,
  what: "lost-append-operations",
  count: 8,
  text: `8 lost operations of append allowed by ${line}`,
};
const old = {
  what: "unverified-history",
  count: 1,
  allowedBy: null,
  text: "a history that could not be verified",
};
const late =
  "in the 4.20 s before primary killed, nothing that primary acknowledged was seen on a replica: 210 writes";
const result: Result = {
  ...passingHa,
  accepted: [lost],
  replication: [
    { fault: "primary killed", atMs: 1, primary: "primary", unseenMs: 4200, writes: 210, note: late },
  ],
};
const options = { colour: false, width: 100 };
const text = (format: string, results: readonly Result[] = [result]) =>
  (REPORT_FORMATS as Record<string, unknown> as Record<string, ResultFormat>)[format]?.render(
    results,
    options,
  ) ?? "";

describe("what was accepted", () => {
  it("stands behind the verdict, once for each line that allows it", () => {
    expect(acceptedWords(passingHa)).toBe("");
    expect(acceptedWords(result)).toBe(`, with ${lost.text}`);
    const all = { accepted: [lost, old, elements] };
    expect(acceptedWords(all)).toBe(
      `, with 1,110 lost writes, 8 lost operations of append allowed by ${line}; a history that could not be verified`,
    );
    expect(shortAcceptedWords(all)).toBe(", with 1,110 lost writes allowed and 2 more");
  });

  it.each([
    ["terminal", `✓ PASS, with ${lost.text}`],
    ["markdown", "✓ pass, with 1,110 lost writes allowed by expect.lostAcknowledgedWrites"],
    ["junit", `<property name="verdict" value="pass, with ${lost.text}"/>`],
    ["prometheus", `what="lost-writes",allowed_by="${line}"} 1110`],
    ["svg", `with ${lost.text}`],
    ["badge", "✓ pass, with 1,110 lost writes allowed"],
    ["badge", `<title>valkey-drill: ✓ pass, with ${lost.text}`],
    ["json", '"what": "lost-writes"'],
  ])("is in %s", (format, words) => {
    expect(text(format)).toContain(words);
  });

  it("is in the summary of several drills, and on the page of a pipeline", () => {
    expect(text("terminal", [result, failingHa])).toContain(`${result.scenario}: PASS, with ${lost.text}`);
    expect(text("badge", [result, passingHa])).toContain("with losses or the like allowed in 1");
    expect(renderAnnotations([result])).toContain(`pass, with ${lost.text}`);
    expect(renderAnnotations([passingHa])).toBe("");
  });

  it("is told of a soak, as much as it was at most", () => {
    const run = { verdict: "pass" as const, writeOutageMs: 1, lost: 1110, codes: [], accepted: [lost] };
    const less = { ...run, accepted: [{ ...lost, count: 3, text: "3 lost writes" }] };
    const told = renderSoak([{ drill: "d", runs: [less, run, { ...run, accepted: [] }] }], options);
    expect(told).toContain(`${lost.text}, in 2 runs`);
  });

  it.each(["terminal", "markdown", "junit"])("stands beside how far replication was behind: %s", (format) => {
    expect(text(format).replaceAll(/\s+/g, " ")).toContain(late);
  });
});
