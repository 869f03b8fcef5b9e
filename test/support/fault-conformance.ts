import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Driver, NodeExit } from "../../src/driver/driver.ts";
import { FAULTS } from "../../src/fault/registry.ts";
import {
  faultContext,
  type TestEnvironment,
  testEnvironment,
  until,
} from "../../src/session/environment.test-data.ts";
import { FAULT_SPECS } from "./fault-specs/index.ts";
import { type FaultSpec, servers } from "./fault-specs/servers.ts";

/**
 * What every fault must do on a driver that can do it, played on a real primary with two replicas: injected, its effect
 * is seen at the servers; healed, it is gone; healed twice, or where nothing was in force, is fine. No failover comes
 * in between.
 */
export function describeFaults(
  name: string,
  makeDriver: () => Promise<Driver>,
  { secure = false }: { readonly secure?: boolean } = {},
): void {
  describe(`faults on the ${name} driver${secure ? ", with TLS and users" : ""}`, { timeout: 60_000 }, () => {
    let environment: TestEnvironment;
    const exits: NodeExit[] = [];

    beforeAll(async () => {
      const asking = secure ? { tls: { clientAuth: "required" }, auth: { users: {} } } : {};
      const spec = { kind: "ha", replicas: 2, sentinels: 1, downAfterMs: 600_000, ...asking };
      const driver = await makeDriver();
      const links = driver.capabilities.has("cut-links") ? { clients: true } : undefined;
      environment = await testEnvironment(spec, { driver, links });
      environment.topology.onUnexpectedExit((exit) => exits.push(exit));
    }, 120_000);
    afterAll(() => environment?.close());

    beforeEach(async () => {
      await until("both replicas to be linked", async () => {
        const { onlineReplicas } = await environment.replication("primary");
        return onlineReplicas === 2 || `${onlineReplicas} online`;
      });
    });
    afterEach(() => expect(exits.splice(0)).toEqual([]));

    const all = FAULT_SPECS.filter((spec) => spec.secure !== (secure ? "never" : "only"));
    const played = secure ? all.filter(isRepresentative) : all;
    it.for(played)("$fault: $does", play);
    const rest = all.filter((spec) => !played.includes(spec));
    if (rest.length > 0) it.for(rest)("$fault: $does", { tags: "long" }, play);

    async function play(spec: FaultSpec, { skip }: { skip(): void }) {
      const fault = faultOf(spec);
      if (fault.needs.some((need) => !environment.topology.capabilities.has(need))) skip();
      const see = servers(environment);
      const { targets } = spec;
      const options = fault.options.parse(spec.options ?? {});
      await fault.heal(faultContext(environment), targets, undefined);

      await spec.before?.(see);
      let known: unknown;
      const remember = async (what: unknown) => {
        known = what;
      };
      known = await fault.inject(faultContext(environment, remember), targets, options);
      expect(fault.label(targets, options)).toContain(targets[0]);
      await spec.inForce(see);

      const remembered: unknown = known === undefined ? undefined : JSON.parse(JSON.stringify(known));
      await fault.heal(faultContext(environment), targets, remembered);
      await spec.healed(see);
      await fault.heal(faultContext(environment), targets, remembered);
      await spec.healed(see);
      await spec.after?.(see);
    }
  });
}

/** With TLS and users: those of security, and one of each way in which a fault reaches nodes. The others do nothing else. */
const REPRESENTATIVE = [
  "kill",
  "pause",
  "slow",
  "client-kill",
  "connection-flood",
  "cut",
  "half-open",
  "corrupt",
];

function isRepresentative({ fault, secure }: FaultSpec): boolean {
  return secure === "only" || REPRESENTATIVE.includes(fault);
}

function faultOf({ fault }: FaultSpec) {
  const found = FAULTS.get(fault);
  if (!found) throw new Error(`no fault is named ${fault}`);
  return found;
}
