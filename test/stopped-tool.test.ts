import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pause, waitFor } from "../src/base/wait.ts";
import { type Result, resultSchema } from "../src/model/result.ts";
import { folder, scenario, start } from "./support/cli.ts";

/*
 * The tool's process is stopped in the middle of a drill, as a suspended laptop or a starved machine stops it. The
 * servers go on. Nothing of that may be charged to them.
 */

/** With a failover. */
const FAILOVER = `
topology: { kind: ha, replicas: 2, sentinels: 3, downAfterMs: 1000 }
steps:
  - start: unique-writes
  - start: retrying-session
  - wait: 1500ms
  - inject: { fault: kill, target: primary }
  - await: { condition: promoted, within: 20s }
  - await: { condition: recovered, within: 20s }
  - wait: 1s
  - heal: kill
  - await: { condition: rejoined, within: 40s }
expect:
  promoted: true
  outage: { writeMs: 5000, readMs: 5000 }
  lostAcknowledgedWrites: replicated
`;

/** The same in a cluster. */
const CLUSTER = FAILOVER.replace(/topology: .*/, "topology: { kind: cluster, nodeTimeoutMs: 1000 }")
  .replace("target: primary", 'target: "shard:1/primary"')
  .replaceAll("5000", "8000");

/** Nobody fails over: a pause too short for that. */
const PAUSE = `
topology: { kind: ha, replicas: 1, sentinels: 3, downAfterMs: 4000 }
steps:
  - start: unique-writes
  - wait: 1500ms
  - inject: { fault: pause, target: primary, for: 1s }
  - await: { condition: recovered, within: 20s }
  - wait: 1500ms
expect:
  promoted: false
  outage: { writeMs: 3000, readMs: 3000 }
`;

const WHEN = {
  "before the fault": /"type":"step".*steady load.*"status":"begin"/,
  "during the outage": /"phase":"injected"/,
  "after the recovery": /"name":"wait for writes and reads to go well again","status":"done"/,
} as const;

interface Stopped {
  readonly result: Result;
  readonly page: string;
  readonly told: string;
}

/** Runs a drill, and stops its process for so long once the history says that. */
async function stopped(name: string, text: string, when: keyof typeof WHEN, forMs: number): Promise<Stopped> {
  const runs = `stopped-${name}`;
  const { child, output, ended } = start([
    "run",
    scenario(name, `name: ${name}\ndescription: x${text}`),
    "--out",
    runs,
  ]);
  const out = join(folder, runs);
  const seen = () => {
    const [run] = readdirSync(out);
    return WHEN[when].test(readFileSync(join(out, run ?? "", "history.jsonl"), "utf8"))
      ? ({ done: true, value: run as string } as const)
      : ({ done: false, seen: output.stderr.slice(-200) } as const);
  };
  const run = await waitFor(seen, { what: `it to be ${when}`, timeoutMs: 90_000 });
  await pause(when === "before the fault" ? 600 : 100);
  child.kill("SIGSTOP");
  await pause(forMs);
  child.kill("SIGCONT");
  const { stdout } = await ended;
  const result = resultSchema.parse(JSON.parse(readFileSync(join(out, run, "result.json"), "utf8")));
  return { result, page: readFileSync(join(out, run, "report.html"), "utf8"), told: stdout };
}

/** Nothing of it is the servers' fault, and the result says what happened. */
function expectHonest({ result, page, told }: Stopped, forMs: number): void {
  const failed = result.checks.filter(({ verdict }) => verdict === "fail").map(({ summary }) => summary);
  expect(failed).toEqual([]);
  expect(result.verdict).not.toBe("fail");
  expect(result.stalls?.longestMs).toBeGreaterThan(forMs - 500);
  for (const ms of [result.outage.writeMs, result.outage.readMs]) expect(ms ?? 0).toBeLessThan(forMs);
  expect(told.split("\n")[0]).toMatch(/^! valkey-drill itself stood still for/);
  expect(page).toContain('"kind":"not-run"');
}

describe.runIf(process.platform !== "win32")("a drill whose tool is stopped", () => {
  it("during the outage: the outage is not measured, and no setting is blamed for it", async () => {
    const run = await stopped("failover-during", FAILOVER, "during the outage", 7000);
    expectHonest(run, 7000);
    expect(run.result.outage.writeMs).toBeNull();
    expect(run.result.verdict).toBe("unknown");
    const outage = run.result.checks.find(({ name }) => name === "outage");
    expect(outage).toMatchObject({ verdict: "unknown", evidence: { reason: "tool-stalled" } });
    // A machine that is busy besides may bring about a second failover: then that is said, and nobody fails.
    const promotion = run.result.checks.find(({ name }) => name === "promotion");
    if (promotion?.verdict !== "pass") {
      const reason = expect.stringMatching(/^(tool-stalled|machine-too-busy)$/);
      expect(promotion).toMatchObject({ verdict: "unknown", evidence: { reason } });
    }
    expect(JSON.stringify(run.result)).not.toMatch(/"setting":"down-after-milliseconds"/);
  });

  it("before the fault: the drill goes on as it was meant to, and measures its outage", async () => {
    const run = await stopped("failover-before", FAILOVER, "before the fault", 5000);
    expectHonest(run, 5000);
    expect(run.result.failover.promoted).not.toBeNull();
    expect(run.result.outage.writeMs).not.toBeNull();
  });

  it("after the recovery: no second outage is made of it", { tags: "long" }, async () => {
    const run = await stopped("failover-after", FAILOVER, "after the recovery", 6000);
    expectHonest(run, 6000);
    expect(run.result.failover.promoted).not.toBeNull();
  });

  it("in a pause without a failover, which so lasts longer than it should", async () => {
    const run = await stopped("pause-during", PAUSE, "during the outage", 8000);
    expectHonest(run, 8000);
  });

  it("before and after such a pause", { tags: "long" }, async () => {
    expectHonest(await stopped("pause-before", PAUSE, "before the fault", 5000), 5000);
    expectHonest(await stopped("pause-after", PAUSE, "after the recovery", 5000), 5000);
  });

  it("in a cluster", { tags: "long" }, async () => {
    expectHonest(await stopped("cluster-during", CLUSTER, "during the outage", 14_000), 14_000);
    expectHonest(await stopped("cluster-before", CLUSTER, "before the fault", 5000), 5000);
    expectHonest(await stopped("cluster-after", CLUSTER, "after the recovery", 9000), 9000);
  });
});
