import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Build, build } from "../../test/support/build.ts";
import { keyInRanges } from "../base/slots.ts";
import { LIBRARIES } from "../libraries/registry.ts";
import { targetOf } from "../session/client-target.ts";
import { type TestEnvironment, testEnvironment, until } from "../session/environment.test-data.ts";
import { parseCounters, parseInfo } from "../valkey/replies.ts";
import { type AppClient, type OpenOptions, POOL_CONNECTION, type ProfileName } from "./application.ts";
import type { ClientLibrary } from "./library.ts";
import { optionsOf } from "./profile-options.ts";

/* Every library on every topology that it supports, against real servers: all that an app client offers, then a dead primary. */

const KINDS = {
  ha: { kind: "ha", replicas: 1, downAfterMs: 2000 },
  cluster: { kind: "cluster", shards: 3, replicas: 1, nodeTimeoutMs: 2000 },
} as const;
const PROFILES: readonly ProfileName[] = ["default", "tuned"];
const PASSWORD = "secret";

describe.each(["ha", "cluster"] as const)("on %s", { timeout: 60_000 }, (kind) => {
  const supporting = [...LIBRARIES.values()].filter((library) => library.supports[kind] === true);
  const named = supporting.map((library): [string, ClientLibrary] => [library.name, library]);
  const profiled = named.flatMap(([name, library]) =>
    PROFILES.map((profile): [string, ProfileName, ClientLibrary] => [name, profile, library]),
  );
  const opened = new Map<string, AppClient>();
  let environment: TestEnvironment;
  /** In the slots of the first shard, whose primary will be killed. */
  let key: (name: string) => string;
  let primary: string;

  beforeAll(async () => {
    environment = await testEnvironment(KINDS[kind]);
    const [shard] = environment.topology.plan.shards;
    primary = shard?.primary ?? "primary";
    const tag = shard ? keyInRanges("k", shard.slots).replace(/^\{|\}.*$/g, "") : "k";
    key = (name) => `{${tag}}:${name}`;
  }, 60_000);
  afterAll(async () => {
    for (const appClient of opened.values()) await appClient.close();
    await environment?.close();
  });

  const open = (library: ClientLibrary, profile: ProfileName, own: Partial<OpenOptions> = {}) =>
    library.open({
      target: targetOf(environment.topology.plan),
      options: optionsOf(library.profiles[profile][kind].settings),
      listensForErrors: true,
      hooks: { connection: () => {}, error: () => {} },
      ...own,
    });
  const appClientOf = (name: string, profile: ProfileName) => {
    const appClient = opened.get(`${name} ${profile}`);
    if (!appClient) throw new Error(`${name} ${profile} could not be opened`);
    return appClient;
  };
  const dataNodes = () =>
    environment.topology.plan.nodes.filter(({ role }) => role !== "sentinel").map(({ name }) => name);
  const onAll = (...command: string[]) =>
    Promise.all(dataNodes().map((node) => environment.admins.of(node).call(command)));
  const countedAtReplicas = async (counter: string): Promise<number> => {
    const replicas = await environment.nodesOf("replica");
    const counts = await Promise.all(
      replicas.map(async (node) =>
        parseCounters(await environment.admins.of(node).call(["INFO", "commandstats"])),
      ),
    );
    return counts.reduce((sum, each) => sum + (each[counter] ?? 0), 0);
  };

  it.each(profiled)("%s (%s) connects, and calls", async (name, profile, library) => {
    const appClient = await open(library, profile);
    opened.set(`${name} ${profile}`, appClient);
    const list = key(`list:${name}:${profile}`);
    expect(await appClient.call(["RPUSH", list, "a"])).toBe(1);
    expect(await appClient.call(["RPUSH", list, "ü"])).toBe(2);
    expect(await appClient.call(["LRANGE", list, "0", "-1"])).toEqual(["a", "ü"]);
    expect(await appClient.call(["GET", key("none")])).toBeNull();
    expect(await appClient.call(["SET", key("text"), "x"])).toBe("OK");
    await expect(appClient.call(["LPUSH", key("text"), "1"])).rejects.toThrow(/WRONGTYPE/);
  });

  it.each(profiled)("%s (%s) reads from a replica, by that server's own count", async (name, profile) => {
    const appClient = appClientOf(name, profile);
    const list = key(`list:${name}:${profile}`);
    const before = await countedAtReplicas("cmdstat_llen");
    await until("a read at a replica", async () => {
      const length = await appClient.readReplica?.(["LLEN", list]);
      const counted = (await countedAtReplicas("cmdstat_llen")) - before;
      return (length === 2 && counted > 0) || `${length}, ${counted} at replicas`;
    });
  });

  it.each(profiled)("%s (%s) pipelines and does transactions", async (name, profile) => {
    const appClient = appClientOf(name, profile);
    const list = key(`queue:${name}:${profile}`);
    const bad = ["LPUSH", key("text"), "1"];
    const push = (element: string) => ["RPUSH", list, element];
    expect(await appClient.pipeline?.([push("a"), push("b")])).toEqual([1, 2]);
    // What failed is told in its place, or the whole is rejected: what came after it is done in either case.
    const replies = await appClient.pipeline?.([bad, push("c")])?.catch((error: unknown) => [error, 3]);
    expect(replies).toEqual([expect.any(Error), 3]);
    expect(String(replies?.[0])).toMatch(/WRONGTYPE/);
    expect(await appClient.transaction?.([push("d"), ["LLEN", list]])).toEqual([4, 4]);
  });

  it("each waits for an element, for longer than it tolerates silence", async () => {
    const waits = async (name: string, profile: ProfileName, begun: () => Promise<unknown>) => {
      const appClient = appClientOf(name, profile);
      const jobs = key(`jobs:${name}:${profile}`);
      expect(await appClient.blockingPop?.(jobs, 1)).toBeNull();
      const popped = appClient.blockingPop?.(jobs, 5);
      await begun();
      await appClient.call(["RPUSH", jobs, "job"]);
      expect(await popped, `${name} (${profile})`).toBe("job");
      expect(await appClient.blockingPop?.(jobs, 3), `${name} (${profile})`).toBeNull(); // longer than `socketTimeout`
    };
    let blocked: Promise<unknown> | undefined;
    const allBlock = () => {
      blocked ??= until("all pops to block", async () => {
        const info = parseInfo(await environment.admins.of(primary).call(["INFO", "clients"]));
        const now = info.get("blocked_clients");
        return now === String(profiled.length) || `${now} of ${profiled.length} blocked`;
      });
      return blocked;
    };
    await Promise.all(profiled.map(([name, profile]) => waits(name, profile, allBlock)));
  });

  it.each(profiled)("%s (%s) hears what is published", async (name, profile) => {
    const appClient = appClientOf(name, profile);
    const channel = key(`channel:${name}:${profile}`);
    const heard: string[] = [];
    await appClient.subscribe?.(channel, (message) => heard.push(message));
    await appClient.call(["PUBLISH", channel, "hello"]);
    await until("the message", async () => heard.includes("hello") || heard.join(", "));
    expect(heard).toEqual(["hello"]);
  });

  it.each(profiled)("%s (%s) runs a script, also where it was forgotten", async (name, profile) => {
    const appClient = appClientOf(name, profile);
    const source = "return redis.call('INCRBY', KEYS[1], ARGV[1])";
    const counter = key(`counter:${name}:${profile}`);
    expect(await appClient.script?.(source, [counter], ["2"])).toBe(2);
    await onAll("SCRIPT", "FLUSH");
    expect(await appClient.script?.(source, [counter], ["3"])).toBe(5);
  });

  it.each(profiled)(
    "%s (%s) has a pool, or clients side by side, all of which serve",
    async (name, profile) => {
      const pool = await appClientOf(name, profile).pool?.(3);
      expect(pool?.how).toMatch(
        name === "node-redis" && kind === "ha" ? /masterPoolSize/ : /none of its own/,
      );
      const list = key(`pool:${name}:${profile}`);
      const used = await Promise.all(["a", "b", "c"].map((element) => pool?.use(["RPUSH", list, element])));
      expect(new Set(used).size).toBe(3);
      const clients = String(await environment.admins.of(primary).call(["CLIENT", "LIST"])).split("\n");
      expect(clients.filter((line) => line.includes(POOL_CONNECTION)).length).toBeGreaterThanOrEqual(3);
      expect(await appClientOf(name, profile).call(["LLEN", list])).toBe(3);
    },
  );

  it("every library gives the password that it is given", async () => {
    try {
      await onAll("CONFIG", "SET", "requirepass", PASSWORD);
      for (const [name, library] of named) {
        const appClient = await open(library, "tuned", { password: PASSWORD });
        expect(await appClient.call(["SET", key(`auth:${name}`), "1"])).toBe("OK");
        await appClient.close();
      }
    } finally {
      await onAll("CONFIG", "SET", "requirepass", "");
    }
  });

  describe("a process that has closed its client", () => {
    let program: Build;
    beforeAll(() => {
      program = build(["libraries/registry", "libraries/profile-options"]);
    }, 60_000);
    afterAll(() => program?.remove());

    it.each(profiled)("ends by itself: %s (%s)", async (name, profile) => {
      const path = program.script(
        `${name}-${profile}.mjs`,
        `import { LIBRARIES } from ${JSON.stringify(program.module("libraries/registry"))};
import { optionsOf } from ${JSON.stringify(program.module("libraries/profile-options"))};
         const [target, key] = JSON.parse(process.argv[2]);
         const library = [...LIBRARIES.values()].find(({ name }) => name === ${JSON.stringify(name)});
         const { settings } = library.profiles[${JSON.stringify(profile)}][target.kind];
         const hooks = { connection: () => {}, error: () => {} };
         const appClient = await library.open({ target, options: optionsOf(settings), listensForErrors: true, hooks });
         await appClient.call(["RPUSH", key, "a"]);
         await appClient.readReplica(["LLEN", key]);
         await appClient.blockingPop(key, 1);
         await appClient.subscribe(key, () => {});
         await appClient.script("return 1", [key], []);
         await (await appClient.pool(2)).use(["RPUSH", key, "b"]);
         await appClient.close();
         setTimeout(() => process.exit(9), 5000).unref();`,
      );
      const argument = JSON.stringify([targetOf(environment.topology.plan), key(`exit:${name}:${profile}`)]);
      const run = promisify(execFile)(process.execPath, [path, argument], {
        timeout: 30_000,
        killSignal: "SIGKILL",
      });
      await expect(run).resolves.toMatchObject({ stderr: "" });
    });
  });

  it("after the death of the primary every library writes again, by itself", async () => {
    await environment.topology.kill(primary);
    await Promise.all(
      profiled.map(([name, profile]) =>
        until(`${name} (${profile}) to write`, async () => {
          const write = appClientOf(name, profile).call(["SET", key(`again:${name}:${profile}`), "1"]);
          return await Promise.race([write.then((reply) => reply === "OK", String), later(2000)]);
        }),
      ),
    );
  });
});

/** Some libraries hold a call until they are connected again: then another one is tried. */
const later = (ms: number) => new Promise<string>((resolve) => setTimeout(resolve, ms, "no answer yet"));
