import { expect, it } from "vitest";
import { nodeNames } from "./addresses.ts";
import type { NodePlan, Plan } from "./plan.ts";

const plan = (...endpoints: NodePlan["endpoint"][]) =>
  ({ nodes: endpoints.map((endpoint, n) => ({ name: `node-${n + 1}`, endpoint })) }) as unknown as Plan;

it("names nodes by the address that clients use and by the one that nodes announce", () => {
  const names = nodeNames(
    plan(
      { host: "127.0.0.1", port: 20_001, announced: { host: "172.20.0.2", port: 6379 } },
      { host: "127.0.0.1", port: 20_002 },
    ),
  );
  expect(Object.fromEntries(names)).toEqual({
    "172.20.0.2:6379": "node-1",
    "127.0.0.1:20001": "node-1",
    "127.0.0.1:20002": "node-2",
  });
});

it("names nobody by an address that means two nodes", () => {
  const there = { host: "127.0.0.1", port: 1 };
  const names = nodeNames(plan(there, { host: "127.0.0.1", port: 2, announced: there }, there));
  expect(Object.fromEntries(names)).toEqual({ "127.0.0.1:2": "node-2" });
});
