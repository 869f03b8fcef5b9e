import { rm } from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import { factsOf } from "../src/check/facts.ts";
import { promotionsSeen } from "../src/check/promotions-seen.ts";
import { readLogs } from "../src/explain/read/read-logs.ts";
import { explain } from "../src/explain/story/explain.ts";
import { readHistory } from "../src/history/reader.ts";
import { announcedOf } from "../src/model/addresses.ts";
import { explanationSchema } from "../src/model/explanation.ts";
import type { FinishedRun } from "../src/run/run-scenario.ts";
import { drill } from "./support/drill.ts";

const finished: FinishedRun[] = [];
afterAll(async () => {
  for (const { folder } of finished) await rm(folder.dir, { recursive: true, force: true });
});

describe("explain, given the logs of a drill and nothing else", () => {
  it.each([
    ["ha-failover", ["suspected", "detected", "elected", "selected", "promoted", "announced"]],
    ["cluster-failover", ["suspected", "detected", "election", "promoted"]],
  ])("tells the promotions of %s, its phases, and what became of the primary", async (name, phases) => {
    const done = await drill(name);
    finished.push(done);
    const facts = factsOf(await readHistory(done.folder.history));
    const { nodes } = facts.header.topology;
    const addressOf = (wanted: string) => {
      const node = nodes.find(({ name: own }) => own === wanted);
      if (!node) throw new Error(`no node is named ${wanted}`);
      const { host, port } = announcedOf(node.endpoint);
      return `${host}:${port}`;
    };
    const { explanation } = explain(await readLogs([done.folder.nodes]));
    expect(explanationSchema.parse(explanation)).toEqual(explanation);
    const told = explanation.incidents.map(({ primary, promoted }) => [primary, promoted]);
    expect(told).toEqual(promotionsSeen(facts).map(({ from, to }) => [addressOf(from), addressOf(to)]));
    const [first] = explanation.incidents;
    expect(first?.begin).toMatchObject({ code: "process-ended", certain: true });
    expect(first?.phases.map((phase) => phase.name)).toEqual(expect.arrayContaining(phases));
    for (const phase of first?.phases ?? []) expect(phase.lines).not.toEqual([]);
  });
});
