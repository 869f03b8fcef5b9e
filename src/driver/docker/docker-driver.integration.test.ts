import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDockerDriver, testImage } from "../../../test/support/docker.ts";
import { describeDriver } from "../../../test/support/driver-conformance.ts";
import { describeRenewing } from "../../../test/support/renew-conformance.ts";
import { REHEARSAL_SOCKET } from "../driver.ts";

describe.skipIf(testImage === undefined)("with a Docker Engine", () => {
  let stateDir: string;

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), "valkey-drill-state-"));
  });

  afterAll(async () => {
    await rm(stateDir, { recursive: true });
  });

  describeDriver("docker", () => testDockerDriver({ stateDir }));
  describeRenewing("docker", () => testDockerDriver({ stateDir }));

  it("tells what a server or a Sentinel does not take of a configuration", async () => {
    const driver = await testDockerDriver({ stateDir });
    expect(await driver.refusalOf?.("server", ["hz 20", 'requirepass "a b"'])).toBeUndefined();
    expect(await driver.refusalOf?.("server", ["hz 20", "no-such-thing 'a b'"])).toMatchObject({ line: 2 });
    const monitor = "sentinel monitor m 127.0.0.1 6379 1";
    expect(await driver.refusalOf?.("sentinel", [monitor])).toBeUndefined();
    expect(await driver.refusalOf?.("sentinel", [monitor, "sentinel no-such-thing m"])).toMatchObject({
      line: 2,
    });
  }, 120_000);

  it("has a server in a container of its own log somebody in and answer, or say why it does not start", async () => {
    const driver = await testDockerDriver({ stateDir });
    const login = { user: "admin", password: `it's-"secret"-$1-\\` };
    const rules = ["default off", "app on nopass ~* +get", `admin on >${login.password} ~* +@all`];
    const conf = ["port 0", `unixsocket ${REHEARSAL_SOCKET}`, "aclfile users.acl"];
    const given = (text: string) => ({
      program: "server" as const,
      files: { "node.conf": `${conf.join("\n")}\n`, "users.acl": text },
      login,
      commands: [
        ["ACL", "DRYRUN", "app", "GET", "a"],
        ["ACL", "DRYRUN", "app", "SET", "a", "1"],
      ],
    });
    const told = await driver.rehearse?.(given(rules.map((rule) => `user ${rule}\n`).join("")));
    expect(told?.replies).toEqual(["OK", expect.stringMatching(/no permissions to run the 'set' command/)]);
    const refused = await driver.rehearse?.(given("user app on +no-such-command\n"));
    expect(refused?.replies).toBeUndefined();
    expect(refused?.log).toMatch(/users\.acl:1/);
  }, 120_000);

  it("has left no state behind after all these", async () => {
    expect(await readdir(join(stateDir, "docker"))).toEqual([]);
    expect(await readdir(join(stateDir, "ports"))).toEqual([]);
  });
});
