import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { linearizability } from "../check/linearizability.ts";
import type { DrillClient } from "../client/client.ts";
import type { Operation } from "../history/operations.ts";
import {
  startWorkload,
  type TestEnvironment,
  testEnvironment,
  until,
} from "../session/environment.test-data.ts";
import { register } from "./register.ts";

/* Registers on a real primary, which stands still for a while. No failover comes in between. */

let environment: TestEnvironment;
let client: DrillClient;

beforeAll(async () => {
  environment = await testEnvironment({ kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 600_000 });
  client = await environment.connect();
}, 60_000);
afterAll(async () => {
  await client?.close();
  await environment?.close();
});

async function start(options: object, changes: Parameters<typeof startWorkload>[4] = {}) {
  const { context, operations, end } = await startWorkload(environment, client, register, options, changes);
  const ended = (which: (operation: Operation) => boolean, count: number) =>
    until(`${count} operations`, async () => {
      const found = operations().filter(which).length;
      return found >= count || `${found}`;
    });
  return { context, ended, end };
}

const did =
  (f: string, end: string) =>
  ({ f: done, outcome, result }: Operation) =>
    done === f &&
    outcome === "ok" &&
    (f === "cas" ? (result === "true" ? "applied" : "refused") : "ok") === end;

describe("register", { timeout: 30_000 }, () => {
  it("reads, writes, and compares and sets; the answers fit one order", async () => {
    const { context, ended, end } = await start({ keys: 3, processes: 8, opsPerSecond: 800 });
    for (const [f, how] of [
      ["read", "ok"],
      ["write", "ok"],
      ["cas", "applied"],
      ["cas", "refused"],
    ] as const)
      await ended(did(f, how), 5);
    const facts = await end();
    expect(linearizability.check(facts)).toMatchObject({ verdict: "pass", evidence: { keys: 3 } });
    expect([...context.log.toRead.values()]).toEqual(["string", "string", "string"]);
    const changes = facts.operations.filter(({ f }) => f !== "read");
    expect(changes.every(({ shared }) => shared)).toBe(true);
    expect(facts.operations.every(({ node }) => node === undefined || node === "primary")).toBe(true);

    const values = changes.map(({ f, value = "" }) =>
      f === "write" ? value : (JSON.parse(value) as string[])[1],
    );
    expect(new Set(values).size).toBe(values.length);
  });

  it("has a process do one thing at a time, and not go on after an operation whose end is unknown", async () => {
    const { ended, end } = await start({ keys: 2, processes: 5, opsPerSecond: 400, deadlineMs: 200 });
    await ended(({ outcome }) => outcome === "ok", 50);
    await environment.topology.pause("primary");
    try {
      await ended(({ error }) => error?.class === "TIMEOUT", 10);
    } finally {
      await environment.topology.resume("primary");
    }
    await ended(({ outcome }) => outcome === "ok", 150);
    const facts = await end();
    const byProcess = byClient(facts.operations);
    expect(byProcess.size).toBeGreaterThanOrEqual(15); // five, and one for each that timed out
    for (const sent of byProcess.values()) {
      sent.slice(1).forEach(({ invokedAt }, n) => {
        expect(sent[n]?.outcome).not.toBe("info");
        expect(invokedAt).toBeGreaterThanOrEqual(sent[n]?.completedAt ?? Infinity);
      });
    }
    // Some of what timed out was done when the primary went on, and some of that was read.
    expect(linearizability.check(facts)).toMatchObject({ verdict: "pass" });
  });

  it("keeps to its rate", async () => {
    const { ended, end } = await start({ opsPerSecond: 100, processes: 4 });
    const began = performance.now();
    await ended(({ outcome }) => outcome === "ok", 100);
    expect(performance.now() - began).toBeGreaterThan(900);
    await end();
  });

  it("reads from replicas if it is told to", async () => {
    const { ended, end } = await start({ opsPerSecond: 400, readFrom: "replica" });
    await ended(did("read", "ok"), 20);
    const { operations } = await end();
    const reads = operations.filter(({ f, outcome }) => f === "read" && outcome === "ok");
    expect(reads.map(({ attempts }) => attempts)).toEqual(reads.map(() => 1));
    expect(new Set(reads.map(({ node }) => node).filter((node) => node !== undefined)).has("primary")).toBe(
      false,
    );
  });

  it("counts a change as done only if as many replicas confirm it as the drill asks", async () => {
    const { ended, end } = await start(
      { opsPerSecond: 50, processes: 2, deadlineMs: 300 },
      { waitReplicas: 1 },
    );
    await ended(({ f, outcome }) => f !== "read" && outcome === "ok", 5);
    await environment.topology.pause("replica-1");
    try {
      await ended(({ f, error }) => f !== "read" && error?.class === "NOT-REPLICATED", 1);
    } finally {
      await environment.topology.resume("replica-1");
    }
    expect(linearizability.check(await end())).toMatchObject({ verdict: "pass" });
  });
});

function byClient(operations: readonly Operation[]): Map<string, Operation[]> {
  const groups = new Map<string, Operation[]>();
  for (const operation of operations)
    groups.set(operation.client, [...(groups.get(operation.client) ?? []), operation]);
  return groups;
}
