import type { Facts } from "../check/facts.ts";
import type { TopologyEvent } from "../model/event.ts";
import type { ReportChange, ReportModel } from "../model/report-model.ts";
import { ms } from "./time.ts";

const CHANGES = 4000;

/** The nodes, and every change of what they are and whom they follow, in order: enough to draw the topology at any moment. */
export function topologyModel(facts: Facts): ReportModel["topology"] {
  const told = facts.topology.some(({ event }) => event === "follows");
  const changes = [...facts.topology.flatMap(changeOf), ...(told ? [] : followersSeen(facts))].toSorted(
    (a, b) => a.atMs - b.atMs,
  );
  // Of many changes those of what nodes think of each other tell the least.
  const kept = changes.length > CHANGES ? changes.filter(({ what }) => what !== "flag") : changes;
  return {
    nodes: facts.header.topology.nodes.map(({ name, role, endpoint, shard }) => ({
      name,
      role,
      endpoint: `${endpoint.host}:${endpoint.port}`,
      ...(shard !== undefined && { shard }),
    })),
    changes: kept.slice(0, CHANGES),
    omitted: changes.length - Math.min(kept.length, CHANGES),
  };
}

/** What a page can draw of an event; some events are more than one change, some are none. */
export function changeOf({ at, source, event, subject, to, detail }: TopologyEvent): ReportChange[] {
  const atMs = ms(at);
  if (event === "sentinel") {
    const sees = seesOf(detail ?? "");
    return sees === undefined ? [] : [{ atMs, node: source, what: "sees", to: sees }];
  }
  if (event === "slots" || to === undefined) return [];
  if (event !== "flag") return [{ atMs, node: source, what: event, to }];
  return subject === undefined ? [] : [{ atMs, node: source, what: "flag", to, subject }];
}

/** What a Sentinel holds the primary to be after this event of its own. https://valkey.io/topics/sentinel/#pubsub-messages */
function seesOf(detail: string): string | undefined {
  const [event, kind] = detail.split(" ");
  if (event === "+switch-master") return "ok";
  if (kind !== "master") return undefined;
  return { "+sdown": "down", "-sdown": "ok", "+odown": "agreed", "-odown": "down" }[event ?? ""];
}

/** In histories without `follows` events the watermarks and the last look tell who followed whom. */
function followersSeen({ watermarks, finalNodes, endedAt }: Facts): ReportChange[] {
  const follows = new Map<string, string>();
  const seen = (at: number, replica: string, primary: string): ReportChange[] => {
    if (follows.get(replica) === primary) return [];
    follows.set(replica, primary);
    return [{ atMs: ms(at), node: replica, what: "follows", to: primary }];
  };
  return [
    ...watermarks.flatMap(({ at, primary, replicas }) =>
      replicas.flatMap((replica) => seen(at, replica, primary)),
    ),
    ...finalNodes.flatMap(({ node, follows: primary }) =>
      primary === undefined ? [] : seen(endedAt, node, primary),
    ),
  ];
}
