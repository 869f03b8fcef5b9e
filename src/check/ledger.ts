import type { Operation } from "../history/operations.ts";
import { bankOf, type LedgerEntry, readEntry } from "../model/bank.ts";
import type { Facts } from "./facts.ts";

/** A bank of the workload `transaction`, and what stood on the servers at the end. */
export interface AuditedBank {
  readonly key: string;
  readonly accounts: number;
  /** What its accounts hold together. */
  readonly total: number;
  /** Each balance at the beginning. */
  readonly balance: number;
  /** Balances at the end; `undefined`: not all of them could be read. An account that is not there is `null`. */
  readonly final: readonly (number | null)[] | undefined;
  /** Lines of the ledger, in the order in which they were written; `undefined`: it could not be read. */
  readonly ledger: readonly string[] | undefined;
}

/** How the accounts were filled: the value of the operation `open`. */
interface Opening {
  readonly accounts: number;
  readonly balance: number;
}

/** The bank of that key, by how it was opened; `undefined`: it never was, as far as the history tells. */
export function auditedBank(
  facts: Facts,
  key: string,
  openings: readonly Operation[],
): AuditedBank | undefined {
  const opening = openings.map(({ value }) => readOpening(value)).find((one) => one !== undefined);
  if (!opening) return undefined;
  const { accounts, ledger } = bankOf(key, opening);
  const held = accounts.map((account) => facts.finalValues.get(account));
  const isRead = held.every((value) => value !== undefined);
  return {
    key,
    accounts: opening.accounts,
    total: opening.accounts * opening.balance,
    balance: opening.balance,
    final: isRead
      ? held.map((value) => (value === null || value === undefined ? null : Number(value)))
      : undefined,
    ledger: facts.finalLists.get(ledger),
  };
}

function readOpening(text: string | undefined): Opening | undefined {
  try {
    const { accounts, balance } = JSON.parse(text ?? "") as Opening;
    const isSane =
      Number.isInteger(accounts) && accounts > 0 && accounts <= MOST_ACCOUNTS && Number.isFinite(balance);
    return isSane ? { accounts, balance } : undefined;
  } catch {
    return undefined;
  }
}

/** A history may say anything. */
const MOST_ACCOUNTS = 10_000;

/** What is wrong with a ledger by itself: each of its lines must follow from those before it. */
export interface LedgerProblem {
  readonly what: "no-entry" | "twice" | "stale-balance";
  readonly text: string;
  readonly at: number;
}

/** What a ledger tells. */
export interface ReadLedger {
  /** The transfers in it, by their names. */
  readonly transfers: ReadonlySet<string>;
  readonly problems: readonly LedgerProblem[];
  /** What the accounts hold by it. */
  readonly balances: readonly number[];
}

/**
 * Plays a ledger from the first line on. A transfer that had read another balance than the one that the lines before it
 * leave was not kept from overwriting them: the money of somebody else's transfer is gone, or there twice.
 *
 *     a 100  b 100     "t1 a→b 10, had read 100 100"     a 90  b 110
 *                      "t2 a→c  5, had read 100 100"     a 95: t1 has taken nothing from it
 */
export function playLedger({ ledger = [], accounts, balance }: AuditedBank): ReadLedger {
  const transfers = new Set<string>();
  const problems: LedgerProblem[] = [];
  const balances = Array.from({ length: accounts }, () => balance);
  const lastAt = new Map<number, LedgerEntry>();
  for (const [at, text] of ledger.entries()) {
    const entry = readEntry(text);
    const [source, target] = [balances[entry?.from ?? -1], balances[entry?.to ?? -1]];
    if (entry === undefined || source === undefined || target === undefined) {
      problems.push({ what: "no-entry", at, text: `"${text}" is no transfer` });
      continue;
    }
    if (transfers.has(entry.id)) problems.push({ what: "twice", at, text: `${entry.id} was done twice` });
    transfers.add(entry.id);
    for (const [account, was, saw] of [
      [entry.from, source, entry.sourceHas],
      [entry.to, target, entry.targetHas],
    ] as const) {
      if (was === saw) continue;
      const before = lastAt.get(account);
      const whose = before ? `${before.id} had made it ${was}` : `it was ${was}`;
      problems.push({
        what: "stale-balance",
        at,
        text: `${entry.id} took account ${account + 1} to hold ${saw}, though ${whose}`,
      });
    }
    balances[entry.from] = entry.sourceHas - entry.amount;
    balances[entry.to] = entry.targetHas + entry.amount;
    lastAt.set(entry.from, entry).set(entry.to, entry);
  }
  return { transfers, problems, balances };
}
