import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startTopology } from "valkey-drill";

let topology;
before(async () => {
  topology = await startTopology({ kind: "ha", downAfterMs: 1000 });
});
after(() => topology?.stop());

test("a replica takes over", async () => {
  await topology.inject({ fault: "kill", target: "primary" });
  await topology.until("promoted");
  const roles = (await topology.status()).map(({ role }) => role);
  assert.equal(roles.filter((role) => role === "primary").length, 1);
});
