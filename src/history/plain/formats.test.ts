import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { judgePlain } from "../../check/plain-history.ts";
import { DrillError } from "../../model/errors.ts";
import { isPlainHistory, readPlainHistory } from "../plain-history.ts";

let folder: string;
let files = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "valkey-drill-formats-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function fileOf(text: string): Promise<string> {
  files += 1;
  const path = join(folder, `history-${files}.txt`); // the name tells nothing
  await writeFile(path, text);
  return path;
}
const read = async (text: string) => readPlainHistory(await fileOf(text));
const refused = async (text: string) => {
  const path = await fileOf(text);
  const error = await readPlainHistory(path).then(
    (history) => expect.fail(`was read: ${JSON.stringify(history)}`),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DrillError);
  expect(error).toMatchObject({ code: "BAD_RUN" });
  return (error as Error).message.replace(`${path}:`, "");
};

/** A register that is written, compared, and read by two, in each format; the second read is stale. */
const EDN = `{:type :invoke, :f :write, :value 1, :process 0, :time 3291485317, :index 0}
{:type :ok, :f :write, :value 1, :process 0, :time 3296209422, :index 1}
{:type :info, :f :start-partition, :value {"n1" #{"n2"}}, :process :nemesis, :time 3297011050, :index 2}
{:type :invoke, :f :cas, :value [1 2], :process 1, :time 3305101031, :index 3}
{:type :invoke, :f :write, :value 3, :process 2, :time 3307220512, :index 4}
{:type :ok, :f :cas, :value [1 2], :process 1, :time 3309482715, :index 5}
{:type :info, :f :write, :value 3, :process 2, :index 6, :error [:timeout "no } answer"], :exception #error {:cause "x"}}
{:type :invoke, :f :cas, :value [7 8], :process 1, :index 7}
{:type :fail, :f :cas, :value [7 8], :process 1, :index 8, :error :did-not-match}
{:type :invoke, :f :read, :value nil, :process 0, :index 9}
{:type :ok, :f :read, :value 1, :process 0, :index 10}
`;
const JSON_ARRAY = `[
  {"type": "invoke", "f": "write", "value": 1, "process": 0, "time": 3291485317},
  {"type": "ok", "f": "write", "value": 1, "process": 0},
  {"type": "info", "f": "start-partition", "value": null, "process": "nemesis"},
  {"type": "invoke", "f": "cas", "value": [1, 2], "process": 1},
  {"type": "invoke", "f": "write", "value": 3, "process": 2},
  {"type": "ok", "f": "cas", "value": [1, 2], "process": 1},
  {"type": "info", "f": "write", "value": 3, "process": 2, "error": "no ] answer"},
  {"type": "invoke", "f": "cas", "value": [7, 8], "process": 1},
  {"type": "fail", "f": "cas", "value": [7, 8], "process": 1},
  {"type": "invoke", "f": "read", "value": null, "process": 0},
  {"type": "ok", "f": "read", "value": 1, "process": 0}
]
`;
const LOG = EDN.split("\n")
  .filter((line) => line !== "")
  .map((line) => {
    const field = (name: string) => new RegExp(`:${name} (\\[[^\\]]*\\]|\\{.*\\}|[^\\s,}]+)`).exec(line)?.[1];
    return `INFO  jepsen.util - ${["process", "type", "f", "value"].map(field).join("\t")}`;
  })
  .join("\n");

