import { z } from "zod";
import { type Look, waitFor } from "../base/wait.ts";
import type { AnsweredBy } from "../client/client.ts";
import type { Reply } from "../valkey/admin.ts";
import { patientCall } from "./patient-call.ts";
import type { Workload, WorkloadContext } from "./workload.ts";

const options = z.strictObject({
  ttlMs: z.int().min(50).max(60_000).default(200).describe("Life of the key that must expire."),
});

const DEADLINE_MS = 2000;

/** The server counts time in whole milliseconds. */
const CLOCK_STEP_MS = 1;

/** A command and the reply that a sound server gives. */
interface CheckedCommand {
  readonly args: readonly string[];
  readonly expect: Reply;
}

/**
 * Create, read, update and delete, for each data type, through the client under test: every reply is
 * recorded beside the one that is right. All keys of a round carry one hash tag and are deleted at its end.
 */
export const crud: Workload<"crud", typeof options, "finite"> = {
  name: "crud",
  summary:
    "create, read, update, delete and expiry, for strings, hashes, lists, sets, sorted sets and streams",
  kind: "finite",
  topologies: ["ha", "cluster"],
  options,
  async run(context, { ttlMs }) {
    const tag = `crud:{${context.random.hex(6)}}`;
    for (const step of commandsFor(tag)) await send(context, step);
    await expiry(context, `${tag}:ttl`, ttlMs);
  },
};

function commandsFor(tag: string): CheckedCommand[] {
  const step = (expect: Reply, ...args: string[]): CheckedCommand => ({ args, expect });
  const [text, count, hash, list, set, zset, stream] = [
    "text",
    "count",
    "hash",
    "list",
    "set",
    "zset",
    "stream",
  ].map((type) => `${tag}:${type}`) as [string, string, string, string, string, string, string];
  return [
    step("OK", "SET", text, "created"),
    step("created", "GET", text),
    step("OK", "SET", text, "updated"),
    step("updated", "GET", text),
    step(null, "SET", text, "taken", "NX"),
    step(1, "INCR", count),
    step(42, "INCRBY", count, "41"),
    step(2, "HSET", hash, "name", "Ada", "born", "1815"),
    step(0, "HSET", hash, "name", "Ada Lovelace"),
    step(["Ada Lovelace", "1815"], "HMGET", hash, "name", "born"),
    step(1, "HDEL", hash, "born"),
    step(3, "RPUSH", list, "a", "b", "c"),
    step("OK", "LSET", list, "1", "B"),
    step(["a", "B", "c"], "LRANGE", list, "0", "-1"),
    step(2, "SADD", set, "x", "y"),
    step(1, "SREM", set, "x"),
    step(["y"], "SMEMBERS", set),
    step(2, "ZADD", zset, "1", "one", "2", "two"),
    step("5", "ZINCRBY", zset, "4", "one"),
    step(["two", "one"], "ZRANGE", zset, "0", "-1"),
    step("1-1", "XADD", stream, "1-1", "event", "begun"),
    step([["1-1", ["event", "begun"]]], "XRANGE", stream, "-", "+"),
    step(7, "DEL", text, count, hash, list, set, zset, stream),
    step(0, "EXISTS", text, count, hash, list, set, zset, stream),
  ];
}

/** A key with a time to live: there, then gone, and not before its time. */
async function expiry(context: WorkloadContext, key: string, ttlMs: number): Promise<void> {
  const began = performance.now(); // before it is sent: the server's time for it can only begin later
  await send(context, { args: ["SET", key, "short-lived", "PX", String(ttlMs)], expect: "OK" });
  const gone = async (answeredBy: AnsweredBy): Promise<Look<undefined>> => {
    const { value: left } = await patientCall(context, ["EXISTS", key], DEADLINE_MS, "primary", answeredBy);
    return left === 0 ? { done: true, value: undefined } : { done: false, seen: "the key is still there" };
  };
  const start = { client: "crud", workload: "crud", f: "expire", key, value: "expired in time" };
  await context.log.operation(start, async (answeredBy) => {
    await waitFor(() => gone(answeredBy), { what: `${key} to expire`, timeoutMs: ttlMs + DEADLINE_MS });
    return performance.now() - began >= ttlMs - CLOCK_STEP_MS ? "expired in time" : "expired too early";
  });
}

async function send(context: WorkloadContext, { args, expect }: CheckedCommand): Promise<void> {
  const [name = "", key = ""] = args;
  await context.log.operation(
    { client: "crud", workload: "crud", f: name.toLowerCase(), key, value: JSON.stringify(expect) },
    async (answeredBy) => {
      const { value, attempts } = await patientCall(context, args, DEADLINE_MS, "primary", answeredBy);
      return { value: JSON.stringify(value), attempts };
    },
  );
}
