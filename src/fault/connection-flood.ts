import { connect } from "node:net";
import { z } from "zod";
import { type Look, waitFor } from "../base/wait.ts";
import { endHelper, startHelper } from "../driver/helper.ts";
import type { ProcessIdentity } from "../driver/identity.ts";
import type { Endpoint } from "../model/plan.ts";
import { onDataNode } from "./explore.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { onEach } from "./on-each.ts";
import { primariesMayLosePlace } from "./roles.ts";
import { change, settingsNow } from "./settings.ts";

const options = z.strictObject({
  maxClients: z
    .int()
    .min(0)
    .max(100_000)
    .default(100)
    .describe("maxclients is lowered to so many, so that the flood stays small; 0: it is left as it is."),
});
type Options = z.infer<typeof options>;

/** Of one node: what it had, and who floods it. */
interface Flood {
  readonly maxclients: string;
  readonly helper?: ProcessIdentity;
}

const FULL_MS = 20_000;
const FREE_MS = 10_000;
const GREETING_MS = 200;

/**
 * Idle connections up to `maxclients`: whoever comes is refused, whoever is connected stays. Held by a process of its
 * own, which takes every place that becomes free. Healed by ending that process, and putting `maxclients` back.
 */
export const connectionFlood: Fault<"connection-flood", typeof options> = {
  kind: "connection-flood",
  summary: "idle connections up to maxclients, held by a helper: newcomers are refused; heal closes them",
  needs: [],
  dataNodesOnly: true,
  options,
  explore: onDataNode(() => ({ maxClients: 100 })),
  means: primariesMayLosePlace,
  label: (targets) => `${targets.join(", ")} flooded with connections`,
  outlivesNodes: true,
  inject: async (context, targets, given) => {
    const floods: Record<string, Flood> = {};
    await onEach(
      targets,
      (target) => flood(context, target, given, floods),
      (target) => drain(context, target, floods),
    );
    return floods;
  },
  heal: async (context, targets, remembered) => {
    const floods = (remembered ?? {}) as Record<string, Flood>;
    await Promise.all(targets.map((target) => drain(context, target, floods)));
  },
};

async function flood(
  { topology, admins, signal, remember }: FaultContext,
  target: string,
  { maxClients }: Options,
  floods: Record<string, Flood>,
): Promise<void> {
  const admin = admins.of(target);
  const { maxclients } = (await settingsNow(admin, ["maxclients"])) as { maxclients: string };
  floods[target] = { maxclients };
  await remember(floods);
  if (maxClients > 0 && maxClients < Number(maxclients)) await change(admin, { maxclients: `${maxClients}` });
  const { host, port } = admin.endpoint;
  const silent = admin.access.tls !== undefined;
  const args = [host, port, silent ? "silent" : "telling"];
  const helper = await startHelper({ program: FLOOD, args, outlives: topology.detached });
  floods[target] = { maxclients, helper };
  await remember(floods);
  const what = `${target} to refuse a connection`;
  await waitFor(() => isRefused(admin.endpoint, silent), { what, timeoutMs: FULL_MS, signal });
}

async function drain(
  { topology, admins, signal }: FaultContext,
  target: string,
  floods: Readonly<Record<string, Flood>>,
): Promise<void> {
  const { helper, maxclients } = floods[target] ?? {};
  if (helper) await endHelper(helper);
  if (maxclients === undefined || signal.aborted || (await topology.state(target)) === "stopped") return;
  await waitFor(
    async () => {
      await change(admins.of(target), { maxclients }); // refused as well, for as long as the closed ones are counted
      return { done: true, value: undefined };
    },
    { what: `${target} to take connections again`, timeoutMs: FREE_MS },
  );
}

/**
 * A server says at once that it is full, and closes; it says nothing to whom it takes. With TLS it closes without a word, since
 * nothing was agreed on yet in which it could speak.
 */
async function isRefused({ host, port }: Endpoint, silent: boolean): Promise<Look<undefined>> {
  const socket = connect(port, host);
  const said = await new Promise<string>((resolve) => {
    socket.setTimeout(GREETING_MS, () => resolve("it took one"));
    socket.once("data", (data) => resolve(data.toString("latin1").trim()));
    socket.once("error", (error) => resolve(error.message));
    socket.once("close", () => resolve(CLOSED));
  });
  socket.destroy();
  return said.includes("max number of clients") || (silent && said === CLOSED)
    ? { done: true, value: undefined }
    : { done: false, seen: said };
}

const CLOSED = "it closed one without a word";

/** Ends itself once it has held no connection for ten seconds: then the node is gone. */
const FLOOD = `
import { connect } from "node:net";
const [host, port, kind] = process.argv.slice(1);
let held = 0, refusedAt = 0, heldAt = Date.now(), burst = 50;
const refused = () => { refusedAt = Date.now(); burst = 1; };
function open() {
  const socket = connect({ host, port: Number(port) });
  socket.on("connect", () => {
    held += 1;
    const since = heldAt = Date.now();
    socket.on("close", () => { held -= 1; if (kind === "silent" && Date.now() - since < 200) refused(); });
  });
  socket.on("data", () => { refused(); socket.destroy(); });
  socket.on("error", refused);
}
setInterval(() => {
  if (held > 0) heldAt = Date.now();
  if (Date.now() - heldAt > 10_000) process.exit();
  if (Date.now() - refusedAt < 250) return;
  for (let n = 0; n < burst; n += 1) open();
  burst = Math.min(50, burst * 2);
}, 10);
ready();
`;
