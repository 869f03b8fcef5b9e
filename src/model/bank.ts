/* Of the workload `transaction`: what its keys are called, and how a line of a ledger is written and read. */

/** Accounts between which money moves, all in one slot, and the ledger of all transfers. */
export interface Bank {
  readonly key: string;
  readonly accounts: readonly string[];
  readonly ledger: string;
}

export function bankOf(key: string, { accounts }: { readonly accounts: number }): Bank {
  return {
    key,
    accounts: Array.from({ length: accounts }, (_, n) => `${key}:account:${n + 1}`),
    ledger: `${key}:ledger`,
  };
}

/** A transfer as it stands in the ledger. */
export interface LedgerEntry {
  /** Unique in the run. */
  readonly id: string;
  /** Places in the list of accounts. */
  readonly from: number;
  readonly to: number;
  readonly amount: number;
  /** The balances that it had read. */
  readonly sourceHas: number;
  readonly targetHas: number;
}

export const entryOf = ({ id, from, to, amount, sourceHas, targetHas }: LedgerEntry): string =>
  [id, from, to, amount, sourceHas, targetHas].join(" ");

/** `undefined`: it is no line that this tool wrote. */
export function readEntry(text: string): LedgerEntry | undefined {
  const [id, ...rest] = text.split(" ");
  const [from, to, amount, sourceHas, targetHas] = rest.map(Number);
  if (id === undefined || rest.length !== 5 || rest.some((one) => !/^-?\d+$/.test(one))) return undefined;
  return { id, from, to, amount, sourceHas, targetHas } as LedgerEntry;
}
