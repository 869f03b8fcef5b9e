import { startTopology } from "valkey-drill";
import { afterAll, beforeAll, expect, test } from "vitest";

let topology;
beforeAll(async () => {
  topology = await startTopology({ kind: "ha", downAfterMs: 1000 });
}, 60_000);
afterAll(() => topology?.stop());

test("a replica takes over", async () => {
  await topology.inject({ fault: "kill", target: "primary" });
  await topology.until("promoted");
  const roles = (await topology.status()).map(({ role }) => role);
  expect(roles.filter((role) => role === "primary")).toHaveLength(1);
}, 60_000);
