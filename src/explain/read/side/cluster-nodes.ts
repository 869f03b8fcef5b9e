import { address, clusterRef, type Ref } from "../phrases/told.ts";
import { type AboutNode, facts, type SideFacts } from "./side-input.ts";

const LINE =
  /^([0-9a-f]{40}) (\S+?:\d+)@\d+\S* ((?:myself|master|slave|replica|fail\??|handshake|noaddr|nofailover|noflags|,)+) (\S+) \d+ \d+ /;

/** The output of CLUSTER NODES, or a `nodes.conf`; `undefined`: it is neither. */
export function clusterNodesFacts(text: string): SideFacts | undefined {
  const about: AboutNode[] = [];
  const same: [Ref, Ref][] = [];
  const follows: [Ref, Ref][] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, id, place, flags = "", primary] = LINE.exec(line.trim()) ?? [];
    if (id === undefined) continue;
    const at = address(place);
    if (at !== undefined) same.push([`c:${id}`, at]);
    const followed = clusterRef(primary);
    if (followed !== undefined) follows.push([`c:${id}`, followed]);
    if (!flags.includes("myself")) continue;
    const role = flags.includes("slave") || flags.includes("replica") ? "replica" : "primary";
    about.push({ kind: "server", refs: [`c:${id}`], role, settings: {} });
  }
  return same.length === 0 && about.length === 0
    ? undefined
    : facts("CLUSTER NODES", about, { same, follows });
}
