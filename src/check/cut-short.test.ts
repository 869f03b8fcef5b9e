import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type History, readHistory } from "../history/reader.ts";
import { judge } from "./judge.ts";

/* A drill may be interrupted at any time after its fault, and what had not happened by then proves nothing. */

const AFTER_S = [0.05, 0.7, 2, 5];
const RECORDED = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".fixture.jsonl"))
  .sort();

/** The drill as far as it had come by then, as SIGINT leaves it. */
function cutAt(history: History, at: number): History {
  const before = history.events.filter((event) => event.at <= at && event.type !== "end");
  const end = { type: "end", at, reason: "interrupted", detail: "SIGINT" } as const;
  return { ...history, events: [...before, end], complete: false };
}

describe.each(RECORDED)("%s, cut short", (path) => {
  it("fails by nothing by which the whole drill does not", async () => {
    const history = await readHistory(join(import.meta.dirname, path));
    const failing = (one: History) =>
      judge(one)
        .checks.filter(({ verdict }) => verdict === "fail")
        .map(({ name, evidence }) => `${name}: ${evidence.reason}`);
    const whole = failing(history);
    const faultAt = history.events.find(({ type }) => type === "fault")?.at ?? 0;
    for (const seconds of AFTER_S) {
      const cut = failing(cutAt(history, faultAt + seconds * 1e9));
      expect(cut.filter((found) => !whole.includes(found))).toEqual([]);
    }
  });
});
