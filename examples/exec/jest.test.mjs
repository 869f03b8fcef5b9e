/** `valkey-drill exec ha -- node --experimental-vm-modules node_modules/jest/bin/jest.js --runInBand` */
import { beforeEach, expect, test } from "@jest/globals";
import { inject, reset, until } from "./drill.mjs";

beforeEach(() => reset(), 60_000);

test("a replica takes over", async () => {
  await inject({ fault: "kill", target: "primary" });
  const { seen } = await until("promoted");
  expect(seen).toMatch(/^replica-/);
}, 60_000);
