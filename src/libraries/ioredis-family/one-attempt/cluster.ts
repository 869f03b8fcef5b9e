import type { Cluster, Valkey } from "iovalkey";
import { keySlot } from "../../../base/slots.ts";
import type { ClientOptions, ClientTarget, DrillClient } from "../../../client/client.ts";
import { withDeadline } from "../../../client/deadline.ts";
import { NotDoneError } from "../../../client/errors.ts";
import { allConnected } from "../../all-connected.ts";
import type { Family } from "../family.ts";
import { shutDown } from "../shut-down.ts";
import { tellOfCluster } from "./connection-events.ts";
import { pinnedTo } from "./pinned.ts";
import { awaitReadyEvent, awaitSettled } from "./ready-event.ts";
import { senderOf } from "./send.ts";
import { clusterOptions } from "./settings.ts";

/** Two cluster clients: one that sends to primaries, one that reads from replicas. */
export async function connectCluster(
  family: Family,
  target: Extract<ClientTarget, { kind: "cluster" }>,
  options: ClientOptions,
  deadlineMs: number,
): Promise<DrillClient> {
  const sender = senderOf(family);
  const { send, sendAndWait } = sender;
  const CountingCluster = countingCluster(family);
  const open = (scaleReads: "master" | "slave") =>
    new CountingCluster(
      target.nodes.map(({ host, port }) => ({ host, port })),
      {
        ...clusterOptions(family, target, options.random),
        scaleReads,
        ...(options.refreshSlots === false && { slotsRefreshInterval: undefined }),
      },
    );
  const primaries = open("master");
  const replicas = open("slave");
  tellOfCluster(primaries, () => primaries.owners, "primary", options.onEvent);
  tellOfCluster(replicas, () => replicas.owners, "replica", options.onEvent);
  const both = [primaries, replicas];
  const close = async () => {
    for (const one of both) shutDown(one);
  };
  await allConnected(
    both.map((one) => awaitReadyEvent(one, deadlineMs)),
    close,
  );
  await allConnected(
    both.flatMap((one) => one.nodes()).map((node) => awaitSettled(node, deadlineMs)),
    close,
  );

  return {
    call: (args, ms, answeredBy) => send(primaries, args, ms, answeredBy),
    callReplica: (args, ms, answeredBy) => send(replicas, args, ms, answeredBy),
    callAndWait: (args, wait, ms, answeredBy) => sendAndWait(primaries, args, wait, ms, answeredBy),
    pinned: async (key, ms) => pinnedTo(await primaries.connectionFor(key, ms), sender),
    redirects: () => ({
      moved: primaries.followed.moved + replicas.followed.moved,
      ask: primaries.followed.ask + replicas.followed.ask,
    }),
    close,
  };
}

/**
 * The libraries have no event for a redirect. Every redirect passes through `handleError`, so that is where they are
 * counted; a test holds the count against the servers' own `errorstat_MOVED`.
 */
function countingCluster(family: Family) {
  return class CountingCluster extends family.Cluster {
    readonly followed = { moved: 0, ask: 0 };

    /** `host:port` of the nodes to which it sends slots now. */
    get owners(): ReadonlySet<string> {
      return new Set(this.#primaries.filter((address) => address !== undefined));
    }

    /** Of each slot, `host:port` of the node to which it sends it now. */
    get #primaries(): readonly (string | undefined)[] {
      const { slots } = this as unknown as { slots: readonly (readonly string[] | undefined)[] };
      return slots.map((nodes) => nodes?.[0]);
    }

    /** The connection to the node to which it sends that key now, once it is there. */
    async connectionFor(key: string, deadlineMs: number): Promise<Valkey> {
      const address = this.#primaries[keySlot(key)];
      const node = this.nodes().find(({ options: { host, port } }) => `${host}:${port}` === address);
      if (!node) throw new NotDoneError(new Error(`no node is known for the slot of ${key}`));
      try {
        if (node.status === "wait") await withDeadline(node.connect(), deadlineMs);
        else await awaitSettled(node, deadlineMs);
      } catch (error) {
        throw new NotDoneError(error);
      }
      return node;
    }

    override handleError(
      error: Error,
      ttl: { value?: number },
      handlers: Parameters<Cluster["handleError"]>[2],
    ): void {
      super.handleError(error, ttl, {
        ...handlers,
        moved: (slot: string, key: string) => {
          this.followed.moved += 1;
          handlers.moved(slot, key);
        },
        ask: (slot: string, key: string) => {
          this.followed.ask += 1;
          handlers.ask(slot, key);
        },
      });
    }
  };
}
