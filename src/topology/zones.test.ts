import { describe, expect, it } from "vitest";
import { seededRandom } from "../base/random.ts";
import type { Plan } from "../model/plan.ts";
import { endpointsNeeded, makePlan } from "./registry.ts";
import { topologySpecSchema } from "./spec.ts";
import { tellingZones } from "./zones.ts";

function planOf(given: object): Plan {
  const spec = topologySpecSchema.parse(given);
  const endpoints = Array.from({ length: endpointsNeeded(spec).count }, (_, n) => ({
    host: "127.0.0.1",
    port: 20_000 + n,
    busPort: 30_000 + n,
  }));
  return makePlan(spec, endpoints, seededRandom(1));
}

const zones = ({ nodes }: Plan) => Object.fromEntries(nodes.map(({ name, zone }) => [name, zone]));

describe("zones", () => {
  it("of a list take the nodes in turn: no zone has two of a shard, nor most Sentinels", () => {
    expect(zones(planOf({ kind: "ha", zones: ["a", "b", "c"] }))).toEqual({
      primary: "a",
      "replica-1": "b",
      "replica-2": "c",
      "sentinel-1": "a",
      "sentinel-2": "b",
      "sentinel-3": "c",
    });
    expect(Object.values(zones(planOf({ kind: "cluster", zones: ["a", "b", "c"] })))).toEqual([
      ...["a", "b", "c"],
      ...["b", "c", "a"],
    ]);
  });

  it("with their nodes hold each node once", () => {
    const given = { a: ["primary", "sentinel-1"], b: ["replica-1"] };
    const ha = { kind: "ha", replicas: 1, sentinels: 1 };
    expect(zones(planOf({ ...ha, zones: given }))).toMatchObject({ "sentinel-1": "a", "replica-1": "b" });
    expect(planOf({ ...ha, zones: given, clientZone: "b" }).clientZone).toBe("b");
    const refused = (other: object) => () => planOf({ ...ha, ...other });
    expect(refused({ zones: { a: ["primary"], b: ["replica-1"] } })).toThrow("sentinel-1 is in no zone");
    expect(refused({ zones: { ...given, c: ["primary"] } })).toThrow("primary is in several zones: a, c");
    expect(refused({ zones: { ...given, c: ["replica-2"] } })).toThrow('there is no node "replica-2"');
    expect(refused({ zones: given, clientZone: "x" })).toThrow('there is no zone "x"');
    expect(refused({ clientZone: "a" })).toThrow('there is no zone "a"');
    expect(refused({ zones: ["a", "a"] })).toThrow("names a zone twice");
    expect(refused({ zones: ["a b"] })).toThrow("must be letters");
  });

  it("are told by data nodes whose servers know them", () => {
    const plan = tellingZones(planOf({ kind: "ha", zones: ["a", "b"] }), (node) => node !== "replica-1");
    const telling = plan.nodes.filter(({ files }) => files["node.conf"]?.includes("availability-zone"));
    expect(telling.map(({ name }) => name)).toEqual(["primary", "replica-2"]);
    expect(plan.nodes[0]?.files["node.conf"]).toMatch(/^availability-zone a$/m);
  });
});
