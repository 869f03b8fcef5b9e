import { describe, expect, it } from "vitest";
import { bankOf, entryOf, type LedgerEntry, readEntry } from "../model/bank.ts";
import type { Expectations } from "../model/event.ts";
import { factsOf } from "./facts.ts";
import {
  type HandMadeRun,
  haFailoverWithoutLoad,
  haRun,
  OK,
  REFUSED,
  TIMED_OUT,
} from "./history.test-data.ts";
import { transaction } from "./transaction.ts";

const BANK = bankOf("{bank:x:1}", { accounts: 3 });
const own = { client: "transaction-1", workload: "transaction", key: BANK.key, shared: true } as const;

/** Three accounts with 100 each, and these transfers in the ledger. */
function bank(
  given: {
    readonly ledger?: readonly LedgerEntry[];
    readonly balances?: readonly (string | null | undefined)[];
    readonly run?: HandMadeRun;
  } = {},
): HandMadeRun {
  const { ledger = [], balances = ["100", "100", "100"], run = haRun() } = given;
  run.operation({ ...own, f: "open", value: JSON.stringify({ accounts: 3, balance: 100 }) }, 1, OK);
  for (const [n, account] of BANK.accounts.entries()) run.finally(account, balances[n]);
  return run.finally(BANK.ledger, ledger.map(entryOf));
}

const transfer = (run: HandMadeRun, id: string, at: number, end: Parameters<HandMadeRun["operation"]>[2]) =>
  run.operation({ ...own, f: "transfer", value: `${id} 0 1 10` }, at, end);
const DONE = { outcome: "ok", value: "done" } as const;
const GAVE_WAY = { outcome: "ok", value: null } as const;
const first: LedgerEntry = { id: "t:1", from: 0, to: 1, amount: 10, sourceHas: 100, targetHas: 100 };
const second: LedgerEntry = { id: "t:2", from: 0, to: 1, amount: 10, sourceHas: 90, targetHas: 110 };

const check = (run: HandMadeRun) => transaction.check(factsOf(run.end(9000).build()));
const failsWith = (reason: string) => ({ verdict: "fail", evidence: { reason } });

describe("transfers between accounts", () => {
  it("pass where the sum holds and each acknowledged one was done once, whatever became of the others", () => {
    const run = bank({ ledger: [first, second], balances: ["80", "120", "100"] });
    transfer(run, "t:1", 10, DONE);
    transfer(run, "t:2", 20, TIMED_OUT); // it was done
    transfer(run, "t:3", 30, TIMED_OUT); // it was not
    transfer(run, "t:4", 40, GAVE_WAY);
    transfer(run, "t:5", 50, REFUSED);
    run.operation({ ...own, f: "sum" }, 60, { outcome: "ok", value: "90,110,100" });
    expect(check(run)).toMatchObject({
      verdict: "pass",
      evidence: { missing: 0, conflicts: 1, sumsRead: 1 },
    });
  });

  it("fail where a sum was read that is not that of the beginning", () => {
    const run = bank();
    run.operation({ ...own, f: "sum" }, 60, { outcome: "ok", value: "90,100,100" });
    expect(check(run)).toMatchObject({
      ...failsWith("sum-broken"),
      summary: expect.stringContaining("held 290 together, not 300"),
    });
    const unread = bank({ balances: ["100", undefined, "100"] });
    unread.operation({ ...own, f: "sum" }, 60, { outcome: "ok", value: ",100,100" });
    expect(check(unread)).toMatchObject(failsWith("sum-broken"));
  });

  it.each<[reason: string, ledger: readonly LedgerEntry[], balances: readonly string[]]>([
    ["transfer-twice", [first, { ...second, id: "t:1" }], ["80", "120", "100"]],
    ["lost-update", [first, { ...second, sourceHas: 100, targetHas: 100 }], ["90", "110", "100"]],
    ["half-done-transfer", [first], ["90", "100", "100"]],
    ["half-done-transfer", [], ["100", "100", "90"]],
    ["refused-transfer-done", [first, { ...second, id: "t:5" }], ["80", "120", "100"]],
    ["refused-transfer-done", [first, { ...second, id: "t:4" }], ["80", "120", "100"]],
    ["not-a-bank", [{ ...first, to: 7 }], ["100", "100", "100"]],
  ])("fail: %s", (reason, ledger, balances) => {
    const run = bank({ ledger, balances });
    transfer(run, "t:1", 10, DONE);
    transfer(run, "t:4", 40, GAVE_WAY);
    transfer(run, "t:5", 50, REFUSED);
    expect(check(run)).toMatchObject(failsWith(reason));
  });

  it("fail where an acknowledged one is gone though no primary was lost", () => {
    const run = bank({ ledger: [] });
    transfer(run, "t:1", 10, DONE);
    expect(check(run)).toMatchObject(failsWith("acknowledged-transfers-lost"));
  });

  it("may lose with a primary what no replica had, and nothing else", () => {
    const lost = (at: number, expect: Expectations = { promoted: true }) => {
      const run = bank({ ledger: [], run: haFailoverWithoutLoad({ expect }) });
      run.watermark(1500, 1490, "primary", ["replica-1", "replica-2"]);
      transfer(run, "t:1", at, DONE);
      return transaction.check(factsOf(run.build()));
    };
    expect(lost(1900)).toMatchObject({ verdict: "pass", evidence: { missing: 1 } });
    expect(lost(1000)).toMatchObject(failsWith("replicated-transfers-lost"));
    expect(lost(1900, { lostAcknowledgedWrites: 0 })).toMatchObject(failsWith("acknowledged-transfers-lost"));
  });

  it("are unknown where the accounts could not be read at the end", () => {
    const run = bank({ ledger: [first], balances: ["90", undefined, "100"] });
    transfer(run, "t:1", 10, DONE);
    expect(check(run)).toMatchObject({ verdict: "unknown", evidence: { reason: "keys-unread" } });
  });

  it("need an acknowledged transfer and a sum that was read", () => {
    const facts = factsOf(bank().end(100).build());
    expect(transaction.requires(facts).map(({ met, reason }) => [reason, met])).toEqual([
      ["nothing-sent", false],
      ["no-sum-read", false],
      ["nothing-transferred-after-loss", true],
    ]);
  });
});

it("transfers need one that was acknowledged after the last loss, at each bank", () => {
  const unmet = (...at: number[]) => {
    const run = bank({ run: haFailoverWithoutLoad() });
    for (const [n, time] of at.entries()) transfer(run, `t:${n}`, time, DONE);
    return transaction.requires(factsOf(run.build())).flatMap(({ met, reason }) => (met ? [] : [reason]));
  };
  expect(unmet(1000)).toContain("nothing-transferred-after-loss");
  expect(unmet(1000, 6000)).not.toContain("nothing-transferred-after-loss");
});

describe("a line of a ledger", () => {
  it("is read as it was written, and nothing else is", () => {
    expect(readEntry(entryOf(first))).toEqual(first);
    for (const text of ["", "t:1", "t:1 0 1 10 100", "t:1 0 1 10 100 x", "t:1 0 1 10 100 100 1"])
      expect(readEntry(text)).toBeUndefined();
  });
});
