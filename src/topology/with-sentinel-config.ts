import { DrillError } from "../model/errors.ts";
import { settingName } from "../model/setting-name.ts";
import type { Directive, ReadConfig } from "./config-file.ts";
import { whyOwned, whyOwnedOfSentinel } from "./owned.ts";
import { isOfSentinel, SENTINEL_GROUP, sentinelLine } from "./sentinel-lines.ts";
import type { HaSpec } from "./spec.ts";
import { Collected, millisecondsOf, originWith, unset } from "./with-config.ts";

/** A line of a sentinel.conf; of a `sentinel` line what stands behind that word and the group. */
interface SentinelDirective extends Directive {
  readonly ofSentinel: boolean;
  /** Absent: it is of the Sentinel itself. */
  readonly group?: string;
}

/**
 * The topology with what a sentinel.conf says: quorum, times and all else of one monitored primary. Whom to monitor, and what Sentinel
 * wrote down about others, is the topology's own.
 *
 * @throws DrillError `BAD_CONFIG`
 */
export function withSentinelConfig(spec: HaSpec, read: ReadConfig): HaSpec {
  const collected = new Collected();
  const lines = read.directives.map(withoutGroup);
  const group = groupMeant(spec, lines);
  const fields: { quorum?: number; downAfterMs?: number; failoverTimeoutMs?: number } = {};
  for (const directive of lines) {
    const { name, group: of, written, place, ofSentinel } = directive;
    const why = ofSentinel ? whyOwnedOfSentinel(name) : whyOwned(name);
    if (of === group && ofSentinel) collected.places.set(name === "monitor" ? "quorum" : name, place);
    if (of !== undefined && of !== group) collected.replace(shown(directive), `the drill has ${group} alone`);
    else if (ofSentinel && name === "down-after-milliseconds") fields.downAfterMs = millisecondsOf(directive);
    else if (ofSentinel && name === "failover-timeout") fields.failoverTimeoutMs = millisecondsOf(directive);
    else if (why !== undefined) {
      if (name === "monitor") fields.quorum = quorumOf(directive, spec.sentinels);
      collected.replace(shown(directive), why);
    } else {
      const value = written.join(" ");
      collected.add(name, name, value, place, sentinelLine(group, name, value));
    }
  }
  const notes = [...read.notes];
  if (fields.downAfterMs === undefined)
    notes.push(unset("down-after-milliseconds", `${spec.downAfterMs} ms`, "30000 ms"));
  if (fields.failoverTimeoutMs === undefined)
    notes.push(unset("failover-timeout", `${spec.failoverTimeoutMs} ms`, "180000 ms"));
  const own = spec.sentinelConfig ?? {};
  return {
    ...spec,
    ...fields,
    sentinelGroup: group,
    sentinelConfigFile: undefined,
    sentinelConfig: { ...collected.values((name) => !Object.hasOwn(own, name)), ...own },
    ...originWith(spec, collected, notes, read),
  };
}

/** `sentinel parallel-syncs mymaster 2` as `parallel-syncs 2` of the group `mymaster`. */
function withoutGroup(directive: Directive): SentinelDirective {
  const { name: first, place } = directive;
  if (first !== "sentinel") {
    if (isOfSentinel(first) === undefined) return { ...directive, ofSentinel: false };
    throw new DrillError("BAD_CONFIG", `${place}: ${first} is taken here only behind "sentinel"`);
  }
  const [word = "", ...args] = directive.args;
  const written = directive.written.slice(1);
  const name = settingName(word.toLowerCase());
  const of = isOfSentinel(name);
  if (of === undefined) return { name: `sentinel ${name}`, args, written, place, ofSentinel: true };
  if (of === "itself") return { name, args, written, place, ofSentinel: true };
  const [group = "", ...rest] = args;
  return { name, args: rest, written: written.slice(1), place, group, ofSentinel: true };
}

/** As it stands in the file, for the list of what was replaced. */
function shown({ name, group, args, written, place, ofSentinel }: SentinelDirective): Directive {
  if (!ofSentinel) return { name, args, written, place };
  const behind = group === undefined ? [name] : [name, group];
  return { name: "sentinel", args, written: [...behind, ...written], place };
}

function groupMeant({ sentinelGroup }: HaSpec, lines: readonly SentinelDirective[]): string {
  const monitored = lines.filter(({ name }) => name === "monitor").map(({ group = "" }) => group);
  const named = lines.flatMap(({ group }) => group ?? []);
  const groups = [...new Set(monitored.length > 0 ? monitored : named)];
  const [place = ""] = lines.filter(({ group }) => group !== undefined).map((line) => line.place);
  if (sentinelGroup !== undefined) {
    if (groups.length === 0 || groups.includes(sentinelGroup)) return sentinelGroup;
    throw new DrillError(
      "BAD_CONFIG",
      `${place}: the file knows ${groups.join(", ")}, and sentinelGroup is ${sentinelGroup}`,
    );
  }
  if (groups.length > 1)
    throw new DrillError(
      "BAD_CONFIG",
      `${place}: the file monitors ${groups.length} primaries (${groups.join(", ")}), and a drill has one`,
      { hint: `Say which in the scenario: topology.sentinelGroup: ${groups[0]}` },
    );
  return groups[0] ?? SENTINEL_GROUP;
}

/** `sentinel monitor NAME HOST PORT QUORUM`; the group has been taken off. */
function quorumOf({ args, place }: Directive, sentinels: number): number {
  const text = args[2] ?? "";
  const quorum = Number(text);
  if (args.length !== 3 || !/^\d+$/.test(text) || quorum < 1)
    throw new DrillError(
      "BAD_CONFIG",
      `${place}: sentinel monitor takes a name, an address, a port and a quorum`,
    );
  if (quorum <= sentinels) return quorum;
  throw new DrillError(
    "BAD_CONFIG",
    `${place}: the quorum is ${quorum}, and the topology has ${sentinels} Sentinels: no failover could ever begin`,
    { hint: "Set topology.sentinels in the scenario to as many as you have." },
  );
}
