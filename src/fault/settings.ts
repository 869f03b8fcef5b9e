import type { Admin } from "../valkey/admin.ts";

/** Settings by the names that the server gives them. */
export type Settings = Readonly<Record<string, string>>;

/** Their values now. @throws RangeError naming one that the server does not know */
export async function settingsNow(admin: Admin, names: readonly string[]): Promise<Settings> {
  const reply = (await admin.call(["CONFIG", "GET", ...names])) as string[];
  const found = new Map<string, string>();
  for (let at = 0; at < reply.length; at += 2) found.set(reply[at] as string, reply[at + 1] as string);
  const unknown = names.find((name) => !found.has(name));
  if (unknown !== undefined) throw new RangeError(`the server has no setting "${unknown}"`);
  return Object.fromEntries(names.map((name) => [name, found.get(name) as string]));
}

/** All of them or none: the server refuses the whole if one is wrong. */
export async function change(admin: Admin, settings: Settings): Promise<void> {
  const pairs = Object.entries(settings).flat();
  if (pairs.length > 0) await admin.call(["CONFIG", "SET", ...pairs]);
}

/** All but the drill's own: who was let in meets what has changed when it comes again. */
export async function dropConnections(admin: Admin): Promise<void> {
  const types = ["normal", "pubsub", "replica"];
  await admin.pipeline(types.map((type) => ["CLIENT", "KILL", "TYPE", type, "SKIPME", "yes"]));
}
