import type { Setting } from "../application.ts";
import type { ClientLibrary } from "../library.ts";

/** What the libraries of the family do not have in common. */
interface FamilySettings {
  /** Its README, where options are documented. */
  readonly readme: string;
  /** `socketTimeout`: what silence means differs, and who documents it. */
  readonly socketTimeout: Pick<Setting, "why" | "docs">;
  /** With Sentinel, after what each connection is given. */
  readonly ha: readonly Setting[];
}

/** Profiles of ioredis and its forks: the README's sample has no settings, and nobody who listens for errors. */
export function familyProfiles({ readme, socketTimeout, ha }: FamilySettings): ClientLibrary["profiles"] {
  const connection: readonly Setting[] = [
    {
      option: "connectTimeout",
      value: 1000,
      why: "A node that does not answer is given up after a second; by default after ten.",
      docs: "https://redis.github.io/ioredis/interfaces/CommonRedisOptions.html#connectTimeout",
    },
    { option: "socketTimeout", value: 2000, ...socketTimeout },
  ];
  const cluster: readonly Setting[] = [
    ...connection.map((setting) => ({ ...setting, option: `redisOptions.${setting.option}` })),
    {
      option: "slotsRefreshInterval",
      value: 1000,
      why: "Looks at the slot map once a second; by default only after an error.",
      docs: `${readme}#cluster`,
    },
    {
      option: "maxRedirections",
      value: 100,
      why: "A call is tried again for as long as a failover takes: 16 times 100 ms, the default, is shorter.",
      docs: `${readme}#cluster`,
    },
  ];
  /** As with Sentinel, for another reason. */
  const alike = (option: string, why: string): Setting[] =>
    ha.filter((setting) => setting.option === option).map((setting) => ({ ...setting, why }));
  const dns: readonly Setting[] = [
    ...connection,
    ...alike(
      "retryStrategy",
      "Tries to connect at least twice a second, and asks for the name's address each time.",
    ),
    ...alike(
      "reconnectOnError",
      "The name leads to the old primary until it is changed, and that may be back as a replica: the connection is " +
        "given up, the name asked for anew, and the refused call sent again. Without it the client stays with the " +
        "replica for ever.",
    ),
    ...alike(
      "maxRetriesPerRequest",
      "A call waits for longer than a failover and a change of the name take, and not for ever.",
    ),
  ];
  const asInReadme = { settings: [], listensForErrors: false };
  return {
    default: { ha: asInReadme, cluster: asInReadme, dns: asInReadme },
    tuned: {
      ha: { settings: [...connection, ...ha], listensForErrors: true },
      cluster: { settings: cluster, listensForErrors: true },
      dns: { settings: dns, listensForErrors: true },
    },
  };
}
