import { announcedOf, calledOf } from "../model/addresses.ts";
import type { Facts } from "./facts.ts";

/**
 * The node that a Sentinel's event is about: `+odown master drill 127.0.0.1 20000 #quorum 2/2`,
 * `+selected-slave slave 127.0.0.1:20001 127.0.0.1 20001 @ drill …`, `+switch-master drill 127.0.0.1 20000 …` (the old
 * primary). Undefined where it names none, or none that we know.
 *
 * @see https://valkey.io/topics/sentinel/#pubsub-messages
 */
export function sentinelSubject(facts: Facts, detail: string): string | undefined {
  const [name, ...words] = detail.split(" ");
  const [host, port] = name === "+switch-master" ? words.slice(1) : words.slice(2);
  return nodeNamed(facts, host, port);
}

/** The node that a `+switch-master` names as the new primary. */
export function switchedTo(facts: Facts, detail: string): string | undefined {
  const [, , , , host, port] = detail.split(" ");
  return nodeNamed(facts, host, port);
}

function nodeNamed(facts: Facts, host: string | undefined, port: string | undefined): string | undefined {
  const isThere = (address: { host: string; port: number }) =>
    address.host === host && String(address.port) === port;
  const { nodes } = facts.header.topology;
  return nodes.find(({ endpoint }) => [announcedOf(endpoint), calledOf(endpoint), endpoint].some(isThere))
    ?.name;
}
