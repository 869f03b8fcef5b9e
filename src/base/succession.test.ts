import { describe, expect, it } from "vitest";
import { Successions } from "./succession.ts";

type Word = readonly [node: string, event: "role" | "follows" | "link", to: string];

const feed = (successions: Successions, ...words: Word[]) =>
  words.map(([subject, event, to]) => successions.take({ event, subject, to })).filter((found) => found);

const START: Word[] = [
  ["a", "role", "primary"],
  ["b", "role", "replica"],
  ["b", "follows", "a"],
  ["c", "role", "replica"],
  ["c", "follows", "a"],
];

describe("in HA", () => {
  const begun = () => {
    const successions = new Successions("ha", () => undefined);
    expect(feed(successions, ...START)).toEqual([]); // as they were planned
    return successions;
  };

  it("a replica that becomes primary takes the place of the one that there was", () => {
    const successions = begun();
    expect(feed(successions, ["b", "role", "primary"])).toEqual([{ by: "b", replaced: ["a"] }]);
    expect(successions.successorOf("a")).toBe("b");
    expect(successions.successorOf("b")).toBeUndefined();
  });

  it("an old primary that calls itself one again was not promoted, and is superseded until it is a replica", () => {
    const successions = begun();
    feed(successions, ["b", "role", "primary"]);
    expect(feed(successions, ["a", "role", "primary"])).toEqual([]);
    expect(successions.successorOf("a")).toBe("b");
    feed(successions, ["a", "role", "replica"], ["a", "follows", "b"]);
    expect(successions.successorOf("a")).toBeUndefined();
  });

  it("it may be promoted again, which supersedes the other", () => {
    const successions = begun();
    feed(successions, ["b", "role", "primary"], ["a", "role", "replica"], ["a", "follows", "b"]);
    expect(feed(successions, ["a", "role", "primary"])).toEqual([{ by: "a", replaced: ["b"] }]);
    expect(successions.successorOf("b")).toBe("a");
    feed(successions, ["b", "role", "replica"], ["b", "follows", "a"]);
    expect(successions.successorOf("a")).toBeUndefined();
  });

  it("a second promotion supersedes every other, dead or alive", () => {
    const successions = begun();
    feed(successions, ["b", "role", "primary"]);
    expect(feed(successions, ["c", "role", "primary"])).toEqual([{ by: "c", replaced: ["a", "b"] }]);
  });

  it("a failover that is called off gives the place back", () => {
    const successions = begun();
    feed(successions, ["b", "role", "primary"], ["b", "role", "replica"], ["b", "follows", "a"]);
    expect(successions.successorOf("a")).toBeUndefined();
  });
});

describe("in a cluster", () => {
  const shardOf = (node: string) => ({ a: 1, b: 1, c: 1, x: 2, y: 2 })[node];
  const begun = () => {
    const successions = new Successions("cluster", shardOf);
    feed(successions, ...START, ["x", "role", "primary"], ["y", "role", "replica"]);
    return successions;
  };

  it("a promotion concerns one shard only", () => {
    const successions = begun();
    expect(feed(successions, ["b", "role", "primary"])).toEqual([{ by: "b", replaced: ["a"] }]);
    expect(successions.successorOf("x")).toBeUndefined();
  });

  it("it is the place of the node that it followed, wherever it was planned", () => {
    const successions = begun();
    expect(feed(successions, ["y", "follows", "a"], ["y", "role", "primary"])).toEqual([
      { by: "y", replaced: ["a"] },
    ]);
  });

  it("where that was not told, it is that of its planned shard", () => {
    expect(feed(begun(), ["y", "role", "primary"])).toEqual([{ by: "y", replaced: ["x"] }]);
  });

  it("says nothing for what is no word about roles", () => {
    expect(feed(begun(), ["b", "link", "down"])).toEqual([]);
    expect(begun().take({ event: "sentinel" })).toBeUndefined();
  });
});
