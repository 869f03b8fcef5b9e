import type { GlideClusterClientConfiguration } from "@valkey/valkey-glide";
import type { ClientTarget } from "../../client/client.ts";

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