/** One map, one field a line. */
const spread = (edn: string) => edn.replaceAll(", :", ",\n   :");
const tagged = (edn: string) => edn.replaceAll(/^\{/gm, "#jepsen.history.Op{");

const FORMATS: Record<string, string> = {
  "Jepsen's EDN, one map a line": EDN,
  "… with a comment at its beginning": `; from run 17\n\n${EDN}`,
  "… in a vector": `[${EDN}]\n`,
  "… in a list": `(${EDN})`,
  "… as records": tagged(EDN),
  "… as records in a vector": `[${tagged(EDN)}]`,
  "… over several lines": spread(EDN),
  "… over several lines, as records in a vector": spread(`[${tagged(EDN)}]`),
  "… all on one line": EDN.replaceAll("\n", " "),
  "… with something left out": EDN.replace("{:type :ok", "#_{:type :broken} {:type :ok"),
  "… from Windows": EDN.replaceAll("\n", "\r\n"),
  "a JSON array, one object a line": JSON_ARRAY,
  "a JSON array on one line": JSON_ARRAY.replaceAll("\n", ""),
  "a JSON array over several lines": JSON.stringify(JSON.parse(JSON_ARRAY), null, 2),
  "JSON objects over several lines": (JSON.parse(JSON_ARRAY) as object[])
    .map((line) => JSON.stringify(line, null, 2))
    .join("\n"),
  "JSON lines": (JSON.parse(JSON_ARRAY) as object[]).map((line) => JSON.stringify(line)).join("\n"),
  "Jepsen's log": `${LOG}\n`,
  "… with other lines in it": `2024-01-01 10:00:00 WARN  jepsen.core - Test crashed!\njava.net.X: y\n${LOG}\n`,
  "Jepsen's history.txt": `${LOG.replaceAll("INFO  jepsen.util - ", "")}\n`,
  "… with spaces for tabs": `${LOG.replaceAll("\t", "  ")}\n`,
};

describe("a history is read, by what stands in it, from", () => {
  it.each(Object.entries(FORMATS))("%s", async (_, text) => {
    expect(await isPlainHistory(await fileOf(text))).toBe(true);
    const history = await read(text);
    expect(history.counts).toEqual({ total: 5, ok: 3, fail: 1, info: 1 });
    expect(history.operations.map(({ process, key, action }) => [process, key, action])).toEqual([
      ["process 0", "register", { f: "write", value: 1 }],
      ["process 1", "register", { f: "cas", from: 1, to: 2 }],
      ["process 2", "register", { f: "write", value: 3 }],
      ["process 0", "register", { f: "read", value: 1 }],
    ]);
    const [check] = judgePlain("x", history).checks;
    expect(check?.summary).toMatch(
      /process 0 read 1 at (line|event) \d+, after process 1's cas 1 → 2 had been/,
    );
  });

  it("is told with the lines of the file, or with numbers of events where several stand on one line", async () => {
    const summaryOf = async (text: string) => judgePlain("x", await read(text)).checks[0]?.summary;
    expect(await summaryOf(EDN)).toContain(
      "at line 11, after process 1's cas 1 → 2 had been acknowledged at line 6",
    );
    expect(await summaryOf(EDN.replaceAll("\n", " "))).toContain("at event 10, after");
  });
});

/** Where a file may be cut: in the middle of each of its operations, and right before what closes it. */
function* cuts(text: string): Generator<string> {
  for (const part of [0.3, 0.5, 0.8, 0.97]) {
    const at = text.indexOf("\n", Math.floor(text.length * part)) + 1;
    const [line = ""] = text.slice(at).trimEnd().split(/\r?\n/, 1);
    for (const length of [1, Math.floor(line.length / 2), line.length - 1]) {
      if (line.length > 10) yield text.slice(0, at + length);
    }
  }
  if (/[\])]\s*$/.test(text)) yield text.replace(/[\])]\s*$/, "");
}

describe("a file that was cut off", () => {
  it.each(Object.entries(FORMATS))("is never taken for a whole one: %s", async (_, text) => {
    for (const cut of cuts(text.trimEnd())) expect(await refused(cut)).toMatch(/^\d+: |is no plain history/);
  });

  it("is told with the line on which begins what has no end", async () => {
    expect(await refused(EDN.slice(0, -4))).toBe("11: the file ends in the middle: this { is never closed");
    expect(await refused(JSON_ARRAY.slice(0, -3))).toBe(
      "1: the file ends in the middle: this [ is never closed",
    );
    expect(await refused(`${EDN}{:type :invoke, :f "wri`)).toBe(
      "12: the file ends in the middle of a text that begins here",
    );
    expect(await refused(LOG)).toBe("11: the file ends in the middle of a line: it was cut off");
  });
});

const op = (type: string, f: string, value: string, process: number | string = 0, more = "") =>
  `{:type :${type}, :f :${f}, :value ${value}, :process ${process}${more}}\n`;

