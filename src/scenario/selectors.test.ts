import { describe, expect, it } from "vitest";
import { seededRandom } from "../base/random.ts";
import { planOf, viewOf } from "./plans.test-data.ts";
import { checkSelector, SELECTORS, select } from "./selectors.ts";

const HA = planOf({ kind: "ha", replicas: 3 });
const CLUSTER = planOf({ kind: "cluster", shards: 3, replicas: 2 });
const random = () => seededRandom(1);
const inHa = (selector: string, changes = {}, seed = 1) =>
  select(selector, HA, viewOf(HA, changes), seededRandom(seed));
const inCluster = (selector: string, changes = {}) =>
  select(selector, CLUSTER, viewOf(CLUSTER, changes), random());

/** After a failover: replica-2 is the primary, the old one is its replica. */
const SWAPPED = {
  primary: { role: "replica", follows: "replica-2" },
  "replica-2": { role: "primary", follows: undefined },
};

describe("select in HA", () => {
  it.each([
    ["primary", ["primary"]],
    ["primaries", ["primary"]],
    ["replicas", ["replica-1", "replica-2", "replica-3"]],
    ["sentinels", ["sentinel-1", "sentinel-2", "sentinel-3"]],
    ["replica-2", ["replica-2"]],
    ["sentinel-3", ["sentinel-3"]],
    ["owner-of:any", ["primary"]],
  ])("%s is %j", (selector, names) => {
    expect(inHa(selector)).toEqual(names);
  });

  it("means the roles that the nodes have now, not those they were planned for", () => {
    expect(inHa("primary", SWAPPED)).toEqual(["replica-2"]);
    expect(inHa("replicas", SWAPPED)).toEqual(["primary", "replica-1", "replica-3"]);
    expect(inHa("owner-of:k", SWAPPED)).toEqual(["replica-2"]);
    expect(inHa("replica-2", SWAPPED)).toEqual(["replica-2"]); // a name stays a name
  });

  it("primary is the one that replicas follow, where another calls itself primary as well", () => {
    const detached = {
      primary: { onlineReplicas: 2 },
      "replica-1": { role: "primary", follows: undefined },
    };
    for (let seed = 1; seed < 20; seed += 1) expect(inHa("primary", detached, seed)).toEqual(["primary"]);
    expect(inHa("primaries", detached)).toEqual(["primary", "replica-1"]);
  });

  it.each(["replica", "sentinel"])("%s is one of them, by the seed", (selector) => {
    const chosen = Array.from({ length: 30 }, (_, seed) => inHa(selector, {}, seed));
    for (const names of chosen) expect(names).toHaveLength(1);
    expect(new Set(chosen.flat()).size).toBe(3);
    expect(inHa(selector, {}, 5)).toEqual(inHa(selector, {}, 5));
  });

  it("passes over nodes that do not answer, and says so if none is left", () => {
    const gone = { reachable: false };
    expect(inHa("replicas", { "replica-1": gone })).toEqual(["replica-2", "replica-3"]);
    expect(() => inHa("primary", { primary: gone })).toThrow('no node is "primary" at this time');
    expect(inHa("replica-1", { "replica-1": gone })).toEqual(["replica-1"]);
  });
});

describe("select in a cluster", () => {
  it.each([
    ["primaries", ["node-1", "node-2", "node-3"]],
    ["replicas", ["node-4", "node-5", "node-6", "node-7", "node-8", "node-9"]],
    ["shard:2/primary", ["node-2"]],
    ["shard:2/replicas", ["node-5", "node-8"]],
    ["owner-of:b", ["node-1"]], // slot 3300
    ["owner-of:{a}:anything", ["node-3"]], // slot 15495
    ["node-9", ["node-9"]],
  ])("%s is %j", (selector, names) => {
    expect(inCluster(selector)).toEqual(names);
  });

  it("shard:N/replica is one of the shard's", () => {
    const one = inCluster("shard:3/replica");
    expect(one).toHaveLength(1);
    expect(["node-6", "node-9"]).toEqual(expect.arrayContaining(one));
  });

  it("follows a shard through a failover", () => {
    const slots = CLUSTER.shards[0]?.slots;
    const swapped = {
      "node-1": { role: "replica", follows: "node-4", slots: [] },
      "node-4": { role: "primary", follows: undefined, slots },
      "node-7": { follows: "node-4" },
    };
    expect(inCluster("shard:1/primary", swapped)).toEqual(["node-4"]);
    expect(inCluster("shard:1/replicas", swapped)).toEqual(["node-1", "node-7"]);
    expect(inCluster("owner-of:b", swapped)).toEqual(["node-4"]);
  });

  it("does not take a primary without slots for one", () => {
    expect(inCluster("primaries", { "node-2": { slots: [] } })).toEqual(["node-1", "node-3"]);
  });
});

describe("checkSelector", () => {
  it.each<[plan: "HA" | "cluster", selector: string, why: RegExp]>([
    ["HA", "shard:1/primary", /an HA topology has no shards/],
    ["HA", "node-1", /no node or selector has that name/],
    ["HA", "replica-9", /no node or selector has that name. Did you mean "replica-/],
    ["HA", "primry", /Did you mean "primary"\?/],
    ["HA", "", /selects nothing/],
    ["HA", "owner-of:", /selects nothing/],
    ["cluster", "primary", /a cluster has several primaries/],
    ["cluster", "sentinel", /a cluster has no Sentinels/],
    ["cluster", "sentinels", /a cluster has no Sentinels/],
    ["cluster", "shard:0/primary", /there are shards 1 to 3/],
    ["cluster", "shard:4/replicas", /there are shards 1 to 3/],
    ["cluster", "shard:1/primaries", /selects nothing/],
    ["cluster", "shard:x/primary", /selects nothing/],
  ])("in %s refuses %j", (kind, selector, why) => {
    const plan = kind === "HA" ? HA : CLUSTER;
    expect(() => checkSelector(selector, plan)).toThrow(why);
    expect(() => select(selector, plan, viewOf(plan), random())).toThrow(why);
  });

  it("refuses with the forms that there are and the nodes of the plan", () => {
    expect(() => checkSelector("x", HA)).toThrow(
      expect.objectContaining({
        code: "BAD_USAGE",
        hint: expect.stringMatching(/shard:N\/primary.*Nodes: primary, replica-1/s),
      }),
    );
  });

  it("lets pass every form that the help lists", () => {
    const forms = Object.keys(SELECTORS).map((form) =>
      form
        .replace("zone:NAME", "zone:b")
        .replace("shard:N", "shard:1")
        .replace("KEY", "k")
        .replace("NAME", "node-2"),
    );
    for (const form of forms) {
      const plan = /^sentinel|^primary$/.test(form) ? HA : planOf({ kind: "cluster", zones: ["a", "b"] });
      expect(() => checkSelector(form, plan)).not.toThrow();
    }
  });
});
