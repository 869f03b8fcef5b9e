import { describe, expect, it } from "vitest";
import { logEventOf } from "./log-events.ts";

/* Lines as servers wrote them: 8.0.1, 8.1.1 and 9.1.2, and 7.2's words where they differ. */

const PRIMARY = "a3de45ef88985a8f3e46d61aa03fa2cdd6648ce4";
const REPLICA = "9228c29eeaa71df2574a4cd90d478fd6d559df1c";
const nameOf = (id: string) => ({ [PRIMARY]: "node-1", [REPLICA]: "node-4" })[id];

describe("a line of a log", () => {
  it.each([
    [
      "Start of election delayed for 694 milliseconds (rank #0, primary rank #1, offset 2172).",
      { event: "election-delayed", delayMs: 694, rank: 0, primaryRank: 1 },
    ],
    [
      "Start of election delayed for 1869 milliseconds (rank #1, offset 2172).",
      { event: "election-delayed", delayMs: 1869, rank: 1, primaryRank: 0 },
    ],
    [
      "Replica rank updated to #0, added -132 milliseconds of delay.",
      { event: "election-moved", delayMs: -132 },
    ],
    [
      "Failed primary rank updated to #1, added 500 milliseconds of delay.",
      { event: "election-moved", delayMs: 500 },
    ],
    [
      "This is the best ranked replica and can initiate the election immediately.",
      { event: "election-at-once" },
    ],
    [
      "Myself become the best ranked replica, initiate the election immediately.",
      { event: "election-at-once" },
    ],
    ["Starting a failover election for epoch 6, node config epoch is 1", { event: "election-started" }],
    ["Failover election won: I'm the new primary.", { event: "promoted" }],
    ["MASTER MODE enabled (user request from 'id=4')", { event: "promoted" }],
    [
      `Failover auth granted to ${REPLICA} (127.0.0.1:26767) for epoch 6`,
      { event: "vote-granted", subject: "node-4" },
    ],
    [
      `Failover auth denied to ${REPLICA} (127.0.0.1:26767) for epoch 6: its primary is up`,
      { event: "vote-denied", subject: "node-4", detail: "its primary is up" },
    ],
    [
      `Failover auth denied to ${REPLICA} (127.0.0.1:26767): reqEpoch (5) < curEpoch(6)`,
      { event: "vote-denied", detail: "reqEpoch (5) < curEpoch(6)" },
    ],
    [
      `Failover auth denied to ${REPLICA} (): it is not safe to vote in this moment)`,
      { event: "vote-denied", detail: "it is not safe to vote in this moment" },
    ],
    [
      `Failover auth denied to ${REPLICA}: already voted for epoch 6`,
      { event: "vote-denied", detail: "already voted for epoch 6" },
    ],
    [
      "Currently unable to failover: Waiting for votes, but majority still not reached.",
      { event: "cannot-failover", detail: "Waiting for votes, but majority still not reached." },
    ],
    [
      "Needed quorum: 2. Number of votes received so far: 1",
      { event: "votes-counted", detail: "Needed quorum: 2. Number of votes received so far: 1" },
    ],
    [`NODE ${PRIMARY} (127.0.0.1:26764) possibly failing.`, { event: "suspects", subject: "node-1" }],
    [
      `Marking node ${PRIMARY} (127.0.0.1:26764) as failing (quorum reached).`,
      { event: "failed", subject: "node-1" },
    ],
    [
      `FAIL message received from ${REPLICA} (127.0.0.1:26767) about ${PRIMARY} (127.0.0.1:26764)`,
      { event: "failed", subject: "node-1" },
    ],
    [
      `Clear FAIL state for node ${PRIMARY} (): is reachable again and nobody is serving its slots after some time.`,
      { event: "failed-cleared", subject: "node-1" },
    ],
    ["Cluster state changed: fail", { event: "cluster-state", detail: "fail" }],
    [
      "Cluster is currently down: I am part of a minority partition.",
      { event: "cluster-down", detail: "I am part of a minority partition." },
    ],
    [
      "DB loaded from append only file: 0.011 seconds",
      { event: "loaded", detail: "DB loaded from append only file: 0.011 seconds" },
    ],
    [
      "Next failover delay: I will not start a failover before Sun Nov 29 01:11:06 2026",
      { event: "failover-delayed" },
    ],
    ["oO0OoO0OoO0Oo Valkey is starting oO0OoO0OoO0Oo", { event: "restarted" }],
  ])("%s", (text, event) => {
    expect(logEventOf(text, nameOf)).toMatchObject(event);
  });

  it("tells nothing of a node that is not known, nor where it tells nothing", () => {
    expect(logEventOf(`NODE ${"f".repeat(40)} () possibly failing.`, nameOf)).toBeUndefined();
    expect(
      logEventOf("DB loaded from base file appendonly.aof.1.base.rdb: 0.001 seconds", nameOf),
    ).toBeUndefined();
    expect(logEventOf("Synchronization with replica 127.0.0.1:26768 succeeded", nameOf)).toBeUndefined();
  });
});
