import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { testDriver } from "../../test/support/server.ts";
import { temporaryFolder } from "../../test/support/temporary.ts";
import { readHistory } from "../history/reader.ts";
import { runFolder } from "../history/run-store.ts";
import { clientAddressOf } from "../model/addresses.ts";
import { DrillError } from "../model/errors.ts";
import type { HistoryEvent } from "../model/event.ts";
import { parseScenario } from "../scenario/load.ts";
import { adminOf } from "../valkey/admin.ts";
import { SILENT } from "./progress.ts";
import { type RecordedDrill, runScenario } from "./run-scenario.ts";

const drillWith = (...steps: string[]) => `
name: broken
description: it would go on for a minute
topology: { kind: ha, replicas: 1, sentinels: 1, downAfterMs: 60000 }
steps:
${steps.map((step) => `  - ${step}`).join("\n")}
  - wait: 60s
`;

/** Runs a drill until that happens to it, and gives what it failed of, and what it left. */
async function brokenBy(
  happens: (drill: RecordedDrill, interrupt: AbortController) => void,
  { steps = ["start: unique-writes"], when = (event: HistoryEvent) => event.type === "ok" } = {},
) {
  const outDir = temporaryFolder("drill");
  const interrupt = new AbortController();
  const options = {
    driver: await testDriver(),
    valkey: "any",
    seed: 1,
    outDir,
    replay: "",
    progress: SILENT,
    signal: interrupt.signal,
    onRecording: (drill: RecordedDrill) => {
      const unlisten = drill.onEvent((event) => {
        if (!when(event)) return;
        unlisten();
        happens(drill, interrupt);
      });
    },
  };
  const failure = await runScenario(parseScenario(drillWith(...steps), "broken.yaml"), options).catch(
    (error) => error,
  );
  const [name = ""] = await readdir(outDir);
  const folder = runFolder(join(outDir, name));
  const { events, integrity } = await readHistory(folder.history);
  const files = [folder.scenario, folder.history, folder.result].map((path) => existsSync(path));
  return { failure, files, end: events.at(-1), integrity: integrity.state, events };
}

describe("a drill that breaks leaves its scenario, its history and a result", { timeout: 60_000 }, () => {
  it("since a node died by itself", async () => {
    const broken = await brokenBy(({ plan }) => {
      const replica = plan.nodes.find(({ name }) => name === "replica-1");
      const admin = adminOf(clientAddressOf((replica as (typeof plan.nodes)[number]).endpoint));
      void admin
        .call(["SHUTDOWN", "NOSAVE", "FORCE"])
        .catch(() => {}) // it is gone before it answers; FORCE: also while it writes its first append-only file
        .finally(() => admin.close());
    });
    expect(broken.failure).toMatchObject({ code: "NODE_DIED" });
    expect(broken).toMatchObject({
      files: [true, true, true],
      end: { reason: "error", detail: expect.stringContaining("replica-1 died by itself") },
      integrity: "verified",
    });
    expect(broken.events).toContainEqual(expect.objectContaining({ name: "node-died" }));
  });

  it("since it was interrupted", async () => {
    const broken = await brokenBy((_, interrupt) =>
      interrupt.abort(new DrillError("INTERRUPTED", "SIGINT: stopping what was started")),
    );
    expect(broken.failure).toMatchObject({ code: "INTERRUPTED" });
    expect(broken).toMatchObject({
      files: [true, true, true],
      end: { reason: "interrupted", detail: expect.stringContaining("SIGINT") },
      integrity: "verified",
    });
    // The probe was told to end, and waited for: no operation of it is left open.
    expect(broken.events).toContainEqual(
      expect.objectContaining({ name: "workload", data: expect.objectContaining({ phase: "end" }) }),
    );
  });

  it("since it was interrupted, and does not wait for a request that is tried again for minutes", async () => {
    const stop = new DrillError("INTERRUPTED", "SIGINT: stopping what was started");
    let tries = 0; // to connect again since the kill: by the third a request surely waits
    const { failure, files, events } = await brokenBy((_, interrupt) => interrupt.abort(stop), {
      steps: ["start: { retrying-session: { totalMs: 600000 } }", "inject: { fault: kill, target: primary }"],
      when: (event) => {
        if (event.type === "observation" && event.name === "client-event") tries += 1;
        if (event.type === "fault" && event.phase === "inject") tries = 0;
        return tries >= 4;
      },
    });
    expect({ failure, files }).toMatchObject({ failure: { code: "INTERRUPTED" }, files: [true, true, true] });
    const asked = events.flatMap((event) => (event.type === "invoke" ? event.op : []));
    const answered = events.flatMap((event) =>
      event.type === "ok" || event.type === "fail" || event.type === "info" ? event.op : [],
    );
    expect(asked.filter((op) => !answered.includes(op))).toEqual([asked.at(-1)]);
  });
});
