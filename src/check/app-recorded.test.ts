import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { readHistory } from "../history/reader.ts";
import { judge } from "./judge.ts";

/*
 * Real histories (Valkey 8.1.1, ioredis 6.0.0, two cores) of an orders API in front of a primary that was frozen and
 * replaced: with the library's defaults, with `socketTimeout: 2000`, and with its defaults and a primary that woke.
 */
const judged = async (name: string) => {
  const path = fileURLToPath(new URL(`${name}.fixture.jsonl`, import.meta.url));
  const result = judge(await readHistory(path));
  const check = (of: string) => result.checks.find((one) => one.name === of);
  return { ...result, check };
};

describe("a recorded application", () => {
  it("hangs with its library's defaults, and is named with its cause", async () => {
    const { verdict, app, check } = await judged("app-hangs");
    expect(verdict).toBe("fail");
    expect(app).toMatchObject({ words: ["STUCK"], recoveredAfterMs: null, restarts: 0 });
    expect(app?.probes).toMatchObject([
      { name: "order", sent: 212, ok: 34, unknown: 178, outageMs: null, lost: 0 },
      { name: "stored", sent: 212, ok: 0, answers: [{ answer: "TIMEOUT", count: 212 }] },
    ]);
    expect(app?.connections).toMatchObject([
      { node: "primary", superseded: true, answered: false },
      { node: "replica-1", role: "replica", count: 0 },
      { node: "replica-2", role: "primary", count: 0 },
    ]);
    expect(check("app-recovery")).toMatchObject({
      verdict: "fail",
      summary: expect.stringContaining(
        "primary held 1 connection of it at 2.36 s, and does not answer; replica-2, promoted at 8.55 s, holds none",
      ),
      evidence: { reason: "stuck", symptom: "frozen-primary" },
    });
    expect(check("app-writes")).toMatchObject({ verdict: "unknown" }); // read-backs hang as well
  });

  it("recovers with a time-out for silent connections", async () => {
    const { verdict, app } = await judged("app-recovers");
    expect(verdict).toBe("pass");
    expect(app).toMatchObject({ words: ["RECOVERED"], recoveredAfterMs: 4588.3 });
    expect(app?.probes).toMatchObject([
      { name: "order", ok: 160, unknown: 25, outageMs: 4575.6, lost: 0, duplicated: 0 },
      { name: "stored", ok: 185 },
    ]);
  });

  it("is served by the old primary when that wakes: what it reads back then proves nothing", async () => {
    const { app, check } = await judged("app-woken");
    expect(app?.probes).toMatchObject([
      { name: "order", ok: 291, lost: 0 },
      { name: "stored", ok: 291 },
    ]);
    expect(check("app-writes")).toMatchObject({ verdict: "unknown", evidence: { reason: "fates-not-told" } });
    expect(check("app-recovery")).toMatchObject({ verdict: "unknown" });
  });
});
