import { z } from "zod";
import type { AnsweredBy, DrillClient, PinnedConnection } from "../client/client.ts";
import { NotDoneError, NotReplicatedError } from "../client/errors.ts";
import { type Bank, bankOf, entryOf } from "../model/bank.ts";
import type { Reply } from "../valkey/admin.ts";
import { durableCall } from "./durable-write.ts";
import { alike, runSessions, type Session } from "./sessions.ts";
import type { Workload, WorkloadContext } from "./workload.ts";

const options = z.strictObject({
  banks: z.int().min(1).max(100).default(1).describe("Each with accounts of its own, all in one slot."),
  accounts: z.int().min(2).max(100).default(5).describe("Of each bank."),
  balance: z.int().min(1).max(1_000_000).default(100).describe("Of each account at the beginning."),
  sessions: z.int().min(1).max(100).default(4),
  perSecond: z.int().min(1).max(1000).default(25).describe("Transfers of each session."),
  sumsPerSecond: z
    .int()
    .min(1)
    .max(1000)
    .default(10)
    .describe("How often all balances are read, each time in one go."),
  deadlineMs: z
    .int()
    .min(10)
    .max(60_000)
    .default(500)
    .describe("Of each call; past it a transfer's end is unknown (info)."),
  guard: z
    .enum(["watch", "none"])
    .default("watch")
    .describe("none plants a mistake: nothing is watched, so a balance may have changed since it was read."),
});

type Options = z.infer<typeof options>;

/** No transfer is larger, so that balances last. */
const MOST = 10;
/** Share of the deadline that WAIT may take. */
const WAIT_SHARE = 0.8;

/**
 * Money that goes from account to account, by `WATCH`, `MULTI` and `EXEC`, as the documentation of transactions shows:
 * what a session has read must not change until its transaction is done. Each transfer writes a line into a ledger in
 * the same transaction: who, how much, and which balances it had read.
 *
 *     session ── WATCH a b, MGET a b ──▶ primary
 *             ── MULTI, SET a, SET b, RPUSH ledger, EXEC ──▶ done, or nil: somebody was there before
 *     auditor ── MULTI, GET of each account, EXEC ──▶ a sum that never changes
 *
 * All of it goes over one connection, which is never replaced in between: on another the server would know nothing of
 * what was watched. https://valkey.io/topics/transactions/
 */
export const transaction: Workload<"transaction", typeof options, "steady"> = {
  name: "transaction",
  summary: "several sessions move money between accounts (WATCH, MULTI, EXEC); the sum must always hold",
  kind: "steady",
  topologies: ["ha", "cluster"],
  clientNeeds: () => ["pin"],
  options,
  async run(context, given) {
    const tag = context.random.hex(6); // keys of its own each time it is started in a run
    const banks = Array.from({ length: given.banks }, (_, n) => bankOf(`{bank:${tag}:${n + 1}}`, given));
    for (const { accounts, ledger } of banks) {
      for (const account of accounts) context.log.readBack(account, "string");
      context.log.readBack(ledger, "list");
    }
    for (const bank of banks) await open(context, bank, given);
    const anyOf = (session: Session) => banks[session.random.below(banks.length)] as Bank;
    const transfers = alike("transaction", given, (session, n) =>
      transfer({ context, session, bank: anyOf(session), given }, n),
    );
    const auditor = {
      name: "auditor",
      perSecond: given.sumsPerSecond,
      turn: (session: Session) => sum({ context, session, bank: anyOf(session), given }),
    };
    await runSessions(context, [...transfers, auditor]);
  },
};

