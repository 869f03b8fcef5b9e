import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { testDriver } from "../../../test/support/server.ts";
import { hostsOf, type KeyPair, makeAuthority, openAuthority } from "../../base/certificates.ts";
import { seededRandom } from "../../base/random.ts";
import type { Driver } from "../../driver/driver.ts";
import { withPathsFrom } from "../../scenario/security/paths.ts";
import { withoutPasswords } from "../../scenario/security/written-auth.ts";
import { makePlan } from "../../topology/registry.ts";
import { secured } from "../../topology/security.ts";
import { topologySpecSchema } from "../../topology/spec.ts";
import { readSecurity } from "./prepare.ts";
import { rehearse } from "./rehearse.ts";

let dir: string;
let driver: Driver;
let [own, other]: KeyPair[] = [];

const specOf = (given: object) =>
  topologySpecSchema.parse({ kind: "ha", replicas: 1, sentinels: 1, ...given });
const read = async (given: object) => await readSecurity(specOf(given));
const tried = async (given: object) => {
  const spec = specOf(given);
  const security = await readSecurity(spec);
  if (security) await rehearse(spec, security, driver, new Map());
};
const certificates = (cert: string, key: string, ca = "ca.crt") => ({
  tls: { certificates: { ca: join(dir, ca), cert: join(dir, cert), key: join(dir, key) } },
});

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "valkey-drill-test-"));
  driver = await testDriver();
  const authority = await makeAuthority();
  own = await authority.issue({ name: "own", hosts: ["127.0.0.1"] });
  other = await (await makeAuthority("other")).issue({ name: "other", hosts: ["127.0.0.1"] });
  const past = { notBefore: new Date(0), notAfter: new Date(86_400_000) };
  const old = await authority.issue({ name: "old", hosts: ["127.0.0.1"], ...past });
  const away = await authority.issue({ name: "away", hosts: ["elsewhere.invalid"] });
  const pairs = { own, other, old, away };
  for (const [name, pair] of Object.entries(pairs)) {
    await writeFile(join(dir, `${name}.crt`), pair.cert);
    await writeFile(join(dir, `${name}.key`), pair.key);
  }
  await writeFile(join(dir, "ca.crt"), authority.cert);
  await writeFile(
    join(dir, "locked.key"),
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMII=\n-----END ENCRYPTED PRIVATE KEY-----\n",
  );
  await writeFile(join(dir, "users.acl"), "user default off\nuser app on >pw ~* &* +@all\n");
}, 60_000);
afterAll(() => rm(dir, { recursive: true }));

describe("certificates of one's own", () => {
  it("are taken if they fit", async () => {
    await expect(tried(certificates("own.crt", "own.key"))).resolves.toBeUndefined();
  }, 60_000);

  it.each([
    ["locked.key", "key", /is protected by a password/],
    ["other.key", "key", /is not the key of the certificate/],
    ["missing.key", "key", /cannot be read: ENOENT/],
    ["own.crt", "key", /is no private key in PEM form/],
  ])("are refused with the key %s", async (key, place, words) => {
    await expect(read(certificates("own.crt", key))).rejects.toMatchObject({
      code: "BAD_CERTIFICATE",
      message: expect.stringMatching(
        new RegExp(`^topology\\.tls\\.certificates\\.${place}: .*${words.source}`),
      ),
    });
  });

  it("are refused when they are another authority's, or too old", async () => {
    await expect(read(certificates("other.crt", "other.key"))).rejects.toThrow(
      /was not issued by any certificate/,
    );
    await expect(read(certificates("old.crt", "old.key"))).rejects.toThrow(/expired on/);
  });

  it("are refused where a node is reached by an address that they do not name", async () => {
    const security = await read(certificates("away.crt", "away.key"));
    const places = Array.from({ length: 3 }, (_, index) => ({ host: "127.0.0.1", port: 7000 + index }));
    const plan = makePlan(specOf({}), places, seededRandom(1));
    await expect(secured(plan, security ?? {})).rejects.toThrow(
      /not valid for 127\.0\.0\.1, where primary is reached/,
    );
  });

  it("are issued again by an authority that was written down", async () => {
    const first = await makeAuthority();
    const again = await openAuthority(first);
    const pair = await again.issue({ name: "node", hosts: hostsOf("node", { host: "127.0.1.1", port: 1 }) });
    await writeFile(join(dir, "ca2.crt"), first.cert);
    await writeFile(join(dir, "again.crt"), pair.cert);
    await writeFile(join(dir, "again.key"), pair.key);
    await expect(read(certificates("again.crt", "again.key", "ca2.crt"))).resolves.toBeDefined();
  });
});

