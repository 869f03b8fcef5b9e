import { describe, expect, it } from "vitest";
import { readLogs } from "../read-logs.ts";
import { input, recorded } from "../recorded.test-data.ts";
import { sideInput } from "./side-streams.ts";

const RUN_ID = "f".repeat(40);
const [A, B] = ["a".repeat(40), "b".repeat(40)];

/* As Valkey 8.1.1 wrote them, shortened. */
const INFO = `# Server\r
redis_version:7.2.4\r
server_name:valkey\r
valkey_version:8.1.1\r
server_mode:standalone\r
process_id:5867\r
run_id:${RUN_ID}\r
tcp_port:20931\r
\r
# Replication\r
role:master\r
connected_slaves:1\r
slave0:ip=127.0.0.1,port=20932,state=online,offset=211699,lag=0,type=replica\r
repl_backlog_size:10485760\r
`;
const NODES = `${A} 10.0.0.1:6379@16379,host-1,,tls-port=0,shard-id=${B} myself,master - 0 0 1 connected 0-5460
${B} 10.0.0.4:6379@16379,,shard-id=${B} slave ${A} 0 1426238317239 4 connected
`;
const REPLIES = `1)  1) "name"
    2) "mymaster"
    3) "ip"
    4) "10.0.0.1"
    5) "port"
    6) "6379"
    7) "runid"
    8) "${RUN_ID}"
    9) "flags"
   10) "master"
   11) "down-after-milliseconds"
   12) "5000"
   13) "quorum"
   14) "2"
`;

describe("inputs besides logs", () => {
  it("are the output of INFO", () => {
    expect(sideInput("info.txt", INFO)?.facts).toMatchObject({
      what: "INFO",
      about: [
        { kind: "server", port: 20931, pid: 5867, runId: RUN_ID, version: "valkey 8.1.1", role: "primary" },
      ],
      servers: ["a:127.0.0.1:20932"],
    });
  });

  it("are the output of CLUSTER NODES, or a nodes.conf", () => {
    expect(sideInput("nodes.conf", NODES)?.facts).toMatchObject({
      about: [{ refs: [`c:${A}`], role: "primary" }],
      same: [
        [`c:${A}`, "a:10.0.0.1:6379"],
        [`c:${B}`, "a:10.0.0.4:6379"],
      ],
      follows: [[`c:${B}`, `c:${A}`]],
    });
  });

  it.each([
    ["for a person", REPLIES],
    ["for a program", REPLIES.replaceAll(/^[\s\d)]+"(.*)"$/gm, "$1")],
  ])("are what SENTINEL answers, printed %s", (_, text) => {
    expect(sideInput("masters.txt", text)?.facts.about).toEqual([
      {
        kind: "server",
        refs: ["a:10.0.0.1:6379"],
        runId: RUN_ID,
        role: "primary",
        settings: { "mymaster down-after-milliseconds": "5000", "mymaster quorum": "2" },
      },
    ]);
  });

  it("are configuration files, of which no secret is kept", () => {
    const text = `port 26379
logfile "/var/log/sentinel.log"
requirepass hunter2
sentinel myid ${A}
sentinel monitor mymaster 10.0.0.1 6379 2
sentinel down-after-milliseconds mymaster 5000
sentinel auth-pass mymaster hunter2
sentinel known-sentinel mymaster 10.0.0.2 26379 ${B}
`;
    const found = sideInput("sentinel.conf", text);
    expect(found?.facts).toMatchObject({
      about: [
        {
          kind: "sentinel",
          refs: [`s:${A}`],
          port: 26379,
          logFile: "sentinel.log",
          settings: { "mymaster quorum": "2", "mymaster down-after-milliseconds": "5000" },
        },
      ],
      same: [[`s:${B}`, "a:10.0.0.2:26379"]],
    });
    expect(JSON.stringify(found)).not.toContain("hunter2");
  });

  it.each([
    ["another program's settings", "listen 80\nserver_name example.org\n"],
    ["prose", "The port of the server is closed.\nport authority\nNothing else.\n"],
    ["nothing", ""],
  ])("are not %s", (_, text) => {
    expect(sideInput("file", text)).toBeUndefined();
  });

  it("name nodes whose logs do not say who they are", async () => {
    const logs = [...recorded("ha-failover", "8.1")];
    const inputs = logs.map(([name, text]) =>
      input(`${name}.log`, text.replaceAll(/^.*(?:Running mode|laddr).*\n/gm, "")),
    );
    const { nodes } = await readLogs([...inputs, input("info.txt", INFO)]);
    const node = nodes.find(({ files }) => files.includes("replica-1.log"));
    expect(node).toMatchObject({
      runIds: [RUN_ID],
      settings: { "repl-backlog-size": { value: "10485760" } },
    });
    expect(node?.evidence).toContain("info.txt tells its process, 5867");
  });

  it("give the settings of the nodes beside whose logs they lie", async () => {
    const log = recorded("ha-failover", "8.1").get("sentinel-1") ?? "";
    const conf =
      "port 20933\nsentinel monitor drill 127.0.0.1 20930 2\nsentinel failover-timeout drill 10000\n";
    const { nodes, skipped } = await readLogs([
      input("logs/s1/a.log", log),
      input("logs/s1/sentinel.conf", conf),
    ]);
    expect(skipped).toEqual([]);
    const node = nodes.find(({ files }) => files.includes("logs/s1/a.log"));
    expect(node?.settings["drill failover-timeout"]).toEqual({
      value: "10000",
      place: { file: "logs/s1/sentinel.conf", lineNo: 1 },
    });
  });
});
