import type { Credentials } from "../../model/access.ts";
import type { Address } from "../../model/plan.ts";
import type { Places } from "./places.ts";

/**
 * The URL of one server: `redis://user:password@host:port`, `rediss://` where the servers speak TLS.
 *
 * https://www.iana.org/assignments/uri-schemes/prov/redis
 */
export function serverUrl({ access }: Places, address: Address, scheme = "redis"): string {
  const { tls, login } = access;
  return `${scheme}${tls ? "s" : ""}://${loginPart(login)}${address.host}:${address.port}`;
}

/** `user:password@`, each percent-encoded; empty where nobody is asked. */
export function loginPart(login: Credentials | undefined): string {
  if (login === undefined) return "";
  return `${encodeURIComponent(login.user ?? "")}:${encodeURIComponent(login.password)}@`;
}
