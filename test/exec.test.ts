import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "../src/base/wait.ts";
import { identify, isSame, type ProcessIdentity } from "../src/driver/identity.ts";
import { cli } from "./support/cli.ts";
import { type Answer, ask, EXEC_STATE, leftovers, recordedNodes, startExec } from "./support/exec.ts";
import { ROOT } from "./support/structure.ts";

/*
 * `exec` as a command has it: over HTTP, from the environment that it was given. Few topologies, each for many
 * questions.
 */

const SMALL = ["--replicas", "1"];
let exec: ReturnType<typeof startExec>;
let env: Record<string, string>;
const get = (path: string) => ask(`${env.VALKEY_DRILL_URL}${path}`);
const post = (path: string, body?: unknown, headers?: Record<string, string>) =>
  ask(`${env.VALKEY_DRILL_URL}${path}`, "POST", body, headers);
const roles = async () => {
  const { body } = await get("/topology");
  return Object.fromEntries(body.nodes.map(({ name, role }: Record<string, string>) => [name, role]));
};

describe("a command beside an HA topology", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    exec = startExec(["ha", ...SMALL, "--env-preset", "redis-url", "--set", "HOSTS=at {{sentinels}}"]);
    env = await exec.told();
  }, 120_000);
  afterAll(async () => {
    exec.child.kill("SIGKILL");
    await exec.ended;
  });

  it("is told where its servers are, and nothing of those that the shell knew", async () => {
    expect(env).toMatchObject({
      VALKEY_KIND: "ha",
      REDIS_SENTINEL_MASTER_NAME: env.VALKEY_SENTINEL_GROUP,
      REDIS_URL: `redis://${env.VALKEY_NODES?.split(",")[0]}`,
      HOSTS: `at ${env.REDIS_SENTINELS}`,
      FAULT_INJECTION_API_URL: env.VALKEY_DRILL_URL,
    });
    expect(env).not.toHaveProperty("REDIS_CLUSTER_NODES");
    expect(env.VALKEY_DRILL_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}$/);
    expect((await get("/topology")).body).toMatchObject({
      kind: "ha",
      driver: "process",
      nodes: { length: 5 },
    });
  });

  it("reaches nothing without the token, by another name, or from a page", async () => {
    const url = new URL(env.VALKEY_DRILL_URL as string);
    const wrong = "x".repeat(url.pathname.length - 1);
    for (const path of ["/", "/topology", `/${wrong}/topology`, `${url.pathname.slice(0, -1)}/topology`]) {
      expect(await ask(`${url.origin}${path}`)).toMatchObject({
        status: 403,
        body: { error: { code: "BAD_USAGE" } },
      });
      expect((await ask(`${url.origin}${path}`, "POST", {})).status).toBe(403);
    }
    const from = (headers: Record<string, string>) => ask(`${url.href}/topology`, "GET", undefined, headers);
    expect((await from({ host: `evil.example:${url.port}` })).status).toBe(403);
    expect((await from({ origin: "http://evil.example" })).status).toBe(403);
    expect((await from({ "sec-fetch-site": "cross-site" })).status).toBe(403);
    expect((await from({})).status).toBe(200);
  });

  it.each<[what: string, asked: () => Promise<Answer>, status: number, why: string]>([
    ["no JSON", () => post("/faults", "{"), 400, "the body is no JSON"],
    ["no fault", () => post("/faults", {}), 400, "fault: "],
    ["no target", () => post("/faults", { fault: "kill" }), 400, "target: "],
    ["not called JSON", () => post("/heal", "{}", { "content-type": "text/plain" }), 415, "application/json"],
    ["far too long", () => post("/faults", undefined, { "content-length": "300000" }), 413, "too long"],
    [
      "an unknown fault",
      () => post("/faults", { fault: "kil", target: "primary" }),
      422,
      'Did you mean "kill"?',
    ],
    [
      "an unknown target",
      () => post("/faults", { fault: "kill", target: "nobody" }),
      422,
      '"nobody" selects nothing',
    ],
    [
      "an option that it lacks",
      () => post("/faults", { fault: "kill", target: "primary", x: 1 }),
      422,
      "kill: ",
    ],
    [
      "a fault of a cluster",
      () => post("/faults", { fault: "hold-slot", target: "primary" }),
      422,
      "not for ha",
    ],
    [
      "a fault that needs links",
      () => post("/faults", { fault: "cut", target: "primary" }),
      422,
      "cut-links",
    ],
    ["a fault that is not there", () => get("/faults/99"), 404, "there is no fault 99"],
    ["to heal what is no fault", () => post("/heal", { fault: "kil" }), 404, 'Did you mean "kill"?'],
    [
      "a condition that is none",
      () => post("/await", { condition: "promotd" }),
      422,
      '"promotd" is no condition',
    ],
    [
      "one that needs a workload",
      () => post("/await", { condition: "recovered" }),
      422,
      "looks at the operations",
    ],
    ["a time that is none", () => post("/await", { condition: "promoted", within: 5 }), 400, "within: "],
    ["another method", () => ask(`${env.VALKEY_DRILL_URL}/reset`), 405, "GET is not for /reset"],
    ["another path", () => get("/fault"), 404, "no such endpoint"],
    [
      "a parameter that is none",
      () => post("/faults?wait=no", { fault: "kill", target: "x" }),
      400,
      "wait=no",
    ],
    [
      "an action that is not done",
      () => post("/action", { type: "migrate" }),
      422,
      "action migrate is not done here",
    ],
    ["an unknown action", () => post("/action", { type: "failovr" }), 422, 'Did you mean "failover"?'],
    ["an action that needs links", () => post("/action", { type: "network_failure" }), 422, "cut-links"],
    ["an action that is not there", () => get("/action/1"), 404, "there is no action 1"],
  ])("is told why not: %s", async (_, asked, status, why) => {
    const { body, ...answer } = await asked();
    expect(answer.status, answer.text).toBe(status);
    expect(`${body.error.message} ${body.error.hint}`).toContain(why);
    expect(body.error.code).toMatch(/^[A-Z_]+$/);
  });

  it("lists what can be injected here, and why the rest cannot", async () => {
    const { body } = await get("/faults");
    const named = (kind: string) => body.faults.find(({ fault }: { fault: string }) => fault === kind);
    expect(named("restart")).toMatchObject({
      available: true,
      targets: "nodes",
      options: { properties: { data: { enum: ["keep", "lose"] } } },
    });
    expect(named("cut")).toMatchObject({ available: false, targets: "links", hint: expect.any(String) });
    expect(named("move-slots")).toMatchObject({
      available: false,
      reason: expect.stringContaining("not for ha"),
    });
    expect(body.targets.nodes).toHaveProperty("primary");
    expect(body.injected).toEqual([]);
  });

  it("kills the primary, waits for the next one, heals, and reads what happened", async () => {
    const { status, body: fault } = await post("/faults", { fault: "kill", target: "primary" });
    expect({ status, fault }).toMatchObject({
      status: 201,
      fault: { targets: ["primary"], status: "in-force" },
    });
    expect((await post("/await", { condition: "promoted", within: "60s" })).body).toMatchObject({
      seen: "replica-1",
    });
    expect((await get(`/faults/${fault.id}`)).body.status).toBe("in-force");
    expect((await post("/heal")).body).toEqual({ healed: ["kill"] });
    expect((await get(`/faults/${fault.id}`)).body.status).toBe("healed");
    expect((await post("/await", { condition: "rejoined", within: "60s" })).status).toBe(200);
    expect(await roles()).toMatchObject({ primary: "replica", "replica-1": "primary" });
    const late = await post("/await", { condition: "promoted", within: "1ms" }); // nobody was lost since
    expect(late.status).toBe(200);
    const { text } = await get("/history");
    const events = text
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(events[0]).toMatchObject({ type: "header", scenario: "exec" });
    const phases = events.filter(({ type }) => type === "fault").map(({ phase }) => phase);
    expect(phases).toEqual(["inject", "injected", "heal", "healed"]);
  });

  it("finds the topology as it was at the start after a reset, at the same addresses", async () => {
    const [host = "", port = ""] = (env.VALKEY_NODES ?? "").split(",")[1]?.split(":") ?? []; // replica-1, now primary
    const before = (await get("/topology")).body.nodes.map(({ name, port: at }: Record<string, string>) => [
      name,
      at,
    ]);
    expect(await valkey(host, Number(port), ["SET", "order", "1"])).toContain("OK");
    const paused = await post("/faults", { fault: "pause", target: "primary", for: "10m" });
    expect(paused.body).toMatchObject({ status: "in-force", targets: ["replica-1"] });
    const [waiting, reset] = await Promise.all([
      post("/await", { condition: "detected", within: "10m" }),
      post("/reset"),
    ]);
    expect(reset).toMatchObject({ status: 200, body: { tookMs: expect.any(Number) } });
    expect([200, 409]).toContain(waiting.status); // it was declared down at once, or the reset ended the wait
    expect(await roles()).toMatchObject({
      primary: "primary",
      "replica-1": "replica",
      "sentinel-1": "sentinel",
    });
    const { body } = await get("/topology");
    expect(body.nodes.map(({ name, port: at }: Record<string, string>) => [name, at])).toEqual(before);
    expect(body.nodes.map(({ keys }: { keys?: number }) => keys ?? 0)).toEqual([0, 0, 0, 0, 0]);
    expect((await get("/faults")).body.injected).toEqual([]);
    expect((await get("/history")).text).not.toContain('"type":"fault"');
    expect((await get(`/faults/${paused.body.id}`)).status).toBe(404);
  });

  it("asks as the clients of Redis' fault injector do", async () => {
    const done = async (type: string, parameters: object) => {
      const begun = await post("/action", { type, parameters });
      expect(begun).toMatchObject({ status: 200, body: { action_id: expect.any(String) } });
      const look = async () => {
        const { body } = await get(`/action/${begun.body.action_id}`);
        const seen = JSON.stringify(body);
        return body.status === "pending"
          ? ({ done: false, seen } as const)
          : ({ done: true, value: body } as const);
      };
      return waitFor(look, { what: `${type} to end`, timeoutMs: 60_000 });
    };
    expect(await done("failover", { bdb_id: 1 })).toMatchObject({
      status: "success",
      error: null,
      output: { did: [expect.stringContaining("failover of primary")] },
    });
    expect(await roles()).toMatchObject({ "replica-1": "primary" });
    const wrong = await done("config_change", { node_id: "primary", config: { "no-such": "1" } });
    expect(wrong).toMatchObject({ status: "failed", error: expect.stringContaining("no-such") });
    const actions = [
      { type: "node_kill", params: { node_id: "replica-1" } },
      { type: "node_start", params: { node_id: "replica-1" }, delay: 1_000_000 },
    ];
    expect(await done("sequence_of_actions", { bdb_id: "1", actions })).toMatchObject({
      status: "success",
      output: {
        did: [expect.stringContaining("killed"), "waited 1 ms", expect.stringContaining("healed kill")],
      },
    });
    expect((await get("/action")).body.refused).toContainEqual({ type: "bind", reason: expect.any(String) });
    expect((await get("/actions")).body).toContain("failover");
    expect((await get("/openapi.json")).body).toEqual(
      JSON.parse(readFileSync(join(ROOT, "schema/exec.openapi.json"), "utf8")),
    );
  });

  it("ends, and everything with it, with its own exit code", async () => {
    exec.letGo();
    const { code, stderr } = await exec.ended;
    expect({ code, leftovers: leftovers() }).toEqual({ code: 3, leftovers: [] });
    expect(stderr).toMatch(/^preset redis-url: it names one server/); // what that preset cannot do
    expect(stderr).toMatch(/5 nodes ready\n$/);
  });
});

