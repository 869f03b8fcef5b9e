import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeDriver } from "../../../test/support/driver-conformance.ts";
import { describeRenewing } from "../../../test/support/renew-conformance.ts";
import { testDriver, testServer } from "../../../test/support/server.ts";

let stateDir: string;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), "valkey-drill-state-"));
  await testServer();
}, 60_000);

afterAll(async () => {
  await rm(stateDir, { recursive: true });
});

describeDriver("process", () => testDriver({ stateDir }));
describeRenewing("process", () => testDriver({ stateDir }));

it("has left no state behind after all these", async () => {
  expect(await readdir(join(stateDir, "environments"))).toEqual([]);
  expect(await readdir(join(stateDir, "ports"))).toEqual([]);
});
