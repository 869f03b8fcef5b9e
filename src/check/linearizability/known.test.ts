import { describe, expect, it } from "vitest";
import { bruteForce } from "./brute-force.test-data.ts";
import { drawn } from "./drawn.test-data.ts";
import { judgeRegisters } from "./judge-registers.ts";

/* Histories by hand, in the manner of those that Jepsen and Porcupine are tested with. Each is held against the definition too. */

const judged = (text: string) => judgeRegisters(drawn(text), "line");

const LINEARIZABLE: Record<string, string> = {
  "nothing but a read of nothing": "a [read -]",
  "a write that is not read yet while it is under way, and is read at once by another": `
    a  [write 1                  ]
    b     [read -]
    c               [read 1]`,
  "two writes at one time, seen in the order in which they did not begin": `
    a  [write 1            ]
    b     [write 2        ]
    c                        [read 1]`,
  "a write without an end that is seen long after, and not before": `
    a  [write 1>
    b             [read -]  [read -]           [read 1]`,
  "a write without an end that never happens": `
    a  [write 1]  [write 2>
    b                        [read 1]   [read 1]`,
  "a write without an end that happens between two reads, and is overwritten": `
    a  [write 1]  [write 2>
    b                        [read 1]   [read 2]   [write 3]  [read 3]`,
  "a compare-and-set that was refused, rightly": `
    a  [write 1]   [refused 2]   [refused 2 saw 1]
    b                                               [read 1]`,
  "a compare-and-set without an end, which explains what the next one finds": `
    a  [write 1]  [cas 1 2>
    b                        [cas 2 3]   [read 3]`,
  "the same write twice without an end: each may happen once": `
    a  [write 1>   b1
    b  [write 1>
    c            [read 1]  [write 2]  [read 1]  [write 3]  [read 3]`,
  "appended elements, in one of the orders that time allows": `
    a  [append x       ]          [read ["y","x"]]
    b    [append y  ]    [read ["y","x"]]`,
  "text that is appended to": `
    a  [write ab]  [append cd]   [read abcd]
    b                [read ab]`,
};

const BROKEN: Record<string, [text: string, kind: string, words: RegExp, size: number]> = {
  "a stale read": [
    `
    a  [write 1]  [write 2]
    b                         [read 1]`,
    "stale-read",
    /^b read 1 at line \d+, after a's write 2 had been acknowledged at line \d+$/,
    3,
  ],
  "a lost write: nothing is there any more": [
    `
    a  [write 1]
    b               [read 1]   [read -]`,
    "stale-read",
    /^b read nothing at line \d+, after a's write 1 had been acknowledged/,
    2,
  ],
  "a value that goes back, though no write had ended": [
    `
    a  [write 1]  [write 2                                ]
    b                   [read 2]
    c                              [read 1]`,
    "stale-read",
    /^c read 1 at line \d+, after b read 2 at line \d+$/,
    4,
  ],
  "a split brain: two compare-and-set found the same value": [
    `
    a  [write 1]   [cas 1 2      ]
    b                [cas 1 3     ]`,
    "double-cas",
    /^(a's cas 1 → 2 .* and b's cas 1 → 3|b's cas 1 → 3 .* and a's cas 1 → 2) .* both found 1, which stood there once$/,
    3,
  ],
  "a lost update: what was read, and set, is gone": [
    `
    a  [write 1]   [cas 1 2]
    b                          [cas 1 3]   [read 3]`,
    "stale-read",
    /^b's cas 1 → 3 found 1 at line \d+, after a's cas 1 → 2 had been acknowledged/,
    3,
  ],
  "a value out of nowhere": [
    `
    a  [write 1]
    b              [read 7]`,
    "value-never-written",
    /^b read 7 at line \d+, which nobody wrote$/,
    1,
  ],
  "a value from the future": [
    `
    a                 [write 1]
    b    [read 1]`,
    "value-not-yet-written",
    /^b read 1 at line \d+, before a began to write it at line \d+$/,
    1,
  ],
  "a refusal for the value that it asked for": [
    `
    a  [write 1]  [refused 1 saw 1]`,
    "no-order",
    /left over/,
    2,
  ],
  "a blind refusal, though the value was there all the time": [
    `
    a  [write 1]  [refused 1]
    b                           [read 1]`,
    "no-order",
    /a's cas from 1: refused is left over$/,
    2,
  ],
  "two readers that see two writes in different orders": [
    `
    a  [write 1                                       ]
    b  [write 2                                       ]
    c     [read 1]  [read 2]
    d         [read 2]  [read 1]`,
    "no-order",
    /no order of these 6 operations/,
    6,
  ],
  "a write without an end cannot happen twice": [
    `
    a  [write 1>
    b             [read 1]  [write 2]  [read 2]  [read 1]`,
    "stale-read",
    /^b read 1 at line \d+, after b's write 2 had been acknowledged/,
    4,
  ],
  "an element that was appended, and is missing": [
    `
    a  [append 1]  [append 2]
    b                          [read [1]]`,
    "stale-read",
    /^b read \[1\] at line \d+, after a's append 2 had been acknowledged/,
    2,
  ],
  "a list that was longer": [
    `
    a  [append 1]  [append 2               ]
    b                 [read [1,2]]
    c                                        [read [1]]`,
    "stale-read",
    /^c read \[1\]/,
    2,
  ],
  "elements in two orders": [
    `
    a  [append 1]
    b  [append 2]
    c             [read [1,2]]   [read [2,1]]`,
    "no-order",
    /./,
    4,
  ],
};

