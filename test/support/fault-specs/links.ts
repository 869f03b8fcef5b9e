import { expect } from "vitest";
import { nodeOf } from "../../../src/driver/driver.ts";
import { accessOf } from "../../../src/model/access.ts";
import { clientAddressOf } from "../../../src/model/addresses.ts";
import { adminOf } from "../../../src/valkey/admin.ts";
import { command } from "../resp.ts";
import { allWell, type FaultSpec, type Servers } from "./servers.ts";

/** Longer than a round trip between two nodes ever is here. */
const A_MOMENT_MS = 300;

/** Faults of links: between the primary and its replica-1, and between clients and the primary. */
export const LINK_SPECS: readonly FaultSpec[] = [
  {
    fault: "cut",
    does: "from replica to primary: it has the data, its word does not come",
    targets: ["replica-1>primary"],
    inForce: async (see) => {
      await write(see, "cut-back", "1");
      await untilHas(see, "replica-1", "cut-back", "1");
      expect(await confirmations(see)).toBe(1);
      expect(await see.replication("replica-1")).toMatchObject({ linkUp: true });
    },
    healed: bothConfirm,
  },
  {
    fault: "cut",
    does:
      "from primary to replica: that one has nothing new, though nobody told it; its link is down after " +
      "repl-timeout",
    targets: ["primary>replica-1"],
    before: async (see) => {
      await see.ask("replica-1", "CONFIG", "SET", "repl-timeout", "4");
    },
    inForce: async (see) => {
      await write(see, "cut-there", "1");
      await untilHas(see, "replica-2", "cut-there", "1");
      expect(await see.ask("replica-1", "GET", "cut-there")).toBeNull();
      expect(await see.replication("replica-1")).toMatchObject({ linkUp: true });
      await see.until(
        "replica-1 to give up",
        async () => !(await see.replication("replica-1")).linkUp || "up",
      );
      expect(await see.replication("replica-2")).toMatchObject({ linkUp: true });
    },
    healed: async (see) => {
      await untilHas(see, "replica-1", "cut-there", "1");
      await bothConfirm(see);
    },
    after: async (see) => {
      await see.ask("replica-1", "CONFIG", "SET", "repl-timeout", "60");
    },
  },
  {
    fault: "cut",
    does: "of clients: they wait, while nodes and whoever looks from outside do not",
    targets: ["clients>primary"],
    inForce: async (see) => {
      await expect(pingAsClient(see)).rejects.toThrow("no reply");
      expect(await see.ask("primary", "PING")).toBe("PONG");
      await bothConfirm(see);
    },
    healed: async (see) => {
      expect(await pingAsClient(see)).toBe("+PONG");
    },
  },
  {
    fault: "reset",
    does: "that replica's link breaks at once, and stays down",
    targets: ["primary>replica-1"],
    inForce: async (see) => {
      await see.until("the link to break", async () => !(await see.replication("replica-1")).linkUp || "up");
      await see.until("the primary to know", async () => {
        const { onlineReplicas } = await see.replication("primary");
        return onlineReplicas === 1 || `${onlineReplicas} online`;
      });
    },
    healed: bothConfirm,
  },
  {
    fault: "half-open",
    does: "the replica has lost its primary, which still counts it",
    targets: ["primary>replica-1"],
    inForce: async (see) => {
      await see.until(
        "the replica to know",
        async () => !(await see.replication("replica-1")).linkUp || "up",
      );
      expect(await see.replication("primary")).toMatchObject({ onlineReplicas: 2 });
      await write(see, "into-the-void", "1");
      expect(await confirmations(see)).toBe(1);
    },
    healed: async (see) => {
      await untilHas(see, "replica-1", "into-the-void", "1");
      await bothConfirm(see);
    },
  },
  {
    fault: "delay",
    does: "what one replica confirms comes later, the other is as quick as before",
    options: { ms: 600, jitterMs: 10 },
    targets: ["primary>replica-1"],
    inForce: async (see) => {
      await write(see, "delayed", "1");
      expect(await confirmations(see)).toBe(1);
      const began = performance.now();
      await untilConfirmed(see);
      expect(performance.now() - began).toBeGreaterThan(200);
    },
    healed: bothConfirm,
  },
  {
    fault: "bandwidth",
    does: "one replica takes its time, and comes to the same end",
    options: { bytesPerSecond: 20_000 },
    targets: ["primary>replica-1"],
    inForce: async (see) => {
      const began = performance.now();
      const value = "x".repeat(20_000);
      await write(see, "long", value);
      await untilHas(see, "replica-2", "long", value);
      await untilHas(see, "replica-1", "long", value);
      expect(performance.now() - began).toBeGreaterThan(900);
    },
    healed: bothConfirm,
  },
  {
    fault: "drip",
    does: "a command that comes in many pieces is whole in the end",
    options: { bytes: 50, everyMs: 20 },
    targets: ["primary>replica-1"],
    inForce: async (see) => {
      const began = performance.now();
      const value = "y".repeat(1_000);
      await write(see, "dripped", value);
      await untilHas(see, "replica-1", "dripped", value);
      expect(performance.now() - began).toBeGreaterThan(380);
    },
    healed: bothConfirm,
  },
];

async function write(see: Servers, key: string, value: string): Promise<void> {
  expect(await see.ask("primary", "SET", key, value)).toBe("OK");
}

const untilHas = (see: Servers, node: string, key: string, value: string) =>
  see.until(`${node} to have ${key}`, async () => (await see.ask(node, "GET", key)) === value || "not yet");

/** How many replicas say within a moment that they have what was written last. */
const confirmations = (see: Servers) => see.ask("primary", "WAIT", "2", String(A_MOMENT_MS));

const untilConfirmed = (see: Servers) =>
  see.until("both replicas to confirm", async () => {
    const seen = await confirmations(see);
    return seen === 2 || `${seen}`;
  });

/** Links are up, and what is written now is confirmed by both within a moment. */
async function bothConfirm(see: Servers): Promise<void> {
  await allWell(see);
  await untilConfirmed(see); // what was on its way has arrived
  await write(see, "healed", "1");
  expect(await confirmations(see)).toBe(2);
}

/** As a client of the drill does: at the address that clients are given. */
async function pingAsClient({ plan }: Servers): Promise<string> {
  const node = nodeOf(plan, "primary");
  const at = clientAddressOf(node.endpoint);
  if (!plan.security) return await command(at, ["PING"], A_MOMENT_MS);
  const client = adminOf(at, accessOf(plan, node));
  try {
    return `+${await client.call(["PING"], A_MOMENT_MS)}`;
  } catch (cause) {
    throw new Error("no reply", { cause });
  } finally {
    client.close();
  }
}
