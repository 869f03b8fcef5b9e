import type { RedisOptions } from "iovalkey";
import type { ClientAccess } from "../../model/access.ts";

/** TLS and login of connections to data nodes. */
export function familyNodeAccess({ tls, login }: ClientAccess = {}): RedisOptions {
  return {
    ...(tls && { tls: { ca: tls.ca, cert: tls.cert, key: tls.key } }),
    ...(login && { username: login.user, password: login.password }),
  };
}

/** The same with Sentinels, which are asked first. */
export function familyAccess(access: ClientAccess = {}): RedisOptions {
  const { tls, sentinelLogin } = access;
  return {
    ...familyNodeAccess(access),
    // The library's own name of TLS to the Sentinels; `enableTLSForSentinelMode` hands `tls` on to what they name.
    ...(tls && { sentinelTLS: { ca: tls.ca, cert: tls.cert, key: tls.key }, enableTLSForSentinelMode: true }),
    ...(sentinelLogin && { sentinelUsername: sentinelLogin.user, sentinelPassword: sentinelLogin.password }),
  };
}
