import { expect } from "vitest";
import type { FaultSpec, Servers } from "./servers.ts";

const crashed = (see: Servers) =>
  see.until("sentinel-1 to be gone", async () => {
    const state = await see.state("sentinel-1");
    return state === "stopped" || state;
  });
const knowsBoth = (see: Servers) =>
  see.until("sentinel-1 to know both replicas", async () => {
    const replicas = (await see.ask("sentinel-1", "SENTINEL", "REPLICAS", "drill")) as unknown[];
    return replicas.length === 2 || `${replicas.length} replicas`;
  });

/** Faults of Sentinels. */
export const SENTINEL_SPECS: readonly FaultSpec[] = [
  {
    fault: "sentinel-crash",
    does: "the Sentinel that leads a failover dies before it promotes anybody; healed, it is there again",
    targets: ["sentinel-1"],
    before: async (see) => {
      await see.ask("sentinel-1", "SENTINEL", "RESET", "drill"); // it may remember what other faults left
      await knowsBoth(see);
    },
    inForce: async (see) => {
      expect(await see.state("sentinel-1")).toBe("running");
      await see.until("sentinel-1 to begin a failover", () =>
        see.ask("sentinel-1", "SENTINEL", "FAILOVER", "drill").then(
          () => true as const,
          (error: Error) => {
            if (!error.message.includes("NOGOODSLAVE")) throw error;
            return error.message; // it has not heard yet how the replicas are
          },
        ),
      );
      await crashed(see);
      expect((await see.replication("primary")).role).toBe("primary");
    },
    healed: async (see) => {
      expect(await see.ask("sentinel-1", "PING")).toBe("PONG");
      expect((await see.replication("primary")).role).toBe("primary");
    },
  },
];
