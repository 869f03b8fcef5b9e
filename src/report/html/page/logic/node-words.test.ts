import { describe, expect, it } from "vitest";
import { FAULTS } from "../../../../fault/registry.ts";
import { nodeWords, shortLines } from "./node-words.ts";
import type { NodeAt } from "./topology-at.ts";

const node: NodeAt = {
  node: { name: "node-1", role: "primary", endpoint: "127.0.0.1:1" },
  role: "primary",
  reachable: true,
  linkUp: true,
  doubted: 0,
  faults: [],
};

describe("the words under a node", () => {
  it("tell the same fault once, and what others hold of it", () => {
    expect(nodeWords(node)).toEqual([]);
    const faults = ["rolling-upgrade", "kill", "rolling-upgrade"];
    expect(nodeWords({ ...node, faults, sees: "agreed", doubted: 2, state: "fail" })).toEqual([
      "rolling-upgrade ×2",
      "kill",
      "agreed: down",
      "doubted by 2",
      "cluster fail",
    ]);
  });

  it.each<[words: string[], lines: string[]]>([
    [[], []],
    [["kill", "pause"], ["kill, pause"]],
    [
      ["rolling-upgrade", "connection-flood"],
      ["rolling-upgrade", "connection-flood"],
    ],
    [
      ["rolling-upgrade ×2", "kill", "pause", "cpu", "doubted by 2"],
      ["rolling-upgrade ×2", "kill, pause +2"],
    ],
    [
      ["connection-flood", "rolling-upgrade", "slow-disk", "disk-full"],
      ["connection-flood", "rolling-upgrade +2"],
    ],
  ])("of %j are %j", (words, lines) => {
    expect(shortLines(words, 18, 2)).toEqual(lines);
  });

  it("are never wider than they may be, and name any one fault in full", () => {
    const kinds = [...FAULTS.keys()];
    for (const kind of kinds) expect(shortLines([kind], 18, 2)).toEqual([kind]);
    for (let at = 0; at < kinds.length; at += 1)
      for (let length = 1; length < 8; length += 1)
        for (const line of shortLines(kinds.slice(at, at + length), 18, 2))
          expect(line.length).toBeLessThanOrEqual(18);
  });
});
