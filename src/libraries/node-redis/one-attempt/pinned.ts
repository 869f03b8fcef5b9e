import type { PinnedConnection } from "../../../client/client.ts";
import { withDeadline } from "../../../client/deadline.ts";
import { explained, NotDoneError } from "../../../client/errors.ts";
import { asReply } from "../../replies.ts";
import { NODE_REDIS_ERRORS } from "../errors.ts";
import { type AttemptParts, addressOf, attempt, type Hand, type NodeConnection, sending } from "./attempt.ts";

/** Of each socket of a connection, which the library replaces by itself, another number. */
interface Epochs {
  readonly socketEpoch?: number;
  readonly isReady?: boolean;
}

/** The refusals from which the library learns that the roles have changed. */
const MOVED_ON = /^(READONLY|MOVED)\b/;

/**
 * The connection that the library has now, as long as it is on the same socket: on the next one the server has
 * forgotten what was watched. What is sent in one turn of the loop is written together or, with the offline queue off,
 * not at all.
 *
 * @param begin gives a call to the library, by its method that takes a function
 */
export async function pinnedTo(
  begin: (hand: Hand) => Promise<unknown>,
  isReply: AttemptParts<unknown>["isReply"],
  deadlineMs: number,
): Promise<PinnedConnection> {
  const node = await attempt<NodeConnection & Epochs>({
    begin,
    send: async (one) => one,
    isReply,
    deadlineMs,
  });
  const first = node.socketEpoch;
  return {
    send: async (commands, ms, answeredBy) => {
      if (node.isReady !== true || node.socketEpoch !== first)
        throw new NotDoneError(new Error("the connection was lost"));
      const ends = commands.map((args) =>
        withDeadline(sending(args)(node), ms)
          .then(asReply)
          .catch((error: unknown) => explained(error, NODE_REDIS_ERRORS) as Error),
      );
      const replies = await Promise.all(ends);
      const last = replies.at(-1);
      answeredBy?.(!(last instanceof Error) || isReply(last) ? addressOf(node) : undefined);
      const refusal = replies.find((reply) => reply instanceof Error && MOVED_ON.test(reply.message));
      if (refusal instanceof Error) teach(begin, refusal);
      return replies;
    },
  };
}

/** Shows the library a refusal that it has not seen, as if it had sent the command itself. */
function teach(begin: (hand: Hand) => Promise<unknown>, refusal: Error): void {
  let isTold = false;
  const tell: Hand = async () => {
    if (isTold) return undefined; // ends the library's own loop
    isTold = true;
    throw refusal;
  };
  begin(tell).catch(() => {}); // the caller has the refusal itself
}
