import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LockHeld, LockUse } from "../model/observed.ts";
import { covered } from "./coverage.ts";
import { factsOf } from "./facts.ts";
import { type HandMadeRun, haFailoverWithoutLoad, haRun, withHaStart } from "./history.test-data.ts";
import { lock } from "./lock.ts";
import { type Hold, holdsOf, overlapsOf, tokenFaultsOf } from "./lock-holds.ts";

const check = (run: HandMadeRun) => covered(lock, factsOf(run.build()));
const quiet = () => withHaStart(haRun()).end(20_000);

interface Story {
  readonly client: string;
  /** Asked for at that time; told 1 ms later. */
  readonly at: number;
  readonly token: number;
  readonly ttlMs?: number;
  /** It stops by itself when its ttl is over; if not, when it releases. */
  readonly careful?: boolean;
  readonly releasedAt?: number;
  readonly node?: string;
}

/** One holder: what it asked, what it was told, until when it believed. */
function held(
  run: HandMadeRun,
  { client, at, token, ttlMs = 1000, careful = true, releasedAt, node }: Story,
) {
  const owner = `${client}@${at}`;
  const base = { client, workload: "lock", key: "l", value: owner };
  run.operation({ ...base, f: "acquire" }, at, { outcome: "ok", afterMs: 1, value: `${token}`, node });
  const data: LockHeld = {
    lock: "l",
    client,
    owner,
    token,
    sentAt: at * 1e6,
    heldFrom: (at + 1) * 1e6,
    believedUntil: careful ? (at + ttlMs) * 1e6 : null,
    ttlMs,
  };
  run.observe(at + 1, "lock-held", data);
  if (releasedAt !== undefined)
    run.operation({ ...base, f: "release" }, releasedAt, { outcome: "ok", value: "1" });
  return run;
}

const holders = (run: HandMadeRun, ...stories: Story[]) => stories.reduce(held, run);

