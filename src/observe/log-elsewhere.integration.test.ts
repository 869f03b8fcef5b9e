import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { temporaryFolder } from "../../test/support/temporary.ts";
import { runClock } from "../history/clock.ts";
import { type TestEnvironment, testEnvironment, until } from "../session/environment.test-data.ts";
import { logReader } from "./node-logs.ts";

/* All nodes write one file, which others wrote before; one of them changes its form in between. */
const SHARED = join(temporaryFolder("shared-log"), "all-nodes.log");
let environment: TestEnvironment;
beforeAll(async () => {
  environment = await testEnvironment({
    kind: "cluster",
    shards: 3,
    replicas: [1, 0, 0],
    nodeTimeoutMs: 1000,
    config: { logfile: SHARED },
  });
}, 60_000);
afterAll(() => environment?.close());

it("is read from the file that the node writes, its own lines only", { timeout: 60_000 }, async () => {
  const { topology, admins } = environment;
  const clock = runClock();
  const nodes = ["node-1", "node-2", "node-3", "node-4"];
  const reader = logReader({
    nodes,
    admins,
    logOf: (node) => topology.log(node),
    fileOf: (node, path) => topology.fileOf(node, path),
    now: clock.now,
  });
  await reader.mark();
  // Older servers know one form only.
  const form = (name: string, value: string) =>
    admins
      .of("node-4")
      .call(["CONFIG", "SET", name, value])
      .catch(() => {});
  await form("log-format", "logfmt");
  await form("log-timestamp-format", "iso8601");
  await topology.kill("node-1");
  await until("node-4 to be promoted", async () => {
    const primaries = await environment.nodesOf("primary");
    return primaries.includes("node-4") || primaries.join();
  });
  await form("log-timestamp-format", "milliseconds");
  await topology.start("node-1");
  await reader.mark();
  const { events, why, elsewhere } = await reader.read();
  expect(why).toEqual({});
  const of = (node: string) => events.filter((event) => event.node === node).map(({ event }) => event);
  expect(of("node-4")).toEqual(expect.arrayContaining(["election-delayed", "election-started", "promoted"]));
  expect(of("node-2")).not.toContain("election-started");
  expect(of("node-3")).not.toContain("election-started");
  expect(Object.keys(elsewhere).sort()).toEqual(nodes);
  expect(elsewhere["node-4"]).toMatch(/mark 1 of node-4/);
  expect(elsewhere["node-4"]).not.toMatch(/mark \d of node-2/);
  // What the node printed cannot be read: the file is still shared, and only its own lines are taken from it.
  const unprinted = logReader({
    nodes: ["node-2"],
    admins,
    logOf: async () => {
      throw new Error("no output");
    },
    fileOf: (node, path) => topology.fileOf(node, path),
    now: clock.now,
  });
  await unprinted.mark();
  const { events: own, why: lacking } = await unprinted.read();
  expect(lacking).toEqual({ "node-2": "its log cannot be read: no output" });
  expect(own.map(({ event }) => event)).not.toContain("election-started");
});

it("is told to be missing, with the reason", { timeout: 60_000 }, async () => {
  const { admins } = environment;
  const read = async (fileOf: () => Promise<string>) => {
    const options = { nodes: ["node-2"], admins, logOf: async () => "", fileOf, now: runClock().now };
    const reader = logReader(options);
    await reader.mark();
    return (await reader.read()).why["node-2"];
  };
  const gone = async () => {
    throw new Error("no such file");
  };
  expect(await read(gone)).toBe("its log cannot be read: no such file");
  expect(await read(async () => "something else")).toMatch(
    /does not hold the line that it was told to write/,
  );
  await admins.of("node-2").call(["CONFIG", "SET", "loglevel", "warning"]);
  expect(await read(gone)).toMatch(/no such file/);
  const reader = logReader({
    nodes: ["node-2"],
    admins,
    logOf: async () => "",
    fileOf: (node, path) => environment.topology.fileOf(node, path),
    now: runClock().now,
  });
  await reader.mark();
  expect((await reader.read()).why["node-2"]).toMatch(/its loglevel is warning/);
});
