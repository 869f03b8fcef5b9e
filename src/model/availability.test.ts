import { describe, expect, it } from "vitest";
import { availability, type Place, type Requirements, requireAvailable } from "./availability.ts";
import type { Capability } from "./capabilities.ts";
import type { ClientAbilities } from "./client-abilities.ts";

const driver = (...capabilities: Capability[]) => ({
  capable: { capabilities: new Set(capabilities), lacks: (one: Capability) => `install ${one}` },
  name: "process driver",
});
const fussy: Requirements = {
  topologies: ["cluster"],
  unsupportedOn: (options) => ((options as { hard: boolean }).hard ? "hard: not here" : undefined),
  needs: ["pause", "cut-links"],
  dataNodesOnly: true,
};
const sentinel = { name: "sentinel-1", role: "sentinel" } as const;
const primary = { name: "node-1", role: "primary" } as const;

describe("where something can be used", () => {
  it.each<[what: string, place: Place, code: string, reason: string]>([
    ["the topology", { topology: "ha" }, "BAD_USAGE", "fussy is for cluster, not for ha"],
    ["an option", { topology: "cluster", options: { hard: true } }, "BAD_USAGE", "fussy: hard: not here"],
    [
      "a capability",
      { on: driver("pause") },
      "LACKS_CAPABILITY",
      "fussy needs cutting links between nodes (cut-links), which the process driver lacks here",
    ],
    [
      "a target",
      { targets: [primary, sentinel] },
      "BAD_USAGE",
      "fussy cannot hit sentinel-1: it is for data nodes",
    ],
  ])("%s can stand in the way", (_what, place, code, reason) => {
    expect(availability("fussy", fussy, place)).toMatchObject({ available: false, code, reason });
    expect(() => requireAvailable("fussy", fussy, place)).toThrow(
      expect.objectContaining({ code, message: reason }),
    );
    expect(availability("plain", {}, place)).toEqual({ available: true });
  });

  it("tells what the client library cannot do, or does not say of itself, with these options", () => {
    const picky: Requirements = {
      clientNeeds: (options) => ((options as { hard: boolean }).hard ? ["subscribe", "pin"] : ["subscribe"]),
    };
    const pin = { why: "has no pins", issue: "https://example.org/pins" };
    const at = (abilities: ClientAbilities | undefined, hard = true) =>
      availability("picky", picky, { client: { name: "lib", abilities }, options: { hard } });
    expect(at({ subscribe: true, pin: true })).toEqual({ available: true });
    expect(at({ subscribe: true, pin }, false)).toEqual({ available: true });
    expect(at({ subscribe: true, pin })).toEqual({
      available: false,
      code: "BAD_USAGE",
      reason:
        "picky cannot be used with lib: it cannot keep WATCH and EXEC on one connection that is never " +
        "replaced unseen, since it has no pins",
      hint: "https://example.org/pins",
    });
    expect(at(undefined)).toMatchObject({
      available: false,
      reason: "picky cannot be used with lib: it does not say that it can keep a subscription to channels",
    });
    expect(availability("picky", picky, { client: { name: "lib" } })).toEqual({ available: true }); // options unknown
  });

  it("tells what would give each capability that is lacking", () => {
    const said = availability("fussy", fussy, { on: driver() });
    expect(said).toMatchObject({ hint: "install pause\ninstall cut-links" });
  });

  it("holds nothing against it that is not known yet", () => {
    expect(availability("fussy", fussy, {})).toEqual({ available: true });
    expect(availability("fussy", fussy, { topology: "cluster" })).toEqual({ available: true });
    const all = { topology: "cluster", options: { hard: false }, targets: [primary] } as const;
    expect(availability("fussy", fussy, { ...all, on: driver("pause", "cut-links") })).toEqual({
      available: true,
    });
  });
});
