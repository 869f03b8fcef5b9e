import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pause, waitFor } from "../src/base/wait.ts";
import { resultSchema } from "../src/model/result.ts";
import { cli, folder, scenario, start } from "./support/cli.ts";
import { ROOT } from "./support/structure.ts";

/* A real application under a drill, as a user has it: the built program starts it, asks it, and stops it. */

const ORDERS = join(ROOT, "test/support/app/orders.mjs");

const DRILL = `name: orders
description: The primary is killed while an application takes orders.
topology: { kind: ha, replicas: 2, sentinels: 3, downAfterMs: 1000 }
app:
  command: node ${ORDERS}
  ready: { http: /health }
  instances: 2
probes:
  - { name: order, http: 'POST /orders {"id": "{{unique}}"}' }
  - { name: stored, http: "GET /orders/{{unique}}", times: '/"times":(\\d+)/' }
  - { name: event, stdout: '/event (?<id>\\S+)/' }
  - { name: health, http: GET /health, every: 1s, when: [before, always] }
  - { name: books, command: 'test -n "$VALKEY_DRILL_APP_URL"' }
steps:
  - wait: 1s
  - inject: { fault: kill, target: primary }
  - await: { condition: promoted, within: 30s }
  - await: { condition: app-recovered, within: 30s }
expect:
  promoted: true
  order: { duplicated: 0 }
`;

/** The runs of a test, newest last. */
function runsIn(out: string): string[] {
  const dir = join(folder, out);
  return readdirSync(dir)
    .sort()
    .map((name) => join(dir, name));
}

describe("an application under a drill", () => {
  it("is asked before, during and after a failover, and every order is followed", async () => {
    const { code, stderr } = await cli(["run", scenario("orders", DRILL), "--out", "app-runs"]);
    const [run = ""] = runsIn("app-runs");
    const { app, verdict } = resultSchema.parse(JSON.parse(readFileSync(join(run, "result.json"), "utf8")));
    expect(verdict, stderr).not.toBe("fail"); // a busy machine may leave it unknown
    expect(code).not.toBe(70);
    const order = app?.probes.find(({ name }) => name === "order");
    expect(order?.ok).toBeGreaterThan(0);
    expect(order).toMatchObject({ lost: 0, duplicated: 0 });
    expect(app?.probes.find(({ name }) => name === "stored")?.ok).toBeGreaterThanOrEqual(order?.ok ?? 0);
    expect(app?.probes.find(({ name }) => name === "event")?.ok).toBeGreaterThan(0);
    expect(app?.connections.length).toBeGreaterThan(0);
    expect(app?.memory?.maxBytes).toBeGreaterThan(1_000_000);
    expect(readFileSync(join(run, "app/app-2.log"), "utf8")).toContain("listening at");

    const again = await cli(["replay", run, "--out", "app-runs"]);
    expect(again.code).toBe(64);
    expect(again.stderr).toContain("--start-app");
    expect(again.stderr).toContain(ORDERS);
  });

  it("that ends by itself is told of, and the drill goes on", async () => {
    const dies = DRILL.replace("steps:", "  - { name: end, http: GET /die, when: after }\nsteps:")
      .replace(/ {2}- inject[\s\S]*?within: 30s }\n.*\n/, "")
      .replace("times:", "within: 1s, times:") // nobody will answer
      .replace("instances: 2", "instances: 1")
      .replace("promoted: true", "promoted: false");
    const { code } = await cli(["run", scenario("dies", dies), "--out", "dies"]);
    const [run = ""] = runsIn("dies");
    const result = resultSchema.parse(JSON.parse(readFileSync(join(run, "result.json"), "utf8")));
    expect(code).toBe(1);
    expect(result.app?.words).toContain("DIED");
    expect(readFileSync(join(run, "history.jsonl"), "utf8")).toMatch(/"event":"exited".*"code":3/);
  });
});

/** Processes with that word on their command line. */
function marked(mark: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0").includes(mark);
      } catch {
        return false; // ended meanwhile
      }
    });
}

/** It has a child in a session of its own. */
const withChild = (mark: string) => `name: killed
description: x
topology: { kind: ha, replicas: 1, sentinels: 1 }
app:
  command: setsid node -e "setInterval(() => {}, 1000)" ${mark} & node ${ORDERS} ${mark}
  instances: 2
probes:
  - { name: order, http: 'POST /orders {"id": "{{unique}}"}' }
steps: [{ wait: 60s }]
`;

/** Ends the tool without a chance to clear up, that long after its application was begun to be started. */
async function killedAfter(ms: number): Promise<void> {
  const mark = `marked-${process.pid}-${Math.round(performance.now() * 1000)}`;
  const { child, output, ended } = start(["run", scenario(mark, withChild(mark)), "--out", "killed"]);
  await waitFor(
    () =>
      output.stderr.includes("start the application")
        ? { done: true, value: undefined }
        : { done: false, seen: output.stderr },
    { what: "the application to be started", timeoutMs: 90_000 },
  );
  await pause(ms);
  child.kill("SIGKILL");
  await ended;
  await waitFor(
    () => {
      const left = marked(mark);
      return left.length === 0
        ? { done: true, value: undefined }
        : { done: false, seen: `pids ${left.join(", ")}` };
    },
    { what: "all of the application to be gone", timeoutMs: 60_000 },
  );
}

describe.runIf(process.platform === "linux")(
  "a tool that is killed leaves nothing of the application",
  () => {
    it.each([0, 150, 2500])("%i ms after it began to start it", async (ms) => killedAfter(ms));

    it.each(Array.from({ length: 20 }, (_, n) => n))("at a random moment, %i", { tags: ["long"] }, async () =>
      killedAfter(Math.random() * 4000),
    );
  },
);
