import { afterAll, beforeAll, expect, it } from "vitest";
import { runClock } from "../history/clock.ts";
import { type TestEnvironment, testEnvironment, until } from "../session/environment.test-data.ts";
import { logReader } from "./node-logs.ts";

/* The log of a real server, whose clock is its own: its lines must come out at the times at which we made them. */

const CLUSTER = { kind: "cluster", shards: 3, replicas: [1, 0, 0], nodeTimeoutMs: 1000 };
let environment: TestEnvironment;
beforeAll(async () => {
  environment = await testEnvironment(CLUSTER);
}, 60_000);
afterAll(() => environment?.close());

const clock = runClock();
const reader = (nodes: readonly string[], text?: (log: string) => string) =>
  logReader({
    nodes,
    admins: environment.admins,
    nameOf: (id) => environment.topology.plan.nodes.find((node) => node.id === id)?.name,
    logOf: async (node) => (text ?? ((log) => log))(await environment.topology.log(node)),
    fileOf: (node, path) => environment.topology.fileOf(node, path),
    now: clock.now,
  });

it("tells of an election on the run's clock, wherever the server's clock is", {
  timeout: 60_000,
}, async () => {
  const data = ["node-1", "node-2", "node-3", "node-4"];
  const logs = reader(data);
  // A server in another time zone, three hours and a half ahead.
  const ahead = reader(data, (log) =>
    log.replaceAll(
      /(\d{2} \w{3} \d{4} )(\d{2}):(\d{2})(:\S+)/g,
      (_, day: string, hour: string, minute: string, rest: string) => {
        const wall = Number(hour) * 60 + Number(minute) + 210;
        const [later, left] = [Math.floor(wall / 60), wall % 60];
        return `${day}${String(later).padStart(2, "0")}:${String(left).padStart(2, "0")}${rest}`;
      },
    ),
  );
  await Promise.all([logs.mark(), ahead.mark()]);
  await environment.topology.kill("node-1");
  const killedAt = clock.now();
  await until("node-4 to be promoted", async () => {
    const primaries = await environment.nodesOf("primary");
    return primaries.includes("node-4") || primaries.join();
  });
  const promotedAt = clock.now();
  await environment.topology.start("node-1");
  await Promise.all([logs.mark(), ahead.mark()]);

  const { events, why } = await logs.read();
  expect(why).toEqual({});
  const of = (node: string) => events.filter((event) => event.node === node).map(({ event }) => event);
  expect(of("node-4")).toEqual(expect.arrayContaining(["election-delayed", "election-started", "promoted"]));
  expect([...of("node-2"), ...of("node-3")]).toContain("vote-granted");
  // A replica says that it suspects a node where it does so before the primaries have agreed: not each time.
  const about = events.filter(({ event }) => event === "suspects" || event === "failed");
  expect(about.map(({ event }) => event)).toContain("failed");
  for (const event of about) expect(event).toMatchObject({ subject: "node-1" });
  expect(of("node-1")).toContain("restarted");
  const at = (name: string) => (events.find(({ event }) => event === name)?.at ?? 0) / 1e6;
  const delayed = events.find(({ event }) => event === "election-delayed");
  expect(delayed).toMatchObject({ rank: 0, primaryRank: 0 }); // one replica: nobody has more of the data
  expect(delayed?.delayMs).toBeGreaterThanOrEqual(500);
  expect(at("election-delayed")).toBeGreaterThan(killedAt / 1e6 + 1000); // the node time-out
  // It said how long it would wait, and did, to its timer's next tick.
  const waitedMs = at("election-started") - at("election-delayed");
  expect(waitedMs).toBeGreaterThanOrEqual((delayed?.delayMs ?? 0) - 10);
  expect(at("promoted")).toBeGreaterThanOrEqual(at("election-started"));
  expect(at("promoted")).toBeLessThan(promotedAt / 1e6 + 50);
  for (const event of events) expect(event.errorMs).toBeLessThan(50);

  const elsewhere = (await ahead.read()).events;
  for (const node of data) {
    const [here, there] = [events, elsewhere].map((all) => all.filter((event) => event.node === node));
    // It was read later: a node may have written more by then.
    expect(there?.slice(0, here?.length).map(({ event }) => event)).toEqual(here?.map(({ event }) => event));
    here?.forEach((event, index) => {
      expect(Math.abs(event.at - (there?.[index]?.at ?? 0)) / 1e6).toBeLessThan(50);
    });
  }
});

it("tells why it knows nothing of a node whose clock it could not learn", async () => {
  const unmarked = await reader(["node-2"]).read();
  expect(unmarked).toEqual({ events: [], why: { "node-2": "it was not marked" }, elsewhere: {} });
  const stepped = reader(["node-2"], (log) => log.replaceAll(/:(\d{2})\.\d{3} (.*mark 2 of)/g, ":59.999 $2"));
  await stepped.mark();
  await stepped.mark();
  expect((await stepped.read()).why["node-2"]).toMatch(/known to \d+ ms only/);
});
