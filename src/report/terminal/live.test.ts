import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { waitFor } from "../../base/wait.ts";
import { liveProgress } from "./live.ts";

const HIDE = "\u001b[?25l";
const SHOW = "\u001b[?25h";

/** Takes what is written, as a terminal of 80 columns would. */
function capture() {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  Object.assign(stream, { columns: 80, rows: 24, isTTY: true });
  const text = () => chunks.join("");
  return {
    stream: stream as unknown as NodeJS.WriteStream,
    text,
    plain: () => stripVTControlCharacters(text()),
  };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("progress in plain lines", () => {
  it("says when each step began and how it ended", async () => {
    const { stream, text } = capture();
    const progress = liveProgress({ stream, tty: false, quiet: false });
    progress.step("start").done("6 nodes");
    progress.note("careful");
    progress.step("heal").skip("nothing to heal");
    progress.step("wait").fail("too long");
    await progress.close();
    const lines = text().split("\n");
    expect(lines[0]).toMatch(/^\[ {2}\d\.\d{3} s\] start$/);
    expect(lines.map((line) => line.replace(/^\[.*?\] /, ""))).toEqual([
      "start",
      "start: 6 nodes",
      "careful",
      "heal",
      "heal: skipped: nothing to heal",
      "wait",
      "wait: failed: too long",
      "",
    ]);
  });

  it("thins out live numbers, and says nothing of a step after its end", async () => {
    vi.useFakeTimers({ toFake: ["performance"] });
    const { stream, text } = capture();
    const progress = liveProgress({ stream, tty: false, quiet: false });
    const step = progress.step("load");
    for (let tick = 0; tick < 100; tick += 1) {
      vi.advanceTimersByTime(200);
      step.update(`${tick} ops/s`);
    }
    step.done();
    step.update("late");
    step.fail("late");
    await progress.close();
    expect(text().match(/ops\/s/g)).toHaveLength(4);
    expect(text()).not.toContain("late");
  });

  it("ends an open step when the next begins, and when it is closed", async () => {
    const { stream, text } = capture();
    const progress = liveProgress({ stream, tty: false, quiet: false });
    progress.step("one");
    progress.step("two");
    await progress.close();
    expect(text()).toContain("one: done");
    expect(text()).toContain("two: stopped");
  });

  it("is silent when quiet", async () => {
    const { stream, text } = capture();
    const progress = liveProgress({ stream, tty: true, quiet: true });
    progress.step("one").fail("x");
    progress.note("y");
    await progress.close();
    expect(text()).toBe("");
  });
});

describe("progress on a terminal", () => {
  it("shows every step and note, and gives the terminal back", async () => {
    const { stream, text, plain } = capture();
    const progress = liveProgress({ stream, tty: true, quiet: false });
    const first = progress.step("start");
    const drawn = (part: string) =>
      waitFor(
        () =>
          plain().includes(part) ? { done: true, value: part } : { done: false, seen: plain().slice(-200) },
        { what: `"${part}" on the screen`, timeoutMs: 5000 },
      );
    await drawn("start");
    first.update("3 of 6\nnodes");
    await drawn("3 of 6 nodes");
    progress.note("within a step");
    stream.write("a stray line\n");
    first.done("6 nodes ready");
    progress.note("between steps");
    progress.step("at once").done();
    progress.step("heal").skip("nothing to heal");
    progress.step("wait").fail("too long");
    progress.step("left open");
    await progress.close();
    const order = [
      "3 of 6 nodes",
      "✓ start  6 nodes ready",
      "within a step",
      "a stray line",
      "between steps",
      "✓ at once",
      "– heal  nothing to heal",
      "✗ wait  too long",
      "– left open  stopped",
    ];
    const places = order.map((part) => plain().indexOf(part));
    expect(places).not.toContain(-1);
    expect(text().lastIndexOf(SHOW)).toBeGreaterThan(text().lastIndexOf(HIDE));
    stream.write("end");
    expect(text().endsWith("end")).toBe(true);
  });

  it("leaves no listener behind, and none for signals", async () => {
    const before = ["exit", "SIGINT", "SIGTERM"].map((name) => process.listenerCount(name));
    const progress = liveProgress({ stream: capture().stream, tty: true, quiet: false });
    progress.step("one");
    expect(process.listenerCount("SIGINT")).toBe(before[1]);
    await progress.close();
    expect(["exit", "SIGINT", "SIGTERM"].map((name) => process.listenerCount(name))).toEqual(before);
  });
});
