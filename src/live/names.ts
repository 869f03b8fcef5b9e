import { CLIENTS_END, parseLinkName } from "../driver/links.ts";
import type { Fault } from "../fault/fault.ts";
import { DrillError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";

/** @throws DrillError `BAD_USAGE` if one of them is no node of the plan, or no link between its ends */
export function checkNames(fault: Fault, targets: readonly string[], plan: Plan): void {
  const names = plan.nodes.map(({ name }) => name);
  const isOne = (target: string) => {
    if (fault.targetKind !== "links") return names.includes(target);
    const link = parseLinkName(target);
    const ends = [...names, CLIENTS_END];
    return link !== undefined && link.from !== link.to && ends.includes(link.from) && ends.includes(link.to);
  };
  const wrong = targets.find((target) => !isOne(target));
  if (wrong !== undefined)
    throw new DrillError(
      "BAD_USAGE",
      `there is no ${fault.targetKind === "links" ? "link" : "node"} "${wrong}"`,
    );
}