describe("Jepsen's EDN", () => {
  it.each<[edn: string, value: unknown]>([
    ["nil", null],
    ["-7", -7],
    ['"a \\"b\\" ; c"', 'a "b" ; c'],
    [":ready", ":ready"],
    ["[1 nil [true]]", [1, null, [true]]],
    ["(1 2)", [1, 2]],
    ["#{2 1}", { set: [1, 2] }],
    [
      "{:b 1, :a #{}}",
      {
        map: [
          [":a", { set: [] }],
          [":b", 1],
        ],
      },
    ],
    ["#foo.Bar{:x 1}", { tag: "foo.Bar", value: { map: [[":x", 1]] } }],
    ["9007199254740993", { integer: "9007199254740993" }],
    ["12N", 12],
    ["123456789012345678901M", { tag: "exact", value: "123456789012345678901" }],
  ])("has the value %s", async (edn, value) => {
    const { operations } = await read(op("invoke", "write", edn) + op("ok", "write", edn));
    expect(operations[0]?.action).toEqual({ f: "write", value });
  });

  it("tells whole numbers apart that JavaScript would round to one; JSON as well", async () => {
    const [a, b] = ["9007199254740993", "9007199254740992"];
    const edn =
      op("invoke", "write", a) + op("ok", "write", a) + op("invoke", "read", "nil") + op("ok", "read", b);
    const json = [
      `{"process": 0, "type": "invoke", "f": "write", "value": ${a}, "time": 1700000000000000001}`,
      `{"process": 0, "type": "ok", "f": "write"}`,
      `{"process": 0, "type": "invoke", "f": "read"}`,
      `{"process": 0, "type": "ok", "f": "read", "value": ${b}}`,
    ].join("\n");
    for (const text of [edn, json]) expect(judgePlain("x", await read(text)).verdict).toBe("fail");
  });

  it("takes the key of [key value], as `jepsen.independent` writes it, from all operations", async () => {
    const { operations } = await read(
      op("invoke", "write", "[:x 1]") +
        op("ok", "write", "[:x 1]") +
        op("invoke", "cas", "[3 [1 2]]", 1) +
        op("info", "cas", "[3 [1 2]]", 1) +
        op("invoke", "read", "[3 nil]") +
        op("ok", "read", "[3 [5 6]]"),
    );
    expect(operations.map(({ key, action }) => [key, action])).toEqual([
      [":x", { f: "write", value: 1 }],
      ["3", { f: "cas", from: 1, to: 2 }],
      ["3", { f: "read", value: [5, 6] }],
    ]);
  });

  it("has pairs as values where not all operations begin with one", async () => {
    const { operations } = await read(
      op("invoke", "write", "[1 2]") +
        op("ok", "write", "[1 2]") +
        op("invoke", "read", "nil") +
        op("ok", "read", "[1 2]"),
    );
    expect(operations.map(({ key, action }) => [key, action])).toEqual([
      ["register", { f: "write", value: [1, 2] }],
      ["register", { f: "read", value: [1, 2] }],
    ]);
  });

  it("is read as Porcupine writes it too: get and put, and an empty text for no value", async () => {
    const kv = (type: string, f: string, value: string) =>
      `{:process 9, :type :${type}, :f :${f}, :key "0", :value ${value}}\n`;
    const history = await read(
      kv("invoke", "get", "nil") +
        kv("ok", "get", '""') +
        kv("invoke", "append", '"x"') +
        kv("ok", "append", '"x"') +
        kv("invoke", "get", "nil") +
        kv("ok", "get", '"x"') +
        kv("invoke", "put", '""') +
        kv("ok", "put", '""') +
        kv("invoke", "get", "nil") +
        kv("ok", "get", '""'),
    );
    expect(history.operations.map(({ key }) => key)).toEqual(["0", "0", "0", "0", "0"]);
    expect(judgePlain("x", history).verdict).toBe("pass");
  });

  it.each<[what: string, text: string, message: RegExp]>([
    ["an unknown f", op("invoke", "txn", "[[:r 1 nil]]"), /^1: f must be one of read, .*, got "txn"$/],
    ["no f", "{:process 0, :type :invoke}", /^1: f must be one of .*, got undefined$/],
    [
      "an unknown type",
      op("begin", "read", "nil"),
      /^1: type must be one of invoke, ok, fail, info, got "begin"$/,
    ],
    ["no process", "{:type :invoke, :f :read}", /^1: :process must be a number, or :nemesis, got none$/],
    [
      "a process that is none",
      op("invoke", "read", "nil", ":client"),
      /^1: :process must be .* got :client$/,
    ],
    ["a field without a value", "{:process 0, :type :invoke, :f}", /^1: :f has no value$/],
    [
      "a field that stands there twice",
      op("invoke", "read", "nil", 0, ", :f :write"),
      /^1: :f stands there twice$/,
    ],
    [
      "what is no operation",
      "{:process 0, :type :invoke, :f :read}\n\n42",
      /^3: expected an operation, .* got 42$/,
    ],
    ["a bracket that closes another", op("invoke", "write", "[1 2}"), /^1: \} closes the \[ of line 1$/],
    ["a bracket that closes nothing", `${EDN}}`, /^12: \} closes nothing$/],
    [
      "an end without a beginning",
      op("ok", "read", "1", 3),
      /^1: process 3 has no operation that could end$/,
    ],
    [
      "two operations of a process at one time",
      op("invoke", "read", "nil") + op("invoke", "read", "nil"),
      /^2: process 0 begins another operation; that of line 1 has not ended$/,
    ],
    [
      "an end of something else",
      op("invoke", "read", "nil") + op("ok", "write", "1"),
      /^2: ends a write, but line 1/,
    ],
    [
      "operations in another order than that of time",
      op("invoke", "read", "nil", 0, ", :index 4") + op("ok", "read", "nil", 0, ", :index 3"),
      /^2: index 3 comes after 4/,
    ],
    [
      "the same in JSON",
      `[{"process": 0, "type": "invoke", "f": "read", "index": 4},
        {"process": 0, "type": "ok", "f": "read", "value": null, "index": 3}]`,
      /^2: index 3 comes after 4/,
    ],
    [
      "a read that is ok without a value",
      `${op("invoke", "read", "nil")}{:type :ok :f :read :process 0}`,
      /^2: a read/,
    ],
    [
      "a key for some operations only",
      op("invoke", "read", "[1 nil]") + op("invoke", "write", "3", 1),
      /^2: 3 is no \[key value\], but other operations/,
    ],
    [
      "an answer without its key",
      op("invoke", "read", "[1 nil]") + op("ok", "read", "5"),
      /^2: expected \[key value\], as the operation began, got 5$/,
    ],
    ["tags without end", op("invoke", "write", `${"#a ".repeat(100_000)}1`), /^1: .* is no value of EDN/],
    [
      "what is left out without end, later",
      `${EDN}${"#_ ".repeat(9999)}1`,
      /^12: more than 1000 forms are left out/,
    ],
    [
      "a deep value",
      op("invoke", "write", "[".repeat(200) + "]".repeat(200)),
      /^1: a value must not be nested/,
    ],
    ["no number", op("invoke", "write", "##NaN"), /^1: ##NaN is no value that can be compared$/],
    [
      "a value too deep",
      op("invoke", "write", "[".repeat(5000) + "]".repeat(5000)),
      /^1: brackets are nested more than 1000 times/,
    ],
  ])("is refused with its line for %s", async (_, text, message) => {
    expect(await refused(text)).toMatch(message);
  });
});

