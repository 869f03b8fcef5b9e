import { describe, expect, it } from "vitest";
import { parseConfig } from "../../topology/config-file.ts";
import { topologySpecSchema } from "../../topology/spec.ts";
import { withServerConfig } from "../../topology/with-config.ts";
import { readAuth } from "./read-auth.ts";

const specOf = (given: object) => topologySpecSchema.parse({ kind: "ha", ...given });
const read = (given: object) => readAuth(specOf(given));
const readFile = (text: string, given: object = {}) => {
  const directives = parseConfig(text, "valkey.conf");
  return readAuth(withServerConfig(specOf(given), { files: ["valkey.conf"], directives, notes: [] }));
};
const APP = { auth: { users: { application: { name: "app" } } } };

describe("what a configuration says of passwords and users", () => {
  it("may be a list: each line is a user, and of a password the last line counts", async () => {
    const user = ["default off", "app on >first >second ~* +@all"];
    expect(await read({ config: { user }, ...APP })).toMatchObject({
      data: { application: { user: "app", password: "second" } },
      users: expect.arrayContaining(user),
    });
    const config = { requirepass: ["old", "new"], masterauth: ["old", "new"] };
    expect(await read({ config })).toMatchObject({
      requirepass: "new",
      replication: { password: "new" },
    });
  });

  it("has the quotes and escapes of a configuration file", async () => {
    const given = { config: { requirepass: '"a \\"b\\""', masterauth: "'a \"b\"'" } };
    expect(await read(given)).toMatchObject({ requirepass: 'a "b"', replication: { password: 'a "b"' } });
    expect(await readFile('user default off\nuser app on ">a b" "~*" +@all', APP)).toMatchObject({
      data: { application: { password: "a b" } },
      users: expect.arrayContaining(['app on ">a b" ~* +@all']),
    });
  });

  it("is told by its place in the file", async () => {
    await expect(readFile("hz 20\nuser default on nopass\nuser app")).rejects.toThrow(
      /^valkey\.conf:3: a user has a name and rules/,
    );
    await expect(readFile("requirepass x")).rejects.toThrow(/^valkey\.conf:1: .*replicas/);
  });

  it("does not take the place of users that are asked for", async () => {
    const config = { requirepass: "x", masterauth: "x" };
    expect(await read({ config, auth: { users: {} } })).toMatchObject({
      data: { application: { user: "application" } },
      requirepass: "x",
    });
  });
});

describe("what a sentinel.conf says of them", () => {
  it("is what the Sentinels ask for", async () => {
    expect(await read({ sentinelConfig: { requirepass: "s" } })).toMatchObject({
      data: {},
      sentinel: { admin: { password: "s" }, application: { password: "s" } },
      sentinelRequirepass: "s",
    });
    const auth = { password: "p", sentinelPassword: "other" };
    expect(await read({ sentinelConfig: { requirepass: "s" }, auth })).toMatchObject({
      sentinelRequirepass: "other",
    });
  });

  it("is by whom they call the data nodes", async () => {
    const sentinelConfig = { "auth-user": "watcher", "auth-pass": '"w"' };
    const config = { user: ["default on nopass ~* &* +@all", "watcher on >w &* +@all"] };
    expect(await read({ config, sentinelConfig })).toMatchObject({
      sentinelCalls: { user: "watcher", password: "w" },
      data: { application: undefined },
    });
  });
});
