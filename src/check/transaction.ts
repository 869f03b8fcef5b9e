import { groupBy } from "../base/group-by.ts";
import type { Operation } from "../history/operations.ts";
import { type AllowedLosses, allowedLossesOf, limitsLosses } from "./allowed-losses.ts";
import { type Checker, plural } from "./checker.ts";
import { type Facts, toSeconds } from "./facts.ts";
import { type AuditedBank, auditedBank, playLedger } from "./ledger.ts";
import { primaryLosses } from "./losses.ts";
import { quietSince } from "./quiet-since.ts";
import { endsByKey, type JudgedKey, lostSummary, notesOf, total, verdictOf } from "./shared-keys.ts";
import { ran, somethingAcknowledged } from "./workloads.ts";

/** What a transfer returns that was done. `null`: another was there before; else its account held too little. */
const DONE = "done";

/** What can be wrong with a bank, the gravest first. */
const REASONS = [
  "not-a-bank",
  "transfer-twice",
  "refused-transfer-done",
  "lost-update",
  "half-done-transfer",
  "sum-broken",
  "replicated-transfers-lost",
  "acknowledged-transfers-lost",
] as const;

/**
 * Does the sum hold, and is every transfer there once? Judged by what the accounts and the ledger hold at the end, and
 * by every sum that was read meanwhile.
 *
 * A transfer that ended `info` may have been done or not; one that ended `fail`, or whose `EXEC` answered nil, was not.
 * What the loss of a primary allows to be gone counts as unknown.
 */
export const transaction: Checker = {
  name: "transaction",
  summary: "the sum of all accounts held whenever it was read, and every acknowledged transfer was done once",
  judges: [
    {
      path: "lostAcknowledgedWrites",
      add: `Add "- start: transaction" before the first fault`,
      when: limitsLosses,
    },
  ],
  applies: (facts) => ran(facts, "transaction"),
  requires(facts) {
    const operations = facts.operations.filter(isTransfer).filter(isSent);
    const lossAt = primaryLosses(facts).at(-1)?.injectAt;
    const [quiet] = lossAt === undefined ? [] : quietSince(operations, lossAt);
    return [
      somethingAcknowledged({ noun: "transfer", workload: "transaction", operations }),
      {
        reason: "no-sum-read",
        needs: "at least one sum of all accounts that was read",
        met: facts.operations.some((one) => isSum(one) && one.outcome === "ok"),
        seen: "no sum was ever read",
        add: `Let it run while the service is well: "- wait: 2s" after "- start: transaction"`,
      },
      {
        reason: "nothing-transferred-after-loss",
        needs: "a transfer at each bank that was acknowledged after the last primary was lost",
        met: quiet === undefined,
        seen: `no transfer at ${quiet} was acknowledged any more after the last primary was lost`,
        add: `Add "- wait: 3s" after the failover, before "- stop: transaction" or the end of the steps`,
      },
    ];
  },
  check(facts) {
    const allowedLosses = allowedLossesOf(facts);
    const own = facts.operations.filter(({ workload }) => workload === "transaction");
    const banks = [...groupBy(own, ({ key }) => key)].map(([key, operations]) =>
      judgeBank(facts, allowedLosses, key, operations),
    );
    const conflicts = own.filter(
      (one) => isTransfer(one) && one.outcome === "ok" && one.result === null,
    ).length;
    const transfers = own.filter(isTransfer);
    return verdictOf({
      keys: banks,
      allowedLosses,
      reasons: REASONS,
      noun: "transfer",
      table: { title: "Banks", final: "sum at the end" },
      evidence: {
        conflicts,
        sumsRead: own.filter(isReadSum).length,
        notes: notesOf(facts, transfers, "transfer"),
      },
      pass: (missing) => {
        if (missing > 0) return lostSummary(banks, missing, allowedLosses, "transfer");
        return (
          `the sum held in all ${plural(own.filter(isReadSum).length, "reading")}, and all ` +
          `${plural(total(banks, "acknowledged"), "transfer")} acknowledged were done, none twice; ` +
          `${total(banks, "unknown")} ended unknown, ${conflicts} gave way to another`
        );
      },
    });
  },
};

