import type { RedisClientOptions } from "redis";
import type { ClientAccess, Credentials } from "../../model/access.ts";

type Connection = Pick<RedisClientOptions, "username" | "password" | "socket">;

/** TLS and login of connections to data nodes. */
export const nodeAccess = ({ tls, login }: ClientAccess = {}): Connection => connection(tls, login);

/** The same of connections to Sentinels. */
export const sentinelAccess = ({ tls, sentinelLogin }: ClientAccess = {}): Connection =>
  connection(tls, sentinelLogin);

function connection(tls: ClientAccess["tls"], login: Credentials | undefined): Connection {
  return {
    ...(login && { password: login.password, ...(login.user !== undefined && { username: login.user }) }),
    ...(tls && { socket: { tls: true, ca: tls.ca, cert: tls.cert, key: tls.key } }),
  };
}

/** Options with these under them: what is given there counts, and both `socket`s are joined. */
export function withAccess<T extends { readonly socket?: object }>(access: Connection, own: T): T {
  const socket = { ...access.socket, ...own.socket };
  return { ...access, ...own, ...(Object.keys(socket).length > 0 && { socket }) };
}
