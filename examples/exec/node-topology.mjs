/**
 * For `node:test`, which runs each file in a process of its own: the topology is started in it, without `exec`.
 *
 *     const topology = useTopology({ kind: "ha" });
 *     test("…", async () => { await topology().inject({ fault: "kill", target: "primary" }); });
 */
import { after, before } from "node:test";
import { startTopology } from "valkey-drill";

/** Starts a topology before the tests of this file, and stops it after them. Sets the variables that tell of it. */
export function useTopology(spec, options) {
  let topology;
  before(async () => {
    topology = await startTopology(spec, options);
    Object.assign(process.env, topology.env());
  });
  after(() => topology?.stop());
  return () => topology;
}
