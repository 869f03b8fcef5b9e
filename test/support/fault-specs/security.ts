import { connect } from "node:tls";
import { expect } from "vitest";
import { nodeOf } from "../../../src/driver/driver.ts";
import { accessOf, type Credentials } from "../../../src/model/access.ts";
import { adminOf } from "../../../src/valkey/admin.ts";
import { allWell, type FaultSpec, REPLICAS, type Servers } from "./servers.ts";

const DATA = ["primary", ...REPLICAS];

/** What a client that verifies certificates is told by the node: `undefined` if its certificate is good. */
async function mistrust({ plan }: Servers, name: string): Promise<string | undefined> {
  const node = nodeOf(plan, name);
  const { ca, cert, key } = accessOf(plan, node).tls ?? {};
  const { host, port } = node.endpoint;
  return await new Promise((resolve) => {
    const socket = connect({ host, port, ca, cert, key });
    socket.once("secureConnect", () => resolve(undefined));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.once("close", () => socket.destroy());
  }).then((code) => code as string | undefined);
}

/** Can that user log in with the password that the plan gives it? */
async function letsIn(
  { plan }: Servers,
  name: string,
  login: Credentials | undefined,
): Promise<true | string> {
  const node = nodeOf(plan, name);
  const admin = adminOf(node.endpoint, { ...accessOf(plan, node), login });
  try {
    await admin.call(["PING"]);
    return true;
  } catch (error) {
    return (error as Error).message;
  } finally {
    admin.close();
  }
}

const bad = (problem: string, code: string): FaultSpec => ({
  fault: "certificate",
  does: `${problem}: who verifies certificates does not connect; healed, everybody does`,
  options: { problem },
  targets: ["primary"],
  secure: "only",
  inForce: async (see) => {
    expect(await mistrust(see, "primary")).toBe(code);
    expect(await mistrust(see, "replica-1")).toBeUndefined();
    expect(await see.ask("primary", "PING")).toBe("PONG"); // we go on looking
  },
  healed: async (see) => {
    expect(await mistrust(see, "primary")).toBeUndefined();
    await allWell(see);
  },
});

const LOADED = "loaded-at";

/** Faults of TLS and of users. */
export const SECURITY_SPECS: readonly FaultSpec[] = [
  bad("expired", "CERT_HAS_EXPIRED"),
  bad("wrong-name", "ERR_TLS_CERT_ALTNAME_INVALID"),
  bad("other-ca", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
  {
    fault: "certificate",
    does: "a good one: everybody connects all the same",
    options: { problem: "none" },
    targets: DATA,
    secure: "only",
    inForce: async (see) => {
      for (const node of DATA) expect(await mistrust(see, node)).toBeUndefined();
      await allWell(see);
    },
    healed: allWell,
  },
  {
    fault: "certificate",
    does: "expired, and not loaded: nobody notices until the node starts again",
    options: { problem: "expired", reload: false },
    targets: ["replica-1"],
    secure: "only",
    before: async (see) => {
      see.notes.set(LOADED, await see.inData("replica-1", "cat node.crt"));
    },
    inForce: async (see) => {
      expect(await mistrust(see, "replica-1")).toBeUndefined();
      expect(await see.inData("replica-1", "cat node.crt")).not.toBe(see.notes.get(LOADED));
      await allWell(see);
    },
    healed: async (see) => {
      expect(await see.inData("replica-1", "cat node.crt")).toBe(see.notes.get(LOADED));
      await allWell(see);
    },
  },
  {
    fault: "credentials",
    does: "the application's password, in the wrong order: it is locked out; healed, it is let in",
    targets: DATA,
    secure: "only",
    inForce: async (see) => {
      const login = see.plan.security?.data?.application;
      expect(await letsIn(see, "primary", login)).toMatch(/NOAUTH|WRONGPASS/);
      await allWell(see);
    },
    healed: async (see) => {
      expect(await letsIn(see, "primary", see.plan.security?.data?.application)).toBe(true);
      await allWell(see);
    },
  },
  {
    fault: "credentials",
    does: "the application's password, in the right order: the old one holds",
    options: { order: "right" },
    targets: DATA,
    secure: "only",
    inForce: async (see) => {
      expect(await letsIn(see, "primary", see.plan.security?.data?.application)).toBe(true);
    },
    healed: allWell,
  },
  {
    fault: "credentials",
    does: "the replicas' password, in the wrong order: they lose their links; healed, they are linked",
    options: { user: "replication" },
    targets: ["primary"],
    secure: "only",
    inForce: async (see) => {
      await see.until("the replicas to be gone", async () => {
        const { onlineReplicas } = await see.replication("primary");
        return onlineReplicas === 0 || `${onlineReplicas} online`;
      });
    },
    healed: allWell,
  },
  {
    fault: "credentials",
    does: "the replicas' password, in the right order: they log in with the new one, and the old one is gone",
    options: { user: "replication", order: "right" },
    targets: DATA,
    secure: "only",
    inForce: async (see) => {
      await allWell(see);
      expect(await letsIn(see, "primary", see.plan.security?.internal?.replication)).toMatch(
        /NOAUTH|WRONGPASS/,
      );
    },
    healed: async (see) => {
      await allWell(see);
      expect(await letsIn(see, "primary", see.plan.security?.internal?.replication)).toBe(true);
    },
  },
  {
    fault: "credentials",
    does: "the Sentinels' password, in the right order: they stay connected",
    options: { user: "sentinel", order: "right" },
    targets: DATA,
    secure: "only",
    inForce: async (see) => {
      await see.until("the Sentinel to see the primary", async () => {
        const said = (await see.ask("sentinel-1", "SENTINEL", "MASTER", "drill")) as string[];
        const flags = said[said.indexOf("flags") + 1];
        return flags === "master" || `${flags}`;
      });
      expect(await letsIn(see, "primary", see.plan.security?.internal?.sentinel)).toMatch(/NOAUTH|WRONGPASS/);
    },
    healed: allWell,
  },
  {
    fault: "credentials",
    does: "rules of the Sentinels' user: a command is refused; healed, it is allowed",
    options: { user: "sentinel", rules: "-slaveof" },
    targets: REPLICAS,
    secure: "only",
    inForce: async (see) => {
      for (const node of REPLICAS)
        expect(await see.ask(node, "ACL", "DRYRUN", "sentinel", "SLAVEOF", "NO", "ONE")).toMatch(
          /no permissions/,
        );
    },
    healed: async (see) => {
      for (const node of REPLICAS)
        expect(await see.ask(node, "ACL", "DRYRUN", "sentinel", "SLAVEOF", "NO", "ONE")).toBe("OK");
      await allWell(see);
    },
  },
];
