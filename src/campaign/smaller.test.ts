import { expect, it } from "vitest";
import { parseScenario } from "../scenario/load.ts";
import { writtenScenario } from "../scenario/written.ts";
import { smallerThan } from "./smaller.ts";

const scenario = parseScenario(
  `
name: big
description: many steps
topology: { kind: ha }
steps:
  - start: unique-writes
  - wait: 2s
  - inject: { fault: pause, target: [replica-1, replica-2], for: 1s }
  - inject: { fault: kill, target: primary }
  - await: { condition: recovered, within: 20s }
  - heal: kill
  - schedule:
      - { at: 1s, inject: { fault: pause, target: primary, for: 300ms } }
      - { every: 500ms, times: 4, inject: { fault: pause, target: replica, for: 100ms } }
`,
  "big.yaml",
);
const moves = smallerThan(scenario);
const actionsAfter = (what: string) =>
  moves.find((move) => move.what === what)?.scenario.steps.map(({ action }) => action);

it("drops a half first, then single steps, a fault together with its healing", () => {
  expect(moves[0]?.scenario.steps).toHaveLength(4);
  expect(actionsAfter("kill primary and heal kill dropped")).toEqual([
    "start",
    "wait",
    "inject",
    "await",
    "schedule",
  ]);
  expect(actionsAfter("steady load for 2 s dropped")).toHaveLength(6);
});

it("shortens what can be shortened: waits, faults, targets, entries and repetitions", () => {
  const shortened = moves.map(({ what }) => what).filter((what) => what.includes("became"));
  expect(shortened).toEqual(
    expect.arrayContaining([
      "steady load for 2 s became steady load for 1 s",
      "pause replica-1, replica-2 for 1 s became pause replica-2 for 1 s",
      "pause replica-1, replica-2 for 1 s became pause replica-1, replica-2 for 0.5 s",
    ]),
  );
  expect(shortened.filter((what) => what.startsWith("schedule"))).toHaveLength(5);
});

it("never gives a scenario that is not smaller, nor one that cannot be read again; and it comes to an end", () => {
  const sizeOf = (text: string) =>
    text
      .replaceAll(/\D+/g, " ")
      .split(" ")
      .reduce((sum, n) => sum + Number(n), text.length);
  let current = scenario;
  for (let turn = 0; turn < 200; turn += 1) {
    const next = smallerThan(current);
    const before = sizeOf(writtenScenario(current, []));
    for (const { scenario: smaller } of next) {
      const text = writtenScenario(smaller, []);
      expect(sizeOf(text)).toBeLessThan(before);
      expect(parseScenario(text, "again.yaml").steps).toEqual(smaller.steps);
    }
    const last = next.at(-1);
    if (!last) return;
    current = last.scenario;
  }
  throw new Error("200 moves, and there is still something smaller");
});
