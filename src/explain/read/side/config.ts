import { address, type Ref, sentinelRef } from "../phrases/told.ts";
import { facts, type SideFacts } from "./side-input.ts";

const LINE = /^([a-z][a-z0-9-]{1,60})\s+(\S.*)$/;
/** One of these makes it a configuration file of a server or Sentinel. */
const TYPICAL =
  /^(?:(?:tls-)?port \d+|sentinel (?:monitor|myid) .+|(?:replicaof|slaveof) \S+ \d+|(?:cluster-enabled|appendonly) (?:yes|no)|maxmemory \d.*)$/;
/** Never kept: they are, or may be, secrets. */
const SECRET = /pass|auth|user|secret|key|acl|command/i;

/** A configuration file of a server or Sentinel; `undefined`: it is none. */
export function configFacts(text: string): SideFacts | undefined {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const written = lines.filter((line) => line !== "" && !line.startsWith("#"));
  const directives = written.flatMap((line): [string, string][] => {
    const [, name, value] = LINE.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name.toLowerCase(), value.replaceAll('"', "")]];
  });
  const isConfig = written.some((line) => TYPICAL.test(line)) && directives.length >= written.length * 0.9;
  if (!isConfig) return undefined;
  const last = new Map(directives);
  const same: [Ref, Ref][] = [];
  const servers: Ref[] = [];
  const refs = new Set<Ref>();
  const settings: Record<string, string> = {};
  for (const [name, value] of directives) {
    if (name === "sentinel") sentinelLine(value.split(/\s+/), { same, servers, refs, settings });
    else if (!SECRET.test(name)) settings[name] = value;
  }
  const port = Number(last.get("port")) || Number(last.get("tls-port")) || undefined;
  const announced = announcedAt(last, port);
  if (announced) refs.add(announced);
  const isSentinel = directives.some(([name]) => name === "sentinel");
  const logFile = last.get("logfile")?.split(/[\\/]/).at(-1);
  const about = {
    kind: isSentinel ? "sentinel" : "server",
    refs: [...refs],
    port,
    ...(logFile && { logFile }),
    settings,
  } as const;
  return facts("configuration", [about], { same, servers });
}

interface Found {
  readonly same: [Ref, Ref][];
  readonly servers: Ref[];
  readonly refs: Set<Ref>;
  readonly settings: Record<string, string>;
}

/** `sentinel monitor mymaster 10.0.0.1 6379 2`, `sentinel known-sentinel mymaster 10.0.0.2 26379 ID`, … */
function sentinelLine([name = "", group = "", ...rest]: readonly string[], found: Found): void {
  const at = address(rest[0], rest[1]);
  const myid = name === "myid" ? sentinelRef(group) : undefined;
  if (myid) found.refs.add(myid);
  else if (name === "monitor") {
    if (at) found.servers.push(at);
    found.settings[`${group} quorum`] = rest[2] ?? "";
  } else if (name === "known-sentinel") {
    const id = sentinelRef(rest[2]);
    if (at && id) found.same.push([id, at]);
  } else if (name === "known-replica" || name === "known-slave") {
    if (at) found.servers.push(at);
  } else if (rest.length > 0 && !SECRET.test(name)) found.settings[`${group} ${name}`] = rest.join(" ");
}

/** Where others find it, if the file says so. */
function announcedAt(last: ReadonlyMap<string, string>, port: number | undefined): Ref | undefined {
  for (const kind of ["cluster-announce", "replica-announce", "slave-announce"]) {
    const host = last.get(`${kind}-ip`);
    const number = Number(last.get(`${kind}-port`)) || port;
    if (host !== undefined && number !== undefined) return address(host, String(number));
  }
  return undefined;
}
