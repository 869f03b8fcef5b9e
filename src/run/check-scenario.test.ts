import { describe, expect, it } from "vitest";
import type { Driver } from "../driver/driver.ts";
import { processDriver } from "../driver/process/index.ts";
import type { Capability } from "../model/capabilities.ts";
import type { ErrorCode } from "../model/errors.ts";
import { parseScenario } from "../scenario/load.ts";
import { checkScenario } from "./check-scenario.ts";

/** A driver that must not be used: everything here is refused, or let pass, before anything starts. */
function idleDriver(...capabilities: Capability[]): Driver {
  const used = () => expect.fail("the driver was used");
  return { name: "idle", capabilities: new Set(capabilities), holdEndpoints: used, start: used };
}

const check = (kind: "ha" | "cluster", step: string, driver = idleDriver("pause")) =>
  checkScenario(
    parseScenario(
      `name: t\ndescription: d\ntopology: { kind: ${kind} }\nsteps:\n  - run: crud\n  - ${step}\n`,
      "t.yaml",
    ),
    driver,
  );

describe("checkScenario", () => {
  it.each<[kind: "ha" | "cluster", step: string, code: ErrorCode, why: string]>([
    ["ha", "inject: { fault: kill, target: node-1 }", "BAD_USAGE", '"node-1" selects nothing'],
    ["ha", "inject: { fault: kill, target: [primary, shard:1/primary] }", "BAD_USAGE", "no shards"],
    ["cluster", "inject: { fault: kill, target: primary }", "BAD_USAGE", "a cluster has several primaries"],
    ["cluster", "inject: { fault: kill, target: shard:9/primary }", "BAD_USAGE", "there are shards 1 to 3"],
  ])("on %s refuses `%s`, naming scenario and step", (kind, step, code, why) => {
    const action = step.split(":")[0];
    expect(() => check(kind, step)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(`^t, step 2 \\(${action}\\): `) }),
    );
    expect(() => check(kind, step)).toThrow(why);
  });

  it("refuses a fault that the driver cannot do", () => {
    expect(() => check("ha", "inject: { fault: pause, target: primary }", idleDriver())).toThrow(
      expect.objectContaining({
        code: "LACKS_CAPABILITY",
        message: expect.stringContaining("pause needs freezing a node (pause), which the idle driver lacks"),
      }),
    );
    expect(() => check("ha", "inject: { fault: kill, target: primary }", idleDriver())).not.toThrow();
  });

  it.each([
    ["ioredis", "start: { pubsub: { sharded: true } }", undefined],
    ["iovalkey", "start: { pubsub: { sharded: true } }", /it cannot keep a subscription to sharded channels/],
    ["iovalkey", "schedule: [{ at: 1s, inject: { fault: kill, target: node-1 } }]", undefined],
    [
      "glide",
      "start: transaction",
      /^t, step 1 \(start\): transaction cannot be used with glide: it cannot keep WATCH/,
    ],
    ["glide", "start: { queue: { kind: stream } }", undefined],
  ])("by %s: %s, refused where the library cannot do it", (client, step, why) => {
    const scenario = parseScenario(
      `name: t\ndescription: d\nclient: ${client}\ntopology: { kind: cluster }\nsteps:\n  - ${step}\n`,
      "t.yaml",
    );
    const checking = () => checkScenario(scenario, idleDriver("pause"));
    if (why === undefined) expect(checking).not.toThrow();
    else
      expect(checking).toThrow(
        expect.objectContaining({ code: "BAD_USAGE", message: expect.stringMatching(why) }),
      );
  });

  it("says what would give the driver that power, if anything would", () => {
    const driver = { ...idleDriver(), lacks: (what: string) => `buy ${what}` };
    expect(() => check("ha", "inject: { fault: pause, target: primary }", driver)).toThrow(
      expect.objectContaining({ code: "LACKS_CAPABILITY", hint: "buy pause" }),
    );
  });

  it.each(["sentinels", "sentinel", "sentinel-1", "[primary, sentinel-3]"])(
    "refuses a fault for data nodes on %s",
    (target) => {
      expect(() => check("ha", `inject: { fault: flush, target: ${target} }`)).toThrow(
        expect.objectContaining({
          code: "BAD_USAGE",
          message: expect.stringMatching(/cannot hit sentinel-/),
        }),
      );
      expect(() => check("ha", `inject: { fault: kill, target: ${target} }`)).not.toThrow();
    },
  );

  it("lets pass what can work, and starts nothing", () => {
    for (const step of [
      "start: unique-writes",
      "inject: { fault: pause, target: [primary, sentinels] }",
      "wait: 1s",
    ]) {
      expect(() => check("ha", step)).not.toThrow();
    }
    expect(() => check("cluster", "run: key-spread")).not.toThrow();
  });

  it("refuses servers of nodes that are not there, or that the driver cannot give them", () => {
    const withServer = (node: string, driver: Driver) => {
      const topology = `{ kind: ha, servers: { ${node}: redis-7.0 } }`;
      const text = `name: t\ndescription: d\ntopology: ${topology}\nsteps:\n  - run: crud\n`;
      return () => checkScenario(parseScenario(text, "t.yaml"), driver);
    };
    expect(withServer("replica-3", idleDriver("change-server"))).toThrow(
      expect.objectContaining({
        code: "BAD_SCENARIO",
        message: 'topology.servers: there is no node "replica-3". Did you mean "replica-1"?',
      }),
    );
    expect(withServer("primary", idleDriver())).toThrow(
      expect.objectContaining({
        code: "LACKS_CAPABILITY",
        message: expect.stringContaining("topology.servers needs starting a node with another version"),
      }),
    );
    expect(withServer("primary", idleDriver("change-server"))).not.toThrow();
  });

  it("knows that the process driver can pause", () => {
    const driver = processDriver({} as never);
    expect(() => check("ha", "inject: { fault: pause, target: primary }", driver)).not.toThrow();
  });
});
