import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DrillError } from "../model/errors.ts";
import { DEBIAN_KEYRING, findAptTools, openPrivateApt } from "./fetch/apt.ts";
import { findServer } from "./find.ts";
import type { ServerCommand, ValkeyServer } from "./server.ts";

/** A real Valkey 8.0 and a real Redis 7.0 of Debian, fetched once; each test finds them by another way. */
let scratch: string;
let valkey: ValkeyServer;
let withValkey: NodeJS.ProcessEnv;
/** A folder with valkey-server and valkey-cli, as an installed Valkey would have it. */
let installed: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "valkey-drill-find-"));
  withValkey = { ...process.env, VALKEY_DRILL_SERVER: undefined, XDG_CACHE_HOME: join(scratch, "cache") };
  valkey = await findServer({ valkey: "8.0", env: withValkey });
  installed = join(scratch, "installed");
  await mkdir(installed);
  await writeWrapper(join(installed, "valkey-server"), valkey);
  if (valkey.cli) await writeWrapper(join(installed, "valkey-cli"), valkey.cli);
}, 60_000);

afterAll(() => rm(scratch, { recursive: true, force: true }));

describe("a server that is named", () => {
  test("is found by --valkey PATH, with the client beside it", async () => {
    const path = join(installed, "valkey-server");
    expect(await findServer({ valkey: path, env: nothing() })).toEqual({
      command: path,
      args: [],
      env: {},
      flavour: "valkey",
      version: valkey.version,
      executable: path,
      origin: "given",
      cli: { command: join(installed, "valkey-cli"), args: [], env: {} },
    });
  });

  test("is found by VALKEY_DRILL_SERVER; --valkey wins over it", async () => {
    const env = { ...nothing(), VALKEY_DRILL_SERVER: join(installed, "valkey-server") };
    expect(await findServer({ env })).toMatchObject({ origin: "given", version: valkey.version });
    const error = await failure(findServer({ valkey: "/no/such/server", env }));
    expect(error.message).toContain("--valkey /no/such/server: no such file");
    const bad = await failure(findServer({ env: { ...env, VALKEY_DRILL_SERVER: "/no/such/server" } }));
    expect(bad.message).toContain("VALKEY_DRILL_SERVER /no/such/server: no such file");
  });

  test("through a link, its executable is what the link leads to; a bare name is looked for on PATH", async () => {
    const link = join(scratch, "my-valkey");
    await symlink(join(installed, "valkey-server"), link);
    expect(await findServer({ valkey: link, env: nothing() })).toMatchObject({
      command: link,
      executable: join(installed, "valkey-server"),
    });
    const env = { ...nothing(), PATH: installed };
    expect(await findServer({ valkey: "valkey-server", env })).toMatchObject({ origin: "given" });
  });

  test("may be a redis-server of 7 or later", async () => {
    const redis = await fetchRedis();
    const server = await findServer({ valkey: redis.command, env: { ...nothing(), ...redis.env } });
    expect(server).toMatchObject({ flavour: "redis", origin: "given" });
    expect(server.version).toMatch(/^7\.0\.\d+$/);
    expect(server.cli?.command).toMatch(/redis-cli$/);
  }, 30_000);

  test.each([
    ["no such file", "/no/such/server", /no such file/],
    ["a folder", "/usr", /is a folder/],
    ["a file that may not be executed", "/etc/passwd", /may not be executed/],
    ["a file below a file", "/etc/passwd/x", /ENOTDIR/],
    ["nothing", "", /no such file/],
    ["another program", "/bin/ls", /"\/bin\/ls --version" printed \(exit code 0\): ls /],
    ["a program that fails", "/bin/false", /"\/bin\/false --version" printed \(exit code 1\): /],
    ["no version after all", "8.x", /no such file here, nor on PATH/],
  ])("%s is refused", async (_, path, message) => {
    const error = await failure(findServer({ valkey: path, env: nothing() }));
    expect(error.code).toBe("BAD_VALKEY");
    expect(error.message).toMatch(message);
    expect(error.hint).toMatch(/8\.0, 8\.1 and 9\.1|chmod/);
  });

  test("the folder of one is refused with the path that was meant", async () => {
    const error = await failure(findServer({ valkey: installed, env: nothing() }));
    expect(error).toMatchObject({ code: "BAD_VALKEY" });
    expect(error.hint).toBe(`Did you mean --valkey ${join(installed, "valkey-server")}?`);
  });

  test("the client, a Sentinel, and a Redis that is too old are refused", async () => {
    const client = await failure(findServer({ valkey: join(installed, "valkey-cli"), env: nothing() }));
    expect(client.message).toContain(`valkey-cli ${valkey.version}`);

    const sentinel = join(scratch, "valkey-sentinel");
    await symlink(join(installed, "valkey-server"), sentinel);
    expect((await failure(findServer({ valkey: sentinel, env: nothing() }))).message).toContain("Sentinel");

    const old = join(scratch, "old-redis");
    await writeFile(
      old,
      '#!/bin/sh\necho "Redis server v=6.2.14 sha=00000000:0 malloc=libc bits=64 build=0"\n',
    );
    await chmod(old, 0o755);
    expect((await failure(findServer({ valkey: old, env: nothing() }))).message).toContain(
      "Redis 6.2.14, older than 7.0",
    );
  });
});

