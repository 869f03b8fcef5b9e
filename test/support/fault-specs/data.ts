import { expect } from "vitest";
import { allWell, type FaultSpec, replicasHold, type Servers } from "./servers.ts";

/** Faults of data and the files that hold them. */
export const DATA_SPECS: readonly FaultSpec[] = [
  {
    fault: "flush",
    does: "a replica is empty behind replication's back: its offset says that it has everything",
    targets: ["replica-1"],
    before: async (see) => {
      await see.ask("primary", "SET", "flushed", "1");
      await replicasHold(see, "flushed", "1");
    },
    inForce: async (see) => {
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
    inForce: async (see) => {
      expect(await see.ask("primary", "DBSIZE")).toBe(0);
      await replicasHold(see, "flushed", null);
    },
    healed: allWell,
  },
  {
    fault: "tamper",
    does: "keys hold each other's values, on the replicas too; what does not match, or is no string, is left alone",
    options: { match: "tampered:*" },
    targets: ["primary"],
    before: async (see) => {
      await see.ask("primary", "MSET", "tampered:1", "one", "tampered:2", "two", "other", "three");
      await see.ask("primary", "PEXPIRE", "tampered:1", 600_000);
      await see.ask("primary", "DEL", "tampered:list");
      await see.ask("primary", "RPUSH", "tampered:list", "x");
      await replicasHold(see, "tampered:2", "two");
    },
    inForce: async (see) => {
      await replicasHold(see, "tampered:1", "two");
      await replicasHold(see, "tampered:2", "one");
      expect(await see.ask("primary", "MGET", "tampered:1", "tampered:2", "other")).toEqual([
        "two",
        "one",
        "three",
      ]);
      expect(await see.ask("primary", "PTTL", "tampered:1")).toBeGreaterThan(0);
      expect(await see.ask("primary", "LRANGE", "tampered:list", 0, -1)).toEqual(["x"]);
    },
    healed: async (see) => {
      expect(await see.ask("primary", "GET", "tampered:1")).toBe("two");
      await allWell(see);
    },
    after: async (see) => {
      await see.ask("primary", "DEL", "tampered:1", "tampered:2", "tampered:list", "other");
    },
  },
  {
    fault: "corrupt",
    does: "an append-only file that ends in the middle: the node comes back with a part of its data",
    targets: ["primary"],
    before: (see) => fill(see),
    inForce: async (see) => {
      expect(await see.state("primary")).toBe("running");
      const keys = Number(await see.ask("primary", "DBSIZE"));
      expect(keys).toBeGreaterThan(20);
      expect(keys).toBeLessThan(KEYS);
      see.notes.set("keys", keys);
    },
    healed: async (see) => {
      await allWell(see);
      expect(await see.ask("primary", "DBSIZE")).toBe((see.notes.get("keys") as number) + 1); // and "well"
      expect(await see.inData("primary", "ls")).not.toContain("before-corrupt");
    },
  },
  {
    fault: "corrupt",
    does: "garbage in the append-only file: the node refuses to start; healed, it has all its data",
    options: { how: "garbage" },
    targets: ["primary"],
    before: (see) => fill(see),
    inForce: (see) => refusesToStart(see, "Bad file format reading the append only file"),
    healed: (see) => hasAll(see),
  },
  {
    fault: "corrupt",
    does: "half of the RDB file: the node refuses to start; healed, it has all its data",
    options: { file: "rdb" },
    targets: ["primary"],
    before: async (see) => {
      await fill(see);
      await rewrite(see); // until then, the RDB file at its base is empty
    },
    inForce: (see) => refusesToStart(see, "Unexpected EOF reading RDB file|Short read or OOM loading DB"),
    healed: (see) => hasAll(see),
  },
];

const KEYS = 200;

async function fill(see: Servers): Promise<void> {
  await see.ask("primary", "FLUSHALL");
  await rewrite(see); // so that nothing older stands in the increment
  for (let n = 0; n < KEYS; n += 1) await see.ask("primary", "SET", `key:${n}`, n);
}

async function rewrite(see: Servers): Promise<void> {
  await see.ask("primary", "BGREWRITEAOF");
  await see.until("the append-only file to be rewritten", async () => {
    const running = await see.info("primary", "aof_rewrite_in_progress");
    const waiting = await see.info("primary", "aof_rewrite_scheduled");
    return (running === "0" && waiting === "0") || "it is being rewritten";
  });
}

async function refusesToStart(see: Servers, why: string): Promise<void> {
  expect(await see.state("primary")).toBe("stopped");
  expect(await see.log("primary")).toMatch(new RegExp(why));
}

async function hasAll(see: Servers): Promise<void> {
  for (let n = 0; n < KEYS; n += 1) expect(await see.ask("primary", "GET", `key:${n}`)).toBe(String(n));
  await allWell(see);
}
