import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { slotsIn } from "../base/ranges.ts";
import { keySlot } from "../base/slots.ts";
import {
  faultContext,
  type TestEnvironment,
  testEnvironment,
  until,
} from "../session/environment.test-data.ts";
import { parseInfo } from "../valkey/replies.ts";
import { failover } from "./failover.ts";
import { kill } from "./kill.ts";
import { moveSlotsFault } from "./move-slots.ts";
import { addShard, removeShard } from "./resharding.ts";
import { rollingRestart } from "./rolling-restart.ts";
import { rollingUpgrade } from "./rolling-upgrade.ts";
import { ownSlots } from "./slot-moves.ts";

/* Faults that concern a whole topology or shard. Their effect is looked for at the servers. */

const infoOf = async (environment: TestEnvironment, node: string) =>
  parseInfo(await environment.admins.of(node).call(["INFO", "server"]));

describe("on a primary with a replica and Sentinels", { timeout: 90_000 }, () => {
  let environment: TestEnvironment;
  beforeAll(async () => {
    environment = await testEnvironment({ kind: "ha", replicas: 1, sentinels: 3, downAfterMs: 20_000 });
  }, 60_000);
  afterAll(() => environment?.close());

  it("rolling-upgrade: each node comes back as the other version, with its data; the primary handed over", async () => {
    await environment.admins.of("primary").call(["SET", "kept", "1"]);
    const before = (await infoOf(environment, "primary")).get("valkey_version");
    const targets = ["primary", "replica-1"];
    const options = rollingUpgrade.options.parse({ to: "9.1" });
    const known = await rollingUpgrade.inject(faultContext(environment), targets, options);
    for (const node of targets) {
      const version = (await infoOf(environment, node)).get("valkey_version");
      expect(version).toMatch(/^9\.1\./);
      expect(version).not.toBe(before);
    }
    expect(await environment.nodesOf("primary")).toEqual(["replica-1"]);
    expect(await environment.admins.of("replica-1").call(["GET", "kept"])).toBe("1");
    await rollingUpgrade.heal(faultContext(environment), targets, known);
    await rollingUpgrade.heal(faultContext(environment), targets, known);
    expect(await environment.nodesOf("primary")).toEqual(["replica-1"]);
  });

  it("failover: refused where nobody could begin one", async () => {
    await kill.inject(faultContext(environment), ["sentinel-1", "sentinel-2", "sentinel-3"], {});
    await expect(
      failover.inject(faultContext(environment), ["replica-1"], { mode: "default" }),
    ).rejects.toThrow("no Sentinel began a failover");
  });
});

