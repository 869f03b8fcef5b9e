import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { slotsIn } from "../base/ranges.ts";
import { keySlot } from "../base/slots.ts";
import { checkTargets } from "../scenario/injectable.ts";
import {
  faultContext,
  type TestEnvironment,
  testEnvironment,
  until,
} from "../session/environment.test-data.ts";
import { dropBusMessages } from "./drop-bus-messages.ts";
import { holdSlot } from "./hold-slot.ts";
import { faultNamed } from "./registry.ts";
import { ownSlots } from "./slot-moves.ts";

describe("on a cluster", { timeout: 60_000 }, () => {
  let environment: TestEnvironment;
  beforeAll(async () => {
    environment = await testEnvironment({ kind: "cluster", shards: 3, replicas: 1, nodeTimeoutMs: 1500 });
  }, 60_000);
  afterAll(() => environment?.close());

  const context = () => faultContext(environment);
  const ask = (node: string, ...args: (string | number)[]) => environment.admins.of(node).call(args);
  const slotsOf = async (node: string) => slotsIn(await ownSlots(context(), node));

  /** Keys of the last slot of shard 1, by a hash tag that lies there. */
  const SLOT = 5460;
  const tag = Array.from({ length: 200_000 }, (_, n) => `t${n}`).find(
    (one) => keySlot(one) === SLOT,
  ) as string;
  const keys = Array.from({ length: 20 }, (_, n) => `{${tag}}:${n}`);

  it(
    "hold-slot: ASK for keys that have moved and for new ones, TRYAGAIN for both at once; healed, all is at the " +
      "other shard",
    async () => {
      for (const key of keys) await ask("node-1", "SET", key, key);
      const options = holdSlot.options.parse({ toShard: 2 });
      const known = await holdSlot.inject(context(), ["node-1"], options);

      const answers = await Promise.all(
        keys.map((key) => ask("node-1", "GET", key).catch((error) => String(error))),
      );
      expect(answers.filter((answer) => String(answer).includes("ASK "))).toHaveLength(keys.length / 2);
      expect(answers.filter((answer) => keys.includes(String(answer)))).toHaveLength(keys.length / 2);
      await expect(ask("node-1", "SET", `{${tag}}:new`, 1)).rejects.toThrow(/ASK 5460/);
      await expect(ask("node-1", "MGET", ...keys)).rejects.toThrow("TRYAGAIN");
      expect(await slotsOf("node-1")).toBe(5461);

      const remembered: unknown = JSON.parse(JSON.stringify(known));
      for (let time = 1; time <= 2; time += 1) {
        await holdSlot.heal(context(), ["node-1"], remembered);
        expect(await slotsOf("node-1")).toBe(5460);
        for (const key of keys) expect(await ask("node-2", "GET", key)).toBe(key);
      }
    },
  );

  it.each([
    [{ toShard: 1 }, ["node-1"], /is in shard 1 already/],
    [{ toShard: 9 }, ["node-1"], /there is no shard 9/],
    [{ toShard: 2 }, ["node-1", "node-3"], /holds slots of one node/],
  ])("hold-slot: refused for %j of %j", async (given, targets, message) => {
    const before = await slotsOf("node-1");
    await expect(holdSlot.inject(context(), targets, holdSlot.options.parse(given))).rejects.toThrow(message);
    expect(await slotsOf("node-1")).toBe(before);
  });

  it("drop-bus-messages: what arrives of that type is dropped; healed, nothing is", async () => {
    const dropped = async () =>
      (await environment.topology.log("node-6")).split("debug drop filter").length - 1;
    const received = async () =>
      Number(/stats_messages_received:(\d+)/.exec(String(await ask("node-6", "CLUSTER", "INFO")))?.[1]);
    const options = dropBusMessages.options.parse({ type: "ping" });
    await dropBusMessages.inject(context(), ["node-6"], options);
    await until("messages to be dropped", async () => (await dropped()) > 2 || String(await dropped()));
    for (let time = 1; time <= 2; time += 1) await dropBusMessages.heal(context(), ["node-6"], undefined);
    const [before, heard] = [await dropped(), await received()];
    await until("more messages", async () => (await received()) > heard + 5 || String(heard));
    expect(await dropped()).toBe(before);
  });

  it("drop-bus-messages: refused without a type, and where DEBUG is not allowed", async () => {
    expect(dropBusMessages.options.safeParse({}).success).toBe(false);
    expect(dropBusMessages.options.safeParse({ type: "gossip" }).success).toBe(false);
    expect(dropBusMessages.topologies).toEqual(["cluster"]);
  });
});

describe("sentinel-crash", () => {
  it("is refused for a data node", () => {
    const plan = {
      nodes: [
        { name: "primary", role: "primary" },
        { name: "sentinel-1", role: "sentinel" },
      ],
    } as never;
    const fault = faultNamed("sentinel-crash");
    expect(() => checkTargets(fault, ["sentinel-1", "primary"], plan)).toThrow(
      "sentinel-crash cannot hit primary: it is for Sentinels",
    );
    expect(() => checkTargets(fault, ["sentinel-1"], plan)).not.toThrow();
  });
});
