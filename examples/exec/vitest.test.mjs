import { beforeEach, expect, test } from "vitest";
import { inject, reset, topology, until } from "./drill.mjs";

beforeEach(() => reset(), 60_000);

test("a replica takes over", async () => {
  const { targets } = await inject({ fault: "kill", target: "primary" });
  expect(targets).toEqual(["primary"]);
  const { seen } = await until("promoted");
  expect(seen).toMatch(/^replica-/);
}, 60_000);

test("the next test finds it whole", async () => {
  const { nodes } = await topology();
  expect(nodes.find(({ role }) => role === "primary")?.name).toBe("primary");
});
