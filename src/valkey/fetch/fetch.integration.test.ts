import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { waitFor } from "../../base/wait.ts";
import type { DrillError } from "../../model/errors.ts";
import { versionsFolder } from "../cache.ts";
import { findServer } from "../find.ts";
import type { ValkeyServer } from "../server.ts";
import { debianMirror, findAptTools } from "./apt.ts";
import { fetchServer } from "./fetch.ts";
import { releaseFor } from "./releases.ts";

/**
 * Everything here uses the real archive, through a mirror of our own on 127.0.0.1 that keeps what it was asked for
 * (so that each file is downloaded once) and can be told to spoil an answer.
 */
let mirror: Mirror;
let scratch: string;
let aptConfig: string;
let hookRan: string;

beforeAll(async () => {
  mirror = await startMirror();
  scratch = await mkdtemp(join(tmpdir(), "valkey-drill-fetch-"));
  await chmod(scratch, 0o755);
  // Every fetch here meets a machine whose apt is configured to break it, and to take what is unsigned.
  aptConfig = join(scratch, "machine.conf");
  hookRan = join(scratch, "hook-ran");
  await writeFile(
    aptConfig,
    `APT::Default-Release "no-such-release";
APT::Update::Pre-Invoke { "touch ${hookRan}"; };
APT::Update::Post-Invoke { "false"; };
Acquire::AllowInsecureRepositories "true";
Acquire::AllowWeakRepositories "true";
APT::Get::AllowUnauthenticated "true";
`,
  );
});

afterEach(() => {
  mirror.spoil(undefined);
  expect(existsSync(hookRan), "a hook of the machine's apt was run").toBe(false);
});

