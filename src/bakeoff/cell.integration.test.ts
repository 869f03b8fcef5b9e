import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { appClientProgram } from "../../test/support/app-client-program.ts";
import { testDriver } from "../../test/support/server.ts";
import { pause } from "../base/wait.ts";
import { operationsOf } from "../history/operations.ts";
import { readHistory } from "../history/reader.ts";
import type { ProfileName } from "../libraries/application.ts";
import { type BakeoffRun, bakeoffRunSchema } from "../model/bakeoff.ts";
import { DrillError } from "../model/errors.ts";
import type { TopologyKind } from "../model/plan.ts";
import { runCell } from "./cell.ts";
import { dns } from "./scenarios/dns.ts";
import { newAddress } from "./scenarios/new-address.ts";
import type { BakeoffScenario } from "./scenarios/scenario.ts";

/*
 * Real servers, and libraries that do one thing wrong on purpose: each must be caught, and the sound one must not be.
 */

let outDir: string;
beforeAll(async () => {
  appClientProgram();
  outDir = await mkdtemp(join(tmpdir(), "valkey-drill-bakeoff-"));
}, 60_000);
afterAll(() => rm(outDir, { recursive: true, force: true }));

/** Nothing is broken: whatever goes wrong is the library's doing. */
const calm: BakeoffScenario = {
  name: "calm",
  summary: "nothing is broken",
  topologies: ["ha", "cluster"],
  needs: [],
  spec: {
    ha: { replicas: 1, sentinels: 1 },
    cluster: { shards: 2, replicas: 0, nodeTimeoutMs: 1000 },
  },
  run: async (cellContext) => {
    await cellContext.hold(1500);
    return {};
  },
};

async function play(
  library: string,
  kind: TopologyKind = "ha",
  scenario = calm,
  profile: ProfileName = "default",
  features = false,
  signal = new AbortController().signal,
): Promise<BakeoffRun> {
  const { program, fakes } = appClientProgram();
  const cell = {
    library,
    version: "0",
    profile: { name: profile },
    kind,
    scenario,
    module: fakes,
    features,
  } as const;
  const about = { valkey: "any", seed: 1, run: 1, outDir, replay: "", signal, program, recoverMs: 4000 };
  return runCell(cell, { driver: await testDriver(), ...about });
}

describe("an app client in a calm", { timeout: 60_000 }, () => {
  it("passes if it is sound, and its numbers agree with the servers' own", async () => {
    const run = await play("sound");
    expect(run).toMatchObject({ verdict: "pass", reasons: [], recovered: true, died: null });
    expect(run.calls.ok).toBe(run.calls.total);
    expect(run.writes).toMatchObject({ lost: 0, duplicated: 0 });
    expect(run.staleReads).toBe(0);
    // Every acknowledged write is a call of RPUSH that a primary counted, and the client is one connection.
    expect(run.serverPushes).toBe(run.writes.acknowledged);
    expect(run.connections).toMatchObject({ before: 1, after: 0 });
    expect(run.memory?.worstBytes).toBeGreaterThan(20e6);
    expect(
      bakeoffRunSchema.parse(JSON.parse(await readFile(join(run.folder, "bakeoff.json"), "utf8"))),
    ).toEqual(run);
  });

  it("leaves a history that can be read, with every call and its end", async () => {
    const { folder, calls } = await play("sound");
    const history = await readHistory(join(folder, "history.jsonl"));
    const operations = operationsOf(history);
    expect(operations.length).toBe(calls.total);
    expect(operations.every(({ completedAt }) => completedAt !== undefined)).toBe(true);
  });

  it("ends every call of every feature before it is closed, and all work", async () => {
    const { features, verdict } = await play("sound", "ha", calm, "default", true);
    expect(verdict).toBe("pass");
    for (const one of features) expect(one).toMatchObject({ works: "yes", failed: 0, unsettled: 0 });
    expect(features.find(({ feature }) => feature === "pool")?.pool).toMatchObject({ size: 3, serving: 3 });
  });

  it("is caught if it tells of writes that it never made", async () => {
    const run = await play("loses");
    expect(run).toMatchObject({ verdict: "fail", reasons: ["lost"] });
    expect(run.writes.lost).toBe(run.writes.acknowledged - run.serverPushes);
  });

  it("is caught if it makes a write twice", async () => {
    const run = await play("resends");
    expect(run).toMatchObject({ verdict: "fail", reasons: ["duplicated"] });
    expect(run.serverPushes).toBe(run.writes.acknowledged + (run.writes.duplicated ?? 0));
  });

  it("is caught if it crashes, with what nobody caught", async () => {
    const run = await play("crashes");
    expect(run).toMatchObject({ verdict: "fail", reasons: ["died"], died: { code: 1, signal: null } });
    expect(run.uncaught).toEqual(["uncaughtException: nobody listens"]);
  });

  // These wait for long, for what does not come: they do so together.
  it.concurrent("is caught if calls never settle", async () => {
    const run = await play("hangs");
    expect(run).toMatchObject({ verdict: "fail", reasons: ["did-not-recover", "never-settled"] });
    expect(run.calls.unsettled).toBe(run.calls.total - run.calls.ok);
  });

  it.concurrent("is caught if it blocks the loop for ever, and is ended all the same", async () => {
    const run = await play("blocks");
    expect(run.verdict).toBe("fail");
    expect(run.reasons).toContain("blocked");
  });

  it.concurrent("is caught if it does not recover", async () => {
    const run = await play("gives-up");
    expect(run).toMatchObject({ verdict: "fail", reasons: ["did-not-recover"], writeOutageMs: null });
    expect(run.calls.rejected).toEqual({ Error: run.calls.total - run.calls.ok });
  });

  it("is caught if it cannot connect", async () => {
    const run = await play("cannot-connect");
    expect(run).toMatchObject({ verdict: "fail", reasons: ["no-connection"] });
    expect(run.notes).toEqual(["it could not connect: no way in"]);
  });
});

