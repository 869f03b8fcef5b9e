import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HistoryEvent } from "../model/event.ts";
import { runClock } from "./clock.ts";
import { readHistory } from "./reader.ts";
import { openRecorder } from "./recorder.ts";
import { sampleHeader, sampleInvoke } from "./sample.test-data.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "drill-recorder-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe("recorder", () => {
  it("writes every event, in order, by the time close() resolves", async () => {
    const path = join(dir, "history.jsonl");
    const recorder = openRecorder(path);
    recorder.record(sampleHeader());
    for (let op = 0; op < 20_000; op += 1) {
      recorder.record(sampleInvoke(op));
      if (op % 5_000 === 0) await new Promise(setImmediate);
    }
    expect(await recorder.close()).toBeUndefined();
    const { events } = await readHistory(path);
    expect(events.map((event) => (event.type === "invoke" ? event.op : -1))).toEqual([
      ...Array(20_000).keys(),
    ]);
  });

  it("writes events of all kinds and lengths as JSON would, chunk after chunk", async () => {
    const path = join(dir, "history.jsonl");
    const recorder = openRecorder(path);
    const big = { type: "observation", at: 1, name: "x", data: "ключ".repeat(60_000) } as const;
    const events = Array.from({ length: 30_000 }, (_, op): HistoryEvent => {
      if (op % 9_000 === 4_000) return big;
      if (op % 1_000 === 500) return { type: "step", at: op, index: op, name: "wait", status: "begin" };
      if (op % 100 === 50) return { ...(sampleInvoke(op) as object), key: `🔑:${op}` } as HistoryEvent;
      return op % 2 === 0 ? sampleInvoke(op) : { type: "ok", at: op, op, value: null, node: "primary" };
    });
    for (const [n, event] of events.entries()) {
      recorder.record(event);
      if (n % 7_000 === 0) await new Promise(setImmediate);
    }
    expect(await recorder.close()).toBeUndefined();
    const expected = events.map((event) => `${JSON.stringify(event)}\n`).join("");
    expect((await readFile(path, "utf8")) === expected).toBe(true); // megabytes: no difference is drawn
  });

  it("writes within moments, without being closed", async () => {
    const path = join(dir, "history.jsonl");
    const recorder = openRecorder(path);
    recorder.record(sampleHeader());
    await vi.waitFor(async () => expect((await stat(path)).size).toBeGreaterThan(100), { timeout: 2_000 });
    await recorder.close();
  });

  it("keeps what an event was when it was recorded", async () => {
    const path = join(dir, "history.jsonl");
    const recorder = openRecorder(path);
    const data = { seen: 1 };
    recorder.record({ type: "observation", at: 1, name: "x", data });
    data.seen = 2;
    await recorder.close();
    expect(await readFile(path, "utf8")).toContain('"seen":1');
  });

  it("drops what comes after close(), and closes once", async () => {
    const path = join(dir, "history.jsonl");
    const recorder = openRecorder(path);
    recorder.record(sampleHeader());
    const closing = recorder.close();
    recorder.record(sampleInvoke(1));
    expect(recorder.close()).toBe(closing);
    await closing;
    expect((await readHistory(path)).events).toEqual([]);
  });

  it.runIf(existsSync("/dev/full"))("keeps a full disk as its failure and goes on", async () => {
    const told: unknown[] = [];
    const recorder = openRecorder("/dev/full", (failure) => told.push(failure));
    for (let op = 0; op < 100; op += 1) recorder.record(sampleInvoke(op));
    await vi.waitFor(() => expect(recorder.failure).toBeDefined(), { timeout: 2_000 });
    expect(() => recorder.record(sampleInvoke(100))).not.toThrow();
    const failure = await recorder.close();
    expect(failure).toBe(recorder.failure);
    expect(told).toEqual([failure]);
    expect(failure).toMatchObject({ code: "STATE_UNWRITABLE", message: expect.stringContaining("ENOSPC") });
  });

  it.runIf(existsSync("/dev/full"))("reports a full disk that only close() meets", async () => {
    const recorder = openRecorder("/dev/full");
    recorder.record(sampleInvoke(1));
    expect(await recorder.close()).toMatchObject({ code: "STATE_UNWRITABLE" });
  });

  it("keeps an event that JSON cannot hold as its failure", async () => {
    const recorder = openRecorder(join(dir, "history.jsonl"));
    recorder.record({ type: "observation", at: 1, name: "x", data: 1n });
    expect(recorder.failure?.message).toContain("BigInt");
    expect(await recorder.close()).toBe(recorder.failure);
  });

  it("keeps an operation that JSON cannot hold as its failure as well", async () => {
    const recorder = openRecorder(join(dir, "history.jsonl"));
    recorder.record({ type: "ok", at: 1, op: 1, value: 1n as unknown as string });
    expect((await recorder.close())?.message).toContain("BigInt");
  });

  it("refuses a path that cannot be opened, at once", () => {
    expect(() => openRecorder(join(dir, "none", "history.jsonl"))).toThrowError(
      expect.objectContaining({ code: "STATE_UNWRITABLE" }),
    );
  });

  it("tells listeners every event until they unsubscribe", async () => {
    const recorder = openRecorder(join(dir, "history.jsonl"));
    const seen: HistoryEvent[] = [];
    const unsubscribe = recorder.onEvent((event) => seen.push(event));
    recorder.record(sampleInvoke(1));
    unsubscribe();
    recorder.record(sampleInvoke(2));
    await recorder.close();
    expect(seen).toEqual([sampleInvoke(1)]);
  });

  it("survives a listener that throws, warns of it once, and serves the others", async () => {
    const warn = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const recorder = openRecorder(join(dir, "history.jsonl"));
    const seen: number[] = [];
    recorder.onEvent(() => {
      throw new Error("broken listener");
    });
    recorder.onEvent((event) => seen.push(event.at));
    recorder.record(sampleInvoke(1));
    recorder.record(sampleInvoke(2));
    expect(await recorder.close()).toBeUndefined();
    expect(seen).toEqual([1000, 2000]);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });
});

describe("run clock", () => {
  it("starts near 0, counts whole nanoseconds, never falls", () => {
    const clock = runClock();
    const readings = Array.from({ length: 1_000 }, () => clock.now());
    expect(readings[0]).toBeGreaterThanOrEqual(0);
    expect(readings.every(Number.isSafeInteger)).toBe(true);
    expect(readings).toEqual(readings.toSorted((a, b) => a - b));
    expect(new Date(clock.startedAt).toISOString()).toBe(clock.startedAt);
  });
});