describe("passwords and users", () => {
  it("are understood in config", async () => {
    const both = { config: { requirepass: "s3cret", masterauth: "s3cret" } };
    expect((await read(both))?.auth).toMatchObject({
      data: { admin: { password: "s3cret" }, application: { password: "s3cret" } },
      sentinelCalls: { password: "s3cret" },
    });
  });

  it.each<[string, object, string, RegExp]>([
    [
      "requirepass alone",
      { config: { requirepass: "x" } },
      "BAD_SCENARIO",
      /config\.requirepass: .*replicas/,
    ],
    [
      "another masterauth",
      { config: { requirepass: "x", masterauth: "y" } },
      "BAD_SCENARIO",
      /config\.masterauth: /,
    ],
    [
      "a variable that is not set",
      { auth: { password: { env: "NO_SUCH_VARIABLE" } } },
      "BAD_SCENARIO",
      /password\.env: /,
    ],
    [
      "a rule that is none",
      { auth: { users: { application: { rules: "~* +nosuch" } } } },
      "BAD_ACL",
      /users\.application\.rules: .*'\+nosuch'.*Unknown command/,
    ],
    [
      "a user in config that is wrong",
      { config: { user: "app on >geheim ~* +zzz" } },
      "BAD_ACL",
      /config\.user: .*'\+zzz'/,
    ],
    [
      "an application that may not write",
      { auth: { users: { application: { rules: "~* +get" } } } },
      "BAD_ACL",
      /users\.application: application may not do SET/,
    ],
    [
      "an application with other keys",
      { auth: { users: { application: { rules: "~app:* +@all" } } } },
      "BAD_ACL",
      /key/,
    ],
    [
      "a Sentinel that may promote nobody",
      { auth: { users: { sentinel: { rules: "&* +@all -slaveof" } } } },
      "BAD_ACL",
      /may not do SLAVEOF/,
    ],
    [
      "a replica that may not synchronise",
      { auth: { users: { replication: { rules: "+ping +replconf" } } } },
      "BAD_ACL",
      /may not do PSYNC/,
    ],
  ])(
    "are refused: %s",
    async (_, given, code, words) => {
      await expect(tried(given)).rejects.toMatchObject({ code, message: expect.stringMatching(words) });
      await expect(tried(given)).rejects.not.toThrow("geheim");
    },
    60_000,
  );

  it("tell how a user is mended", async () => {
    const given = { auth: { users: { sentinel: { rules: "&* +@all -slaveof" } } } };
    await expect(tried(given)).rejects.toMatchObject({
      hint: expect.stringContaining("ACL SETUSER sentinel +slaveof"),
    });
  }, 60_000);

  it("are read from an ACL file, whose user the drill must be told", async () => {
    const config = { aclfile: join(dir, "users.acl") };
    await expect(read({ config })).rejects.toThrow(/nothing tells which user is for application/);
    const auth = { users: { application: { name: "app" } } };
    await expect(tried({ config, auth })).resolves.toBeUndefined();
  }, 60_000);

  it("are lines of a list, quoted where they must be", async () => {
    const user = ["default on nopass ~* &* +@all", 'app on ">a b" ~* &* +@all'];
    const auth = { users: { application: { name: "app" } } };
    await expect(tried({ config: { user }, auth })).resolves.toBeUndefined();
    const config = { requirepass: '"a b"', masterauth: '"a b"' };
    await expect(tried({ config, auth: { users: {} } })).resolves.toBeUndefined();
  }, 60_000);

  it("have the least that they need by default, as the server judges it", async () => {
    await expect(tried({ tls: true, auth: { users: {} } })).resolves.toBeUndefined();
    const cluster = topologySpecSchema.parse({ kind: "cluster", auth: { users: {} } });
    await expect(
      rehearse(cluster, (await readSecurity(cluster)) ?? {}, driver, new Map()),
    ).resolves.toBeUndefined();
  }, 60_000);

  it("stand in no written scenario", () => {
    const given = [
      { auth: { password: "geheim", sentinelPassword: "geheim" } },
      { auth: { users: { application: { password: "geheim" } } } },
      { config: { requirepass: "geheim", masterauth: "geheim" } },
      {
        config: { user: "app on >geheim ~* +@all" },
        auth: { users: { application: { name: "app", password: "geheim" } } },
      },
    ];
    for (const one of given) expect(JSON.stringify(withoutPasswords(specOf(one)))).not.toContain("geheim");
    expect(withoutPasswords(specOf({ auth: { password: { env: "NAME" } } })).auth).toEqual({
      password: { env: "NAME" },
    });
  });

  it("are found in files beside the scenario that names them", () => {
    const { auth, config } = withPathsFrom(
      specOf({ auth: { password: { file: "secret" } }, config: { aclfile: "users.acl" } }),
      "/folder",
    );
    expect([auth, config.aclfile]).toEqual([{ password: { file: "/folder/secret" } }, "/folder/users.acl"]);
  });
});

it("writes no plain password of a user into a configuration file", async () => {
  const security = await read({ auth: { users: { application: { password: "geheim" } } } });
  const places = Array.from({ length: 3 }, (_, index) => ({ host: "127.0.0.1", port: 7000 + index }));
  const { nodes } = await secured(makePlan(specOf({}), places, seededRandom(1)), security ?? {});
  expect(nodes.map(({ files }) => files["node.conf"]).join("\n")).not.toContain("geheim");
  expect(await readFile(join(dir, "users.acl"), "utf8")).toContain("user app"); // the user's own file is left as it is
});
