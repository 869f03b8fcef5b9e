import { setMaxListeners } from "node:events";
import { z } from "zod";
import type { Random } from "../base/random.ts";
import { pause } from "../base/wait.ts";
import type { AnsweredBy } from "../client/client.ts";
import { durableCall, durableWrite } from "./durable-write.ts";
import type { OperationEnd } from "./log.ts";
import type { Workload, WorkloadContext } from "./workload.ts";

const options = z.strictObject({
  processes: z.int().min(1).max(200).default(10).describe("Each has one operation at a time."),
  keys: z.int().min(1).max(1000).default(5),
  opsPerSecond: z.int().min(1).max(20_000).default(200).describe("Of all processes together, at the most."),
  deadlineMs: z
    .int()
    .min(10)
    .max(60_000)
    .default(1000)
    .describe("Past it an operation's end is unknown (info)."),
  readFrom: z
    .enum(["primary", "replica"])
    .default("primary")
    .describe("Replicas lag behind: a read from one may be stale, and is judged all the same."),
});

type Options = z.infer<typeof options>;

/** Of ten operations so many are reads, so many writes; the rest compare and set. */
const SHARES = { reads: 0.5, writes: 0.25 };

/** Sets the key if it holds what is expected (ARGV[1]); answers 1, or a list of what it holds instead. */
const COMPARE_AND_SET = `
local now = redis.call('GET', KEYS[1])
if now == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2])
  return 1
end
return { now }`;

/**
 * Registers that many write: processes that read, write, and compare and set a few keys, in no agreed order. Each sends its next
 * operation when the one before has ended. Of an operation without a certain end nobody knows when it happens, so its process is
 * never heard of again; another goes on in its place (as in Jepsen).
 *
 *     process p ── read k ──▶ value │ write k v │ cas k v → w ──▶ done, or what it holds instead
 *
 * Every value is written once in a run. The check `linearizability` looks for an order that explains all answers.
 */
export const register: Workload<"register", typeof options, "steady"> = {
  name: "register",
  summary:
    "processes that read, write, and compare and set the same few keys; every answer must fit one order",
  kind: "steady",
  topologies: ["ha", "cluster"],
  options,
  async run(context, given) {
    setMaxListeners(0, context.signal); // each process waits on it
    const tag = context.random.hex(6); // keys of its own each time it is started in a run
    const registers = Array.from({ length: given.keys }, (_, number) =>
      openRegister(context, `register:${tag}:${number}`),
    );
    let processes = 0;
    const nextName = () => {
      processes += 1;
      return `register-${processes}`;
    };
    const intervalMs = (1000 * given.processes) / given.opsPerSecond;
    await Promise.all(
      Array.from({ length: given.processes }, async (_, number) => {
        const random = context.random.fork(`register ${number}`);
        let process = nextName();
        let dueMs = performance.now() + random.next() * intervalMs; // not all at once
        while (!context.signal.aborted) {
          await pause(dueMs - performance.now(), context.signal).catch(() => {}); // aborted: the loop's own condition ends it
          if (context.signal.aborted) break;
          const { outcome } = await act(
            context,
            registers[random.below(registers.length)] as Register,
            process,
            random,
            given,
          );
          if (outcome === "info") process = nextName();
          dueMs = Math.max(dueMs + intervalMs, performance.now()); // what was missed is not made up for
        }
      }),
    );
  },
};

interface Register {
  readonly key: string;
  /** A value that no other operation of the run writes. */
  nextValue(): string;
  /** The value last seen or written there, by whomever: what a compare-and-set expects, and mostly finds. */
  last?: string;
}

function openRegister(context: WorkloadContext, key: string): Register {
  context.log.readBack(key, "string");
  const number = key.slice(key.lastIndexOf(":") + 1);
  let written = 0;
  return {
    key,
    nextValue: () => {
      written += 1;
      return `${number}-${written}`;
    },
  };
}

async function act(
  context: WorkloadContext,
  register: Register,
  client: string,
  random: Random,
  { deadlineMs, readFrom }: Options,
): Promise<OperationEnd> {
  const { log } = context;
  const { key, last } = register;
  const start = { client, workload: "register", key, shared: true } as const;
  const choice = random.next();
  if (choice < SHARES.reads) {
    const end = await log.operation({ ...start, f: "read" }, (answeredBy) =>
      read(context, key, deadlineMs, readFrom, answeredBy),
    );
    if (end.outcome === "ok") register.last = end.value ?? register.last;
    return end;
  }
  const value = register.nextValue();
  if (choice < SHARES.reads + SHARES.writes || last === undefined) {
    const end = await log.operation({ ...start, f: "write", value }, async (answeredBy) => {
      await durableWrite(context, { key, value }, deadlineMs, answeredBy);
      return undefined;
    });
    if (end.outcome === "ok") register.last = value;
    return end;
  }
  const change = { ...start, f: "cas", value: JSON.stringify([last, value]) };
  const end = await log.operation(change, async (answeredBy) => {
    const command = ["EVAL", COMPARE_AND_SET, "1", key, last, value];
    const reply = await durableCall(context, command, deadlineMs, answeredBy);
    return JSON.stringify(Array.isArray(reply) ? { saw: reply[0] ?? null } : true);
  });
  if (end.outcome === "ok" && end.value === "true") register.last = value;
  return end;
}

async function read(
  { client }: WorkloadContext,
  key: string,
  deadlineMs: number,
  from: Options["readFrom"],
  answeredBy: AnsweredBy,
): Promise<string | null> {
  const command = ["GET", key];
  const value =
    from === "replica"
      ? await client.callReplica(command, deadlineMs, answeredBy)
      : await client.call(command, deadlineMs, answeredBy);
  return value as string | null;
}
