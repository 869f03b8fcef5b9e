import { z } from "zod";
import { hostsOf, makeAuthority, openAuthority } from "../base/certificates.ts";
import { nodeOf } from "../driver/driver.ts";
import { accessOf } from "../model/access.ts";
import { DrillError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { nodeActionOf } from "./node-action-of.ts";
import { onEach } from "./on-each.ts";
import { primariesMayLosePlace } from "./roles.ts";
import { change, dropConnections } from "./settings.ts";

const options = z.strictObject({
  problem: z
    .enum(["expired", "wrong-name", "other-ca", "none"])
    .default("expired")
    .describe("What is wrong with the node's new certificate; none: a rotation done right."),
  reload: z
    .boolean()
    .default(true)
    .describe("The server loads it, and all connections are made anew; false: only the files are replaced."),
});
type Options = z.infer<typeof options>;

/** Of a node, by the names in its configuration (`tls-cert-file`, `tls-key-file`). */
const [CERT, KEY] = ["node.crt", "node.key"];
const DAY_MS = 86_400_000;
const RESTORE = `for file in ${CERT} ${KEY}; do if [ -e $file.before ]; then mv $file.before $file; fi; done`;

const TITLES = {
  expired: "expired",
  "wrong-name": "names another host",
  "other-ca": "comes from another CA",
  none: "is new",
} as const;

/**
 * A node shows another certificate, as after a rotation that went wrong. Who is connected stays so: with `reload` all connections
 * are dropped, as at a restart. Healed by putting the files back and loading them.
 */
export const certificate: Fault<"certificate", typeof options> = {
  kind: "certificate",
  summary:
    "another TLS certificate: expired, for another name, of another CA, or a good one; heal puts it back",
  needs: ["data-files"],
  dataNodesOnly: true,
  lackingOf,
  options,
  means: primariesMayLosePlace,
  label: (targets, { problem, reload }) =>
    `certificate of ${targets.join(", ")} ${TITLES[problem]}${reload ? "" : ", not loaded"}`,
  inject: async (context, targets, given) => {
    const undo = (target: string) => putBack(context, target);
    return await onEach(targets, (target) => replace(context, target, given), undo);
  },
  heal: async (context, targets) => {
    await Promise.all(targets.map((target) => putBack(context, target)));
  },
};

function lackingOf({ security }: Plan): string | undefined {
  if (!security?.tls) return "TLS: write topology: { tls: true }, or give --tls";
  if (security.tls.caKey !== undefined) return undefined;
  return "an authority of the drill's own: leave topology.tls.certificates out";
}

async function replace(context: FaultContext, target: string, { problem, reload }: Options): Promise<void> {
  const { topology, admins } = context;
  const tls = topology.plan.security?.tls;
  if (!tls) throw new DrillError("BAD_USAGE", `certificate needs ${lackingOf(topology.plan)}`);
  const authority =
    problem === "other-ca"
      ? await makeAuthority("another CA")
      : await openAuthority({ cert: tls.ca, key: tls.caKey ?? "" });
  const pair = await authority.issue({
    name: target,
    hosts:
      problem === "wrong-name"
        ? ["elsewhere.invalid"]
        : hostsOf(target, nodeOf(topology.plan, target).endpoint),
    ...(problem === "expired" && {
      notBefore: new Date(Date.now() - 30 * DAY_MS),
      notAfter: new Date(Date.now() - DAY_MS),
    }),
  });
  const inFolder = nodeActionOf(topology, "inDataFolder");
  const into = (file: string) =>
    `umask 077; if [ ! -e ${file}.before ]; then cp -p ${file} ${file}.before; fi; cat >${file}`;
  await inFolder(target, into(CERT), pair.cert);
  await inFolder(target, into(KEY), pair.key);
  if (!reload) return;
  await load(context, target);
  await dropConnections(admins.of(target));
}

/** Our own connections take whatever it shows from now on: we go on looking at it. */
async function load({ topology, admins }: FaultContext, target: string): Promise<void> {
  const admin = admins.of(target);
  const { tls } = accessOf(topology.plan, nodeOf(topology.plan, target));
  if (tls) admin.trust({ ...tls, unverified: true });
  await change(admin, { "tls-cert-file": CERT, "tls-key-file": KEY });
}

async function putBack(context: FaultContext, target: string): Promise<void> {
  const { topology, admins } = context;
  await nodeActionOf(topology, "inDataFolder")(target, RESTORE);
  if ((await topology.state(target)) !== "running") return; // it loads them when it starts
  await load(context, target);
  admins.of(target).trust(accessOf(topology.plan, nodeOf(topology.plan, target)).tls);
}
