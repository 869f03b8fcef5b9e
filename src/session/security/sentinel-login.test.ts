import { describe, expect, it } from "vitest";
import { sha256 } from "../../scenario/security/secrets.ts";
import { topologySpecSchema } from "../../topology/spec.ts";
import { readAuth } from "./read-auth.ts";

const authOf = (config: object, sentinelConfig: object, more: object = {}) =>
  readAuth(topologySpecSchema.parse({ kind: "ha", config, sentinelConfig, ...more }));
const ONE = { requirepass: "s3cret", masterauth: "s3cret" };
const USERS = { user: [`guard on #${sha256("pw")} allchannels +@all`, "default on nopass ~* &* +@all"] };

describe("how Sentinels log in at the nodes", () => {
  it("is as their own configuration says", async () => {
    const calls = async (config: object, own: object) => (await authOf(config, own))?.sentinelCalls;
    expect(await calls(USERS, { "auth-user": "guard", "auth-pass": "pw" })).toEqual({
      user: "guard",
      password: "pw",
    });
    expect(await calls(USERS, { "auth-pass": '"any"' })).toEqual({ password: "any" }); // default takes any
    expect(await calls(ONE, { "auth-pass": "s3cret" })).toEqual({ password: "s3cret" });
    expect(await calls(ONE, {})).toEqual({ password: "s3cret" });
  });

  it.each([
    [USERS, { "auth-user": "guard", "auth-pass": "other" }, "as guard with another password than its own"],
    [USERS, { "auth-user": "nobody", "auth-pass": "pw" }, "no node has a user of that name"],
    [ONE, { "auth-pass": "other" }, "with another password than requirepass asks for"],
    [ONE, { "auth-user": "guard", "auth-pass": "s3cret" }, "log in as guard"],
  ])("is refused where it could not work: %j, %j", async (config, own, words) => {
    await expect(authOf(config, own)).rejects.toThrow(words);
  });

  it("is what auth says, over the file", async () => {
    const given = await authOf({}, { "auth-pass": "other" }, { auth: { password: "mine" } });
    expect(given?.sentinelCalls).toEqual({ password: "mine" });
  });
});

it("what Sentinels ask for themselves is told to the drill and to clients", async () => {
  expect((await authOf({}, { requirepass: "own" }))?.sentinel?.admin).toEqual({ password: "own" });
  expect(await authOf({}, {})).toBeUndefined();
  const both = await authOf(ONE, { requirepass: "own" });
  expect([both?.sentinelRequirepass, both?.requirepass]).toEqual(["own", "s3cret"]);
});
