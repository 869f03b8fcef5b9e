import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultContext, type TestEnvironment, testEnvironment } from "../session/environment.test-data.ts";
import { config } from "./config.ts";

let environment: TestEnvironment;
beforeAll(async () => {
  environment = await testEnvironment({ kind: "ha", replicas: 1, sentinels: 1, downAfterMs: 600_000 });
}, 60_000);
afterAll(() => environment?.close());

const TARGETS = ["primary", "replica-1"];
const setting = async (node: string, name: string) =>
  ((await environment.admins.of(node).call(["CONFIG", "GET", name])) as string[])[1];

describe("the options of config", () => {
  it.each([
    [
      { set: { maxmemory: "1mb", appendonly: false, hz: 20 } },
      { maxmemory: "1mb", appendonly: "no", hz: "20" },
    ],
    [{ set: "maxmemory=1mb,save=3600 1" }, { maxmemory: "1mb", save: "3600 1" }],
  ])("%j are settings as the server takes them", (given, set) => {
    expect(config.options.parse(given)).toEqual({ set });
  });

  it.each([
    [{}, "give one of set, minReplicas, password"],
    [{ set: "maxmemory" }, "Invalid input"],
    [{ set: { "Max Memory": "1" } }, "Invalid key"],
    [{ maxmemory: "1mb" }, "Unrecognized key"],
  ])("%j are refused", (given, why) => {
    expect(config.options.safeParse(given).error?.message).toContain(why);
  });
});

describe("what the server does not take", () => {
  it("an unknown setting changes nothing anywhere", async () => {
    const options = config.options.parse({ set: { "slowlog-max-len": 7, "no-such-thing": 1 } });
    await expect(config.inject(faultContext(environment), TARGETS, options)).rejects.toMatchObject({
      code: "BAD_USAGE",
      message: 'config: the server has no setting "no-such-thing"',
    });
    for (const node of TARGETS) expect(await setting(node, "slowlog-max-len")).toBe("128");
  });

  it("a value that one node refuses is undone on the others", async () => {
    const options = config.options.parse({ set: { "slowlog-max-len": 7, databases: 3 } });
    await expect(config.inject(faultContext(environment), TARGETS, options)).rejects.toThrow(
      "immutable config",
    );
    for (const node of TARGETS) expect(await setting(node, "slowlog-max-len")).toBe("128");
  });
});

it("a rotated password is undone by another process, which is told it by what was remembered", async () => {
  const known: unknown[] = [];
  const options = config.options.parse({ password: "rotated" });
  await config.inject(
    faultContext(environment, async (what) => {
      known.push(what);
    }),
    ["primary"],
    options,
  );
  environment.admins.of("primary").logIn(undefined);
  environment.admins.close(); // as another process: it has no connection yet, and knows no password
  await expect(setting("primary", "requirepass")).rejects.toThrow("NOAUTH");

  await config.heal(faultContext(environment), ["primary"], JSON.parse(JSON.stringify(known.at(-1))));
  environment.admins.close();
  expect(await setting("primary", "requirepass")).toBe("");
});

it("a rotated password of the default user leaves the drill's own user as it is", async () => {
  const own = await testEnvironment({
    kind: "ha",
    replicas: 0,
    sentinels: 1,
    downAfterMs: 600_000,
    auth: { users: {} },
  });
  try {
    const login = own.admins.of("primary").access.login;
    const options = config.options.parse({ password: "rotated" });
    const known = await config.inject(faultContext(own), ["primary"], options);
    for (const heals of [false, true]) {
      if (heals) await config.heal(faultContext(own), ["primary"], known);
      own.admins.of("primary").close();
      expect(await own.admins.of("primary").call(["PING"])).toBe("PONG");
      expect(own.admins.of("primary").access.login).toEqual(login);
    }
  } finally {
    await own.close();
  }
}, 60_000);
