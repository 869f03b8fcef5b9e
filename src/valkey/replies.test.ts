import { describe, expect, it } from "vitest";
import {
  pairsOf,
  parseCallsDone,
  parseClusterNodes,
  parseClusterSlots,
  parseCounters,
  parseInfo,
  parseReplication,
} from "./replies.ts";

/* Replies as Valkey 8.1.1 gives them, shortened. */

describe("parseReplication", () => {
  it("reads a primary's, with the replicas that are online", () => {
    const reply = [
      "# Replication",
      "role:master",
      "connected_slaves:3",
      "slave0:ip=127.0.0.1,port=7001,state=online,offset=98,lag=0",
      "slave1:ip=127.0.0.1,port=7002,state=wait_bgsave,offset=0,lag=0",
      "slave2:ip=127.0.0.1,port=7003,state=online,offset=98,lag=1",
      "master_repl_offset:112",
    ].join("\r\n");
    expect(parseReplication(reply)).toEqual({
      role: "primary",
      linkUp: true,
      offset: 112,
      onlineReplicas: 2,
      primaryAt: undefined,
    });
  });

  it.each([
    ["up", true],
    ["down", false],
  ])("reads a replica's whose link is %s", (status, linkUp) => {
    const reply = `role:slave\r\nmaster_host:127.0.0.2\r\nmaster_port:7000\r\nmaster_link_status:${status}\r\nslave_repl_offset:98\r\nmaster_repl_offset:98\r\n`;
    const primaryAt = { host: "127.0.0.2", port: 7000 };
    expect(parseReplication(reply)).toMatchObject({ role: "replica", linkUp, offset: 98, primaryAt });
  });
});

describe("parseClusterNodes", () => {
  it("reads roles, health, epochs and slots, and leaves out slots that are on the move", () => {
    const reply = [
      "aa 127.0.0.1:7000@17000,,shard-id=s1 myself,master - 0 0 1 connected 0-5 7 [8->-bb]",
      "bb 127.0.0.1:7001@17001,,shard-id=s2 master,fail? - 1 1 2 connected 6",
      "cc 127.0.0.1:7002@17002,,shard-id=s3 master,fail - 1 1 3 disconnected",
      "dd 127.0.0.1:7003@17003,,shard-id=s1 slave aa 0 1 1 connected",
      "",
    ].join("\n");
    expect(parseClusterNodes(reply)).toMatchObject([
      {
        id: "aa",
        port: 7000,
        role: "primary",
        myself: true,
        health: "ok",
        epoch: 1,
        connected: true,
        slots: [
          [0, 5],
          [7, 7],
        ],
      },
      { id: "bb", myself: false, health: "pfail", slots: [[6, 6]] },
      { id: "cc", health: "fail", connected: false, slots: [] },
      { id: "dd", role: "replica", primaryId: "aa", health: "ok" },
    ]);
  });
});

describe("the small ones", () => {
  it("read INFO's fields, values with colons included", () => {
    expect([...parseInfo("# Server\r\n\r\nversion:8.1.1\r\nexecutable:/a:b\r\n")]).toEqual([
      ["version", "8.1.1"],
      ["executable", "/a:b"],
    ]);
  });

  it("read counters of commands and errors", () => {
    const reply =
      "# Commandstats\r\ncmdstat_get:calls=3,usec=9,usec_per_call=3.00\r\nerrorstat_MOVED:count=20\r\n";
    expect(parseCounters(reply)).toEqual({ cmdstat_get: 3, errorstat_MOVED: 20 });
  });

  it("read calls that were done, without those that failed or were refused", () => {
    const reply = [
      "# Commandstats",
      "cmdstat_set:calls=12,usec=9,usec_per_call=3.00,rejected_calls=5,failed_calls=2",
      "cmdstat_xgroup|create:calls=1,usec=9,usec_per_call=3.00,rejected_calls=0,failed_calls=0",
      "errorstat_MOVED:count=20",
    ].join("\r\n");
    expect(parseCallsDone(reply)).toEqual({ set: 10, "xgroup|create": 1 });
  });

  it("read whom a cluster's node sends clients to", () => {
    const row = [0, 5460, ["127.0.0.1", 7000, "aa", []], ["127.0.0.1", 7001, "bb", []]];
    expect(parseClusterSlots([row, [7, 7, ["127.0.0.1", 7000, "aa", []]]])).toEqual([
      { range: [0, 5460], id: "aa", replicas: ["bb"] },
      { range: [7, 7], id: "aa", replicas: [] },
    ]);
    expect(parseClusterSlots(null)).toEqual([]);
  });

  it("read a flat list as pairs, and anything else as none", () => {
    expect([...pairsOf(["name", "drill", "port", 7000])]).toEqual([
      ["name", "drill"],
      ["port", "7000"],
    ]);
    expect(pairsOf("ERR").size).toBe(0);
  });
});
