import type { Cluster } from "iovalkey";
import type { ClientOptions, ClientTarget, DrillClient } from "../../../client/client.ts";
import { allConnected } from "../../all-connected.ts";
import { quickReconnect } from "../../quick-reconnect.ts";
import { familyNodeAccess } from "../access.ts";
import type { Family } from "../family.ts";
import { shutDown } from "../shut-down.ts";
import { tellOfCluster } from "./connection-events.ts";
import { awaitReadyEvent, awaitSettled } from "./ready-event.ts";
import { senderOf } from "./send.ts";
import { SLOTS_REFRESH_MS, singleAttemptOptions } from "./settings.ts";

/** Two cluster clients: one that sends to primaries, one that reads from replicas. */
export async function connectCluster(
  family: Family,
  target: Extract<ClientTarget, { kind: "cluster" }>,
  options: ClientOptions,
  deadlineMs: number,
): Promise<DrillClient> {
  const { send, sendAndWait } = senderOf(family);
  const CountingCluster = countingCluster(family);
  const open = (scaleReads: "master" | "slave") =>
    new CountingCluster(
      target.nodes.map(({ host, port }) => ({ host, port })),
      {
        scaleReads,
        natMap: target.natMap,
        enableOfflineQueue: false,
        redisOptions: {
          ...singleAttemptOptions(options.random),
          ...familyNodeAccess(target.access),
          lazyConnect: !family.connectsAtOnce,
        },
        clusterRetryStrategy: quickReconnect(options.random),
        retryDelayOnFailover: 0, // 0 turns the library's resends off; redirects are followed all the same
        retryDelayOnClusterDown: 0,
        retryDelayOnTryAgain: 0,
        slotsRefreshInterval: options.refreshSlots === false ? undefined : SLOTS_REFRESH_MS,
        slotsRefreshTimeout: 1000,
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
      const { slots } = this as unknown as { slots: readonly (readonly string[] | undefined)[] };
      const primaries = slots.map((nodes) => nodes?.[0]);
      return new Set(primaries.filter((address) => address !== undefined));
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
