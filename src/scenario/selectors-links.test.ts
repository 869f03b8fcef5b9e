import { describe, expect, it } from "vitest";
import { seededRandom } from "../base/random.ts";
import { cut } from "../fault/cut.ts";
import { kill } from "../fault/kill.ts";
import { pause } from "../fault/pause.ts";
import { planOf, viewOf } from "./plans.test-data.ts";
import { checkLinkSelector, meansClients, selectLinks } from "./selectors-links.ts";
import { isNamed, linksNeeded, primariesAmong, shownTargets } from "./targets.ts";

const ha = planOf({ kind: "ha", replicas: 2, sentinels: 3 });
const cluster = planOf({ kind: "cluster", shards: 2, replicas: 1 });
const links = (text: string, plan = ha, view = viewOf(plan)) =>
  selectLinks(text, plan, view, seededRandom(1));
const both = (...pairs: string[]) =>
  pairs.flatMap((pair) => {
    const [a, b] = pair.split("<>");
    return [`${a}>${b}`, `${b}>${a}`];
  });

describe("a target of links", () => {
  it.each<[string, string[]]>([
    ["replica-1>primary", ["replica-1>primary"]],
    ["primary <> replica-1", both("primary<>replica-1")],
    ["primary>replicas", ["primary>replica-1", "primary>replica-2"]],
    ["primary<>sentinels", both("primary<>sentinel-1", "primary<>sentinel-2", "primary<>sentinel-3")],
    ["clients<>primary", both("clients<>primary")],
    ["clients>replicas", ["clients>replica-1", "clients>replica-2"]],
    ["sentinel-1<>sentinels", both("sentinel-1<>sentinel-2", "sentinel-1<>sentinel-3")],
    ["replica-1>primary, sentinel-1>primary", ["replica-1>primary", "sentinel-1>primary"]],
    ["primary>replica-1,primary<>replica-1", ["primary>replica-1", "replica-1>primary"]],
    [
      "primary",
      both(
        ...["primary<>replica-1", "primary<>replica-2"],
        ...["primary<>sentinel-1", "primary<>sentinel-2", "primary<>sentinel-3"],
      ),
    ],
    ["clients", ha.nodes.flatMap(({ name }) => both(`clients<>${name}`))],
  ])("%s is %j", (text, names) => {
    checkLinkSelector(text, ha);
    expect(links(text)).toEqual(names);
  });

  it("of Sentinels among themselves has each pair both ways, once", () => {
    expect(links("sentinels<>sentinels").sort()).toEqual(
      both("sentinel-1<>sentinel-2", "sentinel-1<>sentinel-3", "sentinel-2<>sentinel-3").sort(),
    );
  });

  it("that splits cuts across the sides only; who stands on both, or on none, is a bridge", () => {
    expect(links("primary,sentinel-1|replica-1,sentinel-2").sort()).toEqual(
      both(
        ...["primary<>replica-1", "primary<>sentinel-2"],
        ...["sentinel-1<>replica-1", "sentinel-1<>sentinel-2"],
      ).sort(),
    );
    expect(links("primary,sentinel-1|replica-1,sentinel-1").sort()).toEqual(
      both("primary<>replica-1").sort(),
    );
    expect(links("clients,primary|replica-1").sort()).toEqual(
      both("clients<>replica-1", "primary<>replica-1").sort(),
    );
    expect(links("primary|replica-1|replica-2")).toHaveLength(6);
  });

  it("follows the roles that nodes have now", () => {
    const view = viewOf(ha, { primary: { role: "replica" }, "replica-2": { role: "primary" } });
    expect(links("primary>replicas", ha, view)).toEqual(["replica-2>primary", "replica-2>replica-1"]);
    expect(() => links("primary>replicas", ha, viewOf(ha, { primary: { reachable: false } }))).toThrow(
      expect.objectContaining({ code: "NOT_READY" }),
    );
  });

  it("knows the selectors of a cluster", () => {
    expect(links("shard:1/primary<>shard:1/replicas", cluster)).toEqual(both("node-1<>node-3"));
    expect(links("owner-of:{a}>node-1", cluster)).toEqual(["node-2>node-1"]);
    expect(() => checkLinkSelector("sentinels", cluster)).toThrow("a cluster has no Sentinels");
  });

  it.each([
    ["", /means no links/],
    ["primary>", /means no links/],
    [">primary", /means no links/],
    ["a>b>c", /means no links/],
    ["primary,", /means no links/],
    ["replica<>replica", /both ends may be the same node/],
    ["primary<>primary", /both ends may be the same node/],
    ["primary|", /a side of a split is a list of nodes/],
    ["primary|replica-1<>sentinel-1", /a side of a split is a list of nodes/],
    ["primary<>replca-1", /Did you mean "replica-1"/],
    ["clients<>nobody", /no node or selector has that name/],
  ])("%j is refused", (text, why) => {
    expect(() => checkLinkSelector(text, ha)).toThrow(expect.objectContaining({ code: "BAD_USAGE" }));
    expect(() => checkLinkSelector(text, ha)).toThrow(why);
  });

  it("between a node and itself is no link", () => {
    expect(() => links("primary>primaries")).toThrow(expect.objectContaining({ code: "NOT_READY" }));
  });
});

