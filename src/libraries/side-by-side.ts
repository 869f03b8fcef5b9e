import type { AppClientPool } from "./application.ts";

/**
 * What an application does with a library that has no pool: some clients beside each other, each used in its turn,
 * whatever state it is in.
 */
export function sideBySide<Client>(
  clients: readonly Client[],
  call: (client: Client, command: readonly string[]) => Promise<unknown>,
): AppClientPool {
  let used = 0;
  return {
    how: `none of its own: ${clients.length} clients side by side, each in its turn`,
    use: async (command) => {
      const place = used % clients.length;
      used += 1;
      await call(clients[place] as Client, command);
      return `client ${place + 1}`;
    },
  };
}
