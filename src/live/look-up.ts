import { keySlot } from "../base/slots.ts";
import { accessOf } from "../model/access.ts";
import { messageOf } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import type { TopologyView } from "../observe/view.ts";
import { type Admin, adminOf } from "../valkey/admin.ts";

const ASK_MS = 500;
const MOST_CHARS = 300;

/** What each data node holds under a key, by its own account, primaries and replicas alike. */
export async function lookUp(plan: Plan, view: TopologyView, key: string) {
  const data = plan.nodes.filter(({ program }) => program === "server");
  const nodes = await Promise.all(
    data.map(async (node) => {
      const { name, endpoint } = node;
      const role = view.get(name)?.reachable ? (view.get(name)?.role ?? "?") : "gone";
      const admin = adminOf(endpoint, accessOf(plan, node)); // of its own: in a cluster READONLY would change what the others are told
      try {
        return { node: name, role, value: shortened(await valueAt(admin, plan, key)) };
      } catch (error) {
        return { node: name, role, value: `(${messageOf(error)})` };
      } finally {
        admin.close();
      }
    }),
  );
  return { slot: plan.kind === "cluster" ? keySlot(key) : null, nodes };
}

async function valueAt(admin: Admin, plan: Plan, key: string): Promise<string> {
  if (plan.kind === "cluster") await admin.call(["READONLY"], ASK_MS);
  const type = String(await admin.call(["TYPE", key], ASK_MS));
  if (type === "none") return "(no such key)";
  if (type === "string") return JSON.stringify(await admin.call(["GET", key], ASK_MS));
  if (type === "list") return JSON.stringify(await admin.call(["LRANGE", key, "0", "99"], ASK_MS));
  return `(a ${type})`;
}

function shortened(text: string): string {
  return text.length > MOST_CHARS ? `${text.slice(0, MOST_CHARS)}…` : text;
}
