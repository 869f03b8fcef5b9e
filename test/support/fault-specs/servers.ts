import { expect } from "vitest";
import { type NodeState, nodeOf } from "../../../src/driver/driver.ts";
import { accessOf } from "../../../src/model/access.ts";
import type { Plan } from "../../../src/model/plan.ts";
import { type TestEnvironment, until } from "../../../src/session/environment.test-data.ts";
import { type Admin, adminOf, type Reply } from "../../../src/valkey/admin.ts";
import type { Replication } from "../../../src/valkey/replies.ts";
import { greeting, listens } from "../resp.ts";

/** What the suite plays with one fault, on a primary with two replicas. */
export interface FaultSpec {
  readonly fault: string;
  /** For the name of the test. */
  readonly does: string;
  readonly options?: object;
  readonly targets: readonly string[];
  /** Played where everything asks for TLS and a user: there alone, or never. Default: everywhere. */
  readonly secure?: "only" | "never";
  before?(see: Servers): Promise<void>;
  /** Expects the effect to be seen. */
  inForce(see: Servers): Promise<void>;
  /** Expects it to be gone. Called after each of two healings. */
  healed(see: Servers): Promise<void>;
  /** Puts back what healing need not. */
  after?(see: Servers): Promise<void>;
}

/** What can be asked of the servers, and noted from one part of a test to the next. */
export interface Servers {
  ask(node: string, ...args: (string | number)[]): Promise<Reply>;
  state(node: string): Promise<NodeState>;
  listens(node: string): Promise<boolean>;
  /** What it says to a newcomer. */
  greeting(node: string): Promise<string>;
  replication(node: string): Promise<Replication>;
  log(node: string): Promise<string>;
  inData(node: string, script: string): Promise<string>;
  /** One line of INFO. */
  info(node: string, name: string): Promise<string | undefined>;
  setting(node: string, name: string): Promise<string>;
  /** A connection of its own, as a client has. */
  connect(node: string): Admin;
  until(what: string, look: () => Promise<boolean | string>): Promise<void>;
  /** Everything asks for TLS and a user. */
  readonly secure: boolean;
  readonly plan: Plan;
  readonly notes: Map<string, unknown>;
}

export function servers({ topology, admins, replication }: TestEnvironment): Servers {
  const ask: Servers["ask"] = (node, ...args) => admins.of(node).call(args, 1_000);
  return {
    ask,
    state: (node) => topology.state(node),
    listens: (node) => listens(admins.of(node).endpoint),
    greeting: (node) => greeting(admins.of(node).endpoint),
    replication,
    log: (node) => topology.log(node),
    inData: async (node, script) => (await topology.nodeActions.inDataFolder?.(node, script)) ?? "",
    info: async (node, name) =>
      new RegExp(`^${name}:(.*?)\r?$`, "m").exec(String(await ask(node, "INFO", "everything")))?.[1],
    setting: async (node, name) => ((await ask(node, "CONFIG", "GET", name)) as string[])[1] as string,
    // Not as our own connection, which a fault tells of new passwords.
    connect: (node) =>
      adminOf(admins.of(node).endpoint, accessOf(topology.plan, nodeOf(topology.plan, node))),
    until,
    secure: topology.plan.security !== undefined,
    plan: topology.plan,
    notes: new Map(),
  };
}

/** Each node is there, answers, and takes writes or has its link up. */
export async function allWell({ ask, state, replication, until }: Servers): Promise<void> {
  for (const node of ["primary", "replica-1", "replica-2"]) expect(await state(node)).toBe("running");
  expect(await ask("primary", "SET", "well", "1")).toBe("OK");
  const { offset } = await replication("primary");
  for (const node of ["replica-1", "replica-2"])
    await until(`${node} to be linked and to have it all`, async () => {
      const replica = await replication(node);
      return (replica.linkUp && replica.offset >= offset) || `${JSON.stringify(replica)} of ${offset}`;
    });
}

export const REPLICAS = ["replica-1", "replica-2"];

export async function replicasHold(
  { ask, until }: Servers,
  key: string,
  value: string | null,
): Promise<void> {
  for (const node of REPLICAS)
    await until(`${node} to have ${key} = ${value}`, async () => {
      const found = await ask(node, "GET", key);
      return found === value || `${found}`;
    });
}

export const runId = (see: Servers, node: string) => see.info(node, "run_id");