describe("a command beside a cluster with TLS and links", { timeout: 120_000 }, () => {
  it("cuts its own links, and finds them whole after a reset", async () => {
    exec = startExec(["cluster", "--replicas", "0", "--tls", "--links", "--quiet", "--env-preset", "spring"]);
    env = await exec.told();
    expect(env).toMatchObject({
      SPRING_DATA_REDIS_CLUSTER_NODES: env.REDIS_CLUSTER_NODES,
      SPRING_SSL_BUNDLE_PEM_VALKEYDRILL_TRUSTSTORE_CERTIFICATE: `file:${env.VALKEY_TLS_CA}`,
    });
    expect(existsSync(env.VALKEY_TLS_CA as string)).toBe(true);
    const { body } = await post("/action", { type: "network_failure", parameters: { bdb_id: 1 } });
    const cut = () => get("/faults").then(({ body: { injected } }) => injected[0]);
    await waitFor(
      async () => {
        const fault = await cut();
        return fault?.status === "in-force"
          ? { done: true, value: fault }
          : { done: false, seen: JSON.stringify(fault) };
      },
      { what: "the links to be cut", timeoutMs: 30_000 },
    );
    expect((await get(`/action/${body.action_id}`)).body.status).toBe("success");
    const background = await post("/faults?wait=false", {
      fault: "move-slots",
      target: "shard:1/primary",
      toShard: 2,
      slots: 500,
      how: "migrate",
      perSlotMs: 10_000,
    });
    expect(background).toMatchObject({ status: 202, body: { status: "pending" } });
    expect((await post("/reset")).status).toBe(200);
    const { body: fresh } = await get("/topology");
    expect(fresh.nodes.map(({ slots }: { slots: string }) => slots)).toEqual([
      "0-5460",
      "5461-10922",
      "10923-16383",
    ]);
    exec.letGo();
    expect((await exec.ended).code).toBe(3);
    expect(leftovers()).toEqual([]);
    expect(existsSync(env.VALKEY_TLS_CA as string)).toBe(false);
  });
});

