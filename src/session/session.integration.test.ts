import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { temporaryFolder } from "../../test/support/temporary.ts";
import { seededRandom } from "../base/random.ts";
import { readHistory } from "../history/reader.ts";
import { openRecorder } from "../history/recorder.ts";
import { sortedRecorder } from "../history/sorted-recorder.ts";
import { DrillError } from "../model/errors.ts";
import { topologySpecSchema } from "../topology/spec.ts";
import { type TestEnvironment, testEnvironment, until } from "./environment.test-data.ts";
import type { HeaderParts } from "./header.ts";
import { inSession, Session, type SessionOptions } from "./session.ts";

const QUIET = topologySpecSchema.parse({ kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 60_000 });
const header: HeaderParts = {
  runId: "20250101-000000-sample-0000",
  scenario: "sample",
  seed: 1,
  spec: QUIET,
  driver: "process",
  valkey: "any",
  client: { name: "nobody", version: "0" },
  expect: {},
  replay: "",
};

let on: TestEnvironment;
beforeAll(async () => {
  on = await testEnvironment(QUIET);
}, 60_000);
afterAll(() => on?.close());

function options(changes: Partial<SessionOptions> = {}): SessionOptions & { readonly path: string } {
  const path = join(temporaryFolder("session"), "history.jsonl");
  return {
    path,
    openSink: (onFailure) => openRecorder(path, onFailure),
    header,
    random: seededRandom(1),
    signal: new AbortController().signal,
    whenBroken: "ends",
    readsLogs: false,
    ...changes,
  };
}

const lastOf = async (path: string) => (await readHistory(path)).events.at(-1);

describe("the end of a session", () => {
  it("is told in the last line, and comes once", async () => {
    const given = options();
    const session = await Session.open(on, given);
    expect(await session.close()).toBeUndefined();
    expect(await session.close(new Error("too late"))).toBeUndefined();
    expect(session.signal.aborted).toBe(true);
    expect(await readHistory(given.path)).toMatchObject({
      complete: true,
      integrity: { state: "verified" },
      header: { scenario: "sample", topology: { kind: "ha", driver: "process" } },
    });
    expect(await lastOf(given.path)).toMatchObject({ type: "end", reason: "completed" });
  });

  it("gives everything back, the last first, whatever fails on the way, and tells the first failure", async () => {
    const given = options();
    const done: string[] = [];
    const { failure } = await inSession(on, given, async (session) => {
      session.onClose(() => done.push("first"));
      session.onClose(() => {
        done.push("second");
        throw new Error("it cannot be closed");
      });
      session.onClose(() => done.push(`third, ${session.signal.aborted ? "aborted" : "running"}`));
    });
    expect(done).toEqual(["third, aborted", "second", "first"]);
    expect(failure).toEqual(new Error("it cannot be closed"));
    expect(await lastOf(given.path)).toMatchObject({ reason: "error", detail: "it cannot be closed" });
  });

  it("says what the work failed of, and that it was interrupted only where it was", async () => {
    const failed = options();
    const broken = () => Promise.reject(new Error("no"));
    expect((await inSession(on, failed, broken)).failure).toEqual(new Error("no"));
    expect(await lastOf(failed.path)).toMatchObject({ reason: "error", detail: "no" });

    const interrupt = new AbortController();
    const interrupted = options({ signal: interrupt.signal });
    await inSession(on, interrupted, async ({ signal }) => {
      interrupt.abort(new DrillError("INTERRUPTED", "SIGINT: stopping what was started"));
      signal.throwIfAborted();
    });
    expect(await lastOf(interrupted.path)).toMatchObject({
      reason: "interrupted",
      detail: expect.stringContaining("SIGINT"),
    });
  });

  it("is in the history too where opening failed half-way", async () => {
    const given = options();
    const cannot = () => {
      throw new DrillError("START_FAILED", "nobody can watch its nodes");
    };
    const topology = Object.create(on.topology, { onUnexpectedExit: { value: cannot } });
    const { failure, done } = await inSession({ ...on, topology }, given, async () => "done");
    expect(done).toBeUndefined();
    expect(failure).toMatchObject({ code: "START_FAILED" });
    const { header: first, integrity, events } = await readHistory(given.path);
    expect([first.scenario, integrity.state]).toEqual(["sample", "verified"]);
    expect(events.at(-1)).toMatchObject({ reason: "error", detail: "nobody can watch its nodes" });
  });

  it("leaves nothing where the history cannot be opened", async () => {
    const path = join(temporaryFolder("session"), "no", "history.jsonl");
    const { failure } = await inSession(
      on,
      { ...options(), openSink: () => openRecorder(path) },
      async () => {},
    );
    expect(failure).toMatchObject({ code: "STATE_UNWRITABLE" });
  });
});

describe("a history that is sorted at its end", () => {
  it("has its header at once, and the rest in order of time", async () => {
    const given = options();
    const openSink: SessionOptions["openSink"] = (onFailure) => sortedRecorder(given.path, onFailure);
    await inSession(on, { ...given, openSink }, async (session) => {
      await session.recorder.flush();
      expect(await readHistory(given.path)).toMatchObject({
        complete: false,
        header: { scenario: "sample" },
      });
      const early = session.now();
      session.log.observe({ name: "later", data: z.object({}) }, {});
      session.recorder.record({ type: "observation", at: early, name: "earlier", data: {} });
    });
    const { events, complete } = await readHistory(given.path);
    const names = events.flatMap((event) => (event.type === "observation" ? event.name : []));
    expect(names.indexOf("earlier")).toBeLessThan(names.indexOf("later"));
    expect(complete).toBe(true);
  });
});

describe("a node that dies by itself", { timeout: 60_000 }, () => {
  const dies = async (whenBroken: SessionOptions["whenBroken"]) => {
    const own = await testEnvironment(QUIET);
    try {
      const given = options({ whenBroken });
      const session = await Session.open(own, given);
      own.admins
        .of("replica-1")
        .call(["SHUTDOWN", "NOSAVE", "FORCE"])
        .catch(() => {}); // it is gone before it answers; FORCE: also while it writes its first append-only file
      await until("its death to be noticed", async () => session.broken !== undefined);
      const wasAborted = session.signal.aborted;
      const failure = await session.close();
      return { wasAborted, failure, events: (await readHistory(given.path)).events };
    } finally {
      await own.close();
    }
  };
  const death = expect.objectContaining({
    name: "node-died",
    data: { node: "replica-1", text: expect.stringContaining("died by itself") },
  });

  it("ends what judges at the end", async () => {
    const { wasAborted, failure, events } = await dies("ends");
    expect(wasAborted).toBe(true);
    expect(failure).toMatchObject({ code: "NODE_DIED" });
    expect(events).toContainEqual(death);
    expect(events.at(-1)).toMatchObject({ reason: "error", detail: expect.stringContaining("replica-1") });
  });

  it("is recorded, and no more, where somebody plays on", async () => {
    const { wasAborted, failure, events } = await dies("goes-on");
    expect(wasAborted).toBe(false);
    expect(failure).toBeUndefined();
    expect(events).toContainEqual(death);
    expect(events.at(-1)).toMatchObject({ reason: "completed" });
  });
});
