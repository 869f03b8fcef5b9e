import { afterEach, describe, expect, it } from "vitest";
import { command } from "../../test/support/resp.ts";
import { testDriver } from "../../test/support/server.ts";
import { nodeOf } from "../driver/driver.ts";
import {
  faultContext,
  type TestEnvironment,
  testEnvironment,
  until,
} from "../session/environment.test-data.ts";
import { kill } from "./kill.ts";
import { readdress } from "./readdress.ts";

/* A node that moves has two addresses, and only one at a time. What others know of it is asked of them. */

const driver = await testDriver();
const MOVABLE = { clients: true, ownAddresses: true };
const HA = { kind: "ha", replicas: 2, sentinels: 1, downAfterMs: 500 };

let environment: TestEnvironment | undefined;
afterEach(async () => {
  await environment?.close();
  environment = undefined;
});

async function start(spec: object): Promise<TestEnvironment> {
  environment = await testEnvironment(spec, { links: MOVABLE });
  return environment;
}

const inject = (on: TestEnvironment, targets: readonly string[], options: object = {}) =>
  readdress.inject(faultContext(on), targets, readdress.options.parse(options));
const hostsOf = ({ topology }: TestEnvironment, node: string) => {
  const { announced, fabric } = nodeOf(topology.plan, node).endpoint;
  return { first: announced?.host ?? "", other: fabric?.spare?.host ?? "" };
};
const isOpen = (on: TestEnvironment, node: string, host: string) => {
  const { port } = nodeOf(on.topology.plan, node).endpoint;
  return command({ host, port }, ["PING"]).then(
    () => true,
    () => false,
  );
};

async function untilPrimaryTold(on: TestEnvironment, isIt: (host: string) => boolean): Promise<string> {
  let told = "";
  await until("the Sentinel to name it", async () => {
    const ask = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", "drill"];
    [told = ""] = (await on.admins.of("sentinel-1").call(ask)) as string[];
    return isIt(told) || told;
  });
  return told;
}

async function untilLinked(on: TestEnvironment, node: string, up: boolean): Promise<void> {
  await until(`the link of ${node} to be ${up ? "up" : "down"}`, async () => {
    const { linkUp, primaryAt } = await on.replication(node);
    return linkUp === up || `${primaryAt?.host}, up: ${linkUp}`;
  });
}

describe.runIf(driver.capabilities.has("own-addresses"))("readdress", { timeout: 90_000 }, () => {
  it("a replica is at the other address alone, where its primary lists it; once more, and it is back", async () => {
    const on = await start(HA);
    const { first, other } = hostsOf(on, "replica-1");
    for (const [now, before] of [
      [other, first],
      [first, other],
    ] as const) {
      const known = await inject(on, ["replica-1"]);
      expect([await isOpen(on, "replica-1", now), await isOpen(on, "replica-1", before)]).toEqual([
        true,
        false,
      ]);
      await until("the primary to list it there", async () => {
        const said = String(await on.admins.of("primary").call(["INFO", "replication"]));
        return (said.includes(`ip=${now},`) && !said.includes(`ip=${before},`)) || said;
      });
      await readdress.heal(faultContext(on), ["replica-1"], known); // there is nothing to heal
      expect(await isOpen(on, "replica-1", now)).toBe(true);
    }
    await inject(on, ["replica-1"]);
    await on.topology.renew?.(); // an environment that begins anew
    expect([await isOpen(on, "replica-1", first), await isOpen(on, "replica-1", other)]).toEqual([
      true,
      false,
    ]);
  });

  it("a primary that was replaced asks the Sentinel, and follows the new one; or does not", async () => {
    const on = await start(HA);
    const { first, other } = hostsOf(on, "primary");
    await kill.inject(faultContext(on), ["primary"], {});
    const promoted = await untilPrimaryTold(on, (host) => host !== first);
    await inject(on, ["primary"], { asksSentinel: false });
    expect((await on.replication("primary")).role).toBe("primary"); // nobody told it
    await inject(on, ["primary"]);
    expect((await on.replication("primary")).primaryAt?.host).toBe(promoted);
    await untilLinked(on, "primary", true);
    expect([await isOpen(on, "primary", first), await isOpen(on, "primary", other)]).toEqual([true, false]);
  });

  it("a node of a cluster tells the others where it is", async () => {
    const on = await start({ kind: "cluster", shards: 2, replicas: 1, hostnames: true });
    const { other } = hostsOf(on, "node-3");
    await inject(on, ["node-3"], { graceful: true });
    for (const node of ["node-1", "node-2", "node-4"])
      await until(`${node} to know it there`, async () => {
        const said = String(await on.admins.of(node).call(["CLUSTER", "NODES"]));
        return new RegExp(` ${other}:\\d+@\\d+,node-3\\.drill\\.test`).test(said) || said;
      });
  });

  it.runIf(driver.capabilities.has("resolve-names"))(
    "a name leads there, or still to where it was",
    async () => {
      const on = await start({ ...HA, downAfterMs: 60_000, hostnames: true });
      await inject(on, ["primary"], { names: "follow" });
      await untilLinked(on, "replica-1", true);
      expect((await on.replication("replica-1")).primaryAt?.host).toBe("primary.drill.test");
      expect(await isOpen(on, "primary", hostsOf(on, "primary").other)).toBe(true);

      await inject(on, ["primary"], { names: "stale" });
      await untilLinked(on, "replica-1", false);
      await until("it to have tried again, in vain", async () => {
        const said = String(await on.admins.of("replica-1").call(["INFO", "replication"]));
        const seconds = Number(/link_down_since_seconds:(\d+)/.exec(said)?.[1]);
        return (seconds >= 3 && said.includes("master_link_status:down")) || said;
      });
      await inject(on, ["primary"], { names: "stale" }); // back to where the name led all the time
      await untilLinked(on, "replica-1", true);
    },
  );
});

it("names: stale is refused where nodes have no names", () => {
  const node = (hostname?: string) => ({ endpoint: { host: "127.0.0.1", port: 1, hostname } });
  const lacking = (nodes: object[], options: object) =>
    readdress.lackingOf?.({ nodes } as never, readdress.options.parse(options));
  expect(lacking([node()], { names: "stale" })).toContain("topology.hostnames");
  expect(lacking([node()], {})).toBeUndefined();
  expect(lacking([node("a.drill.test")], { names: "stale" })).toBeUndefined();
});