describe("exec", { timeout: 120_000 }, () => {
  afterEach(() => exec.child.kill("SIGKILL"));

  it.each<[how: string, signal: NodeJS.Signals, code: number | null]>([
    ["Ctrl-C without a terminal", "SIGINT", 130],
    ["SIGTERM", "SIGTERM", 143],
    ["SIGKILL", "SIGKILL", null],
  ])("that ends by %s leaves nobody", async (_, signal, code) => {
    const child = `${process.execPath} --eval 'setInterval(() => {}, 1000)' & echo "{\\"pid\\":\\"$!\\"}"; wait`;
    exec = startExec(["ha", ...SMALL], ["sh", "-c", child]);
    const { pid } = await exec.told();
    const own = identify(Number(pid)) as ProcessIdentity;
    expect(recordedNodes()).toHaveLength(5);
    exec.child.kill(signal);
    expect((await exec.ended).code).toBe(code);
    const gone = () => {
      const left = [
        ...recordedNodes().map(({ name }) => name),
        ...(isSame(own) ? [own.pid] : []),
        ...(code === null ? [] : leftovers()),
      ];
      return left.length === 0
        ? ({ done: true, value: undefined } as const)
        : ({ done: false, seen: left.join(", ") } as const);
    };
    await waitFor(gone, { what: "everything to be gone", timeoutMs: 30_000 });
  });

  it("ends with 70 if a server died by itself: the suite's own code says nothing then", async () => {
    exec = startExec(["ha", ...SMALL]);
    env = await exec.told();
    process.kill(recordedNodes().find(({ name }) => name === "replica-1")?.pid as number, "SIGKILL");
    const broken = async () => {
      const { body, text } = await get("/topology");
      return body.broken === undefined
        ? ({ done: false, seen: text } as const)
        : ({ done: true, value: body.broken } as const);
    };
    expect(await waitFor(broken, { what: "it to be told", timeoutMs: 30_000 })).toContain(
      "replica-1 died by itself",
    );
    expect((await post("/await", { condition: "rejoined" })).body.error).toMatchObject({ code: "NODE_DIED" });
    exec.letGo();
    const { code, stderr } = await exec.ended;
    expect(code).toBe(70);
    expect(stderr).toContain(
      "replica-1 died by itself (SIGKILL) while the command ran; its own exit code was 3",
    );
    expect(leftovers()).toEqual([]);
  });

  it("runs the shipped helpers for a shell and for pytest", async () => {
    const python = [process.env.PYTHON, "/usr/bin/python3"].find((path) => path && hasRedis(path));
    if (python === undefined)
      throw new Error("there is no Python with pytest and redis: apt-get install them");
    const line = `sh test-failover.sh && cd pytest && ${python} -B -m pytest -q -p no:cacheprovider`;
    exec = startExec(["ha", "--quiet"], ["sh", "-c", `cd '${join(ROOT, "examples/exec")}' && ${line}`]);
    const { code, stdout, stderr } = await exec.ended;
    expect({ code, stdout, stderr }).toMatchObject({ code: 0, stderr: "" });
    expect(stdout).toContain("3 passed");
  });
});

