import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { readHistory } from "../src/history/reader.ts";
import { openRecorder } from "../src/history/recorder.ts";
import type { Result } from "../src/model/result.ts";
import { cli, folder } from "./support/cli.ts";
import { ROOT } from "./support/structure.ts";

/* What the commands say of a run's folder in which somebody, or a disk, has changed something. */

const runs = join(folder, "runs");
const whole = join(runs, "20260101-000000-ha-failover-0000");
const read = (dir: string): Result => JSON.parse(readFileSync(join(dir, "result.json"), "utf8"));
let copies = 0;

beforeAll(async () => {
  mkdirSync(join(whole, "nodes"), { recursive: true });
  const { header, events } = await readHistory(join(ROOT, "src/check/ha-failover.fixture.jsonl"));
  const recorder = openRecorder(join(whole, "history.jsonl"));
  recorder.record({ ...header, schemaVersion: 2 });
  for (const event of events) recorder.record(event);
  await recorder.close();
  expect(await cli(["check", whole])).toMatchObject({ code: 0 });
});

/** A copy of the run, in which its history and its result were changed. */
function changed(
  history: (text: string) => string,
  result: (saved: Result) => Result = (saved) => saved,
): string {
  copies += 1;
  const dir = join(runs, `20260101-000000-ha-failover-${String(copies).padStart(4, "0")}`);
  cpSync(whole, dir, { recursive: true });
  const path = join(dir, "history.jsonl");
  writeFileSync(path, history(readFileSync(path, "utf8")));
  writeFileSync(join(dir, "result.json"), JSON.stringify(result(read(dir))));
  return dir;
}

const same = (text: string) => text;
const without = (pattern: RegExp) => (text: string) =>
  text
    .split(/(?<=\n)/)
    .filter((line) => !pattern.test(line))
    .join("");

describe("a run that is as it was recorded", () => {
  it("is drawn, and ends with 0", async () => {
    const { code, stdout } = await cli(["report", whole]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/PASS {2}ha-failover/);
    expect(read(whole).history).toMatchObject({ schemaVersion: 2, verified: true, note: null });
  });
});

describe("a history that was changed", () => {
  it("is unknown when it is judged again, and tells what differs", async () => {
    const dir = changed(without(/^{"type":"ok"/));
    const { code, stdout } = await cli(["check", dir]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/UNKNOWN/);
    expect(stdout).toMatch(/history-damaged/);
    expect(stdout.replaceAll(/\s+/g, " ")).toMatch(/it has 0 lines of type ok, and \d+ were recorded/);
    expect(read(dir).verdict).toBe("unknown"); // check writes it anew
    expect((await cli(["report", dir])).code).toBe(2);
  });

  it.each([
    ["a line less", without(/"phase":"healed"/)],
    ["no last line", without(/^{"type":"end"/)],
    ["another value", (text: string) => text.replace('"f":"write"', '"f":"read"')],
  ])("is not taken for the one that was judged: %s", async (_what, change) => {
    const dir = changed(change);
    const { code, stdout } = await cli(["report", dir]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/UNKNOWN {2}ha-failover/);
    expect(stdout).toMatch(/history-differs/);
    expect(readFileSync(join(dir, "report.html"), "utf8")).toContain("history-differs");
    const json = await cli(["report", dir, "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ verdict: "unknown" });
    expect(json.code).toBe(2);
  });
});

describe("a result that was changed", () => {
  it.each<[string, (saved: Result) => Result]>([
    [
      "a failed check in a passed run",
      (saved) => ({
        ...saved,
        checks: saved.checks.map((check, n) => (n > 0 ? check : { ...check, verdict: "fail" as const })),
      }),
    ],
    [
      "fates that do not add up",
      (saved) => ({ ...saved, writes: { ...saved.writes, lost: saved.writes.lost + 1 } }),
    ],
  ])("contradicts itself: %s", async (_what, change) => {
    const dir = changed(same, change);
    const { code, stdout } = await cli(["report", dir]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/result-contradicts-itself/);
    expect(readFileSync(join(dir, "report.html"), "utf8")).toContain("result-contradicts-itself");
    const shrunk = await cli(["shrink", dir]);
    expect(shrunk.code).toBe(64);
    expect(shrunk.stderr).toMatch(/error\[BAD_RUN\]: .*result\.json contradicts itself/);
    expect((await cli(["check", dir])).code).toBe(0); // the history is whole
    expect((await cli(["report", dir])).code).toBe(0);
  });
});

describe("a history of schema 1", () => {
  it("is judged, and says that it could not be verified", async () => {
    const dir = changed(() => readFileSync(join(ROOT, "src/check/ha-failover.fixture.jsonl"), "utf8"));
    expect((await cli(["report", dir])).code).toBe(2); // the result is of another one
    const { code, stdout } = await cli(["check", dir]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/! the history could not be verified: it was recorded in schema 1/);
    expect(read(dir).history).toMatchObject({ schemaVersion: 1, verified: false });
    expect((await cli(["report", dir])).code).toBe(0);
  });
});