/** Fills the accounts, again and again until that is acknowledged: nobody uses them before. */
async function open(context: WorkloadContext, bank: Bank, { deadlineMs, balance }: Options): Promise<void> {
  const { key, accounts } = bank;
  const start = {
    client: "bank",
    workload: "transaction",
    f: "open",
    key,
    value: JSON.stringify({ accounts: accounts.length, balance }),
    shared: true,
  } as const;
  while (!context.signal.aborted) {
    const { outcome } = await context.log.operation(start, async (answeredBy) => {
      const filled = accounts.flatMap((account) => [account, String(balance)]);
      return String(await durableCall(context, ["MSET", ...filled], deadlineMs, answeredBy));
    });
    if (outcome === "ok") return;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}

/** Between two attempts to fill the accounts. */
const AGAIN_MS = 50;

interface Turn {
  readonly context: WorkloadContext;
  readonly session: Session;
  readonly bank: Bank;
  readonly given: Options;
}

async function transfer({ context, session, bank, given }: Turn, n: number): Promise<void> {
  const { random, client, name } = session;
  const { key, accounts, ledger } = bank;
  const from = random.below(accounts.length);
  const to = (from + 1 + random.below(accounts.length - 1)) % accounts.length;
  const amount = 1 + random.below(MOST);
  const id = `${name}:${n}`;
  const [source, target] = [accounts[from] as string, accounts[to] as string];
  const start = { client: name, workload: "transaction", f: "transfer", key, shared: true } as const;
  await context.log.operation({ ...start, value: `${id} ${from} ${to} ${amount}` }, async (answeredBy) => {
    const connection = await pinned(client, key, given.deadlineMs);
    const send = sending(connection, given.deadlineMs, answeredBy);
    const watched = given.guard === "watch" ? [["WATCH", source, target]] : [];
    const seen = (await send([...watched, ["MGET", source, target]])).at(-1) as (string | null)[];
    const [sourceHas, targetHas] = seen.map((balance) => (balance === null ? Number.NaN : Number(balance)));
    if (
      sourceHas === undefined ||
      targetHas === undefined ||
      !(sourceHas >= amount) ||
      Number.isNaN(targetHas)
    ) {
      await send([["UNWATCH"]]);
      return "too-low";
    }
    const reply = await execute(connection, context.waitReplicas, given.deadlineMs, answeredBy, [
      ["SET", source, String(sourceHas - amount)],
      ["SET", target, String(targetHas + amount)],
      ["RPUSH", ledger, entryOf({ id, from, to, amount, sourceHas, targetHas })],
    ]);
    return reply === null ? null : "done";
  });
}

/** All balances as they were at one time, as text: `100,97,103`. One that is not there is empty. */
async function sum({ context, session, bank, given }: Turn): Promise<void> {
  const start = {
    client: session.name,
    workload: "transaction",
    f: "sum",
    key: bank.key,
    shared: true,
  } as const;
  await context.log.operation(start, async (answeredBy) => {
    const connection = await pinned(session.client, bank.key, given.deadlineMs);
    const reads = bank.accounts.map((account) => ["GET", account]);
    const balances = await execute(connection, 0, given.deadlineMs, answeredBy, reads);
    return (balances as (string | null)[]).map((balance) => balance ?? "").join();
  });
}

async function pinned(client: DrillClient, key: string, deadlineMs: number): Promise<PinnedConnection> {
  const connection = await client.pinned?.(key, deadlineMs);
  if (!connection) throw new NotDoneError(new Error("this client pins no connection"));
  return connection;
}

/** Sends commands, and throws the first error of them. */
function sending(connection: PinnedConnection, deadlineMs: number, answeredBy: AnsweredBy) {
  return async (commands: readonly (readonly string[])[]): Promise<readonly Reply[]> => {
    const ends = await connection.send(commands, deadlineMs, answeredBy);
    return ends.map((end) => {
      if (end instanceof Error) throw end;
      return end;
    });
  };
}

/**
 * `MULTI`, the commands, `EXEC`, and `WAIT` where the drill asks for replicas. Returns what `EXEC` answered; `null`:
 * something that was watched had changed, and nothing was done.
 *
 * @throws what `EXEC` ended with; where a command was refused already, as its error says why, that
 */
async function execute(
  connection: PinnedConnection,
  waitReplicas: number,
  deadlineMs: number,
  answeredBy: AnsweredBy,
  commands: readonly (readonly string[])[],
): Promise<Reply> {
  const wait =
    waitReplicas > 0 ? [["WAIT", String(waitReplicas), String(Math.floor(deadlineMs * WAIT_SHARE))]] : [];
  const ends = await connection.send([["MULTI"], ...commands, ["EXEC"], ...wait], deadlineMs, answeredBy);
  const done = ends[commands.length + 1] as Reply | Error;
  if (done instanceof Error) throw ends.find((end) => end instanceof Error);
  const inner = Array.isArray(done)
    ? (done as readonly unknown[]).find((one) => one instanceof Error)
    : undefined;
  if (inner !== undefined) throw inner;
  if (done === null || waitReplicas === 0) return done;
  const waited = ends.at(-1);
  const confirmed = waited instanceof Error ? 0 : Number(waited);
  if (confirmed < waitReplicas) throw new NotReplicatedError(confirmed, waitReplicas);
  return done;
}
