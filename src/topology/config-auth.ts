/*
 * What `config` says of passwords and users. The drill logs in as well, and so do the client, Sentinel and the replicas:
 * a `requirepass` that only the servers knew of would lock them all out.
 */
import { settingName } from "../model/setting-name.ts";
import type { Directives } from "./config-text.ts";

/** Directives of `config` that belong to authentication, under their names of today. */
export interface ConfigAuth {
  readonly requirepass?: string;
  readonly primaryauth?: string;
  readonly primaryuser?: string;
  /** Lines as an ACL file has them, without the word `user`. */
  readonly users: readonly string[];
  readonly aclfile?: string;
}

const OLD_NAMES: Readonly<Record<string, string>> = { masterauth: "primaryauth", masteruser: "primaryuser" };
const NAMES = ["requirepass", "primaryauth", "primaryuser", "user", "aclfile"];

/** What `config` says of it; `undefined` if it says nothing. */
export function configAuth(config: Directives): ConfigAuth | undefined {
  const found = new Map<string, readonly string[]>();
  for (const [given, value] of Object.entries(config)) {
    const name = authName(given);
    if (name === undefined) continue;
    const values = (Array.isArray(value) ? value : [value]).map((one) => unquoted(String(one)));
    if (values.every((one) => one === "")) continue; // `requirepass ""`: none
    found.set(name, values);
  }
  if (found.size === 0) return undefined;
  const one = (name: string) => found.get(name)?.at(-1);
  return {
    requirepass: one("requirepass"),
    primaryauth: one("primaryauth"),
    primaryuser: one("primaryuser"),
    users: found.get("user") ?? [],
    aclfile: one("aclfile"),
  };
}

/** `config` without them. */
export function withoutAuth<T extends Directives>(config: T): T {
  const rest = Object.entries(config).filter(([name]) => authName(name) === undefined);
  return Object.fromEntries(rest) as T;
}

function authName(given: string): string | undefined {
  const name = settingName(given);
  const now = OLD_NAMES[name] ?? name;
  return NAMES.includes(now) ? now : undefined;
}

/** Where they stand within `config`: for errors. */
export function placeOf(config: Directives, wanted: string): string {
  const name = Object.keys(config).find((one) => authName(one) === wanted);
  return `topology.config.${name ?? wanted}`;
}

function unquoted(text: string): string {
  const [, inner] = /^"(.*)"$/s.exec(text) ?? /^'(.*)'$/s.exec(text) ?? [];
  return inner ?? text;
}
