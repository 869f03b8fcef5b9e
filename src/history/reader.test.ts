import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HistoryEvent } from "../model/event.ts";
import { readHistory, streamHistory } from "./reader.ts";
import { openRecorder } from "./recorder.ts";
import { sampleHeader, sampleInvoke } from "./sample.test-data.ts";

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "drill-reader-"));
  path = join(dir, "history.jsonl");
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const lines = (...events: object[]) => events.map((event) => `${JSON.stringify(event)}\n`).join("");
const completed = { type: "end", at: 9_000_000, reason: "completed" } as const;

const at = fc.nat();
const text = fc.string({ unit: "binary" });
const anyEvent: fc.Arbitrary<HistoryEvent> = fc.oneof(
  fc.record({
    type: fc.constant("invoke" as const),
    at,
    op: fc.nat(),
    client: text,
    workload: text,
    f: text,
    key: text,
    value: text,
  }),
  fc.record({
    type: fc.constantFrom("ok" as const, "fail" as const, "info" as const),
    at,
    op: fc.nat(),
    value: fc.option(text),
    error: fc.record({ class: text, message: text }),
  }),
  fc.record({
    type: fc.constant("observation" as const),
    at,
    name: text,
    data: fc
      .jsonValue({ noUnicodeString: false, maxDepth: 2 })
      .map((value) => JSON.parse(JSON.stringify(value))),
  }),
);

describe("history reader", () => {
  it("gives back what the recorder took, whatever the text in it", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyEvent, { maxLength: 40 }), async (events) => {
        run += 1;
        const file = join(dir, `${run}.jsonl`);
        const recorder = openRecorder(file);
        recorder.record(sampleHeader());
        for (const event of events) recorder.record(event);
        recorder.record(completed);
        expect(await recorder.close()).toBeUndefined();
        const { integrity, ...read } = await readHistory(file);
        expect(read).toEqual({
          header: sampleHeader(),
          events: [...events, expect.objectContaining(completed)],
          complete: true,
        });
        expect(integrity).toMatchObject({ state: "verified", events: events.length + 2, differs: [] });
      }),
      { numRuns: 60 },
    );
  });

  it("reads a readable prefix wherever the file was cut after its header", async () => {
    const head = lines(sampleHeader());
    const whole = head + lines(sampleInvoke(1), { ...sampleInvoke(2), key: "ключ\u2028🔑" }, completed);
    const bytes = Buffer.from(whole);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: Buffer.byteLength(head), max: bytes.length - 2 }),
        async (length) => {
          await writeFile(path, bytes.subarray(0, length));
          const { events, complete } = await readHistory(path);
          expect(complete).toBe(false);
          const all = [sampleInvoke(1).at, sampleInvoke(2).at, completed.at];
          expect(events.map((event) => event.at)).toEqual(all.slice(0, events.length));
        },
      ),
    );
  });

  it("does not call an interrupted run complete", async () => {
    await writeFile(path, lines(sampleHeader(), { ...completed, reason: "interrupted" }));
    expect((await readHistory(path)).complete).toBe(false);
  });

  it.each([
    ["malformed JSON", `${lines(sampleHeader())}{"type":"inv\n${lines(completed)}`, ":2"],
    [
      "an unknown type",
      lines(sampleHeader(), sampleInvoke(1), { type: "wish", at: 1 }),
      ':3: unknown type of event "wish"',
    ],
    [
      "a type from Object's prototype",
      lines(sampleHeader(), { type: "toString", at: 1 }),
      ":2: unknown type",
    ],
    [
      "a missing field",
      lines(sampleHeader(), { ...sampleInvoke(1), op: undefined }),
      ":2: invoke.op must be a whole number from 0 on, got nothing",
    ],
    ["a missing time", lines(sampleHeader(), { ...completed, at: "1" }), ':2: "at" must be nanoseconds'],
    ["something other than an object", `${lines(sampleHeader())}[1]\n`, ":2: expected an event, got a list"],
    ["an empty line", `${lines(sampleHeader())}\n${lines(completed)}`, ":2"],
    ["a second header", lines(sampleHeader(), sampleHeader()), ":2: a second header"],
    ["no header", lines(sampleInvoke(1)), ":1: the first line"],
    ["half a header", lines(sampleHeader()).slice(0, 40), ":1: not a line of JSON"],
    ["a header without a topology", lines({ ...sampleHeader(), topology: null }), ":1: header.topology: "],
    ["nothing", "", "is empty"],
  ])("refuses a file with %s, naming the place", async (_name, content, message) => {
    await writeFile(path, content);
    await expect(readHistory(path)).rejects.toMatchObject({
      code: "BAD_RUN",
      message: expect.stringContaining(path),
    });
    await expect(readHistory(path)).rejects.toThrow(message);
  });

  it("refuses another schema version before it looks at anything else", async () => {
    await writeFile(path, lines({ type: "header", schemaVersion: 3 }));
    await expect(readHistory(path)).rejects.toMatchObject({
      code: "BAD_RUN",
      message: expect.stringContaining("schemaVersion 3 is not supported; this version reads 1 and 2"),
    });
  });

  it("refuses a file that is not there", async () => {
    await expect(readHistory(path)).rejects.toMatchObject({
      code: "BAD_RUN",
      message: expect.stringContaining("ENOENT"),
    });
  });

  it("streams, and can be left early", async () => {
    const many = Array.from({ length: 20_000 }, (_, op) => sampleInvoke(op));
    await writeFile(path, lines(sampleHeader(), ...many, completed));
    const seen: string[] = [];
    for await (const events of streamHistory(path)) {
      seen.push(...events.map(({ type }) => type));
      if (seen.length > 100) break;
    }
    expect(seen.slice(0, 2)).toEqual(["header", "invoke"]);
    expect(seen.length).toBeLessThan(10_000);
  });
});