describe("histories that are linearizable", () => {
  it.each(Object.entries(LINEARIZABLE))("%s", (_, text) => {
    expect(bruteForce(drawn(text))).toBe(true);
    expect(judged(text)).toMatchObject({ verdict: "pass" });
  });
});

describe("histories that are not, told in words, and cut to what shows it", () => {
  it.each(Object.entries(BROKEN))("%s", (_, [text, kind, words, size]) => {
    expect(bruteForce(drawn(text))).toBe(false);
    const { verdict, stretches, evidence } = judged(text);
    expect({ verdict, reason: evidence.reason }).toEqual({ verdict: "fail", reason: "not-linearizable" });
    const [segment] = stretches;
    expect(segment?.text).toMatch(words);
    expect(segment).toMatchObject({ kind, key: "k" });
    expect(segment?.operations).toHaveLength(size);
  });

  it("each with its proof, to be drawn: what was placed, in which order, and what could not be", () => {
    const { evidence } = judged(`
    a  [write 1]  [write 2]  [write 3]
    b                                   [read 3]  [read 2]   [write 4]`);
    expect(evidence.stretches).toEqual([
      {
        key: "k",
        kind: "stale-read",
        text: "b read 2 at line 57, after a's write 3 had been acknowledged at line 37",
        unit: "line",
        operations: [
          { id: 1, process: "a", text: "write 2", invokedAt: 18, returnedAt: 26, place: 1 },
          { id: 2, process: "a", text: "write 3", invokedAt: 29, returnedAt: 37, place: 2 },
          { id: 4, process: "b", text: "read 2", invokedAt: 50, returnedAt: 57, place: null },
        ],
        stuck: 4,
        against: 2,
      },
    ]);
    expect(evidence.tables).toEqual([
      {
        title: "k: the smallest stretch that no order explains",
        columns: ["process", "operation", "invoked", "returned", "order"],
        rows: [
          ["a", "write 2", "line 18", "line 26", 1],
          ["a", "write 3", "line 29", "line 37", 2],
          ["b", "read 2", "line 50", "line 57", "fits nowhere"],
        ],
      },
    ]);
  });
});

describe("several keys", () => {
  it("are judged each by itself: what one holds says nothing of another", () => {
    const text = `
    key: x
    a  [write 1]               [read 1]
    key: y
    b             [write 2]               [read 2]`;
    expect(judged(text)).toMatchObject({
      verdict: "pass",
      summary: "4 operations on 2 keys: each key linearizable",
      evidence: { keys: 2, operations: 4 },
    });
  });

  it("fail if one does, which is named", () => {
    const text = `
    key: x
    a  [write 1]               [read 1]
    key: y
    b             [write 2]               [read 1]`;
    expect(judged(text)).toMatchObject({
      verdict: "fail",
      summary: expect.stringMatching(
        /^1 of 2 keys not linearizable; y: b read 1 at line \d+, which nobody wrote$/,
      ),
      evidence: { reason: "not-linearizable", failed: ["y"] },
    });
  });

  it.each<[what: string, text: string, reason: string]>([
    ["of which none was used", "", "nothing-acknowledged"],
    ["on which nothing was acknowledged", "a [write 1>  b [cas - 2>", "nothing-acknowledged"],
    ["that were only written", "a [write 1] [write 2]", "nothing-read"],
    ["that were only appended to", "a [append x] [append y]", "nothing-read"],
  ])("%s are not judged: no answer could have been wrong", (_, text, reason) => {
    expect(judged(`\n${text.replace(" b ", "\nb ")}`)).toMatchObject({
      verdict: "unknown",
      evidence: { reason },
    });
  });

  it("pass if one was not read, which is named", () => {
    const text = `
    key: x
    a  [write 1]  [read 1]
    key: y
    b  [write 2]`;
    expect(judged(text)).toMatchObject({
      verdict: "pass",
      summary: "3 operations on 2 keys: each key linearizable; no answer tells what y held",
      evidence: { unread: ["y"] },
    });
  });
});
