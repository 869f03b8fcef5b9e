import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { testDriver } from "../../test/support/server.ts";
import { temporaryFolder } from "../../test/support/temporary.ts";
import { seededRandom } from "../base/random.ts";
import { readHistory } from "../history/reader.ts";
import { type RunFolder, runFolder } from "../history/run-store.ts";
import { clientFor } from "../libraries/registry.ts";
import { DrillError } from "../model/errors.ts";
import { until } from "../session/environment.test-data.ts";
import { type Environment, startEnvironment } from "../session/environment.ts";
import { topologySpecSchema } from "../topology/spec.ts";
import { LiveSession } from "./session.ts";

const spec = topologySpecSchema.parse({ kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 60_000 });

let environment: Environment | undefined;
afterEach(() => environment?.close());

async function openSession(signal = new AbortController().signal) {
  const [dir, outDir] = [temporaryFolder("live"), temporaryFolder("live-out")];
  const driver = await testDriver();
  const random = seededRandom(1);
  const started = await startEnvironment({ spec, driver, random, dir, detached: false });
  environment = started;
  const library = clientFor("iovalkey", "ha");
  const about = { driver: driver.name, valkey: "any", library, dir, outDir, seed: 1, signal };
  const session = await LiveSession.open({ environment: started, spec, ...about });
  await session.start({ workload: "unique-writes", client: library.name, options: {} });
  return { session, environment: started, outDir, history: join(dir, "history.jsonl") };
}

/** What a saved session left, and how its history ends. */
async function savedIn({ scenario, history, result, nodes }: RunFolder) {
  const files = [scenario, history, result, join(nodes, "primary", "node.log")];
  const { events, integrity } = await readHistory(history);
  return { files: files.map((path) => existsSync(path)), end: events.at(-1), integrity: integrity.state };
}

const ALL = [true, true, true, true];

describe("a live session", { timeout: 60_000 }, () => {
  it("goes on when a node dies by itself; what is saved then has all files, and says that it broke", async () => {
    const { session, environment: on } = await openSession();
    const told: unknown[] = [];
    session.source.onEvent((event) => told.push(event));
    const gone = on.admins.of("replica-1").call(["SHUTDOWN", "NOSAVE", "FORCE"]);
    await gone.catch(() => {}); // it is gone before it answers
    const death = expect.objectContaining({ name: "node-died" });
    await until("its death to be told", async () => told.some((event) => death.asymmetricMatch(event)));
    const { folder, result } = await session.exportRun();
    expect(result.verdict).not.toBe("pass");
    expect(await savedIn(folder)).toEqual({
      files: ALL,
      end: expect.objectContaining({ reason: "error", detail: expect.stringContaining("replica-1 died") }),
      integrity: "verified",
    });
    expect(session.source.status().workload).toMatchObject({ name: "unique-writes" }); // it goes on
    await session.close();
  });

  it("that ends while it is saved is saved first; its own history ends as interrupted", async () => {
    const interrupt = new AbortController();
    const { session, outDir, history } = await openSession(interrupt.signal);
    const saved = session.exportRun();
    interrupt.abort(new DrillError("INTERRUPTED", "SIGINT: stopping what was started"));
    await session.close();
    const { folder } = await saved;
    expect(await savedIn(folder)).toMatchObject({ files: ALL, integrity: "verified" });
    const [name = ""] = await readdir(outDir);
    expect(runFolder(join(outDir, name)).dir).toBe(folder.dir);
    const { events, integrity } = await readHistory(history);
    expect([events.at(-1), integrity.state]).toEqual([
      expect.objectContaining({ reason: "interrupted", detail: "the session was ended" }),
      "verified",
    ]);
  });
});