describe("a server on PATH", () => {
  test("counts without a version asked for, and for its own versions", async () => {
    const env = { ...nothing(), PATH: installed };
    for (const wanted of [undefined, "8", "8.0", valkey.version]) {
      expect(await findServer({ valkey: wanted, env })).toMatchObject({
        origin: "path",
        command: join(installed, "valkey-server"),
        version: valkey.version,
      });
    }
  });

  test("does not count for another version", async () => {
    const error = await failure(findServer({ valkey: "8.1", env: { ...nothing(), PATH: installed } }));
    expect(error.code).toBe("NO_VALKEY");
    expect(error.message).toContain(`${join(installed, "valkey-server")} is ${valkey.version}`);
  });

  test("comes after the cache where that has the version, before it where it has not", async () => {
    const env = { ...withValkey, PATH: installed };
    expect(await findServer({ valkey: "8.0", env })).toEqual({ ...valkey, origin: "cache" });
    expect(await findServer({ env })).toMatchObject({ origin: "path" });
  });
});

describe("nothing that would do", () => {
  test("is told with all that was tried and all that can be done", async () => {
    const env = nothing();
    const error = await failure(findServer({ env }));
    expect(error.code).toBe("NO_VALKEY");
    expect(error.message).toContain(join(env.XDG_CACHE_HOME ?? "", "valkey-drill"));
    expect(error.message).toContain("PATH: no valkey-server");
    expect(error.message).toContain("no apt-get, no dpkg on PATH");
    for (const command of [
      "sudo apt-get install valkey-server",
      "sudo dnf install valkey",
      "brew install valkey",
      "valkey-drill run --driver docker",
      "VALKEY_DRILL_SERVER=",
    ]) {
      expect(error.hint).toContain(command);
    }
  });

  test.each(["7.9", "12", "9.0", "0"])("version %s is refused without asking anyone", async (version) => {
    // The mirror leads nowhere: had it been asked, this would be FETCH_FAILED.
    const env = {
      ...nothing(),
      PATH: process.env.PATH,
      VALKEY_DRILL_DEBIAN_MIRROR: "http://127.0.0.1:1/debian",
    };
    const error = await failure(findServer({ valkey: version, env }));
    expect(error.code).toBe("BAD_VALKEY");
    expect(error.message).toContain(`no Valkey ${version} here`);
    expect(error.message).toContain("8.0, 8.1 and 9.1");
  });
});

/** An environment with nothing in the cache and nothing on PATH. */
function nothing(): NodeJS.ProcessEnv {
  return { HOME: scratch, PATH: join(scratch, "empty"), XDG_CACHE_HOME: join(scratch, "empty") };
}

/** A program at a path of its own that starts the real one, however that is started on this system. */
async function writeWrapper(path: string, { command, args, env }: ServerCommand): Promise<void> {
  const set = Object.entries(env).map(([name, value]) => `export ${name}="${value}"\n`);
  await writeFile(path, `#!/bin/sh\n${set.join("")}exec "${[command, ...args].join('" "')}" "$@"\n`);
  await chmod(path, 0o755);
}

async function fetchRedis(): Promise<ServerCommand> {
  const tools = await findAptTools(process.env);
  if ("missing" in tools) throw new Error(`no ${tools.missing}`);
  const apt = await openPrivateApt(join(scratch, "redis-apt"), {
    release: {
      line: "7.0",
      name: "Redis 7.0",
      flavour: "redis",
      suites: ["bookworm"],
      packages: [],
      withLoader: [],
    },
    tools,
    env: process.env,
    keyring: DEBIAN_KEYRING,
  });
  const libraries = ["liblzf1", "libjemalloc2", "liblua5.1-0", "lua-cjson", "lua-bitop"];
  for (const file of await apt.download(["redis-tools", ...libraries])) {
    execFileSync("dpkg", ["-x", file, join(scratch, "redis")]);
  }
  const command = join(scratch, "redis/usr/bin/redis-server");
  await symlink("redis-check-rdb", command);
  const triplet = execFileSync("sh", ["-c", "ls -d */"], {
    cwd: join(scratch, "redis/usr/lib"),
    encoding: "utf8",
  });
  return { command, args: [], env: { LD_LIBRARY_PATH: join(scratch, "redis/usr/lib", triplet.trim()) } };
}

async function failure(promise: Promise<unknown>): Promise<DrillError> {
  return await promise.then(
    (value) => expect.fail(`succeeded: ${JSON.stringify(value)}`),
    (error) => error,
  );
}
