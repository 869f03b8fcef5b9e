import { createRequire } from "node:module";
import type { Builder } from "junit-report-builder";
import type { CheckResult, Result } from "../../model/result.ts";
import { acceptedWords, replicationNotes } from "../accepted-words.ts";
import { appLife, appWords, probeLine } from "../app-words.ts";
import { evidenceNotes } from "../terminal/evidence.ts";
import { printable } from "../terminal/format.ts";

/**
 * JUnit XML, as pipelines read it: a suite for each drill, a test case for each check. A check that could not be
 * decided is an error, one that said no a failure. A drill of which nothing was checked has one case, which is an
 * error: nothing judged is no success.
 */
export function renderJunit(results: readonly Result[]): string {
  const report = library().newBuilder().name("valkey-drill");
  for (const result of printable(results)) {
    const { scenario, startedAt, durationMs, seed, replay, topology, client, checks, history } = result;
    const suite = report
      .testSuite()
      .name(scenario)
      .timestamp(startedAt)
      // Decimal seconds with three digits, never an exponent. The type asks for a number, which it prints as it is.
      .time((durationMs / 1000).toFixed(3) as unknown as number);
    suite.property("seed", String(seed));
    suite.property("replay", replay);
    suite.property("topology", topology.kind);
    suite.property("driver", topology.driver);
    suite.property("valkey", topology.valkey);
    suite.property("verdict", `${result.verdict}${acceptedWords(result)}`);
    for (const [name, value] of propertiesOfApp(result)) suite.property(name, value);
    for (const note of replicationNotes(result)) suite.property("replication", note);
    if (history?.note) suite.property("history", history.note);
    suite.property("client", `${client.name} ${client.version}`);
    const cases = checks.length > 0 ? checks : [NOTHING_CHECKED];
    for (const check of cases) {
      const testCase = suite.testCase().className(`valkey-drill.${scenario}`).name(check.name);
      if (check.verdict === "pass") testCase.standardOutput(detailsOf(check).join("\n"));
      else if (check.verdict === "fail") testCase.failure(...problemOf(check));
      else testCase.error(...problemOf(check));
    }
  }
  return `${report.build().trimEnd()}\n`;
}

/** What became of the application, and the figures of each probe. */
function propertiesOfApp(result: Result): [name: string, value: string][] {
  const { app } = result;
  if (app === undefined) return [];
  return [
    ["application", appWords(result) || "not known"],
    ["application.started", app.started ?? "ran already"],
    ["application.life", appLife(app).join(", ")],
    ...app.probes.map((probe): [string, string] => [`probe.${probe.name}`, probeLine(probe)]),
  ];
}

/** Loaded when it is needed: it brings lodash, and most commands write no XML. */
function library(): Builder {
  return createRequire(import.meta.url)("junit-report-builder") as Builder;
}

const NOTHING_CHECKED: CheckResult = {
  name: "verdict",
  verdict: "unknown",
  summary: "no check applied to this drill",
  evidence: { reason: "nothing-checked" },
};

/** Message and type. */
function problemOf(check: CheckResult): [message: string, type: string] {
  const reason = typeof check.evidence.reason === "string" ? check.evidence.reason : check.verdict;
  return [detailsOf(check).join("\n"), reason];
}

function detailsOf({ summary, evidence }: CheckResult): string[] {
  return [summary, ...evidenceNotes(evidence)];
}
