import { z } from "zod";
import { FAULTS } from "../fault/registry.ts";
import { availability } from "../model/availability.ts";
import type { Plan } from "../model/plan.ts";
import { SELECTORS } from "../scenario/selectors.ts";
import { LINK_SELECTORS } from "../scenario/selectors-links.ts";
import type { Session } from "../session/session.ts";
import type { FaultsAnswer } from "./wire.ts";

/** Every fault: can it be injected here, why not, and what are its options? */
export function faultList({
  plan,
  topology,
}: Pick<Session, "plan" | "topology">): Omit<FaultsAnswer, "injected"> {
  const faults = [...FAULTS.values()].map((fault) => {
    const on = { capable: topology, name: `${plan.kind} topology` };
    const said = availability(fault.kind, fault, { topology: plan.kind, on });
    return {
      fault: fault.kind,
      summary: fault.summary,
      targets: fault.targetKind ?? ("nodes" as const),
      ...available(said, fault.kind, fault.lackingOf?.(plan)),
      options: optionsOf(fault.options),
    };
  });
  return { faults, targets: { nodes: { ...SELECTORS }, links: { ...LINK_SELECTORS } } };
}

function available(said: ReturnType<typeof availability>, kind: string, lacking: string | undefined) {
  if (!said.available) {
    const { reason, hint } = said;
    return { available: false, reason, ...(hint !== undefined && { hint }) };
  }
  return lacking === undefined
    ? { available: true }
    : { available: false, reason: `${kind} needs ${lacking}` };
}

function optionsOf(schema: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  return json;
}

/** Names of the nodes that hold data. */
export function dataNodesOf(plan: Plan): string[] {
  return plan.nodes.filter(({ program }) => program === "server").map(({ name }) => name);
}
