import { describe, expect, it } from "vitest";
import { seededRandom } from "../base/random.ts";
import { cut } from "../fault/cut.ts";
import { planOf, viewOf } from "./plans.test-data.ts";
import { checkSelector, select, sentinelsNamed } from "./selectors.ts";
import { checkLinkSelector, selectLinks } from "./selectors-links.ts";
import { linksNeeded } from "./targets.ts";

const HA = { kind: "ha", replicas: 1, sentinels: 2, zones: ["a", "b"] };
const ha = planOf(HA); // a: primary, sentinel-1; b: replica-1, sentinel-2
const nodes = (text: string, view = viewOf(ha)) => select(text, ha, view, seededRandom(1));
const links = (text: string, plan = ha) => {
  checkLinkSelector(text, plan);
  return selectLinks(text, plan, viewOf(plan), seededRandom(1)).sort();
};

describe("a zone", () => {
  it("means all its nodes, or those that have a role now", () => {
    expect(nodes("zone:a")).toEqual(["primary", "sentinel-1"]);
    expect(nodes("zone:a/primaries")).toEqual(["primary"]);
    expect(nodes("zone:b/sentinels")).toEqual(["sentinel-2"]);
    const swapped = viewOf(ha, { primary: { role: "replica" }, "replica-1": { role: "primary" } });
    expect(nodes("zone:a/replicas", swapped)).toEqual(["primary"]);
    expect(() => nodes("zone:b/primaries")).toThrow("no node is");
    expect(sentinelsNamed(["zone:a"], ha)).toEqual(["sentinel-1"]);
    expect(sentinelsNamed(["zone:a/replicas"], ha)).toEqual([]);
  });

  it("is refused where there is none of that name", () => {
    expect(() => checkSelector("zone:c", ha)).toThrow("there are the zones a, b");
    expect(() => checkSelector("zone:a", planOf({ kind: "ha" }))).toThrow("topology.zones gives them");
    expect(() => checkSelector("zone:a/primary", ha)).toThrow("no node or selector has that name");
    const cluster = planOf({ kind: "cluster", zones: ["a", "b"] });
    expect(() => checkSelector("zone:a/sentinels", cluster)).toThrow("a cluster has no Sentinels");
  });

  it("as a target of links is cut off at its edge, and hears itself", () => {
    const edge = [
      "primary<>replica-1",
      "primary<>sentinel-2",
      "sentinel-1<>replica-1",
      "sentinel-1<>sentinel-2",
    ];
    const both = (pairs: string[]) =>
      pairs.flatMap((pair) => [pair.replace("<>", ">"), pair.split("<>").reverse().join(">")]).sort();
    expect(links("zone:a")).toEqual(both(edge));
    expect(links("zone:a<>zone:b")).toEqual(both(edge));
    expect(links("zone:a", planOf({ ...HA, clientZone: "a" }))).toEqual(
      both([...edge, "clients<>replica-1", "clients<>sentinel-2"]),
    );
    expect(links("zone:a", planOf({ ...HA, clientZone: "b" }))).toEqual(
      both([...edge, "clients<>primary", "clients<>sentinel-1"]),
    );
  });

  it("needs links of clients, who may be in it", () => {
    expect(linksNeeded(cut, ["zone:a"])).toEqual({ clients: true });
  });
});
