import { seededRandom } from "../src/base/random.ts";
import { judgeRegisters } from "../src/check/linearizability/judge-registers.ts";
import { type LegalRun, legalRun } from "../src/check/linearizability/legal-run.test-data.ts";
import type { RegisterOperation } from "../src/model/register.ts";
import type { Bench } from "./bench.ts";
import { median, perSecond, seconds } from "./table.ts";

const OPERATIONS = 100_000;
const GOAL: LegalRun = {
  operations: OPERATIONS,
  processes: 20,
  keys: 50,
  openShare: 0,
  values: "unique",
};

const HISTORIES: readonly { readonly what: string; readonly run: LegalRun; readonly stale?: true }[] = [
  { what: "every value once, as `register` writes them", run: GOAL },
  { what: "… one read of 100,000 is stale", run: GOAL, stale: true },
  { what: "… 10% have no end", run: { ...GOAL, openShare: 0.1 } },
  { what: "five values, again and again", run: { ...GOAL, values: 5 } },
  { what: "… 2% have no end", run: { ...GOAL, values: 5, openShare: 0.02 } },
  { what: "all on one key", run: { ...GOAL, keys: 1 } },
];

/** How fast registers are judged: the goal is 100,000 operations of 20 processes on 50 keys in a second. */
export const linearizabilityBench: Bench = {
  name: "linearizability",
  summary: `histories of ${OPERATIONS.toLocaleString("en-US")} operations on registers judged, linearizable and not`,
  async run({ runs, signal, tell }) {
    const rows = HISTORIES.map(({ what, run, stale }) => {
      const legal = legalRun(run, seededRandom(1));
      const history = stale ? withStaleRead(legal) : legal;
      const ms: number[] = [];
      const cpuMs: number[] = [];
      let verdict = "";
      for (let time = 1; time <= runs; time += 1) {
        signal.throwIfAborted();
        const [began, cpu] = [performance.now(), process.cpuUsage()];
        verdict = judgeRegisters(history, "ns").verdict;
        ms.push(performance.now() - began);
        const { user, system } = process.cpuUsage(cpu);
        cpuMs.push((user + system) / 1000);
        tell(`linearizability, ${what}, ${time} of ${runs}: ${seconds(ms.at(-1) ?? 0)}`);
      }
      return [
        what,
        verdict,
        seconds(Math.max(...ms)),
        seconds(median(ms)),
        perSecond(OPERATIONS, median(ms)),
      ];
    });
    return {
      title:
        `linearizability: ${OPERATIONS.toLocaleString("en-US")} operations of ${GOAL.processes} ` +
        `processes on ${GOAL.keys} keys`,
      columns: ["history", "verdict", "median", "CPU", "operations"],
      rows,
    };
  },
};

/** The read that comes last of those that found something, answered with what its key held long before. */
function withStaleRead(history: readonly RegisterOperation[]): RegisterOperation[] {
  const stale = history.findLast(({ action }) => action.f === "read" && Number(action.value) > 100);
  return history.map((operation) =>
    operation === stale ? { ...operation, action: { f: "read", value: 10 } } : operation,
  );
}
