import type { AppClient } from "../../libraries/application.ts";
import type { Reply } from "../../valkey/admin.ts";
import type { SendMessage } from "./message-writer.ts";
import { tell } from "./steady-calls.ts";

const EVERY_MS = 100;
/** A worker that got an error looks for the next job after this time. */
const AFTER_ERROR_MS = 100;
const POP_SECONDS = 1;
const POOL_SIZE = 3;
/** Each fifth time only: some libraries do much work for each connection that they hand out. */
const POOL_EVERY = 5;
/** Adds one to a counter, and tells what it is: it writes, so it must go to the primary. */
const SCRIPT = "return redis.call('INCR', KEYS[1])";

/** What a feature is called in the history, and in tables. */
export const FEATURES = [
  "pipeline",
  "transaction",
  "script",
  "blocking-pop",
  "publish",
  "replica-read",
  "pool",
] as const;

/**
 * Uses, beside the probe, everything else that the library offers: at a fixed rate where an application would, one
 * after the other where it would (a worker that pops). All keys are in the slot of `key`, so that they share its fate.
 * Returns how to stop.
 */
export function startFeatures(
  appClient: AppClient,
  key: string,
  send: SendMessage,
  nextOp: () => number,
): () => void {
  const own = (name: string) => `${key}:${name}`;
  const use = (f: (typeof FEATURES)[number], name: string, call: (value: string) => Promise<unknown>) => {
    const op = nextOp();
    const value = `${f}${op}`;
    return tell(send, op, { f, key: own(name), value }, () => call(value));
  };
  const push = (name: string, value: string) => ["RPUSH", own(name), value];

  const steady: (() => unknown)[] = [];
  const { pipeline, transaction, script, blockingPop, subscribe, readReplica } = appClient;
  if (pipeline) {
    steady.push(() =>
      use("pipeline", "pipeline", async (value) => {
        const replies = await appClient.pipeline?.([
          push("pipeline", `${value}a`),
          push("pipeline", `${value}b`),
        ]);
        const bad = replies?.find((reply): reply is Error => reply instanceof Error);
        if (bad) throw bad;
      }),
    );
  }
  if (transaction) {
    steady.push(() =>
      use("transaction", "transaction", async (value) => {
        await appClient.transaction?.([push("transaction", `${value}a`), push("transaction", `${value}b`)]);
      }),
    );
  }
  if (script)
    steady.push(() =>
      use("script", "script", () => appClient.script?.(SCRIPT, [own("script")], []) as Promise<Reply>),
    );
  if (readReplica)
    steady.push(() =>
      use("replica-read", "read", () => appClient.readReplica?.(["LLEN", key]) as Promise<Reply>),
    );
  let stopped = false;
  if (subscribe) {
    const channel = own("channel");
    appClient
      .subscribe?.(channel, (value) => send({ say: "message", value }))
      .catch((error: unknown) => {
        send({ say: "client-error", message: `subscribe: ${String(error)}` });
      });
    steady.push(() => use("publish", "channel", (value) => appClient.call(["PUBLISH", channel, value])));
  }
  if (blockingPop) {
    // what the worker is to find; the probe tells of errors
    steady.push(() => appClient.call(push("jobs", "job")).catch(() => {}));
    void work();
  }
  if (appClient.pool) {
    appClient.pool(POOL_SIZE).then(
      (pool) => {
        send({ say: "pool", how: pool.how, size: POOL_SIZE });
        // As many at a time as there are connections: each has one to do.
        let turn = 0;
        steady.push(() => {
          turn += 1;
          if (turn % POOL_EVERY !== 0) return;
          for (let n = 0; n < POOL_SIZE; n += 1)
            void use("pool", "pool", (value) => pool.use(push("pool", value)));
        });
      },
      (error: unknown) => send({ say: "client-error", message: `pool: ${String(error)}` }),
    );
  }
  const timer = setInterval(() => {
    for (const one of steady) one();
  }, EVERY_MS);
  return () => {
    stopped = true;
    clearInterval(timer);
  };

  async function work(): Promise<void> {
    while (!stopped) {
      let failed = false;
      await use("blocking-pop", "jobs", async () => {
        try {
          return await appClient.blockingPop?.(own("jobs"), POP_SECONDS);
        } catch (error) {
          failed = true;
          throw error;
        }
      });
      if (failed) await new Promise((resolve) => setTimeout(resolve, AFTER_ERROR_MS));
    }
  }
}
