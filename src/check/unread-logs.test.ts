import { describe, expect, it } from "vitest";
import { clusterFailover, type HandMadeRun, haFailover } from "./history.test-data.ts";
import { judge } from "./judge.ts";

const WHY = "its loglevel is warning, so it does not write of elections, votes and promotions";
const unread = (run: HandMadeRun, ...nodes: string[]) =>
  judge(run.observe(7970, "logs-unread", Object.fromEntries(nodes.map((node) => [node, WHY]))).build())
    .unreadLogs;
const line = (run: HandMadeRun, atMs: number, node: string, event: string) =>
  run.observe(7960, "log-event", { node, at: atMs * 1e6, errorMs: 1, event });

describe("logs that could not be read", () => {
  it("are none where nothing says so", () => {
    expect(judge(haFailover().build()).unreadLogs).toEqual([]);
  });

  it("are told with the phases that are missing because of it", () => {
    expect(unread(clusterFailover(), "node-4")).toEqual([
      { node: "node-4", why: WHY, missing: ["election", "voted", "promoted"] },
    ]);
    expect(unread(haFailover(), "replica-1")).toEqual([
      { node: "replica-1", why: WHY, missing: ["promoted"] },
    ]);
  });

  it("miss nothing where no phase would come from them", () => {
    expect(unread(clusterFailover(), "node-6")).toEqual([{ node: "node-6", why: WHY, missing: [] }]);
    const told = line(
      line(clusterFailover(), 4900, "node-4", "election-started"),
      4990,
      "node-4",
      "promoted",
    );
    expect(unread(told, "node-4")?.[0]?.missing).toEqual(["voted"]);
  });

  it("of a node that was started again do not tell that it was", () => {
    expect(unread(clusterFailover(), "node-1")?.[0]?.missing).toEqual(["restarted"]);
  });
});
