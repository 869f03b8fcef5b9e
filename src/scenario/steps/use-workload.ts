import { z } from "zod";
import { didYouMean } from "../../base/nearest.ts";
import type { ClientLibrary } from "../../libraries/library.ts";
import { availability, requireAvailable } from "../../model/availability.ts";
import { DrillError } from "../../model/errors.ts";
import type { TopologyKind } from "../../model/plan.ts";
import { WORKLOADS } from "../../workload/registry.ts";
import type { Workload, WorkloadKind } from "../../workload/workload.ts";
import type { WorkloadUse as UseInput } from "../input.ts";
import { withInput } from "../with-input.ts";
import type { Misfit, WorkloadUse } from "./step.ts";

/**
 * `crud`, or `{ crud: { ttlMs: 500 } }`: a workload of that kind with its options, those not given at their defaults.
 */
export function useSchema<Kind extends WorkloadKind>(): z.ZodType<WorkloadUse, UseInput<Kind>> {
  return withInput<UseInput<Kind>>()(use); // that it is of that kind is told by `workloadMisfits`
}

const use = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .transform((given, context): WorkloadUse => {
    const entries = typeof given === "string" ? [[given, {}] as const] : Object.entries(given);
    const [name, rawOptions] = entries[0] ?? ["", {}];
    const workload = WORKLOADS.get(name);
    if (entries.length !== 1 || !workload) {
      const message = entries.length === 1 ? unknownWorkload(name) : "must name exactly one workload";
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    }
    const parsed = workload.options.safeParse(rawOptions ?? {});
    if (parsed.success) return { name, options: parsed.data };
    for (const issue of parsed.error.issues) {
      context.addIssue({ code: "custom", message: issue.message, path: [name, ...issue.path] });
    }
    return z.NEVER;
  });

/** The workload of that name, which the schema has let pass. */
export function workloadNamed(name: string): Workload {
  const workload = WORKLOADS.get(name);
  if (!workload) throw new DrillError("BAD_SCENARIO", unknownWorkload(name));
  return workload;
}

/** @throws DrillError `BAD_USAGE` if that client library cannot do what the workload needs, with what it lacks */
export function requireClientFor({ name, options }: WorkloadUse, client: ClientLibrary): void {
  requireAvailable(name, workloadNamed(name), { options, client });
}

/** That the workload is of the other kind, or not for this topology, with these options if they are known. */
export function workloadMisfits(
  { name, options }: { readonly name: string; readonly options?: unknown },
  kind: Workload["kind"],
  topology: TopologyKind,
): Misfit[] {
  const workload = WORKLOADS.get(name);
  if (!workload) return [{ path: [], message: unknownWorkload(name) }];
  if (workload.kind !== kind) {
    const right = workload.kind === "steady" ? "start" : "run";
    return [{ path: [], message: `${name} is a ${workload.kind} workload: write "${right}: ${name}"` }];
  }
  const said = availability(name, workload, { topology, options });
  return said.available ? [] : [{ path: [], message: said.reason }];
}

function unknownWorkload(name: string): string {
  const names = [...WORKLOADS.keys()];
  return `no workload is named "${name}".${didYouMean(name, names)} There are: ${names.join(", ")}`;
}
