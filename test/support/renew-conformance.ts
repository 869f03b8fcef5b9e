import { describe, expect, it } from "vitest";
import { type Driver, type NodeExit, nodeOf, type RunningTopology } from "../../src/driver/driver.ts";
import { smallPlan } from "./driver-conformance.ts";
import { command } from "./resp.ts";
import { temporaryFolder } from "./temporary.ts";

/** What every driver must do that can start its nodes anew. */
export function describeRenewing(name: string, makeDriver: () => Promise<Driver>): void {
  describe(`the ${name} driver`, { timeout: 60_000 }, () => {
    it("renews every node at its address: no data, its first configuration, whatever state it was in", async () => {
      const driver = await makeDriver();
      const held = await driver.holdEndpoints({ count: 3, withBus: false });
      const options = { dir: temporaryFolder("renewed"), detached: false };
      const topology = await driver.start(smallPlan(held.endpoints), held, options);
      try {
        await renewed(topology);
      } finally {
        await topology.close();
      }
    });
  });
}

/** Changes what can be changed of a topology with a primary, a replica and a Sentinel, and has its nodes renewed. */
async function renewed(topology: RunningTopology): Promise<void> {
  const [primary, replica] = ["primary", "replica-1"].map((name) => nodeOf(topology.plan, name).endpoint);
  if (!primary || !replica) throw new Error("the plan has no primary, or no replica");
  const exits: NodeExit[] = [];
  topology.onUnexpectedExit((exit) => exits.push(exit));
  await command(primary, ["SET", "key", "gone"]);
  await command(primary, ["CONFIG", "SET", "maxclients", "99"]);
  expect(await command(primary, ["CONFIG", "REWRITE"])).toBe("+OK");
  await command(replica, ["REPLICAOF", "NO", "ONE"]);
  if (topology.capabilities.has("pause")) await topology.pause("primary");
  await topology.kill("sentinel-1");
  await topology.renew?.();
  for (const node of topology.plan.nodes) expect(await command(node.endpoint, ["PING"])).toBe("+PONG");
  expect(await command(primary, ["GET", "key"])).toBe("$-1");
  expect(await command(primary, ["CONFIG", "GET", "maxclients"])).not.toContain("99");
  expect(await command(replica, ["ROLE"])).toContain("slave");
  await topology.kill("primary");
  await topology.start("primary");
  expect(exits).toEqual([]);
}
