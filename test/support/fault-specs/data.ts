import { expect } from "vitest";
import { allWell, type FaultSpec, replicasHold } from "./servers.ts";

/** Faults that hurt data and the files that hold them. */
export const DATA_SPECS: readonly FaultSpec[] = [
  {
    fault: "flush",
    does: "a replica is empty behind replication's back: its offset says that it has everything",
    targets: ["replica-1"],
    before: async (see) => {
      await see.ask("primary", "SET", "flushed", "1");
      await replicasHold(see, "flushed", "1");
    },
    hurt: async (see) => {
      expect(await see.ask("replica-1", "GET", "flushed")).toBe(null);
      expect(await see.ask("primary", "GET", "flushed")).toBe("1");
      expect(await see.ask("replica-2", "GET", "flushed")).toBe("1");
      await see.until("the replica's offset to be the primary's", async () => {
        const [primary, replica] = [await see.replication("primary"), await see.replication("replica-1")];
        return (
          (replica.linkUp && replica.offset >= primary.offset) || `${replica.offset} of ${primary.offset}`
        );
      });
      await expect(see.ask("replica-1", "SET", "x", "1")).rejects.toThrow("READONLY");
    },
    healed: async (see) => {
      expect(await see.ask("replica-1", "GET", "flushed")).toBe(null);
      await allWell(see);
    },
  },
  {
    fault: "flush",
    does: "of a primary empties its replicas as well, as FLUSHALL does",
    targets: ["primary"],
    before: async (see) => {
      await see.ask("primary", "SET", "flushed", "2");
      await replicasHold(see, "flushed", "2");
    },
    hurt: async (see) => {
      expect(await see.ask("primary", "DBSIZE")).toBe(0);
      await replicasHold(see, "flushed", null);
    },
    healed: allWell,
  },
];