describe("exec that makes no sense", { timeout: 120_000 }, () => {
  const WRONG: readonly [args: string[], why: string][] = [
    [["ha"], "missing required argument 'command'"],
    [["ha", "--", "no-such-program"], "there is no program no-such-program on PATH"],
    [["ha", "--", "./no-such-program"], "there is no program ./no-such-program"],
    [["haa", "--", "true"], 'there is no scenario "haa"'],
    [["ha", "--shards", "3", "--", "true"], '--shards is not for "exec ha"'],
    [["ha-failover", "--replicas", "1", "--", "true"], "--replicas: the topology is that of the scenario"],
    [["ha", "--env-preset", "springs", "--", "true"], 'Did you mean "spring"?'],
    [["cluster", "--env-preset", "celery", "--", "true"], "preset celery is not for cluster"],
    [["ha", "--set", "HOSTS={{sentinel}}", "--", "true"], 'Did you mean "sentinels"?'],
    [["ha", "--set", "HOSTS", "--", "true"], "write NAME=value"],
    [["ha", "--set", "VALKEY_DRILL_URL=x", "--", "true"], "exec sets that variable itself"],
    [["ha", "--driver", "podman", "--", "true"], "podman"],
  ];

  it("is refused before anything starts", async () => {
    for (let at = 0; at < WRONG.length; at += 3) {
      const some = WRONG.slice(at, at + 3);
      const ends = await Promise.all(
        some.map(([args]) => cli(["exec", ...args], { VALKEY_DRILL_STATE: EXEC_STATE })),
      );
      for (const [index, [args, why]] of some.entries()) {
        expect(ends[index]?.stderr, args.join(" ")).toContain(why);
        expect(ends[index]?.code, args.join(" ")).toBe(64);
      }
    }
    expect(leftovers()).toEqual([]);
  });
});

/** A command to a server, and what it answers, as text. */
async function valkey(host: string, port: number, words: readonly string[]): Promise<string> {
  const { connect } = await import("node:net");
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.write(`${words.join(" ")}\r\n`));
    socket.once("data", (chunk) => {
      resolve(String(chunk));
      socket.destroy();
    });
    socket.once("error", reject);
  });
}

function hasRedis(python: string): boolean {
  try {
    execFileSync(python, ["-c", "import redis, pytest"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
