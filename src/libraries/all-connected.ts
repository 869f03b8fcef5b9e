/**
 * Waits for all connections of one client.
 *
 * @param close ends them all: it is called if one of them fails, so that none is left open
 * @throws what the first of them failed with
 */
export async function allConnected(
  connecting: readonly Promise<unknown>[],
  close: () => Promise<void>,
): Promise<void> {
  try {
    await Promise.all(connecting);
  } catch (error) {
    await close();
    throw error;
  }
}
