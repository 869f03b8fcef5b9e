import { withDeadline } from "../../../client/deadline.ts";
import { TimeoutError } from "../../../client/errors.ts";
import { messageOf } from "../../../model/errors.ts";

interface Connecting {
  connect(): Promise<unknown>;
  on(event: "error", listener: (error: unknown) => void): unknown;
}

/**
 * Resolves when the library says that it has connected. Afterwards its `error` events, which tell of single connections
 * while it reconnects, have a listener: what they mean for a caller shows in the calls themselves.
 */
export async function awaitConnected(client: Connecting, deadlineMs: number): Promise<void> {
  let last = "no event yet";
  client.on("error", (error) => {
    last = messageOf(error);
  });
  try {
    await withDeadline(client.connect(), deadlineMs);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    throw new Error(`the client was not ready within ${deadlineMs} ms; last seen: ${last}`);
  }
}
