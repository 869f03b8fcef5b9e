import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { connect } from "node:tls";
import { afterAll, beforeAll, expect, it } from "vitest";
import { nodeOf } from "../../driver/driver.ts";
import { type TestEnvironment, testEnvironment } from "../environment.test-data.ts";

let environment: TestEnvironment;

beforeAll(async () => {
  const auth = { users: { application: { password: "geheim-42" } }, sentinelPassword: "geheim-43" };
  environment = await testEnvironment({
    kind: "ha",
    replicas: 1,
    sentinels: 1,
    tls: { clientAuth: "required" },
    auth,
  });
}, 60_000);
afterAll(() => environment?.close());

it("takes a client with its certificate and its user", async () => {
  const client = await environment.connect();
  expect(await client.call(["SET", "a", "1"], 5_000)).toBe("OK");
  await expect(client.call(["FLUSHALL"], 5_000)).rejects.toThrow("NOPERM");
  await client.close();
}, 60_000);

it("takes nobody without a certificate", async () => {
  const { plan } = environment.topology;
  const { host, port } = nodeOf(plan, "primary").endpoint;
  const said = await new Promise((resolve) => {
    const socket = connect({ host, port, ca: plan.security?.tls?.ca }, () => socket.write("PING\r\n"));
    socket.once("data", (data) => resolve(String(data)));
    socket.once("error", (error) => resolve(error.message));
    socket.once("close", () => resolve("closed"));
  });
  expect(said).not.toContain("PONG");
  expect(said).not.toContain("NOAUTH");
}, 60_000);

it("keeps its secrets in files that only their owner may read", () => {
  const { dir, plan } = environment.topology;
  for (const folder of ["access", ...plan.nodes.map(({ name }) => name)])
    expect(statSync(join(dir, folder)).mode & 0o077).toBe(0);
  expect(readFileSync(plan.security?.files?.password ?? "", "utf8")).toBe("geheim-42");
  expect(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })).not.toMatch(/geheim-4[23]/);
});

it("leaves no key and no password file behind", async () => {
  const { dir } = environment.topology;
  await environment.close();
  expect(existsSync(join(dir, "access"))).toBe(false);
  expect(existsSync(join(dir, "primary", "node.key"))).toBe(false);
});

it("takes the passwords of configuration files, at Sentinels too", async () => {
  const own = await testEnvironment({
    kind: "ha",
    replicas: 1,
    sentinels: 1,
    config: { requirepass: '"a b"', masterauth: '"a b"' },
    sentinelConfig: { requirepass: "s", "auth-pass": '"a b"' },
  });
  const client = await own.connect();
  expect(await client.call(["SET", "a", "1"], 5_000)).toBe("OK");
  await client.close();
  await own.close();
}, 60_000);
