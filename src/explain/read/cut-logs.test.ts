import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { groupBy } from "../../base/group-by.ts";
import type { ReadReport } from "../model.ts";
import { readLogs } from "./read-logs.ts";
import { input, read, recorded } from "./recorded.test-data.ts";

/* Whatever part of the logs is there: nothing is told that the whole does not tell, and of nobody else. */

const SCENARIOS = [
  ["ha-failover", recorded("ha-failover", "9.1")],
  ["cluster-failover", recorded("cluster-failover", "8.0")],
] as const;
const RUNS = { numRuns: 25 };
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe.each(SCENARIOS)("parts of the logs of %s", (_, logs) => {
  const names = [...logs.keys()];
  const cuts = fc.array(fc.tuple(share, share, fc.boolean()), {
    minLength: names.length,
    maxLength: names.length,
  });
  const whole = read(logs).then(whoWrote);

  it("cut at either end, or missing, tell of the same nodes", async () => {
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const parts = new Map(
          [...logs].flatMap(([name, text], index): [string, string][] => {
            const [a, b, isThere] = at[index] as [number, number, boolean];
            return isThere ? [[name, part(text, Math.min(a, b), Math.max(a, b))]] : [];
          }),
        );
        const report = await read(parts);
        expect(report.nodes.every(({ files }) => files.length <= 1)).toBe(true);
        sameWriters(report, await whole);
      }),
      RUNS,
    );
  });

  it("in one file, as they were written or one after the other, tell of the same nodes", async () => {
    await fc.assert(
      fc.asyncProperty(
        cuts,
        fc.boolean(),
        fc.integer({ min: 1, max: 5000 }),
        async (at, isMixed, chunkSize) => {
          const texts = [...logs.values()].map((text, index) => {
            const [a, b] = at[index] as [number, number, boolean];
            return part(text, Math.min(a, b) / 2, (1 + Math.max(a, b)) / 2);
          });
          const lines = texts.flatMap((text) => text.split("\n"));
          const timeOf = (line: string) => line.slice(line.indexOf(" "), line.indexOf(" ") + 25);
          const ordered = isMixed ? lines.toSorted((a, b) => (timeOf(a) < timeOf(b) ? -1 : 1)) : lines;
          const report = await readLogs([input("all.log", ordered.join("\n"), chunkSize)]);
          sameWriters(report, await whole);
        },
      ),
      RUNS,
    );
  });

  it("rotated, in any order, tell the same as the whole", async () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 });
    await fc.assert(
      fc.asyncProperty(order, fc.array(share, { minLength: 3, maxLength: 3 }), async (parts, at) => {
        const edges = [0, ...at.toSorted((a, b) => a - b), 1];
        const inputs = parts.flatMap((index) =>
          [...logs].map(([name, text]) =>
            input(
              `${name}.log${index === 3 ? "" : `.${3 - index}`}`,
              part(text, edges[index] ?? 0, edges[index + 1] ?? 1),
            ),
          ),
        );
        const report = await readLogs(inputs);
        expect(report.nodes).toHaveLength(names.length);
        expect(whoWrote(report)).toEqual(await whole);
      }),
      RUNS,
    );
  });
});

/** Lines from one share of the log to another. */
function part(text: string, from: number, to: number): string {
  const lines = text.split("\n");
  return `${lines.slice(Math.floor(from * lines.length), Math.floor(to * lines.length)).join("\n")}\n`;
}

/** The names of who wrote each event's line. */
function whoWrote({ nodes, events }: ReadReport): Map<string, readonly string[]> {
  const names = new Map(
    nodes.map(({ id, addresses, clusterId, sentinelMyid }) => [
      id,
      [...addresses, clusterId, sentinelMyid].filter((name) => name !== undefined).toSorted(),
    ]),
  );
  // Two nodes may write the same at the same time.
  const byLine = groupBy(events, ({ line, kind }) => `${kind} ${line.at} ${line.text}`);
  return new Map(
    [...byLine].map(([line, same]) => [line, same.flatMap(({ node }) => names.get(node) ?? []).toSorted()]),
  );
}

/** Each line is of a node that it is of in the whole, or of one of which nobody knows who it is. */
function sameWriters(report: ReadReport, whole: ReadonlyMap<string, readonly string[]>): void {
  for (const [line, names] of whoWrote(report)) {
    const known = new Set(whole.get(line));
    expect(
      names.filter((name) => !known.has(name)),
      line,
    ).toEqual([]);
  }
}
