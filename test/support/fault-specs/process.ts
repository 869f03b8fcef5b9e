import { expect } from "vitest";
import { allWell, type FaultSpec, REPLICAS, replicasHold, runId, type Servers } from "./servers.ts";

/** Faults that end, freeze or slow down a whole process. */
export const PROCESS_SPECS: readonly FaultSpec[] = [
  {
    fault: "kill",
    does: "the processes are gone at once; healed, they are back with their data",
    targets: REPLICAS,
    before: async (see) => {
      await see.ask("primary", "SET", "kept", "1");
      await replicasHold(see, "kept", "1");
    },
    inForce: async (see) => {
      for (const node of REPLICAS) {
        expect(await see.state(node)).toBe("stopped");
        expect(await see.listens(node)).toBe(false);
      }
      expect(await see.state("primary")).toBe("running");
      await see.until("the primary to miss them", async () => {
        const { onlineReplicas } = await see.replication("primary");
        return onlineReplicas === 0 || `${onlineReplicas} online`;
      });
    },
    healed: async (see) => {
      await allWell(see);
      await replicasHold(see, "kept", "1");
    },
  },
  {
    fault: "stop",
    does: "the node ends in order; healed, it is back with its data",
    targets: ["primary"],
    before: async (see) => {
      await see.ask("primary", "SET", "kept", "2");
      see.notes.set("run", await runId(see, "primary"));
    },
    inForce: async (see) => {
      expect(await see.state("primary")).toBe("stopped");
      expect(await see.log("primary")).toMatch(/User requested shutdown[\s\S]*ready to exit/);
    },
    healed: async (see) => {
      await allWell(see);
      expect(await see.ask("primary", "GET", "kept")).toBe("2");
      expect(await runId(see, "primary")).not.toBe(see.notes.get("run"));
    },
  },
  {
    fault: "stop",
    does: "without waiting for replicas, saving first; a Sentinel can be stopped as well",
    options: { wait: false, save: true },
    targets: ["primary", "sentinel-1"],
    inForce: async (see) => {
      expect(await see.state("primary")).toBe("stopped");
      expect(await see.state("sentinel-1")).toBe("stopped");
      expect((await see.log("primary")).split("User requested shutdown").at(-1)).toContain(
        "DB saved on disk",
      );
    },
    healed: async (see) => {
      await allWell(see);
      expect(await see.ask("sentinel-1", "PING")).toBe("PONG");
    },
  },
  {
    fault: "restart",
    does: "another process answers, with the same data",
    targets: ["primary"],
    before: async (see) => {
      await see.ask("primary", "SET", "kept", "3");
      see.notes.set("run", await runId(see, "primary"));
    },
    inForce: async (see) => {
      expect(await runId(see, "primary")).not.toBe(see.notes.get("run"));
      expect(await see.ask("primary", "GET", "kept")).toBe("3");
      await see.until("the replicas to be back", async () => {
        const { onlineReplicas } = await see.replication("primary");
        return onlineReplicas === 2 || `${onlineReplicas} online`;
      });
      see.notes.set("run", await runId(see, "primary"));
    },
    healed: async (see) => {
      await allWell(see);
      expect(await runId(see, "primary")).toBe(see.notes.get("run"));
    },
  },
  {
    fault: "restart",
    does: "without its data, the primary comes back empty, and its replicas copy that",
    options: { data: "lose", graceful: true },
    targets: ["primary"],
    before: async (see) => {
      await see.ask("primary", "SET", "gone", "1");
      await replicasHold(see, "gone", "1");
    },
    inForce: async (see) => {
      expect(await see.ask("primary", "DBSIZE")).toBe(0);
      await replicasHold(see, "gone", null);
    },
    healed: allWell,
  },
  {
    fault: "detach",
    does: "a replica calls itself primary and takes writes, in nobody's place; healed, it follows again",
    targets: ["replica-1"],
    inForce: async (see) => {
      expect((await see.replication("replica-1")).role).toBe("primary");
      expect(await see.ask("replica-1", "SET", "astray", "1")).toBe("OK");
      expect(await see.ask("primary", "GET", "astray")).toBe(null);
      expect((await see.replication("primary")).role).toBe("primary");
      expect((await see.replication("replica-2")).role).toBe("replica");
    },
    healed: async (see) => {
      await see.until("replica-1 to be a replica", async () => {
        const { role, linkUp } = await see.replication("replica-1");
        return (role === "replica" && linkUp) || `${role}, link ${linkUp ? "up" : "down"}`;
      });
      await replicasHold(see, "astray", null); // what it took is gone
      await allWell(see);
    },
  },
  {
    fault: "pause",
    does: "the process and its port stay, but nothing answers; healed, the same process goes on",
    targets: ["primary"],
    before: async (see) => {
      see.notes.set("run", await runId(see, "primary"));
    },
    inForce: async (see) => {
      expect(await see.state("primary")).toBe("paused");
      expect(await see.listens("primary")).toBe(true);
      await expect(see.ask("primary", "PING")).rejects.toThrow("no answer within 1000 ms");
      expect(await see.ask("replica-1", "PING")).toBe("PONG");
    },
    healed: async (see) => {
      await allWell(see);
      expect(await runId(see, "primary")).toBe(see.notes.get("run"));
    },
  },
  {
    fault: "slow",
    does: "nothing answers while it sleeps; healing waits until it is awake",
    options: { seconds: 2 },
    targets: ["primary", "replica-1"],
    inForce: async (see) => {
      await expect(see.ask("primary", "PING")).rejects.toThrow("no answer within 1000 ms");
      expect(await see.state("primary")).toBe("running");
      expect(await see.ask("replica-2", "PING")).toBe("PONG");
    },
    healed: async (see) => {
      await allWell(see);
      expect(await see.info("replica-1", "cmdstat_debug")).toMatch(/^calls=1,/);
    },
  },
  {
    fault: "slow",
    does: "it falls asleep again and again, until it is healed",
    options: { seconds: 0.1, everySeconds: 0.2 },
    targets: ["replica-1"],
    before: async (see) => {
      await see.ask("replica-1", "CONFIG", "RESETSTAT");
    },
    inForce: async (see) => {
      await see.until("it to have slept three times", async () => {
        const calls = await sleeps(see, "replica-1");
        return calls >= 3 || `${calls} times`;
      });
    },
    healed: async (see) => {
      const before = await sleeps(see, "replica-1");
      await new Promise((resolve) => setTimeout(resolve, 500)); // long enough for it to fall asleep twice
      expect(await sleeps(see, "replica-1")).toBe(before);
      await allWell(see);
    },
  },
];

/** How often it was told to sleep. */
async function sleeps(see: Servers, node: string): Promise<number> {
  return Number(/^calls=(\d+)/.exec((await see.info(node, "cmdstat_debug")) ?? "")?.[1] ?? 0);
}
