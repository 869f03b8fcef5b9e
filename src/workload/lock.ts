import { z } from "zod";
import { pause } from "../base/wait.ts";
import type { LockHeld, LockUse } from "../model/observed.ts";
import { durableCall } from "./durable-write.ts";
import { afresh } from "./fresh-session.ts";
import { alike, runSessions, type Session } from "./sessions.ts";
import type { Workload, WorkloadContext } from "./workload.ts";

const options = z
  .strictObject({
    locks: z.int().min(1).max(1000).default(1),
    sessions: z.int().min(1).max(100).default(4),
    freshSessions: z
      .int()
      .min(0)
      .max(100)
      .default(0)
      .describe("So many of them connect anew for each attempt, as short-lived processes do."),
    perSecond: z.int().min(1).max(1000).default(20).describe("Attempts of each session."),
    ttlMs: z.int().min(10).max(600_000).default(1000).describe("The lock expires by itself after this."),
    holdMs: z.int().min(1).max(600_000).default(200).describe("How long a holder works."),
    deadlineMs: z.int().min(10).max(60_000).default(500).describe("Of one call to the server."),
    belief: z
      .enum(["ttl", "naive"])
      .default("ttl")
      .describe(
        "ttl: a holder stops when its own clock says that the lock may have expired; naive: it never looks.",
      ),
  })
  .refine(({ sessions, freshSessions }) => freshSessions <= sessions, {
    path: ["freshSessions"],
    error: "is more than there are sessions",
  });

type Options = z.infer<typeof options>;

/** Takes the lock and the next fencing token, or nothing: `SET NX PX` and `INCR` in one step. */
const ACQUIRE = `
  if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return redis.call('INCR', KEYS[2]) end
  return false`;

/** Deletes the lock if it is still the caller's. https://valkey.io/topics/distributed-locks/ */
const RELEASE = `
  if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
  return false`;

/**
 * Mutual exclusion as applications do it: `SET key owner NX PX ttl`, a fencing token from a counter, and a release that
 * compares before it deletes. While a session believes that it holds the lock it uses a resource, twice, and shows its
 * token; the resource refuses a token that is lower than one it has seen.
 *
 *     session ──acquire──▶ primary ──token──▶ session ──use──▶ resource ──use──▶ resource, then release ──▶ primary
 *                                               └─ believes to hold it until then, or until its ttl is over ─┘
 */
export const lock: Workload<"lock", typeof options, "steady"> = {
  name: "lock",
  summary:
    "several sessions compete for locks (SET NX PX with fencing tokens), and say when they believed to hold them",
  kind: "steady",
  topologies: ["ha", "cluster"],
  options,
  async run(context, given) {
    const tag = context.random.hex(6); // keys of its own each time it is started in a run
    const locks = Array.from({ length: given.locks }, (_, n) => `{lock:${tag}:${n + 1}}`);
    const resource = new FencedResource();
    const plans = alike("lock", given, async (session) => {
      const key = locks[session.random.below(locks.length)] as string;
      await tryToHold({ context, session, key, resource, given });
    }).map((plan, n) => (n < given.freshSessions ? afresh(context, plan) : plan));
    await runSessions(context, plans);
  },
};

interface Turn {
  readonly context: WorkloadContext;
  readonly session: Session;
  readonly key: string;
  readonly resource: FencedResource;
  readonly given: Options;
}

async function tryToHold(turn: Turn): Promise<void> {
  const { context, session, key, resource, given } = turn;
  const { log, waitReplicas, signal } = context;
  const owner = `${session.name}:${session.random.hex(8)}`;
  const start = { client: session.name, workload: "lock", key, value: owner, shared: true } as const;
  const sentAt = log.now();
  const acquired = await log.operation({ ...start, f: "acquire" }, async (answeredBy) => {
    const args = ["EVAL", ACQUIRE, "2", key, `${key}:token`, owner, String(given.ttlMs)];
    const writer = session.client;
    const reply = await durableCall({ writer, waitReplicas }, args, given.deadlineMs, answeredBy);
    return reply === null ? null : String(reply);
  });
  const release = () =>
    log.operation({ ...start, f: "release" }, async (answeredBy) => {
      const args = ["EVAL", RELEASE, "1", key, owner];
      const reply = await session.client.call(args, given.deadlineMs, answeredBy);
      return reply === null ? null : String(reply);
    });
  if (acquired.outcome === "info") await release(); // it may be ours: then nobody should wait for it to expire
  if (acquired.outcome !== "ok" || typeof acquired.value !== "string") return;

  const heldFrom = log.now();
  const believedUntil = given.belief === "ttl" ? sentAt + given.ttlMs * 1e6 : null;
  const believes = () => believedUntil === null || log.now() < believedUntil;
  const who = { lock: key, client: session.name, owner, token: Number(acquired.value) };
  const { ttlMs } = given;
  log.observe("lock-held", { ...who, sentAt, heldFrom, believedUntil, ttlMs } satisfies LockHeld);
  const use = () => {
    if (!believes()) return;
    const accepted = resource.use(key, who.token);
    log.observe("lock-use", { ...who, at: log.now(), accepted } satisfies LockUse);
  };
  use();
  const workUntil = Math.min(heldFrom + given.holdMs * 1e6, believedUntil ?? Infinity);
  await pause((workUntil - log.now()) / 1e6, signal).catch(() => {}); // stopped: it releases, and goes
  use();
  if (believes()) await release();
}

/** What the lock protects. It keeps the highest token that it has seen, and refuses lower ones ("fencing"). */
class FencedResource {
  readonly #highest = new Map<string, number>();

  use(lock: string, token: number): boolean {
    const highest = this.#highest.get(lock) ?? 0;
    if (token < highest) return false;
    this.#highest.set(lock, token);
    return true;
  }
}
