import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { listens } from "../../test/support/resp.ts";
import { seededRandom } from "../base/random.ts";
import { type TestEnvironment, testEnvironment, until } from "../scenario/environment.test-data.ts";
import type { Fault } from "./fault.ts";
import { flush } from "./flush.ts";
import { kill } from "./kill.ts";
import { pause } from "./pause.ts";
import { FAULTS } from "./registry.ts";

/* Each fault on a real primary with two replicas: its effect is looked for at the servers. No failover comes in between. */

let environment: TestEnvironment;

beforeAll(async () => {
  environment = await testEnvironment({ kind: "ha", replicas: 2, sentinels: 1, downAfterMs: 600_000 });
}, 60_000);
afterAll(() => environment?.close());

const context = () => ({
  topology: environment.topology,
  admins: environment.admins,
  random: seededRandom(1),
  signal: new AbortController().signal,
});
const inject = (fault: Fault, ...targets: string[]) =>
  fault.inject(context(), targets, fault.options.parse({}));
const heal = (fault: Fault, ...targets: string[]) => fault.heal(context(), targets, undefined);
const ask = (node: string, ...args: string[]) => environment.admins.of(node).call(args, 500);
const processOf = (node: string) => environment.topology.state(node);
const port = (node: string) => environment.admins.of(node).endpoint;

beforeEach(async () => {
  await until("both replicas to be linked", async () => {
    const { onlineReplicas } = await environment.replication("primary");
    return onlineReplicas === 2 || `${onlineReplicas} online`;
  });
});

it("the registry names every fault by its kind", () => {
  for (const [kind, fault] of FAULTS) expect(fault.kind).toBe(kind);
  expect([...FAULTS.values()]).toEqual(expect.arrayContaining([kill, pause, flush]));
});

describe("kill", { timeout: 30_000 }, () => {
  it("takes the process away at once, for each target; healed, it is back with its data; healed twice is fine", async () => {
    await ask("primary", "SET", "kept", "1");
    await until(
      "the replicas to have it",
      async () => (await ask("replica-1", "GET", "kept")) === "1" || "not yet",
    );
    await inject(kill, "replica-1", "replica-2");
    for (const node of ["replica-1", "replica-2"]) {
      expect(await processOf(node)).toBe("stopped");
      expect(await listens(port(node))).toBe(false);
    }
    expect(await processOf("primary")).toBe("running");
    await until("the primary to miss them", async () => {
      const { onlineReplicas } = await environment.replication("primary");
      return onlineReplicas === 0 || `${onlineReplicas} online`;
    });

    await heal(kill, "replica-1", "replica-2");
    expect(await processOf("replica-1")).toBe("running");
    await until(
      "replica-1 to be linked",
      async () => (await environment.replication("replica-1")).linkUp || "link down",
    );
    expect(await ask("replica-1", "GET", "kept")).toBe("1");

    await heal(kill, "replica-1", "replica-2");
    expect(await processOf("replica-2")).toBe("running");
  });

  it("of a node that is dead already is no error", async () => {
    await inject(kill, "replica-1");
    await inject(kill, "replica-1");
    expect(await processOf("replica-1")).toBe("stopped");
    await heal(kill, "replica-1");
  });
});

describe("pause", { timeout: 30_000 }, () => {
  it("leaves the process and its port, but nothing answers; healed, the same process goes on; healed twice is fine", async () => {
    const pid = /process_id:(\d+)/.exec(String(await ask("primary", "INFO", "server")))?.[1];
    await inject(pause, "primary");
    expect(await processOf("primary")).toBe("paused");
    expect(await listens(port("primary"))).toBe(true);
    await expect(ask("primary", "PING")).rejects.toThrow("no answer within 500 ms");
    expect(await ask("replica-1", "PING")).toBe("PONG");

    await heal(pause, "primary");
    await heal(pause, "primary");
    expect(await processOf("primary")).toBe("running");
    expect(await ask("primary", "PING")).toBe("PONG");
    expect(/process_id:(\d+)/.exec(String(await ask("primary", "INFO", "server")))?.[1]).toBe(pid);
  });

  it("may be healed where nothing was paused", async () => {
    await heal(pause, "replica-1");
    expect(await ask("replica-1", "PING")).toBe("PONG");
  });

  it("is what a driver must be able to do, the other faults need nothing", () => {
    expect([kill, pause, flush].map(({ needs }) => needs)).toEqual([[], ["pause"], []]);
  });
});

describe("flush", { timeout: 30_000 }, () => {
  it("empties a replica behind replication's back: its offset says that it has everything", async () => {
    for (let n = 0; n < 10; n += 1) await ask("primary", "SET", `flushed:${n}`, "1");
    await until(
      "the replica to have them",
      async () => (await ask("replica-1", "EXISTS", "flushed:9")) === 1 || "not yet",
    );

    await inject(flush, "replica-1");
    expect(await ask("replica-1", "DBSIZE")).toBe(0);
    expect(Number(await ask("primary", "DBSIZE"))).toBeGreaterThanOrEqual(10);
    expect(Number(await ask("replica-2", "DBSIZE"))).toBeGreaterThanOrEqual(10);
    expect(await environment.replication("replica-1")).toMatchObject({ role: "replica", linkUp: true });
    await until("the replica's offset to be the primary's", async () => {
      const [primary, replica] = [
        await environment.replication("primary"),
        await environment.replication("replica-1"),
      ];
      return replica.offset >= primary.offset || `${replica.offset} of ${primary.offset}`;
    });
  });

  it("leaves the replica as one that refuses writes", async () => {
    await expect(ask("replica-1", "SET", "x", "1")).rejects.toThrow("READONLY");
  });

  it("cannot be healed: healing does nothing", async () => {
    await heal(flush, "replica-1");
    await heal(flush, "replica-1");
    expect(await ask("replica-1", "DBSIZE")).toBe(0);
  });

  it("of a primary empties its replicas as well, as FLUSHALL does", async () => {
    await inject(flush, "primary");
    expect(await ask("primary", "DBSIZE")).toBe(0);
    await until("replica-2 to be empty", async () => (await ask("replica-2", "DBSIZE")) === 0 || "not yet");
  });
});