afterAll(async () => {
  mirror?.close();
  await rm(scratch, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
});

describe("a fetched version", () => {
  test("9.1 runs, whatever the system's C library; its client and its executable are as told", async () => {
    const env = await freshEnv();
    const progress: string[] = [];
    const server = await findServer({ valkey: "9.1", env, onProgress: (m) => progress.push(m) });
    expect(server).toMatchObject({ flavour: "valkey", origin: "fetched" });
    expect(server.version).toMatch(/^9\.1\.\d+/);
    expect(progress.at(-1)).toBe(`Valkey ${server.version} is ready`);
    expect(await versionsIn(env)).toEqual([`9.1-${debianArchitecture()}`]);

    const port = await freePort();
    const child = start(server, ["--port", String(port), "--bind", "127.0.0.1", "--save", ""]);
    await waitFor(() => ping(port), { what: "PONG", timeoutMs: 10_000 });
    if (process.platform === "linux") {
      expect(execFileSync("readlink", [`/proc/${child.pid}/exe`], { encoding: "utf8" }).trim()).toBe(
        server.executable,
      );
    }
    const cli = server.cli ?? expect.fail("no valkey-cli");
    const said = execFileSync(cli.command, [...cli.args, "-p", String(port), "info", "server"], {
      env: { ...process.env, ...cli.env },
      encoding: "utf8",
    });
    expect(said).toContain(`valkey_version:${server.version}`);
  }, 120_000);

  test("two processes that fetch at once both succeed; it is used again without asking, replaced if damaged", {
    tags: "long",
    timeout: 120_000,
  }, async () => {
    const env = await freshEnv();
    const asked = mirror.paths.length;
    const [ours, theirs] = await Promise.all([findServer({ valkey: "8.0", env }), runAlone(env, "8.0")]);
    expect(ours).toMatchObject({ origin: "fetched" });
    expect(JSON.parse(theirs)).toEqual(ours);
    const downloads = mirror.paths.slice(asked).filter((path) => path.includes("valkey-tools"));
    expect(downloads).toHaveLength(2); // neither found it in the cache
    expect(await versionsIn(env)).toEqual([`8.0-${debianArchitecture()}`]);

    const askedThen = mirror.paths.length;
    expect(await findServer({ valkey: ours.version, env })).toEqual({ ...ours, origin: "cache" });
    expect(mirror.paths.length).toBe(askedThen);

    await truncate(programOf(ours), 1000);
    expect(await findServer({ valkey: "8.0", env })).toEqual(ours);
    expect(await versionsIn(env)).toEqual([`8.0-${debianArchitecture()}`]);
  });

  test("Redis 7.0, to migrate from, is asked for by its name, and never taken for a Valkey", async () => {
    const env = await freshEnv();
    const server = await findServer({ valkey: "redis-7.0", env });
    expect(server).toMatchObject({ flavour: "redis", origin: "fetched" });
    expect(server.version).toMatch(/^7\.0\.\d+/);
    expect(await versionsIn(env)).toEqual([`redis-7.0-${debianArchitecture()}`]);
    expect(await findServer({ valkey: "redis-7.0", env })).toEqual({ ...server, origin: "cache" });
    expect((await failure(findServer({ valkey: "7.0", env }))).code).toBe("BAD_VALKEY");
  }, 120_000);

  test("an exact version that Debian does not have is told with the one it has", async () => {
    const env = await freshEnv();
    const error = await failure(findServer({ valkey: "8.0.99", env }));
    expect(error.code).toBe("BAD_VALKEY");
    expect(error.message).toMatch(/no Valkey 8\.0\.99 to fetch: Debian's 8\.0 is 8\.0\.\d+/);
    expect(await versionsIn(env)).toEqual([]);
  }, 120_000);
});

describe("nothing is taken that Debian did not sign", () => {
  test("an unsigned list is refused, even where the machine's apt would take it", async () => {
    mirror.spoil((path) => (/\/(InRelease|Release\.gpg)$/.test(path) ? undefined : "as it is"));
    const env = await freshEnv();
    const error = await failure(findServer({ valkey: "8.0", env }));
    expect(error.code).toBe("FETCH_FAILED");
    expect(error.message).toContain("is not signed");
    expect(error.hint).toContain("valid signature");
    expect(await versionsIn(env)).toEqual([]);
  }, 120_000);

  test("a signed list with one word changed is refused", async () => {
    mirror.spoil((path, body) =>
      path.endsWith("/InRelease")
        ? Buffer.from(body.toString("latin1").replace("Debian", "Nebian"), "latin1")
        : "as it is",
    );
    const error = await failure(findServer({ valkey: "8.0", env: await freshEnv() }));
    expect(error.code).toBe("FETCH_FAILED");
    expect(error.message).toMatch(/BADSIG|[Bb]ad signature|invalid/);
  }, 120_000);

  test("a package with one byte changed is refused", async () => {
    mirror.spoil((path, body) => {
      if (!path.includes("valkey-tools")) return "as it is";
      const changed = Buffer.from(body);
      changed[5000] = (changed[5000] ?? 0) ^ 1;
      return changed;
    });
    const env = await freshEnv();
    const error = await failure(findServer({ valkey: "8.0", env }));
    expect(error.code).toBe("FETCH_FAILED");
    expect(error.message).toMatch(/Hash Sum mismatch/i);
    expect(error.hint).toContain("not what Debian signed");
    expect(await versionsIn(env)).toEqual([]);
  }, 120_000);

  test("garbage instead of a list is refused", async () => {
    mirror.spoil((path) =>
      path.includes("/dists/") ? Buffer.from("<html>log in first</html>") : "as it is",
    );
    const error = await failure(findServer({ valkey: "8.0", env: await freshEnv() }));
    expect(error.code).toBe("FETCH_FAILED");
    expect(error.message).toContain("apt-get update");
  }, 120_000);

  test("without Debian's keyring nothing is even asked for", async () => {
    const env = await freshEnv();
    const asked = mirror.paths.length;
    const error = await failure(fetch80(env, { keyring: join(scratch, "no-keyring.gpg") }));
    expect(error.code).toBe("FETCH_FAILED");
    expect(error.message).toContain("no-keyring.gpg");
    expect(error.hint).toBe("sudo apt-get install debian-archive-keyring");
    expect(mirror.paths.length).toBe(asked);
  });
});

describe("a fetch that cannot end", () => {
  test("killed half-way it leaves no version, and the next fetch succeeds and clears what was left", {
    tags: "long",
    timeout: 120_000,
  }, async () => {
    const env = await freshEnv();
    const held = mirror.hold("valkey-tools");
    const killed = spawn(process.execPath, [await compiled(), "8.0"], { env, stdio: "inherit" });
    await Promise.race([
      held,
      once(killed, "exit").then(() => expect.fail("ended before the package was asked for")),
    ]);
    killed.kill("SIGKILL");
    await once(killed, "exit");
    const left = await versionsIn(env);
    expect(left).toHaveLength(1);
    expect(left[0]).toMatch(/^\.tmp-/);

    mirror.release();
    expect(await findServer({ valkey: "8.0", env })).toMatchObject({ origin: "fetched" });
    expect(await versionsIn(env)).toEqual([`8.0-${debianArchitecture()}`]);
  });

  test("interrupted, it stops at once and leaves nothing", async () => {
    const env = await freshEnv();
    const stop = new AbortController();
    const held = mirror.hold("valkey-tools");
    const fetching = failure(findServer({ valkey: "8.0", env, signal: stop.signal }));
    await held;
    const reason = new Error("Ctrl-C");
    stop.abort(reason);
    expect(await fetching).toBe(reason);
    expect(await versionsIn(env)).toEqual([]);
    mirror.release();
  }, 120_000);

  test("a mirror that does not answer is named, with what to do", async () => {
    const url = `http://127.0.0.1:${await freePort()}/debian`;
    const env = { ...(await freshEnv()), VALKEY_DRILL_DEBIAN_MIRROR: url };
    const error = await failure(findServer({ valkey: "8.0", env }));
    expect(error.code).toBe("FETCH_FAILED");
    expect(error.message).toContain("Could not connect");
    expect(error.hint).toContain(url);
    expect(error.hint).toContain("http_proxy");
  }, 120_000);

  test("a mirror that is no URL is bad usage", () => {
    for (const bad of ["deb.debian.org", "ftp://x/y", "x\nSigned-By: /tmp/mine"]) {
      expect(() => debianMirror({ VALKEY_DRILL_DEBIAN_MIRROR: bad }), bad).toThrow(
        /is not an http, https or file URL/,
      );
    }
    expect(debianMirror({ VALKEY_DRILL_DEBIAN_MIRROR: "https://mirror.example/debian/" })).toBe(
      "https://mirror.example/debian",
    );
  });
});

describe("the cache's folder", () => {
  test("one that cannot be made is told before anything is asked for", async () => {
    const file = join(scratch, "a-file");
    await writeFile(file, "");
    const asked = mirror.paths.length;
    const error = await failure(
      findServer({ valkey: "8.0", env: { ...(await freshEnv()), XDG_CACHE_HOME: join(file, "x") } }),
    );
    expect(error.code).toBe("CACHE_UNWRITABLE");
    expect(error.message).toContain(join(file, "x", "valkey-drill"));
    expect(error.message).toContain("ENOTDIR");
    expect(error.hint).toContain("XDG_CACHE_HOME");
    expect(mirror.paths.length).toBe(asked);
  });

  test("a user without rights can fetch into their own; into another's they are told", {
    tags: "long",
    timeout: 120_000,
  }, async () => {
    const env = await freshEnv();
    const asRoot = process.getuid?.() === 0;
    if (asRoot) await chown(cacheHome(env), NOBODY, NOBODY);
    const said = JSON.parse(await runAsNobody(env, "8.0"));
    expect(said).toMatchObject({ flavour: "valkey", origin: "fetched" });

    const foreign = await freshEnv();
    await chmod(cacheHome(foreign), 0o555);
    expect(await runAsNobody(foreign, "8.0")).toMatch(/^CACHE_UNWRITABLE .*EACCES/);
  });
});

const NOBODY = 65534;

/** Runs findServer in a process of its own; what it printed: the server as JSON, or the error. */
async function runAlone(env: NodeJS.ProcessEnv, valkey: string, before: string[] = []): Promise<string> {
  const [command = "", ...args] = [...before, process.execPath, await compiled(), valkey];
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  await once(child, "close");
  return said;
}

/** The same without rights: as nobody, where we are root. */
async function runAsNobody(env: NodeJS.ProcessEnv, valkey: string): Promise<string> {
  const drop = ["setpriv", `--reuid=${NOBODY}`, `--regid=${NOBODY}`, "--clear-groups"];
  return await runAlone({ ...env, HOME: "/nonexistent" }, valkey, process.getuid?.() === 0 ? drop : []);
}

let script: Promise<string> | undefined;

/** Our sources as JavaScript, for a process of its own: Node 20 runs no TypeScript. */
function compiled(): Promise<string> {
  script ??= compile();
  return script;
}

async function compile(): Promise<string> {
  const root = fileURLToPath(new URL("../../../", import.meta.url));
  const out = join(scratch, "js");
  for (const file of await readdir(join(root, "src"), { recursive: true })) {
    if (!/^(base|model|valkey)\/.*(?<!\.test)\.ts$/.test(file)) continue;
    const { outputText } = ts.transpileModule(await readFile(join(root, "src", file), "utf8"), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2023,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    });
    await mkdir(dirname(join(out, file)), { recursive: true });
    await writeFile(join(out, file.replace(/ts$/, "js")), outputText);
  }
  await cp(join(root, "node_modules/zod"), join(out, "node_modules/zod"), { recursive: true });
  await writeFile(join(out, "package.json"), '{ "type": "module" }');
  await writeFile(
    join(out, "main.js"),
    `import { findServer } from "./valkey/find.js";
     await findServer({ valkey: process.argv[2] }).then(
       (server) => console.log(JSON.stringify(server)),
       (error) => console.log(error.code, error.message),
     );`,
  );
  return join(out, "main.js");
}

async function fetch80(env: NodeJS.ProcessEnv, more: { keyring: string }): Promise<ValkeyServer> {
  const tools = await findAptTools(env);
  const release = releaseFor("8.0");
  if ("missing" in tools || !release) throw new Error("no apt");
  return await fetchServer({ release, tools, wanted: "8.0", env, onProgress: () => {}, ...more });
}

/** An environment with an empty cache, whose mirror is ours. */
async function freshEnv(): Promise<NodeJS.ProcessEnv> {
  const { VALKEY_DRILL_SERVER: _, ...env } = process.env;
  const home = await mkdtemp(join(scratch, "cache with space-"));
  return { ...env, XDG_CACHE_HOME: home, VALKEY_DRILL_DEBIAN_MIRROR: mirror.url, APT_CONFIG: aptConfig };
}

function cacheHome(env: NodeJS.ProcessEnv): string {
  return env.XDG_CACHE_HOME ?? "";
}

async function versionsIn(env: NodeJS.ProcessEnv): Promise<string[]> {
  return await readdir(versionsFolder(env));
}

function programOf(server: ValkeyServer): string {
  return server.args.at(-1) ?? server.command;
}

function debianArchitecture(): string {
  return execFileSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).trim();
}