describe("on a cluster with a shard that has no slots", { timeout: 60_000 }, () => {
  let environment: TestEnvironment;
  const keys = Array.from({ length: 300 }, (_, n) => `moved:${n}`);
  beforeAll(async () => {
    environment = await testEnvironment({
      kind: "cluster",
      shards: 4,
      emptyShards: 1,
      nodeTimeoutMs: 1000,
      requireFullCoverage: false,
    });
    const client = await environment.connect();
    await Promise.all(keys.map((key) => client.call(["SET", key, key], 5000)));
    await client.close();
  }, 60_000);
  afterAll(() => environment?.close());

  const context = () => faultContext(environment);
  const slotsOf = async (node: string) => slotsIn(await ownSlots(context(), node));
  const allKeysAreThere = async () => {
    const client = await environment.connect();
    for (const key of keys) expect(await client.call(["GET", key], 5000), `slot ${keySlot(key)}`).toBe(key);
    await client.close();
  };

  it("failover: the replica takes over, and the old primary follows it", async () => {
    await failover.inject(context(), ["node-1"], { mode: "default" });
    await until("node-1 to be a replica", async () => {
      const { role } = await environment.replication("node-1");
      return role === "replica" || role;
    });
    expect((await environment.replication("node-5")).role).toBe("primary");
    await failover.heal(context(), ["node-1"], undefined);
    expect((await environment.replication("node-5")).role).toBe("primary");
    await failover.inject(context(), ["node-1"], { mode: "takeover" }); // a replica is the target: it takes over
    expect((await environment.replication("node-1")).role).toBe("primary");
  });

  it("rolling-restart: every process is a new one, and all is linked again", async () => {
    const ids = async () =>
      Promise.all(["node-2", "node-6"].map(async (name) => (await infoOf(environment, name)).get("run_id")));
    const before = await ids();
    await rollingRestart.inject(context(), ["node-2", "node-6"], { handOver: true, betweenMs: 0 });
    const after = await ids();
    for (const [index, id] of after.entries()) expect(id).not.toBe(before[index]);
    expect((await environment.replication("node-6")).role).toBe("primary");
    await allKeysAreThere();
  });

  it("move-slots: slots and keys are at the other shard; moved again it changes nothing", async () => {
    const before = await slotsOf("node-1");
    const options = moveSlotsFault.options.parse({ toShard: 2, slots: 40, how: "migrate" });
    const known = await moveSlotsFault.inject(context(), ["node-1"], options);
    expect(known).toMatchObject({ stopped: undefined, move: { from: "node-1", to: "node-6" } });
    expect(await slotsOf("node-1")).toBe(before - 40);
    await allKeysAreThere();
    await moveSlotsFault.heal(context(), ["node-1"], known);
    expect(await slotsOf("node-1")).toBe(before - 40);
    await expect(moveSlotsFault.inject(context(), ["node-1"], { ...options, toShard: 1 })).rejects.toThrow(
      "already",
    );
  });

  it("move-slots: a primary lost on the way leaves it half done, and healing finishes it", async () => {
    const before = await slotsOf("node-1");
    const options = moveSlotsFault.options.parse({ toShard: 2, slots: 60, how: "migrate", perSlotMs: 25 });
    const moving = moveSlotsFault.inject(context(), ["node-1"], options);
    await until("some slots to have moved", async () => (await slotsOf("node-1")) < before - 5 || "not yet");
    await kill.inject(context(), ["node-1"], {});
    const known = await moving;
    expect(known).toMatchObject({ stopped: expect.stringContaining("") });
    await until("node-5 to take over", async () => {
      const { role } = await environment.replication("node-5");
      return role === "primary" || role;
    });
    expect(await slotsOf("node-5")).toBeGreaterThan(before - 60);
    await kill.heal(context(), ["node-1"], undefined);
    await moveSlotsFault.heal(context(), ["node-1"], JSON.parse(JSON.stringify(known)));
    expect(await slotsOf("node-5")).toBe(before - 60);
    await allKeysAreThere();
  });

  it("move-slots: one that was broken off is finished by healing, with what was remembered when it began", async () => {
    const before = await slotsOf("node-5");
    const options = moveSlotsFault.options.parse({ toShard: 2, slots: 40, how: "migrate", perSlotMs: 25 });
    let known: unknown;
    const remembering = faultContext(environment, async (what) => {
      known = what;
    });
    const broken = new AbortController();
    const moving = moveSlotsFault.inject({ ...remembering, signal: broken.signal }, ["node-5"], options);
    const ended = expect(moving).rejects.toThrow("enough");
    await until("some slots to have moved", async () => (await slotsOf("node-5")) < before - 5 || "not yet");
    broken.abort(new Error("enough"));
    await ended;
    expect(await slotsOf("node-5")).toBeGreaterThan(before - 40);
    await moveSlotsFault.heal(context(), ["node-5"], JSON.parse(JSON.stringify(known)));
    expect(await slotsOf("node-5")).toBe(before - 40);
    await allKeysAreThere();
  });

  it("add-shard and remove-shard: the share goes to the empty shard, and back", async () => {
    const given = { how: "auto", perSlotMs: 0 } as const;
    await addShard.inject(context(), ["node-4"], { ...given, slots: 300 });
    expect(await slotsOf("node-4")).toBe(300);
    await allKeysAreThere();
    await expect(addShard.inject(context(), ["node-4"], given)).rejects.toThrow("has slots already");
    await removeShard.inject(context(), ["node-4"], given);
    await until(
      "node-4 to serve nothing",
      async () => (await slotsOf("node-4")) === 0 || `${await slotsOf("node-4")} slots`,
    );
    await allKeysAreThere();
  });
});
