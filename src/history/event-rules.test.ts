import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MOST_LINE_CHARS } from "./limits.ts";
import { readHistory } from "./reader.ts";
import { openRecorder } from "./recorder.ts";
import { sampleHeader, sampleInvoke } from "./sample.test-data.ts";

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "drill-rules-"));
  path = join(dir, "history.jsonl");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const read = async (...lines: object[]) => {
  await writeFile(path, [sampleHeader(), ...lines].map((line) => `${JSON.stringify(line)}\n`).join(""));
  return readHistory(path);
};

const fault = (phase: string, more: object = {}) => ({
  type: "fault",
  at: 5,
  phase,
  id: 1,
  fault: "kill",
  targets: ["primary"],
  ...more,
});
const seen = { type: "topology", at: 5, source: "primary", event: "role", subject: "primary", to: "replica" };
const acked = { type: "replicated", at: 5, primary: "primary", replicas: [], ackedBy: 5, offset: 1 };
const finals = (values: unknown) => ({ type: "observation", at: 5, name: "final-values", data: { values } });

describe("what a line of a history must be", () => {
  it.each<[string, object[], string]>([
    [
      "a fault that was healed and never begun",
      [fault("heal")],
      ":2: the history contradicts itself: fault 1 is heal, and was never begun",
    ],
    [
      "a fault that was begun twice",
      [fault("inject"), fault("inject")],
      ":3: the history contradicts itself: fault 1 is inject a second time",
    ],
    [
      "a fault that is another one later",
      [fault("inject"), fault("healed", { fault: "pause" })],
      "fault 1 was kill, and is pause now",
    ],
    [
      "a fault after its healing",
      [fault("inject"), fault("healed"), fault("injected")],
      "after it was healed",
    ],
    [
      "another phase",
      [fault("hurt")],
      'fault.phase must be one of inject, injected, heal, healed, got "hurt"',
    ],
    ["a target that is no node", [fault("inject", { targets: ["nobody"] })], "the header has no node nobody"],
    [
      "targets that are no list",
      [fault("inject", { targets: "primary" })],
      "fault.targets must be a list of strings",
    ],
    ["a look at a node that is not there", [{ ...seen, subject: "x" }], "the header has no node x"],
    ["a role that there is not", [{ ...seen, to: "king" }], "nobody became king"],
    [
      "another event of a topology",
      [{ ...seen, event: "mood" }],
      "topology.event must be one of sentinel, role",
    ],
    ["a watermark of later than its own time", [{ ...acked, ackedBy: 6 }], "seen before it was acknowledged"],
    [
      "a step that ended and was never begun",
      [{ type: "step", at: 5, index: 0, name: "x", status: "done" }],
      "step 0 is done, and was never begun",
    ],
    [
      "a time that falls",
      [
        { ...seen, at: 60e9 },
        { ...seen, at: 5 },
      ],
      ":3: the history contradicts itself: its time is 60000 ms before",
    ],
    ["a time below 0", [{ ...seen, at: -1 }], '"at" must be nanoseconds since the run began, got -1'],
    ["a time with a fraction", [{ ...seen, at: 1.5 }], '"at" must be nanoseconds'],
    [
      "an operation without a number",
      [{ ...sampleInvoke(1), op: -1 }],
      "invoke.op must be a whole number from 0 on, got -1",
    ],
    ["a value that is a number", [{ ...sampleInvoke(1), value: 7 }], "invoke.value must be string, got 7"],
    [
      "an error that is a text",
      [sampleInvoke(1), { type: "fail", at: 2, op: 1, error: "x" }],
      "fail.error must be an error with class and message",
    ],
    [
      "an answer of no node",
      [sampleInvoke(1), { type: "ok", at: 2e3, op: 1, node: "x" }],
      "the header has no node x",
    ],
    ["values without keys", [finals([[1, "x"]])], "observation final-values: data must be values by key"],
    ["values that are no list", [finals({})], "observation final-values"],
    [
      "a node without a name at the end",
      [{ type: "observation", at: 5, name: "final-node", data: { node: 1 } }],
      "observation final-node: data.node",
    ],
    ...[
      { from: 5, to: 1, kind: "busy" },
      { from: 1, to: 5 },
      { from: -1, to: 5, kind: "busy" },
    ].map((data): [string, object[], string] => [
      `a stall that cannot be: ${JSON.stringify(data)}`,
      [{ type: "observation", at: 5, name: "stall", data }],
      "observation stall: data.",
    ]),
    [
      "a setting that no server ever ran with",
      [{ type: "observation", at: 5, name: "settings", data: { "cluster-node-timeout": "x" } }],
      "observation settings: data.cluster-node-timeout: not a whole number",
    ],
    [
      "data nested without an end",
      [{ type: "observation", at: 5, name: "x", data: JSON.parse("[".repeat(500) + "]".repeat(500)) }],
      "nested more than 32 deep",
    ],
    [
      "two last lines",
      [
        { type: "end", at: 9, reason: "completed" },
        { type: "end", at: 9, reason: "completed" },
      ],
      "a line stands behind its last one",
    ],
    ["a last line of another reason", [{ type: "end", at: 9, reason: "bored" }], "end.reason must be one of"],
    [
      "counts that are none",
      [{ type: "end", at: 9, reason: "completed", counts: 3 }],
      "end.counts must be numbers by type of event",
    ],
  ])("refuses %s", async (_what, lines, message) => {
    await expect(read(...lines)).rejects.toMatchObject({ code: "BAD_RUN" });
    await expect(read(...lines)).rejects.toThrow(message);
  });

  it("leaves alone what a newer version may say besides", async () => {
    const { events } = await read(
      { ...seen, certainty: 0.9 },
      { type: "observation", at: 6, name: "weather", data: 1 },
    );
    const odd = { type: "observation", at: 6, name: "toString", data: 1 };
    expect(events).toHaveLength(2);
    expect((await read(odd, { ...odd, name: "__proto__" })).events).toHaveLength(2);
  });

  it("takes a fault that it was tried to heal twice, and one of a link", async () => {
    const link = fault("inject", { id: 2, targets: ["primary>client"] });
    const { events } = await read(fault("inject"), fault("heal"), fault("heal"), fault("healed"), link);
    expect(events).toHaveLength(5);
  });

  it("is no longer than can be held", async () => {
    await writeFile(path, `${JSON.stringify(sampleHeader())}\n${"x".repeat(MOST_LINE_CHARS + 1)}`);
    await expect(readHistory(path)).rejects.toThrow(`:2: longer than ${MOST_LINE_CHARS} characters`);
    const recorder = openRecorder(join(dir, "long.jsonl"));
    recorder.record({ ...sampleInvoke(1), value: "x".repeat(MOST_LINE_CHARS) } as never);
    expect((await recorder.close())?.message).toMatch(/cannot be written: a line of \d+ characters/);
  });
});

describe("the last line", () => {
  it("counts what was recorded, and is the last, also where a recorder went on", async () => {
    const first = openRecorder(path);
    first.record(sampleHeader());
    first.record(sampleInvoke(1));
    await first.close();
    const on = openRecorder(path);
    on.record({ type: "ok", at: 2e3, op: 1 });
    on.record({ type: "end", at: 3e3, reason: "completed" });
    on.record(sampleInvoke(2));
    await on.close();
    const { events, complete, integrity } = await readHistory(path);
    expect(events.at(-1)).toMatchObject({ type: "end", events: 3, counts: { header: 1, invoke: 1, ok: 1 } });
    expect({ complete, integrity }).toMatchObject({
      complete: true,
      integrity: { state: "verified", events: 4 },
    });
  });
});
