import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { didYouMean } from "../base/nearest.ts";
import { seededRandom } from "../base/random.ts";
import type { RunningTopology } from "../driver/driver.ts";
import type { Fault } from "../fault/fault.ts";
import { FAULTS } from "../fault/registry.ts";
import { DrillError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import { lookAtNode } from "../observe/look.ts";
import type { TopologyView } from "../observe/view.ts";
import { type AdminPool, adminPool } from "../valkey/admin-pool.ts";
import { select } from "./selectors.ts";

const LOOK_MS = 500;
const FILE = "faults.json";
const entrySchema = z.object({ fault: z.string(), targets: z.array(z.string()) });

/** A fault injected by hand that is in force. Kept beside the environment, so that another shell can heal it. */
export type HandFault = z.infer<typeof entrySchema>;

/**
 * Injects a fault into an environment that `up` started.
 *
 * @returns names of the nodes that were hit
 * @throws DrillError `BAD_USAGE` for an unknown kind or selector, `NOT_READY` if no node answers to the selector now
 */
export async function injectByHand(
  topology: RunningTopology,
  kind: string,
  selector: string,
): Promise<string[]> {
  const fault = faultNamed(kind);
  return withAdmins(topology, async (admins) => {
    const view = await viewNow(topology.plan, admins);
    const random = seededRandom(Date.now() % 2 ** 32); // by hand there is nothing to repeat
    const targets = [
      ...new Set(selector.split(",").flatMap((part) => select(part.trim(), topology.plan, view, random))),
    ];
    await writeFaults(topology, [...(await faultsByHand(topology.dir)), { fault: kind, targets }]);
    await fault.inject({ topology, admins }, targets);
    return targets;
  });
}

/**
 * Undoes the faults that were injected by hand: all, or those on the nodes that the selector names. Nodes that are down
 * are named by their own names, since they play no role now.
 *
 * @returns what was healed; empty if nothing was hurt
 */
export async function healByHand(topology: RunningTopology, only?: string): Promise<HandFault[]> {
  const inForce = await faultsByHand(topology.dir);
  const names = only?.split(",").map((name) => name.trim());
  const unknown = names?.find((name) => !topology.plan.nodes.some((node) => node.name === name));
  if (unknown !== undefined) {
    const all = topology.plan.nodes.map((node) => node.name);
    throw new DrillError("BAD_USAGE", `there is no node "${unknown}".${didYouMean(unknown, all)}`, {
      hint: `Nodes: ${all.join(", ")}.`,
    });
  }
  const isMeant = (target: string) => names === undefined || names.includes(target);
  return withAdmins(topology, async (admins) => {
    const healed: HandFault[] = [];
    const left: HandFault[] = [];
    for (const { fault, targets } of inForce) {
      const meant = targets.filter(isMeant);
      const others = targets.filter((target) => !isMeant(target));
      if (meant.length > 0) {
        await faultNamed(fault).heal({ topology, admins }, meant);
        healed.push({ fault, targets: meant });
      }
      if (others.length > 0) left.push({ fault, targets: others });
    }
    await writeFaults(topology, left);
    return healed;
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

/** What the data nodes are now. */
export async function viewNow(plan: Plan, admins: AdminPool): Promise<TopologyView> {
  const data = plan.nodes.filter((node) => node.program === "server");
  return new Map(
    await Promise.all(
      data.map(async ({ name }) => [name, (await lookAtNode(plan, admins.of(name), LOOK_MS)).node] as const),
    ),
  );
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
  if (faults.length === 0) await rm(path, { force: true });
  else await writeFile(path, `${JSON.stringify(faults)}\n`);
}

function faultNamed(kind: string): Fault {
  const fault = FAULTS.get(kind);
  if (fault) return fault;
  const kinds = [...FAULTS.keys()];
  throw new DrillError("BAD_USAGE", `no fault is named "${kind}".${didYouMean(kind, [...kinds, "heal"])}`, {
    hint: `Faults: ${kinds.join(", ")}; "heal" undoes them.`,
  });
}
