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
}

/**
 * Holds ports on 127.0.0.1: each has a lock file of ours and could be bound a moment ago. Ascending order unless
 * the range wrapped around. A lock is given back only by the environment it belongs to; see `sweep` for the dead.
 *
 * @throws DrillError `PORT_IN_USE`, `BAD_USAGE`
 */
export async function holdPorts(stateDir: string, request: PortRequest): Promise<number[]> {
  const { id, count, firstPort } = request;
  const template = join(portsDir(stateDir), `.${id}-${randomBytes(4).toString("hex")}`);
  writeFileSync(template, JSON.stringify({ id, owner: ownIdentity() } satisfies PortHolder));
  try {
    if (firstPort === undefined) return await takeFree(stateDir, template, count);
    return await takeConsecutive(stateDir, template, firstPort, count);
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

async function takeFree(stateDir: string, template: string, count: number): Promise<number[]> {
  const taken: number[] = [];
  for (let probed = 0; taken.length < count; ) {
    const batch: number[] = [];
    for (; probed < SPAN && taken.length + batch.length < count; probed++) {
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
    const bindable = await Promise.all(batch.map((port) => bindError(port)));
    batch.forEach((port, index) => {
      if (bindable[index] === undefined) taken.push(port);
      else rmSync(lockPath(stateDir, port));
    });
  }
  return taken;
}

async function takeConsecutive(
  stateDir: string,
  template: string,
  firstPort: number,
  count: number,
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
    throw portInUse(port, by);
  }
  const errors = await Promise.all(ports.map((port) => bindError(port)));
  const bad = errors.findIndex((error) => error !== undefined);
  if (bad >= 0) throw portInUse(firstPort + bad, `: ${errors[bad]}`);
  return ports;
}

function portInUse(port: number, why: string): DrillError {
  return new DrillError("PORT_IN_USE", `port ${port} on 127.0.0.1 cannot be used${why}`, {
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

function bindError(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(error.message));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

const lockPath = (stateDir: string, port: number) => join(portsDir(stateDir), String(port));
