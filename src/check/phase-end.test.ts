import { describe, expect, it } from "vitest";
import { factsOf } from "./facts.ts";
import { clusterRun } from "./history.test-data.ts";
import { type Candidate, inOrder, type Placed, placed } from "./phase-end.ts";

const header = clusterRun().build().header;
const facts = factsOf(
  clusterRun({ topology: { ...header.topology, lookEveryMs: 20 } })
    .end(1000)
    .build(),
);
const phaseEnds = (...given: [name: string, atMs: number, seenBy: Candidate["seenBy"], errorMs?: number][]) =>
  given.flatMap(([name, atMs, seenBy, errorMs]) => placed(facts, { name, at: atMs * 1e6, seenBy, errorMs }));
const told = (chain: readonly Placed[]) => chain.map(({ name, at }) => [name, at / 1e6]);

describe("how exactly a moment is known", () => {
  it("a look comes late, a log's clock is off either way, and all others tell it at once", () => {
    const [look, log, said] = phaseEnds(["a", 100, "look"], ["b", 100, "log", 3], ["c", 100, "sentinel"]);
    expect([look?.earliest, look?.latest]).toEqual([80e6, 100e6]);
    expect([log?.earliest, log?.latest]).toEqual([97e6, 103e6]);
    expect([said?.earliest, said?.latest]).toEqual([100e6, 100e6]);
  });

  it("what never came is no moment", () => {
    expect(placed(facts, { name: "a", at: undefined, seenBy: "look" })).toEqual([]);
  });
});

describe("one order", () => {
  it("a look that came late is put before what it led to, which a log told", () => {
    const chain = phaseEnds(
      ["detected", 3699, "look"],
      ["election", 3695, "log", 2],
      ["voted", 3696, "log", 2],
    );
    expect(told(inOrder(chain))).toEqual([
      ["detected", 3697],
      ["election", 3697],
      ["voted", 3697],
    ]);
  });

  it("holds over several steps, and leaves alone what is in order already", () => {
    const chain = phaseEnds(
      ["a", 100, "sentinel"],
      ["b", 110, "look"],
      ["c", 95, "log", 8],
      ["d", 200, "look"],
    );
    const found = inOrder(chain);
    expect(told(found)).toEqual([
      ["a", 100],
      ["b", 103],
      ["c", 103],
      ["d", 200],
    ]);
    expect(found[1]).toMatchObject({ earliest: 100e6, latest: 103e6 });
    expect(found.map(({ at }) => at)).toEqual(found.map(({ at }) => at).toSorted((x, y) => x - y));
  });

  it("what cannot have been in that order stays as it was told", () => {
    const chain = phaseEnds(["detected", 5030, "look"], ["promoted", 5000, "look"]);
    expect(told(inOrder(chain))).toEqual([
      ["detected", 5030],
      ["promoted", 5000],
    ]);
  });
});
