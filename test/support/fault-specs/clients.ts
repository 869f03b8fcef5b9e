import { expect } from "vitest";
import type { Admin } from "../../../src/valkey/admin.ts";
import { CLOSED } from "../resp.ts";
import { allWell, type FaultSpec, type Servers } from "./servers.ts";

/** Faults that part clients from nodes. */
export const CLIENT_SPECS: readonly FaultSpec[] = [
  {
    fault: "disconnect",
    does: "nobody reaches it, though it runs; healed, it is reached at its own address",
    targets: ["replica-1"],
    inForce: async (see) => {
      expect(await see.state("replica-1")).toBe("running");
      await expect(see.ask("replica-1", "PING")).rejects.toMatchObject({ code: "COMMAND_FAILED" });
    },
    healed: async (see) => {
      await see.until(
        "replica-1 to answer",
        async () => (await see.ask("replica-1", "PING")) === "PONG" || "no",
      );
      await allWell(see);
    },
  },
  {
    fault: "client-kill",
    does: "clients lose their connections, replication goes on",
    options: { times: 2, everyMs: 50 },
    targets: ["primary"],
    before: async (see) => {
      const client = see.connect("primary");
      see.notes.set("client", client);
      see.notes.set("id", await client.call(["CLIENT", "ID"]));
    },
    inForce: async (see) => {
      const client = see.notes.get("client") as Admin;
      await see.until("the client to have another connection", async () => {
        const now = await client.call(["CLIENT", "ID"]); // a call after the loss connects anew
        return now !== see.notes.get("id") || `still ${now}`;
      });
      client.close();
      expect(await see.replication("primary")).toMatchObject({ onlineReplicas: 2 });
    },
    healed: allWell,
  },
  {
    fault: "client-kill",
    does: "of replicas: their links break, and come back",
    options: { type: "replica" },
    targets: ["primary"],
    before: async (see) => {
      see.notes.set("connections", Number(await see.info("primary", "sync_full")) + (await partial(see)));
    },
    inForce: async (see) => {
      await see.until("both replicas to have synchronised again", async () => {
        const more =
          Number(await see.info("primary", "sync_full")) +
          (await partial(see)) -
          (see.notes.get("connections") as number);
        return more >= 2 || `${more} of 2`;
      });
    },
    healed: allWell,
  },
  {
    fault: "connection-flood",
    does: "newcomers are refused, those who are there go on; healed, there is room, and as much as before",
    options: { maxClients: 40 },
    targets: ["primary", "replica-1"],
    before: async (see) => {
      for (const node of ["primary", "replica-1"]) await see.ask(node, "CONFIG", "SET", "maxclients", 5000);
    },
    inForce: async (see) => {
      for (const node of ["primary", "replica-1"]) {
        const told = see.secure ? CLOSED : "-ERR max number of clients reached"; // with TLS it has no words yet
        expect(await see.greeting(node)).toBe(told);
        expect(Number(await see.info(node, "connected_clients"))).toBeGreaterThan(30);
      }
      expect(await see.ask("primary", "SET", "well", "1")).toBe("OK");
    },
    healed: async (see) => {
      for (const node of ["primary", "replica-1"]) {
        expect(await see.setting(node, "maxclients")).toBe("5000");
        await see.until("the connections to be closed", async () => {
          const left = Number(await see.info(node, "connected_clients"));
          return left < 20 || `${left} are left`;
        });
        expect(await see.greeting(node)).toBe("");
      }
      await allWell(see);
    },
  },
];

async function partial(see: Servers): Promise<number> {
  return Number(await see.info("primary", "sync_partial_ok"));
}