/* They wait for failovers, and do so together. */
describe("a primary that comes back", { timeout: 60_000, concurrent: true }, () => {
  const byName = { ...dns, spec: { ha: { replicas: 1, sentinels: 1 } } };

  it("as a replica, at the name's old address: whoever does not ask for the name again is stuck", async () => {
    const run = await play("sound", "ha", byName);
    expect(run).toMatchObject({ verdict: "fail", reasons: ["did-not-recover", "stuck"] });
    expect(run.calls.rejected.READONLY).toBeGreaterThan(100);
    // By the servers' own count, too: the node that is a replica now refused them.
    expect(run.serverErrors.READONLY).toBeGreaterThan(100);
  });

  it("as a replica, at the name's old address: whoever asks for the name again is well", async () => {
    const run = await play("sound", "ha", byName, "tuned");
    expect(run).toMatchObject({ verdict: "pass", writes: { duplicated: 0 } });
    expect(run.serverErrors.READONLY).toBeGreaterThan(0);
  });

  it("at another address is found there, once it is the primary again", async () => {
    const run = await play("sound", "cluster", newAddress);
    expect(run).toMatchObject({ verdict: "pass", recovered: true });
    const { events } = await readHistory(join(run.folder, "history.jsonl"));
    const killed = events.flatMap((event) =>
      event.type === "fault" && event.phase === "inject" ? event.targets : [],
    );
    const promoted = events.flatMap((event) =>
      event.type === "topology" && event.event === "role" && event.to === "primary" ? event.subject : [],
    );
    expect(killed).toEqual(["node-1", expect.not.stringMatching("node-1")]);
    expect(promoted.at(-1)).toBe("node-1");
  });
});

describe("what the servers count", { timeout: 60_000 }, () => {
  it("are the connections that the client opened, and nobody else's", async () => {
    const { connections } = await play("storms");
    expect(connections.before).toBe(51);
  });

  it("are the redirects that the client was told", async () => {
    const run = await play("knows-one-node", "cluster");
    expect(run.redirects.moved).toBeGreaterThan(50);
    // The first answer was asked for before calls were told of; every list of the other shard is redirected.
    expect(run.calls.rejected).toEqual({ MOVED: run.redirects.moved });
    expect(run.serverPushes).toBe(run.writes.acknowledged);
  });
});

describe("a run that breaks", { timeout: 60_000 }, () => {
  const filesOf = async (folder: string) => {
    const run = bakeoffRunSchema.parse(JSON.parse(await readFile(join(folder, "bakeoff.json"), "utf8")));
    const { events, integrity } = await readHistory(join(folder, "history.jsonl"));
    return { run, end: events.at(-1), integrity: integrity.state };
  };

  it("since a node died by itself has no verdict, and says so in all that it leaves", async () => {
    const dies: BakeoffScenario = {
      ...calm,
      run: async ({ session }) => {
        const gone = session.admins.of("replica-1").call(["SHUTDOWN", "NOSAVE", "FORCE"]);
        await gone.catch(() => {}); // before it answers
        await pause(30_000, session.signal);
        return {};
      },
    };
    const run = await play("sound", "ha", dies);
    const text = expect.stringContaining("replica-1 died by itself");
    expect(run).toMatchObject({ verdict: "unknown", reasons: ["broken"], notes: [text] });
    const left = await filesOf(run.folder);
    expect(left).toMatchObject({ end: { reason: "error", detail: text }, integrity: "verified" });
    expect(left.run).toEqual(run);
  });

  it("since it was interrupted leaves the same files", async () => {
    const interrupt = new AbortController();
    let folder = "";
    const interrupted: BakeoffScenario = {
      ...calm,
      run: async ({ session }) => {
        folder = dirname(session.topology.dir);
        interrupt.abort(new DrillError("INTERRUPTED", "SIGINT: stopping what was started"));
        await pause(30_000, session.signal);
        return {};
      },
    };
    const played = play("sound", "ha", interrupted, "default", false, interrupt.signal);
    await expect(played).rejects.toMatchObject({ code: "INTERRUPTED" });
    const text = expect.stringContaining("SIGINT");
    expect(await filesOf(folder)).toMatchObject({
      run: { verdict: "unknown", notes: [text] },
      end: { reason: "interrupted", detail: text },
      integrity: "verified",
    });
  });
});
