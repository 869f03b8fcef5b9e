import { describe, expect, it } from "vitest";
import { describeFaults } from "../../test/support/fault-conformance.ts";
import { FAULT_SPECS } from "../../test/support/fault-specs/index.ts";
import { testDriver } from "../../test/support/server.ts";
import { FAULTS } from "./registry.ts";

describeFaults("process", () => testDriver());
describeFaults("process", () => testDriver(), { secure: true });

/** They need a topology of another shape: whole-topology.integration.test.ts plays them. */
const WHOLE_TOPOLOGY = [
  "failover",
  "rolling-restart",
  "rolling-upgrade",
  "readdress",
  "move-slots",
  "add-shard",
  "remove-shard",
  "hold-slot",
  "drop-bus-messages",
];

describe("the registry", () => {
  it("names every fault by its kind", () => {
    for (const [kind, fault] of FAULTS) expect(fault.kind).toBe(kind);
  });

  it("holds no fault that the suite does not play", () => {
    const played = new Set([...FAULT_SPECS.map(({ fault }) => fault), ...WHOLE_TOPOLOGY]);
    expect([...FAULTS.keys()].filter((kind) => !played.has(kind))).toEqual([]);
  });
});