function judgeBank(
  facts: Facts,
  allowedLosses: AllowedLosses,
  key: string,
  operations: readonly Operation[],
): JudgedKey {
  const openings = operations.filter(({ f }) => f === "open");
  const sums = operations.filter(isReadSum);
  const sent = operations.filter(isTransfer);
  const [ends] = endsByKey(sent);
  const done = (ends?.acknowledged ?? []).filter(({ result }) => result === DONE);
  const bank = auditedBank(facts, key, openings);
  const ledger = bank && playLedger(bank);
  const missing = ledger && bank?.ledger ? done.filter((one) => !ledger.transfers.has(nameOf(one))) : [];
  const judged: JudgedKey = {
    key,
    acknowledged: done.length,
    unknown: ends?.unknown.length ?? 0,
    refused: ends?.refused.length ?? 0,
    final: bank?.ledger && bank.final ? sumOf(bank.final) : undefined,
    missing: missing.length,
  };
  const say = (reason: (typeof REASONS)[number], text: string) => ({ ...judged, problem: { reason, text } });
  if (!bank)
    return operations.length === openings.length ? judged : say("not-a-bank", `${key} was never opened`);

  const wrongSum = sums.find((one) => isWrong(bank, one) && !isGone(one, openings, allowedLosses));
  const wrongRead = () =>
    wrongSum &&
    `the accounts of ${key} held ${told(wrongSum)} together, not ${bank.total}, ` +
      `when ${wrongSum.client} read them at ${toSeconds(wrongSum.completedAt ?? 0)}`;
  const readOnly = () => (wrongSum ? say("sum-broken", wrongRead() as string) : judged);
  if (!ledger || !bank.ledger || !bank.final) return readOnly();

  const [problem] = ledger.problems.toSorted((a, b) => GRAVITY.indexOf(a.what) - GRAVITY.indexOf(b.what));
  if (problem) return say(LEDGER_REASONS[problem.what], `${key}: ${problem.text}`);
  const undone = sent.find((one) => surelyNotDone(one) && ledger.transfers.has(nameOf(one)));
  if (undone) {
    const end = undone.outcome === "fail" ? `was refused (${undone.error?.class})` : "was not to be done";
    return say("refused-transfer-done", `${key}: ${nameOf(undone)} ${end}, and was done all the same`);
  }
  const isEmpty = bank.final.every((balance) => balance === null) && bank.ledger.length === 0;
  const mayBeEmpty =
    isEmpty && openings.filter(({ outcome }) => outcome === "ok").every(allowedLosses.mayBeLost);
  if (!mayBeEmpty) {
    const differs = bank.final.findIndex((balance, account) => balance !== ledger.balances[account]);
    if (differs >= 0) {
      const held = bank.final[differs] ?? "nothing";
      const text =
        `${key}: account ${differs + 1} held ${held} at the end, ` +
        `and ${ledger.balances[differs]} by its ledger`;
      return say("half-done-transfer", text);
    }
  }
  if (wrongSum) return say("sum-broken", wrongRead() as string);
  const sure = missing.filter((one) => !allowedLosses.mayBeLost(one));
  if (sure.length > 0) {
    const text = `${plural(missing.length, "transfer")} of ${done.length} acknowledged at ${key} are gone`;
    if (sure.some(allowedLosses.replicated))
      return say("replicated-transfers-lost", `${text}, some of which the replicas had`);
    return say(
      "acknowledged-transfers-lost",
      `${text}, and the loss of a primary explains ${missing.length - sure.length} of them`,
    );
  }
  return judged;
}

const LEDGER_REASONS = {
  "no-entry": "not-a-bank",
  twice: "transfer-twice",
  "stale-balance": "lost-update",
} as const;
const GRAVITY = ["no-entry", "twice", "stale-balance"];

/** Balances of one reading; an account that was not there is empty. */
const balancesOf = ({ result }: Operation): string[] => (result ?? "").split(",");

const told = (reading: Operation): number => sumOf(balancesOf(reading).map(Number));

function isWrong(bank: AuditedBank, reading: Operation): boolean {
  return told(reading) !== bank.total;
}

/** Nothing was there: the filling of the accounts was lost with a primary that nobody had copied yet. */
function isGone(reading: Operation, openings: readonly Operation[], { mayBeLost }: AllowedLosses): boolean {
  return (
    balancesOf(reading).every((one) => one === "") &&
    openings.some((one) => one.outcome === "ok" && mayBeLost(one))
  );
}

function sumOf(balances: readonly (number | null)[]): number {
  return balances.reduce<number>((sum, balance) => sum + (balance ?? 0), 0);
}

function surelyNotDone({ outcome, result }: Operation): boolean {
  return outcome === "fail" || (outcome === "ok" && result !== DONE);
}

/** Was it done, or tried? One that gave way acknowledges nothing. */
const isSent = ({ outcome, result }: Operation): boolean => outcome !== "ok" || result === DONE;

const nameOf = ({ value = "" }: Operation): string => value.split(" ")[0] as string;

const isTransfer = ({ workload, f }: Operation): boolean => workload === "transaction" && f === "transfer";

const isSum = ({ workload, f }: Operation): boolean => workload === "transaction" && f === "sum";

const isReadSum = (one: Operation): boolean => isSum(one) && one.outcome === "ok";
