import { accessOf } from "../model/access.ts";
import type { Plan } from "../model/plan.ts";
import { type Admin, adminOf } from "./admin.ts";

/** One lasting admin connection for each node of a plan, opened at its first use. */
export interface AdminPool {
  of(node: string): Admin;
  close(): void;
}

export function adminPool(plan: Plan): AdminPool {
  const admins = new Map(plan.nodes.map((node) => [node.name, adminOf(node.endpoint, accessOf(plan, node))]));
  return {
    of: (name) => {
      const admin = admins.get(name);
      if (!admin) throw new RangeError(`no node named ${name}`);
      return admin;
    },
    close: () => {
      for (const admin of admins.values()) admin.close();
    },
  };
}
