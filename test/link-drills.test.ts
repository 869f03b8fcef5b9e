import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { History } from "../src/history/reader.ts";
import { readHistory } from "../src/history/reader.ts";
import type { FinishedRun } from "../src/run/run-scenario.ts";
import { checkNamed, drill, problems } from "./support/drill.ts";
import { fabricProgram } from "./support/fabric-program.ts";

/* The drills of partitions, from scenario to verdict, on real servers. What each claims is held against its history. */

const finished: FinishedRun[] = [];
async function run(name: string): Promise<FinishedRun & { history: History }> {
  const done = await drill(name);
  finished.push(done);
  return { ...done, history: await readHistory(done.folder.history) };
}
beforeAll(() => void fabricProgram());
afterAll(async () => {
  for (const { folder } of finished) await rm(folder.dir, { recursive: true, force: true });
});

/** From when to when each fault was in force, ns. */
function cuts({ events }: History): { from: number; to: number }[] {
  const at = (phase: string) =>
    events.flatMap((event) => (event.type === "fault" && event.phase === phase ? [event.at] : []));
  const healed = at("heal");
  return at("injected").map((from, index) => ({ from, to: healed[index] ?? Number.POSITIVE_INFINITY }));
}

/**
 * Watermarks of the planned primary that tell of something acknowledged in that time, less a while in which bytes were
 * on their way.
 */
function confirmedIn({ events }: History, { from, to }: { from: number; to: number }): number {
  const settled = from + 200e6;
  return events.filter(
    (event) =>
      event.type === "replicated" && event.primary === "primary" && event.ackedBy > settled && event.at < to,
  ).length;
}

describe.runIf(process.platform === "linux")("in HA", { tags: "long" }, () => {
  // Sentinel takes ten seconds to make an old primary a replica; nothing else is measured meanwhile, so the two share
  // them.
  it.concurrent("an isolated primary takes writes beside the new one, and all since the cut is lost", async () => {
    const { result, history } = await run("ha-isolated-primary");
    expect(problems(result)).toEqual([]);
    expect(checkNamed(result, "topology").summary).toMatch(/primary took [\d,]+ writes/);
    const [cut] = cuts(history);
    if (!cut) throw new Error("nothing was cut");
    expect(confirmedIn(history, cut)).toBe(0);
    const sinceTheCut = history.events.filter((event) => event.type === "ok" && event.at > cut.from).length;
    expect(sinceTheCut).toBeGreaterThan(result.writes.lost / 2);
    expect(result.writes.lost).toBeGreaterThan(500); // 100 a second, for more than ten seconds
  });

  it.concurrent(
    "a primary that only the Sentinels do not reach loses what it took after the promotion, " + "not before",
    async () => {
      const { result, history } = await run("ha-primary-cut-from-sentinels");
      expect(problems(result)).toEqual([]);
      const [cut] = cuts(history);
      if (!cut) throw new Error("nothing was cut");
      const promotedAt = history.events.find(
        (event) =>
          event.type === "topology" &&
          event.event === "role" &&
          event.to === "primary" &&
          event.at > cut.from,
      )?.at;
      if (promotedAt === undefined) throw new Error("nobody was promoted");
      // it kept its replicas till then
      expect(confirmedIn(history, { from: cut.from, to: promotedAt })).toBeGreaterThan(5);
      const [first] = checkNamed(result, "durability").evidence.lost as { acknowledgedAtMs: number }[];
      expect(first?.acknowledgedAtMs).toBeGreaterThan(promotedAt / 1e6 - 500);
    },
  );

  it.concurrent("one way that is silent is seen by nobody, and costs nothing if nobody dies", async () => {
    const { result, history } = await run("ha-one-way-cut");
    expect(problems(result)).toEqual([]);
    const [cut] = cuts(history);
    if (!cut) throw new Error("nothing was cut");
    expect(confirmedIn(history, cut)).toBe(0);
    expect(
      history.events.filter(
        (event) => event.type === "topology" && event.event === "link" && event.to === "down",
      ),
    ).toEqual([]);
    expect(result.failover.promoted).toBeNull();
    expect(result.writes.lost).toBe(0);
  });

  it.concurrent("a link that flaps for less than the Sentinels wait promotes nobody", async () => {
    const { result, history } = await run("ha-flapping-link");
    expect(problems(result)).toEqual([]);
    expect(cuts(history)).toHaveLength(6);
    for (const cut of cuts(history)) expect(confirmedIn(history, cut)).toBe(0);
    expect(result.failover.promoted).toBeNull();
    expect(result.writes.lost).toBe(0);
  });
});

describe.runIf(process.platform === "linux")("in a Cluster", () => {
  it("an isolated primary refuses writes, and loses no more than it took until then", async () => {
    const { result, history } = await run("cluster-isolated-primary");
    expect(problems(result)).toEqual([]);
    const classes = new Set(
      history.events.map((event) => ("error" in event ? event.error?.class : undefined)),
    );
    expect([...classes]).toContain("CLUSTERDOWN");
    expect(result.failover.promoted).toEqual({ from: "node-1", to: "node-4" });
    expect(result.writes.lost).toBeGreaterThan(0);
    expect(checkNamed(result, "topology").verdict).toBe("pass"); // no two primaries took writes for long
  });
});
