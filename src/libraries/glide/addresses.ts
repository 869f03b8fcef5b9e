import type { GlideClusterClientConfiguration } from "@valkey/valkey-glide";
import type { ClientTarget } from "../../client/client.ts";
import type { ClientAccess } from "../../model/access.ts";

type Access = Pick<GlideClusterClientConfiguration, "useTLS" | "credentials" | "advancedConfiguration">;

/** TLS and login. It can show no certificate of its own: where one is required it is refused before anything starts. */
export function glideAccess({ tls, login }: ClientAccess = {}): Access {
  return {
    ...(login && {
      credentials: { password: login.password, ...(login.user !== undefined && { username: login.user }) },
    }),
    ...(tls && {
      useTLS: true,
      advancedConfiguration: { tlsAdvancedConfiguration: { rootCertificates: tls.ca } },
    }),
  };
}

/** How the library finds the nodes of a cluster, and where it goes for the addresses that they announce. */
export function addressesOf({
  nodes,
  natMap,
}: Extract<ClientTarget, { kind: "cluster" }>): Pick<
  GlideClusterClientConfiguration,
  "addresses" | "addressResolver"
> {
  return {
    addresses: nodes.map(({ host, port }) => ({ host, port })),
    ...(natMap && {
      addressResolver: (host: string, port: number): [string, number] => {
        const to = natMap[`${host}:${port}`];
        return to ? [to.host, to.port] : [host, port];
      },
    }),
  };
}
