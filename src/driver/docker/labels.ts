import { hostname } from "node:os";
import { isSame, ownIdentity } from "../identity.ts";
import { docker } from "./docker-cli.ts";

/** Labels of every container, network and volume that we make: all that is needed to find and clear them. */
export const LABEL = {
  id: "valkey-drill.id",
  node: "valkey-drill.node",
  detached: "valkey-drill.detached",
  /** The process that started it: pid, start time, and machine, as several may share an engine. */
  ownerPid: "valkey-drill.owner-pid",
  ownerStart: "valkey-drill.owner-start",
  ownerHost: "valkey-drill.owner-host",
} as const;

/** What an environment's labels say. */
export interface Labelled {
  readonly id: string;
  readonly detached: boolean;
  /** Started on this machine, by a process that is gone. */
  readonly orphaned: boolean;
}

export function ownLabels(id: string, detached: boolean): Record<string, string> {
  const { pid, startTime } = ownIdentity();
  return {
    [LABEL.id]: id,
    [LABEL.detached]: String(detached),
    [LABEL.ownerPid]: String(pid),
    [LABEL.ownerStart]: startTime,
    [LABEL.ownerHost]: hostname(),
  };
}

const FIELDS = [LABEL.id, LABEL.detached, LABEL.ownerPid, LABEL.ownerStart, LABEL.ownerHost];
const FORMAT = FIELDS.map((name) => `{{.Label "${name}"}}`).join("\t");
const LISTS = [
  ["ps", "-a"],
  ["network", "ls"],
  ["volume", "ls"],
] as const;
/** Nothing is started while a command hangs on an engine that does not answer. */
const LIST_TIMEOUT_MS = 10_000;

/** Every environment that has a container, a network or a volume on the engine. @throws DrillError `NO_DOCKER` */
export async function labelledEnvironments(): Promise<Labelled[]> {
  const lists = await Promise.all(
    LISTS.map((list) =>
      docker([...list, "--filter", `label=${LABEL.id}`, "--format", FORMAT], { timeoutMs: LIST_TIMEOUT_MS }),
    ),
  );
  const found = new Map<string, Labelled>();
  for (const line of lists.flatMap((text) => text.split("\n"))) {
    const [id, detached, pid, startTime = "", host] = line.split("\t");
    if (!id) continue;
    const owner = { pid: Number(pid), startTime };
    found.set(id, { id, detached: detached === "true", orphaned: host === hostname() && !isSame(owner) });
  }
  return [...found.values()];
}

/** Removes all that carries the label of that environment; idempotent. */
export async function removeLabelled(id: string): Promise<void> {
  const filter = ["--filter", `label=${LABEL.id}=${id}`];
  const remove = async (list: readonly string[], act: readonly string[]) => {
    const names = (await docker([...list, ...filter])).split("\n").filter(Boolean);
    if (names.length === 0) return;
    await docker([...act, ...names]).catch(async (error: unknown) => {
      // Another process may be clearing the same: what matters is that nothing is left.
      if ((await docker([...list, ...filter])) !== "") throw error;
    });
  };
  await remove(["ps", "-aq"], ["rm", "--force", "--volumes"]);
  await Promise.all([
    remove(["network", "ls", "-q"], ["network", "rm"]),
    remove(["volume", "ls", "-q"], ["volume", "rm", "--force"]),
  ]);
}

/** Removes those containers and the volumes of their environment; its network stays. */
export async function removeNodes(id: string, containers: readonly string[]): Promise<void> {
  await docker(["rm", "--force", "--volumes", ...containers]);
  const volumes = await docker(["volume", "ls", "-q", "--filter", `label=${LABEL.id}=${id}`]);
  const names = volumes.split("\n").filter(Boolean);
  if (names.length > 0) await docker(["volume", "rm", ...names]);
}
