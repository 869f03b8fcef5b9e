import type { AnsweredBy, ConnectionEvent, DrillClient } from "../../../client/client.ts";
import { withDeadline } from "../../../client/deadline.ts";
import { explained, NotDoneError, TimeoutError } from "../../../client/errors.ts";
import { asReply } from "../../replies.ts";
import { NODE_REDIS_ERRORS } from "../errors.ts";

/*
 *   call ──▶ library ── as soon as it has a connection ──▶ hand ── at most once ──▶ send ──▶ server
 *                 └── after READONLY or a lost connection: again ──▶ hand: refused
 */

/** A connection to a single node, as the library hands it over. */
export interface NodeConnection {
  readonly options?: { readonly socket?: { readonly host?: string; readonly port?: number } };
  sendCommand(args: string[], options?: object): Promise<unknown>;
}

/**
 * Called by the library with the connection that it has chosen, and with its own options for the commands to send
 * there.
 */
export type Hand = (node: NodeConnection, options?: object) => Promise<unknown>;

export interface AttemptParts<T> {
  /** Gives the call to the library, by its method that takes a function. */
  readonly begin: (hand: Hand) => Promise<unknown>;
  /** Sends it over just this connection. */
  readonly send: (node: NodeConnection, options?: object) => Promise<T>;
  /** Is it a server's reply? */
  readonly isReply: (error: unknown) => boolean;
  /** A refusal that the library follows to another node: the only thing that is sent again. */
  readonly isRedirect?: (error: unknown) => boolean;
  /** Told whenever a call is given to a connection; `redirect` is the refusal that it follows. */
  readonly onHanded?: (address: string | undefined, redirect: unknown) => void;
  readonly deadlineMs: number;
  readonly answeredBy?: AnsweredBy;
}

/**
 * One attempt with a library that, left alone, sends again what may have been done, and holds calls while it has no
 * connection. Neither can be turned off by an option: `RedisSentinel` does both whatever `maxCommandRediscovers` is. So
 * the library is given a function that sends **once**. It may try to connect for as long as it likes; a call that it
 * still holds at the deadline is not sent any more.
 *
 * @throws NotDoneError if no connection was given it in time
 */
export async function attempt<T>(parts: AttemptParts<T>): Promise<T> {
  const { begin, send, isReply, isRedirect, onHanded, deadlineMs, answeredBy } = parts;
  const now: { state: "held" | "sent" | "redirected" | "over"; address?: string; refusal?: unknown } = {
    state: "held",
  };
  const work = new Promise<T>((resolve, reject) => {
    const hand: Hand = async (node, options) => {
      if (now.state === "sent" || now.state === "over") return undefined; // ends the library's own loop
      now.state = "sent";
      now.address = addressOf(node);
      onHanded?.(now.address, now.refusal);
      try {
        const value = await send(node, options);
        resolve(value);
        return value;
      } catch (error) {
        if (isRedirect?.(error)) Object.assign(now, { state: "redirected", refusal: error });
        else reject(error);
        throw error; // the library learns from it
      }
    };
    begin(hand).catch((error: unknown) => reject(now.state === "sent" ? error : new NotDoneError(error)));
  });
  try {
    const value = await withDeadline(work, deadlineMs);
    answeredBy?.(now.address);
    return value;
  } catch (error) {
    answeredBy?.(isReply(error) ? now.address : undefined);
    if (!(error instanceof TimeoutError) || now.state === "sent") throw explained(error, NODE_REDIS_ERRORS);
    now.state = "over";
    throw new NotDoneError(error);
  }
}

/** The calls of a client, each by one attempt with the client for primaries or that for replicas. */
export function callsBy(
  via: <T>(
    role: ConnectionEvent["role"],
    args: readonly string[],
    parts: Pick<AttemptParts<T>, "send" | "deadlineMs" | "answeredBy">,
  ) => Promise<T>,
): Pick<DrillClient, "call" | "callReplica" | "callAndWait"> {
  const call =
    (role: ConnectionEvent["role"]): DrillClient["call"] =>
    async (args, deadlineMs, answeredBy) =>
      asReply(await via(role, args, { send: sending(args), deadlineMs, answeredBy }));
  return {
    call: call("primary"),
    callReplica: call("replica"),
    callAndWait: async (args, wait, deadlineMs, answeredBy) => {
      const done = await via("primary", args, {
        send: sendingAndWaiting(args, wait),
        deadlineMs,
        answeredBy,
      });
      return { ...done, reply: asReply(done.reply) };
    },
  };
}

/** Sends one command. */
export const sending = (args: readonly string[]) => (node: NodeConnection, options?: object) =>
  node.sendCommand([...args], { ...options, typeMapping: AS_IN_RESP2 });

/** The write, and right behind it `WAIT`: both are written in the same turn of the loop. */
const sendingAndWaiting =
  (args: readonly string[], { replicas, waitMs }: { readonly replicas: number; readonly waitMs: number }) =>
  async (node: NodeConnection, options?: object): Promise<{ reply: unknown; confirmed: number }> => {
    const [written, waited] = await Promise.allSettled([
      node.sendCommand([...args], { ...options, typeMapping: AS_IN_RESP2 }),
      node.sendCommand(["WAIT", String(replicas), String(waitMs)], options),
    ]);
    if (written.status === "rejected") throw written.reason;
    // The write was done; only its replication is in doubt, which is what the caller is told.
    return { reply: written.value, confirmed: waited.status === "fulfilled" ? Number(waited.value) : 0 };
  };

/** The library speaks RESP3. A double is text in RESP2: `RESP_TYPES.DOUBLE`, 44, is its type byte. */
const AS_IN_RESP2 = { 44: String } as const;

/** `host:port` of the other end. */
export function addressOf(node: NodeConnection): string | undefined {
  const { host, port } = node.options?.socket ?? {};
  return host === undefined || port === undefined ? undefined : `${host}:${port}`;
}