async function failure(promise: Promise<unknown>): Promise<DrillError> {
  return await promise.then(
    (value) => expect.fail(`succeeded: ${JSON.stringify(value)}`),
    (error) => error,
  );
}

function start(server: ValkeyServer, args: string[]) {
  const child = spawn(server.command, [...server.args, ...args], {
    env: { ...process.env, ...server.env },
    cwd: scratch,
    stdio: "ignore",
  });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  });
  return child;
}

async function ping(port: number): Promise<{ done: true; value: true } | { done: false; seen: string }> {
  const socket = connect(port, "127.0.0.1");
  try {
    socket.write("PING\r\n");
    const [said] = await once(socket, "data");
    return String(said) === "+PONG\r\n" ? { done: true, value: true } : { done: false, seen: String(said) };
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** What a mirror answers instead: other bytes, nothing (404), or what it would. */
type Spoil = (path: string, body: Buffer) => Buffer | undefined | "as it is";

interface Mirror {
  readonly url: string;
  /** Every path asked for so far. */
  readonly paths: string[];
  spoil(spoil: Spoil | undefined): void;
  /** Leaves the next request whose path holds `part` without an answer; resolves when it has come. */
  hold(part: string): Promise<void>;
  /** Lets the held request fail. */
  release(): void;
  close(): void;
}

async function startMirror(): Promise<Mirror> {
  const upstream = debianMirror(process.env);
  const kept = new Map<string, Promise<Buffer | undefined>>();
  const paths: string[] = [];
  let spoil: Spoil | undefined;
  let holding: { part: string; come: () => void } | undefined;
  let letGo = () => {};

  const load = async (path: string) => {
    const response = await fetch(upstream + path);
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`${upstream}${path}: ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  };
  const answer: RequestListener = async (request, response) => {
    const path = (request.url ?? "").replace(/^\/debian/, "");
    paths.push(path);
    if (holding && path.includes(holding.part)) {
      letGo = () => response.destroy();
      holding.come();
      holding = undefined;
      return;
    }
    const body = kept.get(path) ?? load(path);
    kept.set(path, body);
    const whole = await body;
    const given = whole && spoil ? spoil(path, whole) : whole && "as it is";
    const sent = given === "as it is" ? whole : given;
    response.writeHead(sent ? 200 : 404, { "content-length": sent?.length ?? 0 }).end(sent);
  };
  const server: Server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/debian`,
    paths,
    spoil: (next) => {
      spoil = next;
    },
    hold: (part) =>
      new Promise((come) => {
        holding = { part, come };
      }),
    release: () => letGo(),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
