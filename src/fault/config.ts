import { z } from "zod";
import { DrillError, messageOf } from "../model/errors.ts";
import { type Admin, wasRefused } from "../valkey/admin.ts";
import { between, onDataNode } from "./explore.ts";
import type { Fault, FaultContext } from "./fault.ts";
import { onEach } from "./on-each.ts";
import { primariesMayLosePlace } from "./roles.ts";
import { change, dropConnections, type Settings, settingsNow } from "./settings.ts";

const value = z
  .union([z.string(), z.number(), z.boolean()])
  .transform((given) => (typeof given === "boolean" ? (given ? "yes" : "no") : String(given)));

const options = z
  .strictObject({
    set: z
      .preprocess(pairsOf, z.record(z.string().regex(/^[a-z][a-z0-9-]*$/), value))
      .optional()
      .describe("Settings by name, { maxmemory: 1mb }; on the command line set=maxmemory=1mb,appendonly=no."),
    minReplicas: z.int().min(0).max(100).optional().describe("min-replicas-to-write"),
    password: z
      .union([z.string().min(1), z.number().transform(String)])
      .optional()
      .describe("The new password of the default user, which clients and replicas do not know."),
  })
  .refine((given) => Object.keys(given).length > 0, "give one of set, minReplicas, password");
type Options = z.infer<typeof options>;

/** What a node had, and by which password it can be told so. */
interface Before {
  readonly settings: Settings;
  readonly password?: string;
}

/**
 * A setting that is wrong, as after a bad deployment. `password` is a rotation that clients and replicas have not heard
 * of: their connections are dropped, and they cannot log in again. Healed by putting back what was there.
 */
export const config: Fault<"config", typeof options> = {
  kind: "config",
  summary:
    "wrong settings: any directive (set), min-replicas, or a password that clients do not know; heal restores",
  needs: [],
  dataNodesOnly: true,
  options,
  explore: onDataNode((random) => ({ minReplicas: between(random, 1, 10) })),
  means: primariesMayLosePlace,
  label: (targets, given) => `${Object.keys(wanted(given)).join(", ")} of ${targets.join(", ")} changed`,
  inject: async (context, targets, given) => {
    const { admins, remember } = context;
    const settings = wanted(given);
    const before = await onEach(targets, (target) => lookUp(admins.of(target), settings), noUndo);
    await remember(before);
    const undo = (target: string) => restore(context, target, before);
    await onEach(targets, (target) => spoil(admins.of(target), settings), undo);
    return before;
  },
  heal: async (context, targets, remembered) => {
    await Promise.all(targets.map((target) => restore(context, target, remembered)));
  },
};

function wanted({ set, minReplicas, password }: Options): Settings {
  return {
    ...set,
    ...(minReplicas !== undefined && { "min-replicas-to-write": String(minReplicas) }),
    ...(password !== undefined && { requirepass: password }),
  };
}

async function lookUp(admin: Admin, { requirepass: password, ...others }: Settings): Promise<Before> {
  const names = [...Object.keys(others), ...(password === undefined ? [] : ["requirepass"])];
  try {
    return { settings: await settingsNow(admin, names), ...(password !== undefined && { password }) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new DrillError("BAD_USAGE", `config: ${messageOf(error)}`, {
      hint: "The names are those of valkey.conf: CONFIG GET '*' lists them.",
    });
  }
}

async function spoil(admin: Admin, settings: Settings): Promise<void> {
  await change(admin, settings);
  if (settings.requirepass === undefined) return;
  logInAsDefault(admin, settings.requirepass);
  await dropConnections(admin); // who is logged in stays so: only with a new connection do they meet the new password
}

async function restore({ admins }: FaultContext, target: string, remembered: unknown): Promise<void> {
  const before = (remembered as Record<string, Before> | undefined)?.[target];
  if (!before) return;
  const admin = admins.of(target);
  if (before.password) await logIn(admin, before.password);
  await change(admin, before.settings);
  if (before.password === undefined) return;
  logInAsDefault(admin, before.settings.requirepass);
  // A replica whose PSYNC was refused tries SYNC on the same connection. If it is let in just then, it stays linked by
  // the oldest protocol, which counts no offsets: all begin anew.
  await dropConnections(admin);
}

/**
 * This connection and those to come; a node that was restarted meanwhile asks for no password any more, and says so.
 */
async function logIn(admin: Admin, password: string): Promise<void> {
  if (admin.access.login?.user !== undefined) return; // a user of its own: it is still let in
  admin.logIn({ password });
  await admin.call(["AUTH", password]).catch((error: unknown) => {
    if (!wasRefused(error)) throw error;
  });
}

/** From the next connection on; a user of its own does not care for the password of the default one. */
function logInAsDefault(admin: Admin, password: string | undefined): void {
  if (admin.access.login?.user === undefined) admin.logIn(password ? { password } : undefined);
}

async function noUndo(): Promise<void> {}

/** `a=1,b=2` as an object; anything else as it is, for the schema to judge. */
function pairsOf(given: unknown): unknown {
  if (typeof given !== "string") return given;
  return Object.fromEntries(
    given.split(",").map((pair) => {
      const at = pair.indexOf("=");
      return at < 0 ? [pair, undefined] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
