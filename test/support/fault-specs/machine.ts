import { expect } from "vitest";
import { allWell, type FaultSpec, type Servers } from "./servers.ts";

/** Faults of the machine that a node runs on: its processor, its disk, its clock. */
export const MACHINE_SPECS: readonly FaultSpec[] = [
  {
    fault: "cpu",
    does: "a node that has work to do gets no more than its share of a processor, and all of it when healed",
    options: { share: 0.05 },
    targets: ["primary"],
    before: untilUnthrottled,
    inForce: async (see) => {
      const share = await shareAtWork(see);
      expect(share).toBeGreaterThan(0.01);
      expect(share).toBeLessThan(0.1);
      expect(await see.state("primary")).toBe("running");
    },
    healed: async (see) => {
      await untilUnthrottled(see);
      await allWell(see);
    },
  },
  {
    fault: "disk-full",
    does: "a primary whose append-only file cannot grow refuses writes, and no snapshot succeeds",
    targets: ["primary"],
    before: async (see) => {
      await see.ask("primary", "SET", "kept", "4");
    },
    inForce: async (see) => {
      await see.until("writes to be refused", async () =>
        see.ask("primary", "SET", "more", "1").then(
          () => "it takes them",
          (error: Error) => /MISCONF Errors writing to the AOF file/.test(error.message) || error.message,
        ),
      );
      await see.ask("primary", "BGSAVE");
      await see.until("the snapshot to fail", async () => {
        const status = await see.info("primary", "rdb_last_bgsave_status");
        return status === "err" || `${status}`;
      });
    },
    healed: async (see) => {
      await see.until("writes to be taken", async () =>
        see.ask("primary", "SET", "more", "1").then(
          () => true,
          (error: Error) => error.message,
        ),
      );
      await allWell(see);
      expect(await see.ask("primary", "GET", "kept")).toBe("4");
    },
    after: async (see) => {
      await see.ask("primary", "BGSAVE");
      await see.until("a snapshot to succeed", async () => {
        const status = await see.info("primary", "rdb_last_bgsave_status");
        return status === "ok" || `${status}`;
      });
    },
  },
  {
    fault: "disk-full",
    does: "a node that promised to sync each write ends; healed, it is back with what it had acknowledged",
    targets: ["primary"],
    before: async (see) => {
      await see.ask("primary", "CONFIG", "SET", "appendfsync", "always");
      await see.ask("primary", "SET", "kept", "5");
    },
    inForce: async (see) => {
      await expect(see.ask("primary", "SET", "kept", "6")).rejects.toMatchObject({ code: "COMMAND_FAILED" });
      await see.until("it to end", async () => {
        const state = await see.state("primary");
        return state === "stopped" || state;
      });
    },
    healed: async (see) => {
      await allWell(see);
      expect(await see.ask("primary", "GET", "kept")).toBe("5");
    },
  },
  {
    fault: "slow-disk",
    does: "a write that is to be synced waits for it",
    options: { ms: 300 },
    targets: ["primary"],
    before: async (see) => {
      await see.ask("primary", "CONFIG", "SET", "appendfsync", "always");
    },
    inForce: async (see) => {
      for (let round = 0; round < 3; round += 1) expect(await millisecondsToWrite(see)).toBeGreaterThan(290);
    },
    healed: async (see) => {
      await see.until("a write to be quick", async () => {
        const took = await millisecondsToWrite(see);
        return took < 150 || `it took ${took} ms`;
      });
      await allWell(see);
    },
    after: async (see) => {
      await see.ask("primary", "CONFIG", "SET", "appendfsync", "everysec");
    },
  },
  {
    fault: "slow-disk",
    does: "a snapshot takes longer, and a server that syncs every second says that the disk is busy",
    options: { ms: 2500 },
    targets: ["primary"],
    inForce: async (see) => {
      await see.ask("primary", "BGSAVE");
      await see.until("a write to be kept waiting", async () => {
        await see.ask("primary", "SET", "more", "1");
        const delayed = await see.info("primary", "aof_delayed_fsync");
        return Number(delayed) > 0 || `${delayed} delayed`;
      });
      await see.until("the snapshot to be done", async () => {
        const took = await see.info("primary", "rdb_last_bgsave_time_sec");
        return Number(took) >= 2 || `it took ${took} s`;
      });
    },
    healed: allWell,
    after: async (see) => {
      await see.ask("primary", "CONFIG", "RESETSTAT");
    },
  },
  {
    fault: "time",
    does: "a clock that is ahead lets keys expire at once; healed, it is right",
    options: { seconds: 3600 },
    targets: ["primary"],
    before: async (see) => {
      await see.ask("primary", "SET", "short", "1", "EX", 600);
    },
    inForce: async (see) => {
      expect(await secondsOff(see, "primary")).toBeCloseTo(3600, -1);
      expect(await see.ask("primary", "GET", "short")).toBe(null);
      expect(await secondsOff(see, "replica-1")).toBeCloseTo(0, -1);
    },
    healed: async (see) => {
      expect(await secondsOff(see, "primary")).toBeCloseTo(0, -1);
      await allWell(see);
    },
  },
  {
    fault: "time",
    does: "a clock that is behind lets keys live longer, and puts a Sentinel into TILT",
    options: { seconds: -600 },
    targets: ["primary", "sentinel-1"],
    before: async (see) => {
      await see.ask("primary", "SET", "long", "1", "EX", 100);
      expect(await see.info("sentinel-1", "sentinel_tilt")).toBe("0");
    },
    inForce: async (see) => {
      expect(await secondsOff(see, "primary")).toBeCloseTo(-600, -1);
      expect(await see.ask("primary", "TTL", "long")).toBeGreaterThan(600);
      await see.until("the Sentinel to be in TILT", async () => {
        const tilt = await see.info("sentinel-1", "sentinel_tilt");
        return tilt === "1" || `${tilt}`;
      });
    },
    healed: async (see) => {
      expect(await secondsOff(see, "primary")).toBeCloseTo(0, -1);
      expect(await see.ask("primary", "TTL", "long")).toBeLessThanOrEqual(100);
      await allWell(see);
    },
  },
];

/** Work of a tenth of a second or two, if the node is let. */
const WORK = "local n = 0 for i = 1, 4e6 do n = n + i % 7 end return n";

/** What part of a processor the node had while it worked. */
async function shareAtWork(see: Servers): Promise<number> {
  const used = async () =>
    Number(await see.info("primary", "used_cpu_user_main_thread")) +
    Number(await see.info("primary", "used_cpu_sys_main_thread"));
  const client = see.connect("primary");
  const before = await used();
  const began = performance.now();
  await client.call(["EVAL", WORK, 0], 20_000);
  const share = ((await used()) - before) / ((performance.now() - began) / 1000);
  client.close();
  return share;
}

/** More than it may use while it is throttled, though the machine may have a lot else to do. */
function untilUnthrottled(see: Servers): Promise<void> {
  return see.until("it to get the processor", async () => {
    const share = await shareAtWork(see);
    return share > 0.12 || `a share of ${share.toFixed(2)}`;
  });
}

async function millisecondsToWrite(see: Servers): Promise<number> {
  const began = performance.now();
  await see.ask("primary", "SET", "slow", String(began));
  return performance.now() - began;
}

async function secondsOff(see: Servers, node: string): Promise<number> {
  const [seconds] = (await see.ask(node, "TIME")) as string[];
  return Number(seconds) - Date.now() / 1000;
}