describe("lock", () => {
  it("is judged only where the workload ran, and is unknown where nobody ever got a lock", () => {
    expect(lock.applies(factsOf(quiet().build()))).toBe(false);
    const run = quiet().operation({ f: "acquire", key: "l", workload: "lock", client: "a", value: "x" }, 5, {
      outcome: "ok",
      value: null,
    });
    expect(lock.applies(factsOf(run.build()))).toBe(true);
    expect(check(run)).toMatchObject({ verdict: "unknown", evidence: { reason: "never-held" } });
  });

  it("passes for one after the other, and tells how long nobody had it", () => {
    const run = holders(
      quiet(),
      { client: "a", at: 100, token: 1, releasedAt: 300 },
      { client: "b", at: 300, token: 2 }, // never released: it stops to believe at 1300
      { client: "a", at: 1310, token: 3, releasedAt: 1400 },
    );
    expect(check(run)).toMatchObject({
      verdict: "pass",
      summary:
        "1 lock acquired 3 times by 2 sessions: never two holders at once, and every token was higher than " +
        "those before",
      evidence: { acquired: 3, tables: [], notes: ["for 1.01 s nobody got a lock"] },
    });
  });

  it(
    "finds two holders at once: who, with which tokens, from when to when, and that the first one's time " +
      "was over",
    () => {
      const found = check(
        holders(
          quiet(),
          { client: "a", at: 100, token: 1, ttlMs: 200, careful: false, releasedAt: 500 },
          { client: "b", at: 310, token: 2, ttlMs: 200, careful: false, releasedAt: 700 },
        ),
      );
      expect(found).toMatchObject({
        verdict: "fail",
        summary:
          "b held l while a believed to hold it: its 200 ms were over, and it went on; 1 time in all, for up to 189 ms",
        evidence: {
          reason: "two-holders",
          causes: ["expired"],
          timesTwo: 1,
          longestTwoMs: 189,
        },
      });
      const [table] = found.evidence.tables as { rows: unknown[][] }[];
      expect(table?.rows).toEqual([
        ["a (token 1)", "0.101 s", "0.500 s", "b (token 2)", "0.311 s", "0.700 s", "189 ms", "expired"],
      ]);
    },
  );

  it("does not take for two holders what a careful one has given up", () => {
    const run = holders(
      quiet(),
      { client: "a", at: 100, token: 1, ttlMs: 200, releasedAt: 500 },
      { client: "b", at: 310, token: 2, ttlMs: 200 },
    );
    expect(check(run).verdict).toBe("pass");
  });

  it("knows a lock that was lost in a failover", () => {
    // The primary is killed at 2000, replica-1 promoted at 3400.
    const run = haFailoverWithoutLoad();
    holders(
      run,
      { client: "a", at: 1990, token: 7, ttlMs: 5000, node: "primary" },
      { client: "b", at: 3500, token: 8, ttlMs: 500, node: "replica-1" },
    );
    expect(check(run)).toMatchObject({
      verdict: "fail",
      summary: expect.stringContaining("it was lost when replica-1 took the place of primary"),
      evidence: { causes: ["failover"] },
    });
  });

  it("knows one that a superseded primary granted", () => {
    // The old primary is back at 4995, and a replica at 5500.
    const run = haFailoverWithoutLoad();
    holders(
      run,
      { client: "a", at: 5000, token: 9, ttlMs: 400, node: "replica-1" },
      { client: "b", at: 5100, token: 8, ttlMs: 400, node: "primary" },
    );
    expect(check(run)).toMatchObject({
      verdict: "fail",
      summary: expect.stringContaining(
        "primary granted it to b after replica-1 had been promoted in its place",
      ),
      evidence: { causes: ["split-brain"] },
    });
  });

  it("names what it cannot explain", () => {
    const run = holders(
      quiet(),
      { client: "a", at: 100, token: 1, node: "primary" },
      { client: "b", at: 200, token: 2, node: "primary" },
    );
    expect(check(run)).toMatchObject({
      summary: expect.stringContaining("it was gone from primary before its time"),
      evidence: { causes: ["gone"] },
    });
  });

  it.each([
    ["token-twice", 1],
    ["token-went-back", 0],
  ])("%s", (reason, second) => {
    const run = holders(
      quiet(),
      { client: "a", at: 100, token: 1, releasedAt: 200 },
      { client: "b", at: 300, token: second, releasedAt: 400 },
    );
    expect(check(run)).toMatchObject({ verdict: "fail", evidence: { reason } });
    const [table] = check(run).evidence.tables as { rows: unknown[][] }[];
    expect(table?.rows).toEqual([["l", "a", "0.101 s", 1, "b", "0.300 s", second]]);
  });

  it("shows nothing about a failover after which nobody got a lock", () => {
    const one = { client: "a", at: 1000, token: 1, releasedAt: 1100 };
    const run = holders(haFailoverWithoutLoad(), one, {
      ...one,
      client: "b",
      at: 1200,
      token: 2,
      releasedAt: 1300,
    });
    expect(check(run)).toMatchObject({ verdict: "unknown", evidence: { reason: "not-held-after-loss" } });
    expect(check(holders(run, { client: "a", at: 4000, token: 3 })).verdict).toBe("pass");
  });

  it("tells what the resource refused", () => {
    const run = holders(quiet(), { client: "a", at: 100, token: 1, releasedAt: 200 });
    const use: LockUse = { lock: "l", client: "a", owner: "a@100", token: 1, at: 150e6, accepted: false };
    expect(check(run.observe(150, "lock-use", use)).evidence.notes).toContainEqual(
      expect.stringContaining("refused 1 use with a token lower"),
    );
  });

  it("takes what was never released, and never given up, to be held to the end of the run", () => {
    const run = holders(quiet(), { client: "a", at: 100, token: 1, careful: false });
    expect(holdsOf(factsOf(run.build()))).toMatchObject([{ until: 20_000e6 }]);
  });
});

