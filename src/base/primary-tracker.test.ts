import { describe, expect, it } from "vitest";
import { PrimaryTracker } from "./primary-tracker.ts";

type Word = readonly [node: string, event: "role" | "follows" | "link", to: string];

const feed = (primaryTracker: PrimaryTracker, ...words: Word[]) =>
  words.map(([subject, event, to]) => primaryTracker.take({ event, subject, to })).filter((found) => found);

const START: Word[] = [
  ["a", "role", "primary"],
  ["b", "role", "replica"],
  ["b", "follows", "a"],
  ["c", "role", "replica"],
  ["c", "follows", "a"],
];

describe("in HA", () => {
  const begun = () => {
    const primaryTracker = new PrimaryTracker("ha", () => undefined);
    expect(feed(primaryTracker, ...START)).toEqual([]); // as they were planned
    return primaryTracker;
  };

  it("a replica that becomes primary takes the place of the one that there was", () => {
    const primaryTracker = begun();
    expect(feed(primaryTracker, ["b", "role", "primary"])).toEqual([{ by: "b", replaced: ["a"] }]);
    expect(primaryTracker.successorOf("a")).toBe("b");
    expect(primaryTracker.successorOf("b")).toBeUndefined();
  });

  it("an old primary that calls itself one again was not promoted, and is superseded until it is a replica", () => {
    const primaryTracker = begun();
    feed(primaryTracker, ["b", "role", "primary"]);
    expect(feed(primaryTracker, ["a", "role", "primary"])).toEqual([]);
    expect(primaryTracker.successorOf("a")).toBe("b");
    feed(primaryTracker, ["a", "role", "replica"], ["a", "follows", "b"]);
    expect(primaryTracker.successorOf("a")).toBeUndefined();
  });

  it("it may be promoted again, which supersedes the other", () => {
    const primaryTracker = begun();
    feed(primaryTracker, ["b", "role", "primary"], ["a", "role", "replica"], ["a", "follows", "b"]);
    expect(feed(primaryTracker, ["a", "role", "primary"])).toEqual([{ by: "a", replaced: ["b"] }]);
    expect(primaryTracker.successorOf("b")).toBe("a");
    feed(primaryTracker, ["b", "role", "replica"], ["b", "follows", "a"]);
    expect(primaryTracker.successorOf("a")).toBeUndefined();
  });

  it("a second promotion supersedes every other, dead or alive", () => {
    const primaryTracker = begun();
    feed(primaryTracker, ["b", "role", "primary"]);
    expect(feed(primaryTracker, ["c", "role", "primary"])).toEqual([{ by: "c", replaced: ["a", "b"] }]);
  });

  it("a failover that is called off gives the place back", () => {
    const primaryTracker = begun();
    feed(primaryTracker, ["b", "role", "primary"], ["b", "role", "replica"], ["b", "follows", "a"]);
    expect(primaryTracker.successorOf("a")).toBeUndefined();
  });
});

describe("in a cluster", () => {
  const shardOf = (node: string) => ({ a: 1, b: 1, c: 1, x: 2, y: 2 })[node];
  const begun = () => {
    const primaryTracker = new PrimaryTracker("cluster", shardOf);
    feed(primaryTracker, ...START, ["x", "role", "primary"], ["y", "role", "replica"]);
    return primaryTracker;
  };

  it("a promotion concerns one shard only", () => {
    const primaryTracker = begun();
    expect(feed(primaryTracker, ["b", "role", "primary"])).toEqual([{ by: "b", replaced: ["a"] }]);
    expect(primaryTracker.successorOf("x")).toBeUndefined();
  });

  it("it is the place of the node that it followed, wherever it was planned", () => {
    const primaryTracker = begun();
    expect(feed(primaryTracker, ["y", "follows", "a"], ["y", "role", "primary"])).toEqual([
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
