import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgePlain } from "../check/plain-history.ts";
import { DrillError } from "../model/errors.ts";
import { isPlainHistory, readPlainHistory } from "./plain-history.ts";

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "valkey-drill-plain-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(lines: readonly (object | string)[]): Promise<string> {
  files += 1;
  const path = join(folder, `history-${files}.jsonl`);
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  await writeFile(path, `${text.join("\n")}\n`);
  return path;
}
const read = async (...lines: (object | string)[]) => readPlainHistory(await fileOf(lines));

/** One line, in short: `at(1, "invoke", "write", 7)`. */
const at = (process: number | string, type: string, f: string, value?: unknown, key?: unknown) => ({
  process,
  type,
  f,
  ...(key !== undefined && { key }),
  ...(value !== undefined && { value }),
});

describe("a plain history", () => {
  it("is read line by line; the lines are the time", async () => {
    const { operations, counts } = await read(
      at(0, "invoke", "write", 1, "x"),
      at("b", "invoke", "read", null, "x"),
      at(0, "ok", "write", 1, "x"),
      at("b", "ok", "read", 1),
    );
    expect(operations).toEqual([
      {
        id: 1,
        process: "process 0",
        key: "x",
        action: { f: "write", value: 1 },
        invokedAt: 1,
        returnedAt: 3,
      },
      { id: 2, process: "process b", key: "x", action: { f: "read", value: 1 }, invokedAt: 2, returnedAt: 4 },
    ]);
    expect(counts).toEqual({ total: 2, ok: 2, fail: 0, info: 0 });
  });

  it("leaves out what failed, and keeps open what has no certain end, or none at all", async () => {
    const { operations, counts } = await read(
      at(0, "invoke", "write", 1),
      at(0, "fail", "write", 1),
      at(0, "invoke", "append", "x"),
      at(0, "info", "append", "x"),
      at(1, "invoke", "cas", [1, 2]),
    );
    expect(operations.map(({ action, returnedAt, key }) => [action, returnedAt, key])).toEqual([
      [{ f: "append", value: "x" }, Infinity, "register"],
      [{ f: "cas", from: 1, to: 2 }, Infinity, "register"],
    ]);
    expect(counts).toEqual({ total: 3, ok: 0, fail: 1, info: 2 });
  });

  it.each([
    [undefined, { f: "cas", from: 1, to: 2 }],
    [null, { f: "cas", from: 1, to: 2 }],
    [true, { f: "cas", from: 1, to: 2 }],
    [[1, 2], { f: "cas", from: 1, to: 2 }],
    [false, { f: "cas-refused", from: 1 }],
    [{ saw: 5 }, { f: "cas-refused", from: 1, saw: 5 }],
    [{ saw: null }, { f: "cas-refused", from: 1, saw: null }],
  ])("tells by the answer %j of a compare-and-set whether it was done", async (answer, action) => {
    const { operations } = await read(at(0, "invoke", "cas", [1, 2]), at(0, "ok", "cas", answer));
    expect(operations[0]?.action).toEqual(action);
  });

  it("takes fields that it does not know, empty lines, and numbers as keys", async () => {
    const { operations } = await read({ ...at(0, "invoke", "read", undefined, 3), time: 17, index: 0 }, "", {
      ...at(0, "ok", "read", null, "3"),
      error: ["x"],
    });
    expect(operations).toMatchObject([
      { key: "3", action: { f: "read", value: null }, invokedAt: 1, returnedAt: 3 },
    ]);
  });

  it.each<[what: string, lines: (object | string)[], line: number, told: RegExp]>([
    ["no JSON", [at(0, "invoke", "read"), "{"], 2, /not a line of JSON/],
    ["no object", [at(0, "invoke", "read"), "[1]"], 2, /expected an object/],
    [
      "no process",
      [at(0, "invoke", "read"), { type: "ok", f: "read" }],
      2,
      /process must be a number or a text, got undefined/,
    ],
    [
      "an unknown type",
      [at(0, "begin", "read")],
      1,
      /type must be one of invoke, ok, fail, info, got "begin"/,
    ],
    [
      "an unknown f",
      [at(0, "invoke", "txn")],
      1,
      /f must be one of read, write, cas, append, get, put, got "txn"/,
    ],
    [
      "a key that is none",
      [at(0, "invoke", "read", null, [1])],
      1,
      /key must be a number or a text, got \[1\]/,
    ],
    ["a write of nothing", [at(0, "invoke", "write")], 1, /write needs a value/],
    [
      "a cas without two values",
      [at(0, "invoke", "cas", 1)],
      1,
      /the value of cas must be \[expected, new\], got 1/,
    ],
    [
      "a read without an answer",
      [at(0, "invoke", "read"), at(0, "ok", "read")],
      2,
      /needs the value that it read/,
    ],
    [
      "an odd answer",
      [at(0, "invoke", "cas", [1, 2]), at(0, "ok", "cas", [1, 3])],
      2,
      /must be true, false.*got \[1,3\]/,
    ],
    ["an end without a beginning", [at(0, "ok", "read", 1)], 1, /process 0 has no operation that could end/],
    [
      "an end of something else",
      [at(0, "invoke", "read"), at(0, "ok", "write", 1)],
      2,
      /ends a write, but line 1 began a read/,
    ],
    [
      "an end on another key",
      [at(0, "invoke", "read", null, "x"), at(0, "ok", "read", 1, "y")],
      2,
      /on key y, but line 1 .* key x/,
    ],
    [
      "two at one time",
      ["", at(0, "invoke", "read"), at(0, "invoke", "read")],
      3,
      /process 0 begins another operation; that of line 2/,
    ],
  ])("is refused with its line for %s", async (_, lines, line, told) => {
    const path = await fileOf(lines);
    const error = await readPlainHistory(path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(DrillError);
    expect(error).toMatchObject({ code: "BAD_RUN" });
    expect((error as Error).message).toMatch(told);
    expect((error as Error).message).toContain(`${path}:${line}: `);
  });

  it("is told from one of our own, and from what is none, by its first line", async () => {
    expect(await isPlainHistory(await fileOf(["", at(0, "invoke", "read")]))).toBe(true);
    expect(await isPlainHistory(await fileOf([{ type: "header", at: 0 }, at(0, "invoke", "read")]))).toBe(
      false,
    );
    expect(await isPlainHistory(await fileOf(["no JSON"]))).toBe(false);
    expect(await isPlainHistory(await fileOf([]))).toBe(false);
    await expect(isPlainHistory(join(folder, "none.jsonl"))).rejects.toMatchObject({ code: "BAD_RUN" });
  });
});

describe("the verdict on a plain history", () => {
  it("is pass where every answer fits one order", async () => {
    const history = await read(
      at(0, "invoke", "write", 1),
      at(0, "ok", "write"),
      at(1, "invoke", "read"),
      at(1, "ok", "read", 1),
    );
    expect(judgePlain("some.jsonl", history)).toEqual({
      schemaVersion: 1,
      history: "some.jsonl",
      verdict: "pass",
      operations: { total: 2, ok: 2, fail: 0, info: 0 },
      checks: [
        {
          name: "linearizability",
          verdict: "pass",
          summary: "2 operations on 1 key: each key linearizable",
          evidence: { keys: 1, operations: 2 },
        },
      ],
    });
  });

  it("is fail where none does, and names the lines", async () => {
    const history = await read(
      at(0, "invoke", "write", 1, "x"),
      at(0, "ok", "write", 1, "x"),
      at(0, "invoke", "write", 2, "x"),
      at(0, "ok", "write", 2, "x"),
      at(1, "invoke", "read", null, "x"),
      at(1, "ok", "read", 1, "x"),
    );
    const [check] = judgePlain("some.jsonl", history).checks;
    expect(check).toMatchObject({ verdict: "fail", evidence: { reason: "not-linearizable" } });
    expect(check?.summary).toContain(
      "process 1 read 1 at line 6, after process 0's write 2 had been acknowledged at line 4",
    );
  });

  it("is unknown where nothing was acknowledged: then every order fits", () => {
    const operation = { process: "0", key: "k", action: { f: "write", value: 1 }, invokedAt: 1 } as const;
    const history = {
      operations: [{ ...operation, id: 1, returnedAt: Infinity }],
      counts: { total: 1, ok: 0, fail: 0, info: 1 },
      unit: "line" as const,
    };
    expect(judgePlain("some.jsonl", history)).toMatchObject({
      verdict: "unknown",
      checks: [{ verdict: "unknown", evidence: { reason: "nothing-acknowledged" } }],
    });
  });
});
