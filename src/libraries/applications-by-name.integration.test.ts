import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LIBRARIES } from "../libraries/registry.ts";
import { type TestEnvironment, testEnvironment, until } from "../session/environment.test-data.ts";
import type { ProfileName } from "./application.ts";
import type { ClientLibrary } from "./library.ts";
import { optionsOf } from "./profile-options.ts";

/* Every library that can be told one address of the primary, against a real one: all that such an app client offers. */

const supporting = [...LIBRARIES.values()].filter(({ supports }) => supports.dns === true);
const profiled = supporting.flatMap((library) =>
  (["default", "tuned"] as const).map((profile): [string, ProfileName, ClientLibrary] => [
    library.name,
    profile,
    library,
  ]),
);
const SOURCE = "return redis.call('INCRBY', KEYS[1], ARGV[1])";

describe("an app client that knows one address", { timeout: 60_000 }, () => {
  let environment: TestEnvironment;
  beforeAll(async () => {
    environment = await testEnvironment({ kind: "ha", replicas: 1, sentinels: 1 });
  }, 60_000);
  afterAll(() => environment?.close());

  it.each(profiled)("%s (%s) does all that it offers", async (name, profile, library) => {
    const primary = environment.topology.plan.nodes[0]?.endpoint;
    const appClient = await library.open({
      target: { kind: "dns", host: primary?.host ?? "", port: primary?.port ?? 0 },
      options: optionsOf(library.profiles[profile].dns.settings),
      listensForErrors: true,
      hooks: { connection: () => {}, error: () => {} },
    });
    const key = (use: string) => `${use}:${name}:${profile}`;
    try {
      expect(await appClient.call(["RPUSH", key("list"), "ü"])).toBe(1);
      expect(await appClient.call(["LRANGE", key("list"), "0", "-1"])).toEqual(["ü"]);
      const push = (element: string) => ["RPUSH", key("queue"), element];
      expect(await appClient.pipeline?.([push("a"), push("b")])).toEqual([1, 2]);
      expect(await appClient.transaction?.([push("c"), ["LLEN", key("queue")]])).toEqual([3, 3]);
      expect(await appClient.script?.(SOURCE, [key("counter")], ["2"])).toBe(2);
      const popped = appClient.blockingPop?.(key("jobs"), 5);
      await appClient.call(["RPUSH", key("jobs"), "job"]);
      expect(await popped).toBe("job");
      const heard: string[] = [];
      await appClient.subscribe?.(key("channel"), (message) => heard.push(message));
      await appClient.call(["PUBLISH", key("channel"), "hello"]);
      await until("the message", async () => heard.includes("hello") || heard.join(", "));
      const pool = await appClient.pool?.(3);
      expect(pool?.how).toMatch(name === "node-redis" ? /createClientPool/ : /none of its own/);
      const used = await Promise.all(["a", "b", "c"].map((one) => pool?.use(["RPUSH", key("pool"), one])));
      expect(new Set(used).size).toBe(3);
      expect(appClient.readReplica).toBeUndefined(); // it knows of none
    } finally {
      await appClient.close();
    }
  });
});
