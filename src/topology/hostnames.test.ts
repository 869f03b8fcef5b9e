import { describe, expect, it } from "vitest";
import { seededRandom } from "../base/random.ts";
import { namesIn, natMapOf, nodeAt } from "../model/addresses.ts";
import type { Endpoint, Plan } from "../model/plan.ts";
import { readConfig } from "./config-file.ts";
import { endpointsNeeded, makePlan } from "./registry.ts";
import { topologySpecSchema } from "./spec.ts";
import { withServerConfig } from "./with-config.ts";

const PLACES = (n: number): Endpoint => ({ host: "127.0.0.1", port: 20_000 + n, busPort: 30_000 + n });

function planOf(given: object, place = PLACES): Plan {
  const spec = topologySpecSchema.parse(given);
  const endpoints = Array.from({ length: endpointsNeeded(spec).count }, (_, n) => place(n));
  return makePlan(spec, endpoints, seededRandom(1));
}

const names = ({ nodes }: Plan) => nodes.map(({ endpoint }) => endpoint.hostname);
const refusals = (given: object) =>
  topologySpecSchema
    .safeParse(given)
    .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
const file = { folder: "/", resolve: (_: string, path: string) => path, dirname: () => "/", shown: String };

describe("names of nodes", () => {
  it("are NODE.drill.test, or of the domain that was given", () => {
    const ha = planOf({ kind: "ha", replicas: 1, sentinels: 1, hostnames: true });
    expect(names(ha)).toEqual(["primary.drill.test", "replica-1.drill.test", "sentinel-1.drill.test"]);
    expect(names(planOf({ kind: "cluster", shards: 1, hostnames: "db.example.org" }))).toEqual([
      "node-1.db.example.org",
      "node-2.db.example.org",
    ]);
    expect(names(planOf({ kind: "cluster", shards: 1 }))).toEqual([undefined, undefined]);
    expect(names(planOf({ kind: "cluster", shards: 1, hostnames: false }))).toEqual([undefined, undefined]);
  });

  it("stand in HA wherever nodes tell of each other, and Sentinels resolve them", () => {
    const { nodes } = planOf({ kind: "ha", replicas: 1, sentinels: 2, hostnames: true });
    const [primary = "", replica = "", sentinel = ""] = nodes.map(({ files }) => files["node.conf"]);
    expect(primary).toContain("replica-announce-ip primary.drill.test");
    expect(replica).toContain("replicaof primary.drill.test 20000");
    for (const line of [
      "resolve-hostnames yes",
      "announce-hostnames yes",
      "announce-ip sentinel-1.drill.test",
      "monitor drill primary.drill.test 20000 2",
      "known-replica drill replica-1.drill.test 20001",
      "known-sentinel drill sentinel-2.drill.test 20003",
    ])
      expect(sentinel).toContain(`sentinel ${line}`);
  });

  it("are told by nodes of a cluster to clients alone, and known to all from the start", () => {
    const plan = planOf({ kind: "cluster", shards: 1, hostnames: true });
    const [{ files = {} } = {}] = plan.nodes;
    expect(files["node.conf"]).toContain("cluster-announce-hostname node-1.drill.test");
    expect(files["node.conf"]).toContain("cluster-preferred-endpoint-type hostname");
    expect(files["nodes.conf"]).toContain("127.0.0.1:20001@30001,node-2.drill.test,shard-id=");
    expect(namesIn(plan).size).toBe(0);
  });

  it("lead clients and the drill to the nodes", () => {
    const plan = planOf({ kind: "cluster", shards: 1, hostnames: true });
    expect(natMapOf(plan)?.["node-2.drill.test:20001"]).toEqual({ host: "127.0.0.1", port: 20_001 });
    expect(nodeAt(plan, "node-2.drill.test", 20_001)?.name).toBe("node-2");
    expect(nodeAt(plan, "node-2.drill.test", 20_000)).toBeUndefined();
    expect([...namesIn(planOf({ kind: "ha", hostnames: true }))]).toContainEqual([
      "replica-2.drill.test",
      "127.0.0.1",
    ]);
  });

  it("may be one for all nodes, as their ports differ", () => {
    const config = {
      "cluster-announce-hostname": "node.example.org",
      "cluster-preferred-endpoint-type": "hostname",
    };
    const plan = planOf({ kind: "cluster", shards: 1, config });
    expect(names(plan)).toEqual(["node.example.org", "node.example.org"]);
    expect(Object.keys(natMapOf(plan) ?? {})).toEqual(["node.example.org:20000", "node.example.org:20001"]);
    const onePort = (n: number): Endpoint => ({ host: `127.0.1.${n + 1}`, port: 20_000, busPort: 30_000 });
    expect(() => planOf({ kind: "cluster", shards: 1, config }, onePort)).toThrow(
      "several nodes would be node.example.org:20000",
    );
  });

  it("are given where clients are to be told of names and there are none", async () => {
    const told = { "cluster-preferred-endpoint-type": "hostname" };
    expect(names(planOf({ kind: "cluster", shards: 1, config: told }))[0]).toBe("node-1.drill.test");
    const text = "cluster-announce-hostname pod-7.prod\nCLUSTER-preferred-endpoint-type 'hostname'\n";
    const read = await readConfig("valkey.conf", {
      ...file,
      read: async () => text,
      matching: async () => [],
    });
    const spec = withServerConfig(topologySpecSchema.parse({ kind: "cluster", shards: 1 }), read);
    const plan = makePlan(spec, [PLACES(0), PLACES(1)], seededRandom(1));
    expect(names(plan)).toEqual(["node-1.drill.test", "node-2.drill.test"]);
    expect(spec.origin?.replaced).toMatchObject([{ text: "cluster-announce-hostname pod-7.prod" }]);
  });
});

describe("what could not work is refused", () => {
  it.each([
    [{ kind: "ha", hostnames: "-bad-.example" }, "hostnames: must be true, false or a domain"],
    [{ kind: "ha", hostnames: true, sentinelConfig: { "resolve-hostnames": "no" } }, "must resolve names"],
    [
      { kind: "ha", config: { "replica-announce-ip": "db.example.org" } },
      "`hostnames` gives the nodes names",
    ],
    [{ kind: "ha", config: { "slave-announce-port": 1 } }, "config.slave-announce-port: cannot be set"],
    [{ kind: "ha", config: { port: 7000 } }, "config.port: cannot be set"],
    [{ kind: "cluster", config: { "cluster-announce-ip": "10.0.0.1" } }, "cannot be set"],
  ])("%j", (given, message) => {
    expect(refusals(given)?.join("\n")).toContain(message);
  });

  it("unknown-endpoint, where nodes have addresses of their own", () => {
    const given = {
      kind: "cluster",
      shards: 1,
      config: { "cluster-preferred-endpoint-type": "unknown-endpoint" },
    };
    expect(names(planOf(given))).toEqual([undefined, undefined]);
    const own = (n: number): Endpoint => ({ ...PLACES(n), host: `127.0.1.${n + 1}` });
    expect(() => planOf(given, own)).toThrow("each node has an address of its own");
  });
});
