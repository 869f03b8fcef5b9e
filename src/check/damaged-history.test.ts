import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readHistory, streamHistory } from "../history/reader.ts";
import { openRecorder } from "../history/recorder.ts";
import { DrillError } from "../model/errors.ts";
import { HISTORY_SCHEMA_VERSION } from "../model/event.ts";
import type { Result } from "../model/result.ts";
import { renderResult } from "../report/terminal/result.ts";
import { judgeStream } from "./judge.ts";
import { type Mutation, mutations } from "./mutations.test-data.ts";

/*
 * Whatever is done to a recorded history: it never becomes a pass, and never breaks the judge. VALKEY_DRILL_MUTATIONS:
 * how often.
 */

const RUNS = Number(process.env.VALKEY_DRILL_MUTATIONS ?? 500);
const NAMES = [
  "ha-failover",
  "cluster-failover",
  "naive-retry",
  "register-kept",
  "register-lost",
  "unreplicated",
];
const fixture = (name: string) => fileURLToPath(new URL(`${name}.fixture.jsonl`, import.meta.url));

let dir: string;
/** By name: as it was recorded before there were digests, and as it is recorded now. */
const old = new Map<string, string>();
const now = new Map<string, string>();

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "drill-damaged-"));
  for (const name of NAMES) {
    const { header, events } = await readHistory(fixture(name));
    const path = join(dir, `${name}.jsonl`);
    const recorder = openRecorder(path);
    recorder.record({ ...header, schemaVersion: HISTORY_SCHEMA_VERSION });
    for (const event of events) recorder.record(event);
    expect(await recorder.close()).toBeUndefined();
    old.set(name, await readFile(fixture(name), "utf8"));
    now.set(name, await readFile(path, "utf8"));
  }
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function judged(text: string): Promise<Result> {
  const path = join(dir, "damaged.jsonl");
  await writeFile(path, text);
  return judgeStream(streamHistory(path));
}

/** `undefined`: refused, with a code. */
async function judgedOrRefused(text: string): Promise<Result | undefined> {
  try {
    const result = await judged(text);
    renderResult(result, { colour: false });
    return result;
  } catch (error) {
    if (error instanceof DrillError && error.code === "BAD_RUN") return undefined;
    throw error;
  }
}

const cases = fc.tuple(fc.constantFrom(...NAMES), mutations);

async function forAll(check: (name: string, mutation: Mutation) => Promise<void>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(cases, ([name, mutation]) => check(name, mutation)),
    { numRuns: RUNS },
  );
}

describe("a history that was recorded whole", () => {
  it.each(NAMES)("is judged as it was before there were digests: %s", async (name) => {
    const [before, after] = [await judged(old.get(name) ?? ""), await judged(now.get(name) ?? "")];
    expect(after.history).toMatchObject({ schemaVersion: 2, verified: true, note: null });
    expect(before.history).toMatchObject({ schemaVersion: 1, verified: false });
    expect(before.history?.note).toMatch(/could not be verified/);
    const { history: _, accepted = [], ...same } = before;
    expect(after).toMatchObject({
      ...same,
      accepted: accepted.filter(({ what }) => what !== "unverified-history"),
    });
  });

  it("is still whole without the last line feed", async () => {
    const text = now.get("ha-failover") ?? "";
    expect((await judged(text.trimEnd())).history).toEqual((await judged(text)).history);
  });
});

describe("a history that was damaged", () => {
  it("is never judged, whatever was done to it", async () => {
    await forAll(async (name, { what, apply }) => {
      const whole = now.get(name) ?? "";
      const text = apply(whole);
      if (text.trimEnd() === whole.trimEnd() && text.length <= whole.length) return;
      const result = await judgedOrRefused(text);
      expect(result?.verdict ?? "unknown", `${name}: ${what}`).toBe("unknown");
      expect(result?.history?.verified ?? false).toBe(false);
    });
  }, 600_000);

  it("breaks no checker, where nobody can verify it", async () => {
    await forAll(async (name, { what, apply }) => {
      const result = await judgedOrRefused(apply(old.get(name) ?? ""));
      if (result)
        expect(result.history?.note, what).toMatch(/could not be verified|no last line|not the history/);
    });
  }, 600_000);

  it("says what differs", async () => {
    const whole = now.get("ha-failover") ?? "";
    const lines = whole.split(/(?<=\n)/);
    const without = lines.filter((line) => !line.startsWith('{"type":"info"'));
    const found = await judged(without.join(""));
    expect(found.checks).toHaveLength(1);
    expect(found.checks[0]).toMatchObject({
      name: "history",
      verdict: "unknown",
      evidence: { reason: "history-damaged" },
    });
    const gone = lines.length - without.length;
    expect(gone).toBeGreaterThan(0);
    expect(found.checks[0]?.summary).toContain(`it has 0 lines of type info, and ${gone} were recorded`);
    expect(found).toMatchObject({ failovers: [], outage: { writeMs: null, readMs: null } }); // no cause, no number
    // The last line itself is under its digest, too.
    const edited = await judged(whole.replace('"reason":"completed"', '"reason":"interrupted"'));
    expect(edited.checks[0]?.summary).toMatch(/its digest is sha256:\w{12}…, and its last line says sha256:/);
    expect(edited.verdict).toBe("unknown");
  });

  it.each([
    ["every acknowledgement", (line: string) => !line.startsWith('{"type":"ok"')],
    ["a block of 57 lines", (_line: string, n: number) => n < 200 || n >= 257],
    ["the last line", (line: string) => !line.startsWith('{"type":"end"')],
  ])("is unknown without %s", async (_what, keeps) => {
    const lines = (now.get("ha-failover") ?? "").split(/(?<=\n)/);
    expect((await judgedOrRefused(lines.filter(keeps).join("")))?.verdict ?? "unknown").toBe("unknown");
  });

  it("of two schemas contradicts itself", async () => {
    const whole = now.get("ha-failover") ?? "";
    const down = whole.replace('"schemaVersion":2', '"schemaVersion":1');
    expect((await judged(down)).checks[0]?.summary).toContain(
      "its header is of schema 1, and its last line of a later one",
    );
    const bare = whole.replace(/,"events":\d+,"counts".*(?=}\n$)/, "");
    expect((await judged(bare)).checks[0]?.summary).toContain(
      "its header is of schema 2, and its last line has no digest",
    );
    // Whoever forges both has made a history of schema 1: that says that nobody can verify it.
    const forged = await judged(bare.replace('"schemaVersion":2', '"schemaVersion":1'));
    expect(forged.history).toMatchObject({ verified: false });
    expect(forged.history?.note).toMatch(/could not be verified/);
  });
});