/* By definition, and not by sorting: slow, and hard to get wrong. */

/** At some instant two believe at the same time. */
function twoAtOnce(holds: readonly Hold[]): boolean {
  const instants = holds.flatMap(({ heldFrom, until }) => [heldFrom, until]);
  return instants.some((edge) => {
    const instant = edge + 0.5; // all times are whole
    return holds.filter(({ heldFrom, until }) => heldFrom < instant && instant < until).length > 1;
  });
}

/** There is an order in which tokens grow, and in which nobody comes before one who had been told before it asked. */
function tokensFit(holds: readonly Hold[]): boolean {
  const place = (left: readonly Hold[], last: number): boolean =>
    left.length === 0 ||
    left.some((next) => {
      const others = left.filter((one) => one !== next);
      const free = others.every(({ heldFrom }) => heldFrom >= next.sentAt);
      return free && next.token > last && place(others, next.token);
    });
  return place(holds, -Infinity);
}

const hold = (sentAt: number, heldFrom: number, until: number, token: number, name = "l"): Hold => ({
  lock: name,
  client: "c",
  owner: `${sentAt} ${heldFrom} ${until} ${token}`,
  token,
  sentAt,
  heldFrom,
  believedUntil: null,
  ttlMs: 1,
  until,
});

describe("agrees with the definition", () => {
  const agree = (holds: readonly Hold[]) =>
    overlapsOf(holds).length > 0 === twoAtOnce(holds) &&
    tokenFaultsOf(holds).length > 0 === !tokensFit(holds);

  it("on all histories of up to three holders in four instants", () => {
    const each: Hold[] = [];
    for (let sent = 0; sent < 4; sent += 1)
      for (let from = sent; from < 4; from += 1)
        for (let until = from; until < 4; until += 1)
          for (let token = 1; token <= 3; token += 1) each.push(hold(sent, from, until, token));
    expect(each).toHaveLength(60);
    // In whatever order they are written down, it is one history: each is taken once.
    each.forEach((a, n) => {
      expect(agree([a])).toBe(true);
      each.slice(n).forEach((b, m) => {
        if (!agree([a, { ...b }])) expect([a, b]).toBe("agreed upon");
        for (const c of each.slice(n + m))
          if (!agree([a, { ...b }, { ...c }])) expect([a, b, c]).toBe("agreed upon");
      });
    });
  });

  it("on larger ones, each lock for itself", () => {
    const one = fc
      .tuple(fc.nat(30), fc.nat(6), fc.nat(8), fc.integer({ min: 1, max: 40 }), fc.constantFrom("l", "m"))
      .map(([sent, told, kept, token, name]) => hold(sent, sent + told, sent + told + kept, token, name));
    fc.assert(
      fc.property(fc.array(one, { maxLength: 7 }), (holds) => {
        const of = (name: string) => holds.filter((each) => each.lock === name);
        expect(overlapsOf(holds).length > 0).toBe(twoAtOnce(of("l")) || twoAtOnce(of("m")));
        expect(tokenFaultsOf(holds).length > 0).toBe(!tokensFit(of("l")) || !tokensFit(of("m")));
      }),
      { numRuns: 500 },
    );
  });

  it("names every pair that overlaps, once", () => {
    const one = fc.tuple(fc.nat(20), fc.nat(8)).map(([from, kept]) => hold(from, from, from + kept, 1));
    fc.assert(
      fc.property(fc.array(one, { maxLength: 8 }), (holds) => {
        const pairs = holds.flatMap((a, n) => holds.slice(n + 1).filter((b) => twoAtOnce([a, b])));
        expect(overlapsOf(holds)).toHaveLength(pairs.length);
        for (const { first, second, from, until } of overlapsOf(holds)) {
          expect(from).toBe(Math.max(first.heldFrom, second.heldFrom));
          expect(until).toBe(Math.min(first.until, second.until));
          expect(until).toBeGreaterThan(from);
        }
      }),
    );
  });
});
