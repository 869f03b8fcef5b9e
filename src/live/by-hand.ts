import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { didYouMean } from "../base/nearest.ts";
import { seededRandom } from "../base/random.ts";
import type { RunningTopology } from "../driver/driver.ts";
import { CLIENTS_END } from "../driver/links.ts";
import type { FaultContext } from "../fault/fault.ts";
import { faultNamed } from "../fault/registry.ts";
import { toldChanges } from "../fault/roles.ts";
import { DrillError } from "../model/errors.ts";
import { viewNow } from "../observe/status.ts";
import { checkCapabilities, checkTargets, fittingOptions } from "../scenario/injectable.ts";
import { isNamed, targetsOf } from "../scenario/targets.ts";
import { type AdminPool, adminPool } from "../valkey/admin-pool.ts";

const FILE = "faults.json";
const entrySchema = z.object({
  fault: z.string(),
  targets: z.array(z.string()),
  options: z.unknown().optional(),
  /** For healing: what injecting it returned, if anything; while it is being injected, what it remembered. */
  remembered: z.unknown().optional(),
});

/** A fault injected by hand that is in force. Kept beside the environment, so that another shell can heal it. */
export type HandFault = z.infer<typeof entrySchema>;

/**
 * Injects a fault into an environment that `up` started.
 *
 * @returns names of the nodes, or links, that were hit, and what came of the roles that it means to change
 * @throws DrillError `BAD_USAGE` for an unknown kind or selector, or a fault that is not for this topology,
 * `LACKS_CAPABILITY`, `NOT_READY` if no node answers to
 *   the selector now
 */
export async function injectByHand(
  topology: RunningTopology,
  kind: string,
  selector: string,
  given: Readonly<Record<string, unknown>> = {},
): Promise<{ readonly targets: string[]; readonly came?: string }> {
  const fault = faultNamed(kind);
  const options = fittingOptions(fault, given, topology.plan.kind);
  checkCapabilities(fault, topology, "environment");
  return withAdmins(topology, async (admins) => {
    const view = await viewNow(topology.plan, admins);
    const random = seededRandom(Date.now() % 2 ** 32); // by hand there is nothing to repeat
    const selectors =
      fault.targetKind === "links" ? [selector] : selector.split(",").map((part) => part.trim());
    const targets = targetsOf(fault, selectors, { plan: topology.plan, view, random });
    checkTargets(fault, targets, topology.plan, options);
    const before = await faultsByHand(topology.dir);
    const remember = (remembered: unknown) =>
      writeFaults(topology, [...before, { fault: kind, targets, options, remembered }]);
    await remember(undefined); // before it is injected: what is interrupted can be healed
    const known = await fault.inject(contextOf(topology, admins, remember), targets, options);
    await remember(known);
    const came = toldChanges(fault.came?.(known) ?? []);
    return { targets, ...(came !== undefined && { came }) };
  });
}

/**
 * Undoes the faults that were injected by hand: all, or those on the nodes or links that are named. Nodes that are down
 * are named by their own names, since they play no role now; a node's name means all of its links, too.
 *
 * @returns what was healed; empty if nothing was in force
 */
export async function healByHand(topology: RunningTopology, only?: string): Promise<HandFault[]> {
  const inForce = await faultsByHand(topology.dir);
  const names = only?.split(",").map((name) => name.trim());
  const known = [...topology.plan.nodes.map((node) => node.name), CLIENTS_END];
  const unknown = names?.find((name) => !name.split(/<>|>/).every((end) => known.includes(end)));
  if (unknown !== undefined) {
    const all = topology.plan.nodes.map((node) => node.name);
    throw new DrillError("BAD_USAGE", `there is no node "${unknown}".${didYouMean(unknown, all)}`, {
      hint: `Nodes: ${all.join(", ")}.`,
    });
  }
  const isMeant = (fault: string, target: string) =>
    names?.some((name) => isNamed(faultNamed(fault), target, name)) ?? true;
  return withAdmins(topology, async (admins) => {
    const healed: HandFault[] = [];
    let left = inForce;
    // The last first: a setting of a node that was killed afterwards can be put back only once it runs again.
    for (const entry of inForce.toReversed()) {
      const { fault, targets, remembered } = entry;
      const meant = targets.filter((target) => isMeant(fault, target));
      if (meant.length === 0) continue;
      const forget = async () => {};
      await faultNamed(fault).heal(contextOf(topology, admins, forget), meant, remembered);
      healed.push({ ...entry, targets: meant });
      const others = targets.filter((target) => !isMeant(fault, target));
      left = left.flatMap((one) =>
        one !== entry ? one : others.length > 0 ? { ...one, targets: others } : [],
      );
      await writeFaults(topology, left);
    }
    return healed;
  });
}

/** Heals those faults by hand that would stay when the nodes are gone; for the end of the environment. */
export async function healLastingByHand(topology: RunningTopology): Promise<void> {
  const lasting = (await faultsByHand(topology.dir)).filter(({ fault }) => faultNamed(fault).outlivesNodes);
  await withAdmins(topology, async (admins) => {
    for (const { fault, targets, remembered } of lasting.toReversed())
      await faultNamed(fault).heal(
        contextOf(topology, admins, async () => {}),
        targets,
        remembered,
      );
  });
}

/** The faults by hand that are in force in the environment of that folder. */
export async function faultsByHand(dir: string): Promise<HandFault[]> {
  const text = await readFile(join(dir, FILE), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "[]";
    throw error;
  });
  return z.array(entrySchema).parse(JSON.parse(text));
}

async function withAdmins<T>(topology: RunningTopology, use: (admins: AdminPool) => Promise<T>): Promise<T> {
  const admins = adminPool(topology.plan);
  try {
    return await use(admins);
  } finally {
    admins.close();
  }
}

async function writeFaults(topology: RunningTopology, faults: readonly HandFault[]): Promise<void> {
  const path = join(topology.dir, FILE);
  if (faults.length === 0) return await rm(path, { force: true });
  await writeFile(`${path}.new`, `${JSON.stringify(faults)}\n`);
  await rename(`${path}.new`, path); // in one step: another process may be reading
}

/** By hand nothing is repeated, and nothing but the end of this process interrupts. */
function contextOf(
  topology: RunningTopology,
  admins: AdminPool,
  remember: FaultContext["remember"],
): FaultContext {
  const random = seededRandom(Date.now() % 2 ** 32);
  return { topology, admins, random, signal: new AbortController().signal, remember };
}
