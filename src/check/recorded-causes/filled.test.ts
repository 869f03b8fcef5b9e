import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { type History, readHistory } from "../../history/reader.ts";
import { haRun, REFUSED, withHaStart } from "../history.test-data.ts";
import { judge } from "../judge.ts";
import { filled } from "./filled.test-data.ts";

/* What fills in thinned histories makes nothing up: held against a history that is whole. */
const whole = (): Promise<History> =>
  readHistory(fileURLToPath(new URL("shard-without-replica-restarted.fixture.jsonl", import.meta.url)));

const count = ({ events }: History) => events.filter(({ type }) => type === "invoke").length;

/** Every seventh operation, and all around where an outage begins or ends. */
function thinned(history: History, edges: readonly number[]): History {
  const isKept = (op: number, at: number) =>
    op % 7 === 0 || edges.some((edge) => Math.abs(at - edge * 1e6) < 300e6);
  const kept = new Set(
    history.events.flatMap((event) =>
      event.type === "invoke" && isKept(event.op, event.due ?? event.at) ? [event.op] : [],
    ),
  );
  return { ...history, events: history.events.filter((event) => !("op" in event) || kept.has(event.op)) };
}

it("adds nothing to what is whole", async () => {
  const history = await whole();
  expect(count(filled(history))).toBe(count(history));
});

it("gives a thinned history its outages again", async () => {
  const history = await whole();
  const { outage, outages = [] } = judge(history);
  expect(outage.writeMs).toBeGreaterThan(2000);
  const thin = thinned(
    history,
    outages.flatMap(({ startMs, endMs }) => [startMs, endMs ?? startMs]),
  );
  expect(count(thin)).toBeLessThan(count(history) / 2);
  expect(judge(thin).outage).not.toEqual(outage);
  const again = filled(thin);
  expect(count(again)).toBeLessThanOrEqual(count(history));
  expect(judge(again).outage).toEqual(outage);
  const numbers = again.events.flatMap((event) => (event.type === "invoke" ? [event.op] : []));
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(judge(again).writes).toMatchObject({ lost: 0, recovered: 0, indeterminate: 0 });
});

it("fills nothing in between two that ended differently", () => {
  const run = withHaStart(haRun())
    .probe({ from: 100, to: 140 })
    .operation({ client: "nobody", f: "read", key: "k" }, 150) // takes a number, as operations left out do
    .probe({ from: 1000, to: 1040, ends: () => REFUSED })
    .end(2000);
  expect(count(filled(run.build()))).toBe(5);
});

it("does not take a probe that was stopped for one that was thinned out", () => {
  const run = withHaStart(haRun()).probe({ from: 100, to: 500 }).probe({ from: 1500, to: 2000 }).end(2100);
  expect(() => filled(run.build())).toThrow("more operations are missing than were left out");
});
