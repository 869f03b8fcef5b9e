import assert from "node:assert/strict";
import { test } from "node:test";
import { useTopology } from "./node-topology.mjs";

const topology = useTopology({ kind: "ha", downAfterMs: 1000 });

test("a replica takes over", async () => {
  assert.equal(process.env.VALKEY_KIND, "ha");
  await topology().inject({ fault: "kill", target: "primary" });
  assert.match(await topology().until("promoted"), /^replica-/);
});