describe("nothing to judge", () => {
  it.each<[what: string, text: string]>([
    ["an empty array", "[]"],
    ["an empty list of EDN", "()"],
    ["the nemesis alone", op("info", "kill", "nil", ":nemesis")],
    ["nothing but failures", op("invoke", "write", "1") + op("fail", "write", "1")],
    [
      "nothing with a certain end",
      op("invoke", "write", "1") + op("info", "write", "1") + op("invoke", "read", "nil", 1),
    ],
  ])("is %s: unknown, not passed", async (_, text) => {
    const result = judgePlain("x", await read(text));
    expect(result).toMatchObject({
      verdict: "unknown",
      checks: [{ evidence: { reason: "nothing-acknowledged" } }],
    });
  });

  it("is a file that is no UTF-8: two values that differ would be read as one", async () => {
    const path = await fileOf("");
    const lines = `{"process":0,"type":"invoke","f":"write","value":"\xff"}\n{"process":0,"type":"ok","f":"write"}\n`;
    await writeFile(path, Buffer.from(lines, "latin1"));
    await expect(readPlainHistory(path)).rejects.toMatchObject({ code: "BAD_RUN" });
  });

  it("is a file in which nothing is an operation", async () => {
    for (const text of ["", "\n", "hello\n", "{}", "[1, 2]"]) {
      const path = await fileOf(text);
      expect(await isPlainHistory(path)).toBe(false);
      await expect(readPlainHistory(path)).rejects.toMatchObject({ code: "BAD_RUN" });
    }
  });
});
