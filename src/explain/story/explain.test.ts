import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { explanationSchema } from "../../model/explanation.ts";
import { renderExplanationMarkdown } from "../../report/explanation/markdown.ts";
import { renderExplanation } from "../../report/explanation/terminal.ts";
import { readScenario } from "../../scenario/load.ts";
import { anonymised } from "./anonymise.ts";
import { compared } from "./compare.ts";
import { explain } from "./explain.ts";
import { killed, reportOf } from "./logs.test-data.ts";

const told = async (logs: Parameters<typeof reportOf>[0]) => explain(await reportOf(logs)).explanation;

describe("a primary that was killed", () => {
  it("is told with its phases, as a drill tells them", async () => {
    const explanation = await told(killed);
    expect(explanationSchema.parse(explanation)).toEqual(explanation);
    const [incident] = explanation.incidents;
    expect(explanation.incidents).toHaveLength(1);
    expect(incident).toMatchObject({
      outcome: "promoted",
      primary: "127.0.0.1:22025",
      promoted: "127.0.0.1:22026",
      begin: { code: "process-ended", certain: true },
    });
    expect(incident?.phases.map(({ name, atMs }) => [name, atMs])).toEqual([
      ["suspected", 2097],
      ["detected", 2098],
      ["voted", 2171],
      ["elected", 2188],
      ["selected", 2268],
      ["promoted", 2349],
      ["confirmed", 3188],
      ["announced", 3297],
    ]);
    expect(incident?.story.length).toBeLessThanOrEqual(10);
    for (const { lines } of incident?.story.slice(0, 5) ?? []) expect(lines.length).toBeGreaterThan(0);
  });

  it("has its time of detection inferred, and says so", async () => {
    const [incident] = (await told(killed)).incidents;
    const suspected = incident?.phases.find(({ name }) => name === "suspected");
    expect(suspected).toMatchObject({
      inferred: true,
      governedBy: { setting: "down-after-milliseconds", value: "2000 ms" },
    });
  });

  it("may have lost what it had not sent, and nobody claims more", async () => {
    const [incident] = (await told(killed)).incidents;
    expect(incident?.losses.map(({ certainty, what }) => [certainty, what])).toEqual([
      ["possible", "not-replicated"],
    ]);
  });

  it("is rehearsed by a scenario that can be read", async () => {
    const [incident] = (await told(killed)).incidents;
    const scenario = await readScenario(parse(incident?.rehearsal.scenario ?? ""));
    expect(scenario.topology).toMatchObject({ kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 2000 });
    expect(scenario.steps.map(({ action }) => action)).toContain("inject");
  });

  it("tells what its missing log would have told", async () => {
    const { primary: _, ...others } = killed;
    const explanation = await told(others);
    expect(explanation.incidents[0]).toMatchObject({ outcome: "promoted", promoted: "127.0.0.1:22026" });
    expect(explanation.unknown.join("\n")).toContain("No log of the server 127.0.0.1:22025 was given");
  });

  it("is anonymised everywhere", async () => {
    const { explanation } = explain(anonymised(await reportOf(killed)));
    const text = JSON.stringify(explanation);
    expect(text).not.toMatch(/127\.0\.0\.1|shop|alice|boss|sentinel\.log|b2f8e43f/);
    expect(explanation.incidents[0]?.phases).toHaveLength(8);
  });
});

describe("a primary in whose place nobody was promoted", () => {
  const alone = (lines: string) => ({
    ...killed,
    replica: { role: "S", lines: killed.replica.lines.split("\n").slice(0, 6).join("\n") },
    sentinel: { role: "X", lines: killed.sentinel.lines.split("\n").slice(0, 3).join("\n") + lines },
  });

  it.each([
    [
      "sentinel-quorum-lost",
      "\n04:31:52.309 # +sdown master shop 127.0.0.1 22025\n04:32:20.000 # +reset-master master shop 127.0.0.1 22025",
      "quorum 2",
    ],
    [
      "no-good-replica",
      "\n04:31:52.309 # +sdown master shop 127.0.0.1 22025\n04:31:52.310 # +odown master shop 127.0.0.1 22025 " +
        "#quorum 1/1\n04:31:52.400 # +try-failover master shop 127.0.0.1 22025\n04:31:52.500 # " +
        "-failover-abort-no-good-slave master shop 127.0.0.1 22025",
      "quorum 1",
    ],
    [
      "not-elected",
      "\n04:31:52.309 # +sdown master shop 127.0.0.1 22025\n04:31:52.310 # +odown master shop 127.0.0.1 22025 " +
        "#quorum 1/1\n04:31:52.400 # +try-failover master shop 127.0.0.1 22025\n04:32:02.500 # " +
        "-failover-abort-not-elected master shop 127.0.0.1 22025",
      "quorum 1",
    ],
  ])("is told by its reason: %s", async (reason, lines, quorum) => {
    const logs = alone(lines);
    const sentinel = { role: "X", lines: logs.sentinel.lines.replace("quorum 1", quorum) };
    const [incident] = (await told({ ...logs, sentinel })).incidents;
    expect(incident?.outcome).toBe("not-promoted");
    expect(incident?.reasons.map((one) => one.reason)).toContain(reason);
  });
});

describe("logs that tell of no failover", () => {
  it("are told as such", async () => {
    const { primary } = killed;
    const explanation = await told({ primary });
    expect(explanation).toMatchObject({ verdict: "explained", incidents: [] });
    expect(explanation.summary).toContain("nobody was promoted");
  });
});

describe("what is written down", () => {
  it("holds nothing of a log that a terminal or a browser obeys", async () => {
    const evil = "\u001b[31m<script>alert(1)</script> @everyone [x](javascript:1)";
    const replica = { role: "S", lines: `${killed.replica.lines}\n04:31:54.000 # ${evil}` };
    const explanation = await told({ ...killed, replica, [`${evil}`]: killed.primary });
    const text = renderExplanation(explanation, { colour: false, width: 80 });
    expect(text).not.toContain("\u001b");
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    const markdown = renderExplanationMarkdown(explanation);
    expect(markdown).not.toMatch(/<script|(?<!\\)\]\(javascript/);
  });
});

describe("a drill held against its incident", () => {
  it("is the same where the same came of it, and says where not", async () => {
    const [incident] = (await told(killed)).incidents;
    if (!incident) throw new Error("no incident");
    expect(compared(incident, incident, "runs/x")).toMatchObject({ same: true });
    const other = { ...incident, outcome: "not-promoted" as const };
    expect(compared(incident, other, "runs/x")).toMatchObject({ same: false });
    expect(compared(incident, undefined, "runs/x")).toMatchObject({ same: false });
  });
});
