import type { Socket } from "node:net";
import type { Valkey } from "iovalkey";
import type { PinnedConnection } from "../../../client/client.ts";
import { NotDoneError } from "../../../client/errors.ts";
import type { Sender } from "./send.ts";

/**
 * The connection that the client has now. The library would go on over the next one without a word, though the server
 * has forgotten what was watched: so each time the socket is held against the first one. What is sent in the same turn
 * of the loop goes over that socket, or nowhere.
 *
 * @throws NotDoneError if it has none
 */
export function pinnedTo(client: Valkey, { send }: Pick<Sender, "send">): PinnedConnection {
  const first = socketOf(client);
  if (first === undefined) throw new NotDoneError(new Error("there is no connection"));
  return {
    send: async (commands, deadlineMs, answeredBy) => {
      if (socketOf(client) !== first) throw new NotDoneError(new Error("the connection was lost"));
      const ends = commands.map((args) =>
        send(client, args, deadlineMs, answeredBy).catch((error: Error) => error),
      );
      return Promise.all(ends);
    },
  };
}

/** The socket over which it would send at once; the library keeps it to itself. */
function socketOf(client: Valkey): Socket | undefined {
  const { status, stream } = client as unknown as { status: string; stream?: Socket };
  return status === "ready" && stream?.writable ? stream : undefined;
}
