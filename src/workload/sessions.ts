/*
 *   session 1 ── own client ── turn ─ turn ─ turn ─▶      one after the other within a session,
 *   session 2 ── own client ── turn ── turn ── turn ▶     at the same time across them
 */
import type { Random } from "../base/random.ts";
import { pause } from "../base/wait.ts";
import type { AnsweredBy, DrillClient } from "../client/client.ts";
import { withRetry } from "../client/retry.ts";
import type { Reply } from "../valkey/admin.ts";
import { durableCall } from "./durable-write.ts";
import { withOwnClients } from "./own-clients.ts";
import type { WorkloadContext } from "./workload.ts";

/** Who does one thing after the other, on connections of its own, as a process of an application does. */
export interface Session {
  /** The `client` of its operations: tells sequential sessions apart. */
  readonly name: string;
  readonly client: DrillClient;
  readonly random: Random;
}

/** One session, and what it does again and again. */
export interface SessionPlan {
  readonly name: string;
  readonly perSecond: number;
  /** @param n number of the turn, from 1 */
  readonly turn: (session: Session, n: number) => Promise<void>;
}

/**
 * Runs sessions beside each other until the signal aborts, each at its own fixed rate. A session whose turn took longer
 * than its interval goes on at once, and does not make up for the turns that it missed: it waits for its answers, so it
 * measures no outage. (That is what the probe, `unique-writes`, is for.)
 *
 * @throws what broke a turn, or a client that could not connect
 */
export async function runSessions(context: WorkloadContext, plans: readonly SessionPlan[]): Promise<void> {
  await withOwnClients(context, plans.length, async (clients) => {
    await Promise.all(
      plans.map(({ name, perSecond, turn }, n) => {
        const random = context.random.fork(`${name} ${context.random.hex(6)}`);
        const session = { name, client: clients[n] as DrillClient, random };
        return paced(perSecond, context.signal, (n) => turn(session, n));
      }),
    );
  });
}

/** Works beside each other. What breaks one of them ends the others. @throws what broke the first of them */
export async function besideEachOther(
  context: WorkloadContext,
  works: readonly ((context: WorkloadContext) => Promise<void>)[],
): Promise<void> {
  const broken = new AbortController();
  const signal = AbortSignal.any([context.signal, broken.signal]);
  let first: { readonly error: unknown } | undefined;
  await Promise.all(
    works.map((work) =>
      work({ ...context, signal }).catch((error: unknown) => {
        first ??= { error };
        broken.abort();
      }),
    ),
  );
  if (first) throw first.error;
}

/** Sessions that all do the same, named `NAME-1`, `NAME-2`, …. */
export function alike(
  name: string,
  { sessions, perSecond }: { readonly sessions: number; readonly perSecond: number },
  turn: SessionPlan["turn"],
): SessionPlan[] {
  return Array.from({ length: sessions }, (_, n) => ({ name: `${name}-${n + 1}`, perSecond, turn }));
}

async function paced(
  perSecond: number,
  signal: AbortSignal,
  turn: (n: number) => Promise<void>,
): Promise<void> {
  const intervalMs = 1000 / perSecond;
  let due = performance.now();
  for (let n = 1; !signal.aborted; n += 1) {
    await turn(n);
    due = Math.max(due + intervalMs, performance.now());
    await pause(due - performance.now(), signal).catch(() => {}); // aborted: the loop's own condition ends it
  }
}

/** Bounds of a naive retry: it tries for as long as a short fault lasts. */
const RESEND = { initialMs: 10, maxMs: 200, totalMs: 10_000 } as const;

/**
 * A write that must not be done twice. With `resend` it is sent again all the same when its end is unknown, and counts
 * as one: what an application does that retries every error. Planted on purpose, to show what that costs.
 */
export async function sendOnce(
  context: Pick<WorkloadContext, "waitReplicas">,
  { client, random }: Session,
  args: readonly string[],
  { deadlineMs, resend }: { readonly deadlineMs: number; readonly resend: boolean },
  answeredBy: AnsweredBy,
): Promise<{ value: string; attempts: number }> {
  const { waitReplicas } = context;
  const send = (): Promise<Reply> =>
    durableCall({ writer: client, waitReplicas }, args, deadlineMs, answeredBy);
  const { value, attempts } = resend
    ? await withRetry(send, { ...RESEND, random })
    : { value: await send(), attempts: 1 };
  return { value: String(value), attempts };
}
