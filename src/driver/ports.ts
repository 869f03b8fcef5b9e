import { randomBytes } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { DrillError } from "../model/errors.ts";
import { linkExclusively } from "./file-lock.ts";
import { ownIdentity, type ProcessIdentity } from "./identity.ts";
import { listDir, portsDir } from "./state-dir.ts";

/** Below Linux's range for outgoing connections (32768 to 60999), so that no client is given one by chance. */
const FIRST_FREE_PORT = 20_000;
const LAST_FREE_PORT = 32_000;
const SPAN = LAST_FREE_PORT - FIRST_FREE_PORT + 1;

/** Who holds a port. */
export interface PortHolder {
  readonly id: string;
  readonly owner: ProcessIdentity;
}

export interface PortRequest {
  /** Whom they are for. */
  readonly id: string;
  readonly count: number;
  readonly firstPort?: number;
  /** At which addresses the port of that index (from 0) will be listened at. Default: 127.0.0.1. */
  readonly hostsOf?: (index: number) => readonly string[];
}

/**
 * Holds ports on this machine's loopback: each has a lock file of ours, whatever the address, and could be bound a
 * moment ago. Ascending order unless the range wrapped around or one of them could not be bound. A lock is given back
 * only by the environment it belongs to; see `sweep` for the dead.
 *
 * @throws DrillError `PORT_IN_USE`, `BAD_USAGE`
 */
export async function holdPorts(stateDir: string, request: PortRequest): Promise<number[]> {
  const { id, count, firstPort, hostsOf = () => ["127.0.0.1"] } = request;
  const template = join(portsDir(stateDir), `.${id}-${randomBytes(4).toString("hex")}`);
  writeFileSync(template, JSON.stringify({ id, owner: ownIdentity() } satisfies PortHolder));
  try {
    if (firstPort === undefined) return await takeFree(stateDir, template, count, hostsOf);
    return await takeConsecutive(stateDir, template, firstPort, count, hostsOf);
  } catch (error) {
    releasePorts(stateDir, id);
    throw error;
  } finally {
    rmSync(template);
  }
}

/** Gives back the ports that this environment holds; only its owner, or who has claimed it, may. */
export function releasePorts(
  stateDir: string,
  id: string,
  ports: readonly number[] = heldPorts(stateDir),
): void {
  for (const port of ports) {
    if (portHolder(stateDir, port)?.id === id) rmSync(lockPath(stateDir, port), { force: true });
  }
}

/** Every port that has a lock file. */
export function heldPorts(stateDir: string): number[] {
  return listDir(portsDir(stateDir))
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Who holds this port; undefined if nobody of ours does. */
export function portHolder(stateDir: string, port: number): PortHolder | undefined {
  try {
    return JSON.parse(readFileSync(lockPath(stateDir, port), "utf8")) as PortHolder;
  } catch (error) {
    // Lock files appear complete or not at all: what cannot be parsed was not written by us, nor is it ours to remove.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

type HostsOf = (index: number) => readonly string[];

async function takeFree(
  stateDir: string,
  template: string,
  count: number,
  hostsOf: HostsOf,
): Promise<number[]> {
  const taken: (number | undefined)[] = Array.from({ length: count });
  for (let probed = 0; taken.includes(undefined); ) {
    const open = [...taken.keys()].filter((index) => taken[index] === undefined);
    const batch: number[] = [];
    for (; probed < SPAN && batch.length < open.length; probed++) {
      const port = nextPort();
      if (linkExclusively(template, lockPath(stateDir, port))) batch.push(port);
    }
    if (batch.length === 0) {
      throw new DrillError(
        "PORT_IN_USE",
        `no ${count} free ports between ${FIRST_FREE_PORT} and ${LAST_FREE_PORT} on 127.0.0.1`,
        { hint: "stop environments that are no longer needed: valkey-drill status, valkey-drill down" },
      );
    }
    const errors = await Promise.all(batch.map((port, n) => bindError(port, hostsOf(open[n] as number))));
    batch.forEach((port, n) => {
      if (errors[n] === undefined) taken[open[n] as number] = port;
      else rmSync(lockPath(stateDir, port));
    });
  }
  return taken.filter((port) => port !== undefined);
}

async function takeConsecutive(
  stateDir: string,
  template: string,
  firstPort: number,
  count: number,
  hostsOf: HostsOf,
): Promise<number[]> {
  const last = firstPort + count - 1;
  if (firstPort < 1 || last > 65_535) {
    throw new DrillError(
      "BAD_USAGE",
      `ports ${firstPort} to ${last} are asked for; there are only 1 to 65535`,
    );
  }
  const ports = Array.from({ length: count }, (_, index) => firstPort + index);
  for (const port of ports) {
    if (linkExclusively(template, lockPath(stateDir, port))) continue;
    const holder = portHolder(stateDir, port);
    const by = holder ? `: environment ${holder.id}, started by pid ${holder.owner.pid}, holds it` : "";
    throw portInUse(port, hostsOf(port - firstPort), by);
  }
  const errors = await Promise.all(ports.map((port, index) => bindError(port, hostsOf(index))));
  const bad = errors.findIndex((error) => error !== undefined);
  if (bad >= 0) throw portInUse(firstPort + bad, hostsOf(bad), `: ${errors[bad]}`);
  return ports;
}

function portInUse(port: number, [host]: readonly string[], why: string): DrillError {
  return new DrillError("PORT_IN_USE", `port ${port} on ${host} cannot be used${why}`, {
    hint: "choose another first port, or none, and free ones are found; `valkey-drill down` stops what `up` started",
  });
}

/**
 * Goes round the range. Two processes begin at different places, and one process does not soon come back to a
 * port it has given up: clients of the old environment may still be knocking there.
 */
function nextPort(): number {
  cursor ??= (process.pid * 769 + Date.now()) % SPAN;
  cursor = (cursor + 1) % SPAN;
  return FIRST_FREE_PORT + cursor;
}
let cursor: number | undefined;

async function bindError(port: number, hosts: readonly string[]): Promise<string | undefined> {
  const errors = await Promise.all(hosts.map((host) => tryBind(host, port)));
  return errors.find((error) => error !== undefined)?.message;
}

/** Listens there for a moment. @returns why it could not */
export function tryBind(host: string, port: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", resolve);
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

const lockPath = (stateDir: string, port: number) => join(portsDir(stateDir), String(port));
