import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import { startTopology } from "../src/api/start-topology.ts";
import type { Topology } from "../src/api/topology.ts";
import { waitFor } from "../src/base/wait.ts";
import { isSame } from "../src/driver/identity.ts";
import type { Injection } from "../src/scenario/input.ts";
import { ROOT } from "./support/structure.ts";
import { temporaryFolder } from "./support/temporary.ts";

/* A topology as a program has it: in this process, and in one that ends in each way in which a program may end. */

const QUICK = { kind: "ha", replicas: 1, downAfterMs: 1000 } as const;
let topology: Topology | undefined;
afterEach(async () => {
  await topology?.stop();
  topology = undefined;
});

describe("a topology of a program", () => {
  it("is failed over, healed, and tells what it is", { timeout: 60_000 }, async () => {
    topology = await startTopology(QUICK);
    expect(topology.nodes.map(({ name }) => name)).toEqual(expect.arrayContaining(["primary", "replica-1"]));
    const { host, port } = topology.nodes[0] as (typeof topology.nodes)[number];
    expect(topology.env()).toMatchObject({
      VALKEY_KIND: "ha",
      VALKEY_SENTINEL_GROUP: topology.sentinelGroup,
    });
    expect(topology.env().VALKEY_NODES).toContain(`${host}:${port}`);
    expect(topology.env().VALKEY_SENTINELS?.split(",")).toHaveLength(topology.sentinels.length);

    const { targets } = await topology.inject({ fault: "kill", target: "primary" });
    expect(targets).toEqual(["primary"]);
    await topology.until("detected");
    expect(await topology.until("promoted")).toBe("replica-1");
    const roleOf = async (name: string) => (await topology?.status())?.find((node) => node.name === name);
    expect(await roleOf("replica-1")).toMatchObject({ reachable: true, role: "primary" });
    expect(await roleOf("primary")).toMatchObject({ process: "stopped", reachable: false });
    expect(await topology.heal()).toEqual(["kill"]);
    await topology.until("rejoined");
    expect(await roleOf("primary")).toMatchObject({ role: "replica", follows: "replica-1" });
  });

  it("says what it waited for in vain, and refuses what makes no sense", { timeout: 60_000 }, async () => {
    topology = await startTopology(QUICK);
    const own = topology;
    await own.inject({ fault: "pause", target: "replica-1", for: "200ms" }); // healed when it resolves
    await expect(own.until("detected", { timeoutMs: 300 })).rejects.toMatchObject({
      code: "DEADLINE",
      message: expect.stringContaining("nobody was declared down"),
    });
    const inject = (injection: object) => own.inject(injection as Injection);
    await expect(inject({ fault: "kil", target: "primary" })).rejects.toMatchObject({ code: "BAD_USAGE" });
    await expect(inject({ fault: "kill", target: "nobody" })).rejects.toMatchObject({ code: "BAD_USAGE" });
    await expect(inject({ fault: "kill", target: "shard:1/primary" })).rejects.toThrow("no shards");
    await expect(inject({ fault: "move-slots", target: "primary", toShard: 1 })).rejects.toThrow(
      "not for ha",
    );
    await expect(inject({ fault: "cut", target: "primary" })).rejects.toMatchObject({
      code: "LACKS_CAPABILITY",
    });
    await expect(own.until("recovered" as never)).rejects.toThrow("workload");
    await own.stop();
    await own.stop();
    await expect(own.status()).rejects.toThrow("was stopped");
    expect(readdirSync(join(process.env.VALKEY_DRILL_STATE as string, "topologies"))).toEqual([]);
  });

  it("is not started where it makes no sense", async () => {
    const wrong = [{ kind: "standalone" }, { kind: "ha", shards: 3 }, { kind: "ha", quorum: 9 }] as never[];
    for (const one of wrong) await expect(startTopology(one)).rejects.toMatchObject({ code: "BAD_USAGE" });
    const late = startTopology(QUICK, { signal: AbortSignal.abort(new Error("too late")) });
    await expect(late).rejects.toThrow("too late");
    expect(readdirSync(join(process.env.VALKEY_DRILL_STATE as string, "topologies"))).toEqual([]);
  });
});

describe("a program that ends", { timeout: 60_000 }, () => {
  it.each([
    ["by an exception", "throw new Error('x')", undefined],
    ["by process.exit", "process.exit(3)", undefined],
    ["by SIGINT", "", "SIGINT"],
    ["by SIGTERM", "", "SIGTERM"],
    ["by SIGKILL", "", "SIGKILL"],
  ] as const)("%s leaves no process and no port", async (_, last, signal) => {
    const state = temporaryFolder("owner");
    const text = `import { startTopology } from ${JSON.stringify(join(ROOT, "dist/index.js"))};
      await startTopology(${JSON.stringify(QUICK)}); await startTopology(${JSON.stringify(QUICK)});
      console.log("ready"); await new Promise((go) => process.stdin.once("data", go)); ${last};`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", text], {
      env: { ...process.env, VALKEY_DRILL_STATE: state },
      stdio: ["pipe", "pipe", "ignore"],
    });
    const ended = new Promise<NodeJS.Signals | null>((done) => child.once("exit", (_code, by) => done(by)));
    for await (const line of createInterface(child.stdout)) if (line === "ready") break;
    const records = readdirSync(join(state, "environments")).filter((name) => name.endsWith(".json"));
    expect(records).toHaveLength(2);
    const nodes = records.flatMap(
      (name) => JSON.parse(readFileSync(join(state, "environments", name), "utf8")).nodes,
    );
    expect(nodes).toHaveLength(10);
    if (signal) child.kill(signal);
    else child.stdin.write("go\n");
    expect(await ended).toBe(signal ?? null);
    const gone = () => {
      const alive = nodes.filter(({ process: one }) => isSame(one)).length;
      const left = [...readdirSync(join(state, "environments")), ...readdirSync(join(state, "ports"))];
      return alive === 0 && left.length === 0
        ? ({ done: true, value: undefined } as const)
        : ({ done: false, seen: `${alive} nodes, ${left.join(", ")}` } as const);
    };
    await waitFor(gone, { what: "everything to be cleared", timeoutMs: 20_000 });
    if (signal === "SIGINT" || signal === "SIGTERM")
      expect(existsSync(join(state, "topologies")) ? readdirSync(join(state, "topologies")) : []).toEqual([]);
  });
});