describe("what a fault of links is aimed at", () => {
  it("needs the links of clients only where clients are named", () => {
    expect(meansClients("primary|replicas")).toBe(false);
    expect(linksNeeded(cut, ["primary", "sentinel-1<>sentinels"])).toEqual({ clients: false });
    expect(linksNeeded(cut, ["primary", "primary,clients|replicas"])).toEqual({ clients: true });
    expect(linksNeeded(kill, ["primary"])).toBeUndefined();
  });

  it("hits a primary that it parts from clients, or from as many as can declare it down", () => {
    const on = { plan: ha, view: viewOf(ha) };
    const hit = (text: string) => primariesAmong(cut, links(text), on);
    expect(hit("primary")).toEqual(["primary"]);
    expect(hit("primary>sentinels")).toEqual(["primary"]);
    expect(hit("primary,sentinel-1|replicas,sentinel-2,sentinel-3")).toEqual(["primary"]);
    expect(hit("clients>primary")).toEqual(["primary"]);
    expect(hit("primary<>replicas")).toEqual([]);
    expect(hit("primary<>sentinel-1")).toEqual([]);
    expect(hit("clients<>replicas")).toEqual([]);
    const eager = { ...ha, quorum: 1 };
    expect(primariesAmong(cut, ["primary>sentinel-1"], { ...on, plan: eager })).toEqual(["primary"]);
    expect(primariesAmong(pause, ["replica-1", "primary"], on)).toEqual(["primary"]);
  });

  it("in a cluster hits the primary of the minority, not those who see it go", () => {
    const three = planOf({ kind: "cluster", shards: 3, replicas: 1 });
    const on = { plan: three, view: viewOf(three) };
    const hit = (text: string) => primariesAmong(cut, links(text, three), on);
    expect(hit("node-1")).toEqual(["node-1"]);
    expect(hit("node-1<>node-2")).toEqual([]);
    expect(hit("clients<>node-3")).toEqual(["node-3"]);
    const two = { plan: cluster, view: viewOf(cluster) }; // of two, none is a majority
    expect(primariesAmong(cut, links("node-1", cluster), two)).toEqual(["node-1", "node-2"]);
    const one = planOf({ kind: "cluster", shards: 1, replicas: 2 });
    expect(primariesAmong(cut, links("node-1", one), { plan: one, view: viewOf(one) })).toEqual([]);
  });

  it("is shown with both ways as one, and named by a node, a link, or both ways", () => {
    expect(shownTargets(cut, ["a>b", "a>c", "b>a"])).toBe("a<>b, a>c");
    expect(shownTargets(kill, ["a", "b"])).toBe("a, b");
    const named = (target: string, name: string) => isNamed(cut, target, name);
    expect([named("a>b", "a"), named("a>b", "b"), named("a>b", "a>b"), named("a>b", "b<>a")]).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect([named("a>b", "c"), named("a>b", "b>a"), named("a>b", "a<>c")]).toEqual([false, false, false]);
    expect([isNamed(kill, "a", "a"), isNamed(kill, "a", "b")]).toEqual([true, false]);
  });
});
