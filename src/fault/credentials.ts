import { z } from "zod";
import type { Credentials } from "../model/access.ts";
import { DrillError } from "../model/errors.ts";
import type { Plan } from "../model/plan.ts";
import type { Admin } from "../valkey/admin.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { onEach } from "./on-each.ts";
import { primariesMayLosePlace } from "./roles.ts";
import { change } from "./settings.ts";

const options = z.strictObject({
  user: z
    .enum(["application", "replication", "sentinel"])
    .default("application")
    .describe("Whose password or rules: the client's, the replicas' or the Sentinels'."),
  order: z
    .enum(["wrong", "right"])
    .default("wrong")
    .describe(
      "wrong: servers first, and the user is not told; right: both passwords hold until the user has the new one.",
    ),
  rules: z
    .string()
    .min(1)
    .optional()
    .describe("ACL rules that the user is given in place of a new password: '-slaveof'."),
});
type Options = z.infer<typeof options>;
type Job = Options["user"];

/** What healing must know: rules with hashes of passwords, and no password. */
interface Known {
  readonly user: string;
  readonly job: Job;
  /** What `ACL LIST` said of that user, by node. */
  readonly lines: Readonly<Record<string, string>>;
  /** Replicas or Sentinels were told a new password. */
  readonly told: boolean;
}

/**
 * A user's password is rotated, or its rules are changed. Who is logged in stays so: the user's connections are dropped, so that
 * each shows whether it can log in again. Healed by putting back what the servers had, and the old password where it was told.
 */
export const credentials: Fault<"credentials", typeof options> = {
  kind: "credentials",
  summary:
    "a user's password is rotated, rightly or wrongly, or its ACL rules change; heal puts back what was there",
  needs: [],
  dataNodesOnly: true,
  lackingOf: ({ security }) =>
    security?.data?.application?.user === undefined
      ? "users of its own: topology: { auth: { users: {} } }"
      : undefined,
  unsupportedOn: ({ user }, kind) =>
    user === "sentinel" && kind === "cluster" ? "user: sentinel needs Sentinels" : undefined,
  options,
  means: primariesMayLosePlace,
  label: (targets, { user, order, rules }) =>
    rules === undefined
      ? `password of ${user} rotated in the ${order} order at ${targets.join(", ")}`
      : `rules of ${user} changed at ${targets.join(", ")}`,
  inject: async (context, targets, given) => {
    const user = loginOf(context.topology.plan, given.user).user as string;
    const lines = await onEach(
      targets,
      (target) => ruleLine(context.admins.of(target), user),
      async () => {},
    );
    const told = given.rules === undefined && given.order === "right" && given.user !== "application";
    const known: Known = { user, job: given.user, lines, told };
    await context.remember(known);
    try {
      await changeUser(context, targets, given, known);
    } catch (error) {
      await putBack(context, targets, known).catch(() => {}); // the first failure is the one to be told
      throw error;
    }
    return known;
  },
  heal: async (context, targets, remembered) => {
    if (remembered !== undefined) await putBack(context, targets, remembered as Known);
  },
};

function loginOf({ security }: Plan, job: Job): Credentials {
  const found = job === "application" ? security?.data?.application : security?.internal?.[job];
  if (found?.user !== undefined) return found;
  throw new DrillError("BAD_USAGE", `credentials: ${job} has no user of its own here`, {
    hint: "Give it one: topology: { auth: { users: {} } }.",
  });
}

async function changeUser(
  context: FaultContext,
  targets: readonly string[],
  { order, rules }: Options,
  { user, job, told }: Known,
): Promise<void> {
  const { admins, random, topology } = context;
  const set = (...words: string[]) =>
    Promise.all(targets.map((target) => admins.of(target).call(["ACL", "SETUSER", user, ...words])));
  const password = random.hex(48);
  if (rules !== undefined) await set(...rules.split(/\s+/).filter((word) => word !== ""));
  else if (order === "wrong") await set("resetpass", `>${password}`);
  else {
    await set(`>${password}`);
    // The drill's client cannot be told another password, so for it the old one holds until the fault is healed.
    if (told) {
      await tell(context, job, password);
      await set(`<${loginOf(topology.plan, job).password}`);
    }
  }
  await drop(context, targets, user);
}

/** Gives replicas (all data nodes: each may become one) or Sentinels the password with which they log in. */
async function tell({ topology, admins }: FaultContext, job: Job, password: string): Promise<void> {
  const program = job === "sentinel" ? "sentinel" : "server";
  const nodes = topology.plan.nodes.filter((node) => node.program === program);
  await Promise.all(
    nodes.map(async ({ name }) => {
      if ((await topology.state(name)) !== "running") return;
      const admin = admins.of(name);
      if (job !== "sentinel") return await change(admin, { masterauth: password });
      await admin.call(["SENTINEL", "SET", topology.plan.sentinelGroup as string, "auth-pass", password]);
    }),
  );
}

async function drop({ admins }: FaultContext, targets: readonly string[], user: string): Promise<void> {
  await Promise.all(targets.map((target) => admins.of(target).call(["CLIENT", "KILL", "USER", user])));
}

async function putBack(context: FaultContext, targets: readonly string[], known: Known): Promise<void> {
  const { topology, admins } = context;
  const { user, job, lines, told } = known;
  await Promise.all(
    targets.map(async (target) => {
      const line = lines[target];
      if (line === undefined || (await topology.state(target)) !== "running") return;
      await admins.of(target).call(["ACL", "SETUSER", user, "reset", ...line.split(" ")]);
    }),
  );
  if (told) await tell(context, job, loginOf(topology.plan, job).password);
}

/** What `ACL LIST` says behind the name. */
async function ruleLine(admin: Admin, user: string): Promise<string> {
  const head = `user ${user} `;
  const lines = (await admin.call(["ACL", "LIST"])) as string[];
  const line = lines.find((one) => one.startsWith(head));
  if (line !== undefined) return line.slice(head.length);
  throw new DrillError("NOT_READY", `${admin.endpoint.host}:${admin.endpoint.port} has no user ${user}`);
}
