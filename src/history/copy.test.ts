import { appendFile, mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyHistory } from "./copy.ts";
import { readHistory } from "./reader.ts";
import { openRecorder } from "./recorder.ts";
import { sampleHeader } from "./sample.test-data.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "valkey-drill-copy-"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe("a copy of a history that is still written to", () => {
  it("holds what was flushed, under its own header, and can be written on", async () => {
    const from = join(dir, "from.jsonl");
    const recorder = openRecorder(from);
    recorder.record(sampleHeader());
    for (let op = 1; op <= 5000; op += 1)
      recorder.record({ type: "observation", at: op, name: "n", data: "ä".repeat(op % 50) });
    await recorder.flush();
    const { size } = await stat(from);
    recorder.record({ type: "observation", at: 9999, name: "later", data: 1 });
    await recorder.flush();
    const to = join(dir, "to.jsonl");
    await copyHistory(from, to, size, { runId: "another" });
    const on = openRecorder(to);
    on.record({ type: "end", at: 10_000, reason: "completed" });
    await on.close();
    await recorder.close();
    const { header, events, complete } = await readHistory(to);
    expect({ runId: header.runId, complete }).toEqual({ runId: "another", complete: true });
    expect(header).toEqual({ ...sampleHeader(), runId: "another" });
    expect(events.filter(({ type }) => type === "observation")).toHaveLength(5000);
  });

  it("ends with a whole line, wherever it was cut", async () => {
    const from = join(dir, "torn.jsonl");
    const recorder = openRecorder(from);
    recorder.record(sampleHeader());
    await recorder.close();
    const head = (await stat(from)).size;
    const line = `${JSON.stringify({ type: "observation", at: 1, name: "n", data: 1 })}\n`;
    await appendFile(from, line + line);
    for (const [more, lines] of [
      [0, 1],
      [line.length - 1, 1],
      [line.length, 2],
      [2 * line.length - 1, 2],
      [2 * line.length, 3],
    ] as const) {
      const to = join(dir, `cut-${more}.jsonl`);
      await copyHistory(from, to, head + more, {});
      const text = await readFile(to, "utf8");
      expect(text.endsWith("\n")).toBe(true);
      expect(text.trim().split("\n")).toHaveLength(lines);
    }
  });

  it("leaves out a torn line, however long", async () => {
    const from = join(dir, "long.jsonl");
    const recorder = openRecorder(from);
    recorder.record(sampleHeader());
    recorder.record({ type: "observation", at: 1, name: "n", data: 1 });
    await recorder.close();
    const { size } = await stat(from);
    await appendFile(from, "x".repeat(300_000));
    const to = join(dir, "cut-long.jsonl");
    await copyHistory(from, to, size + 300_000, {});
    expect(await readFile(to, "utf8")).toBe((await readFile(from, "utf8")).slice(0, size));
  });
});
