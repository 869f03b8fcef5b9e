import { expect, it } from "vitest";
import { clusterRun, withClusterStart } from "../history.test-data.ts";
import { judge } from "../judge.ts";
import { badUntil, connected, HUNG, ORDER, sends } from "./app-run.test-data.ts";

/** In a cluster the primary of shard 1 is frozen, and node-4 promoted: the other shards are as they were. */
function hanging(held: number, old: number | null = null, heir = 0) {
  const app = {
    started: "node server.js",
    addresses: ["http://127.0.0.1:30000"],
    instances: 1,
    probes: [ORDER],
  };
  const run = withClusterStart(clusterRun({ app }))
    .fault({ fault: "pause", targets: ["node-1"], shards: [1], atMs: 2000 })
    .node(2010, "node-1", "reachable", "no")
    .node(4000, "node-4", "role", "primary")
    .step(2000, "pause node-1")
    .step(19_000, "wait")
    .end(20_000);
  for (const node of ["node-1", "node-2", "node-3"]) connected(run, 1900, node, node === "node-1" ? held : 1);
  connected(run, 15_000, "node-1", old, { role: "replica" });
  for (const node of ["node-2", "node-3"]) connected(run, 15_000, node, 1, { role: "primary" });
  connected(run, 15_000, "node-4", heir, { role: "primary" });
  sends(run, { to: 20_000, ends: badUntil(Infinity, HUNG) });
  return judge(run.build()).checks.find(({ name }) => name === "app-recovery");
}

it("looks for a cluster's connections in the shard whose primary is silent", () => {
  const found = hanging(1);
  expect(found).toMatchObject({ verdict: "fail", evidence: { reason: "stuck", symptom: "frozen-primary" } });
  expect(found?.summary).toContain("node-4, promoted at 4.00 s, holds none: it waits for node-1");
});

it("names the new primary to which it has no connection, where it had none to the old one", () => {
  const found = hanging(0);
  expect(found?.summary).toMatch(/it has no connection to node-4$/);
  expect(found?.evidence.symptom).toBeUndefined();
});

it("calls it no cause for certain that it has a connection to the old primary as well as to the new one", () => {
  expect(hanging(1, 1)?.evidence.symptom).toBe("demoted-primary");
  const both = hanging(1, 1, 2);
  expect(both?.summary).toMatch(
    /1 connection of it is still at node-1, which is a replica now: .*; 2 at node-4$/,
  );
  expect(both?.evidence.symptom).toBeUndefined();
});
