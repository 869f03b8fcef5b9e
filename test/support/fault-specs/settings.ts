import { expect } from "vitest";
import { allWell, type FaultSpec, REPLICAS } from "./servers.ts";

/** Faults by settings. */
export const SETTING_SPECS: readonly FaultSpec[] = [
  {
    fault: "memory",
    does: "writes are refused; healed, they are taken, and the settings are what they were",
    targets: ["primary"],
    before: async (see) => {
      await see.ask("primary", "DEBUG", "POPULATE", 2000, "filler", 100);
      await see.ask("primary", "CONFIG", "SET", "maxmemory", "500mb");
    },
    inForce: async (see) => {
      await expect(see.ask("primary", "SET", "more", "1")).rejects.toThrow("OOM");
      expect(await see.ask("primary", "GET", "well")).toBe("1");
    },
    healed: async (see) => {
      await allWell(see);
      expect(await see.setting("primary", "maxmemory")).toBe(String(500 * 1024 * 1024));
      expect(await see.setting("primary", "maxmemory-policy")).toBe("noeviction");
    },
    after: async (see) => {
      await see.ask("primary", "CONFIG", "SET", "maxmemory", "0");
    },
  },
  {
    fault: "memory",
    does: "keys are evicted, by the policy that is asked for",
    options: { policy: "allkeys-random", percent: 60 },
    targets: ["primary"],
    before: async (see) => {
      await see.ask("primary", "DEBUG", "POPULATE", 20_000, "filler", 100);
    },
    inForce: async (see) => {
      expect(await see.ask("primary", "SET", "more", "1")).toBe("OK");
      await see.until("keys to be evicted", async () => {
        const left = Number(await see.ask("primary", "DBSIZE"));
        return left < 18_000 || `${left} are left`;
      });
      expect(Number(await see.ask("primary", "DBSIZE"))).toBeGreaterThan(2_000);
    },
    healed: async (see) => {
      await allWell(see);
      expect(await see.setting("primary", "maxmemory")).toBe("0");
    },
    after: async (see) => {
      await see.ask("primary", "FLUSHALL");
    },
  },
  {
    fault: "config",
    does: "any setting, on several nodes; healed, each has what it had",
    options: { set: { "slowlog-max-len": 7, "repl-backlog-ttl": 60 } },
    targets: REPLICAS,
    before: async (see) => {
      await see.ask("replica-2", "CONFIG", "SET", "slowlog-max-len", "99");
    },
    inForce: async (see) => {
      for (const node of REPLICAS) expect(await see.setting(node, "slowlog-max-len")).toBe("7");
      expect(await see.setting("replica-1", "repl-backlog-ttl")).toBe("60");
    },
    healed: async (see) => {
      expect(await see.setting("replica-1", "slowlog-max-len")).toBe("128");
      expect(await see.setting("replica-2", "slowlog-max-len")).toBe("99");
      expect(await see.setting("replica-1", "repl-backlog-ttl")).toBe("3600");
      await allWell(see);
    },
  },
  {
    fault: "config",
    does: "a primary that wants more replicas than there are refuses writes",
    options: { minReplicas: 3 },
    targets: ["primary"],
    inForce: async (see) => {
      await see.until("writes to be refused", async () =>
        see.ask("primary", "SET", "more", "1").then(
          () => "it takes them",
          (error: Error) => /NOREPLICAS/.test(error.message) || error.message,
        ),
      );
    },
    healed: allWell,
  },
  {
    fault: "config",
    does: "another password: clients and replicas are thrown out and cannot come back; healed, they can",
    options: { password: "rotated" },
    targets: ["primary"],
    secure: "never", // users of their own do not care for the password of the default one: see `credentials`
    inForce: async (see) => {
      const client = see.connect("primary");
      await expect(client.call(["PING"])).rejects.toThrow("NOAUTH");
      client.close();
      await see.until("the replicas to be gone", async () => {
        const { onlineReplicas } = await see.replication("primary");
        return onlineReplicas === 0 || `${onlineReplicas} online`;
      });
      await see.until("a replica to log why", async () =>
        /NOAUTH/.test(await see.log("replica-1")) ? true : "it does not",
      );
    },
    healed: async (see) => {
      const client = see.connect("primary");
      expect(await client.call(["PING"])).toBe("PONG");
      client.close();
      expect(await see.setting("primary", "requirepass")).toBe("");
      await allWell(see);
    },
  },
];
