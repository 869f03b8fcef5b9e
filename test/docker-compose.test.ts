import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Look, waitFor } from "../src/base/wait.ts";
import { dockerText, testImage } from "./support/docker.ts";

const ROOT = resolve(import.meta.dirname, "..");
/**
 * Not the files' own ports and subnets: those may be in use here. Below 32768: above, any outgoing connection may hold
 * a port.
 */
const PLACES = {
  ha: {
    VALKEY_SUBNET: "10.213.3",
    PRIMARY_PORT: "16379",
    REPLICA_1_PORT: "16380",
    REPLICA_2_PORT: "16381",
    SENTINEL_1_PORT: "19379",
    SENTINEL_2_PORT: "19380",
    SENTINEL_3_PORT: "19381",
  },
  cluster: {
    VALKEY_SUBNET: "10.213.4",
    ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`NODE_${n}_PORT`, `1700${n}`])),
  },
};
const PASSWORD = `it's "secret" $1 \\`;

/** The Compose files as somebody uses them who never installs this package. */
describe.skipIf(testImage === undefined)("Compose alone", { timeout: 180_000 }, () => {
  let down: (() => void) | undefined;
  afterEach(() => down?.());

  function project(kind: "ha" | "cluster", extra: Readonly<Record<string, string>> = {}) {
    const env = {
      VALKEY_IMAGE: testImage as string,
      COMPOSE_PROJECT_NAME: `valkey-test-${kind}-${process.pid}`,
      ...PLACES[kind],
      ...extra,
    };
    const compose = (...args: string[]) =>
      dockerText(["compose", "-f", join(ROOT, `docker-compose.${kind}.yml`), ...args], env);
    down = () => compose("down", "--volumes", "--timeout", "0");
    compose("up", "--detach", "--wait");
    const cli = (node: string, port: number, ...words: string[]) => {
      const login =
        extra.VALKEY_PASSWORD && !node.startsWith("sentinel") ? ["-e", `REDISCLI_AUTH=${PASSWORD}`] : [];
      return compose("exec", "-T", ...login, node, "valkey-cli", "-p", String(port), ...words);
    };
    return { compose, cli };
  }

  it("HA: up, the primary killed, a replica promoted, the old primary back as a replica", async () => {
    const { compose, cli } = project("ha");
    expect(cli("primary", 16_379, "set", "key", "kept")).toBe("OK");
    expect(cli("primary", 16_379, "wait", "2", "2000")).toBe("2");
    compose("kill", "primary");
    const port = await until(
      "a replica to be promoted",
      () =>
        /^1638[01]$/m.exec(cli("sentinel-1", 19_379, "sentinel", "get-master-addr-by-name", "drill"))?.[0],
    );
    const promoted = port === "16380" ? "replica-1" : "replica-2";
    expect(cli(promoted, Number(port), "get", "key")).toBe("kept");
    compose("start", "primary");
    await until(
      "the old primary to follow",
      () => /role:slave[\s\S]*master_link_status:up/.exec(cli("primary", 16_379, "info", "replication"))?.[0],
    );
    expect(cli("primary", 16_379, "get", "key")).toBe("kept");
  });

  it("HA with a password: nobody gets in without, and it fails over all the same", {
    tags: "long",
  }, async () => {
    const { compose, cli } = project("ha", { VALKEY_PASSWORD: PASSWORD });
    expect(compose("exec", "-T", "primary", "valkey-cli", "-p", "16379", "get", "key")).toContain("NOAUTH");
    expect(cli("primary", 16_379, "set", "key", "kept")).toBe("OK");
    expect(cli("primary", 16_379, "wait", "2", "2000")).toBe("2");
    compose("kill", "primary");
    const port = await until(
      "a replica to be promoted",
      () =>
        /^1638[01]$/m.exec(cli("sentinel-1", 19_379, "sentinel", "get-master-addr-by-name", "drill"))?.[0],
    );
    expect(cli(port === "16380" ? "replica-1" : "replica-2", Number(port), "get", "key")).toBe("kept");
  });

  it("Cluster with a password: formed once, a shard's replica promoted", { tags: "long" }, async () => {
    const { compose, cli } = project("cluster", { VALKEY_PASSWORD: PASSWORD });
    expect(cli("node-6", 17_006, "cluster", "info")).toMatch(/cluster_state:ok[\s\S]*cluster_slots_ok:16384/);
    expect(cli("node-1", 17_001, "-c", "set", "key", "kept")).toBe("OK");
    compose("up", "--no-deps", "cluster-init");
    expect(compose("logs", "--no-log-prefix", "cluster-init")).toContain("the cluster is formed already");
    compose("kill", "node-1");
    await until(
      "node-4 to be promoted",
      () => /role:master/.exec(cli("node-4", 17_004, "info", "replication"))?.[0],
    );
    await until(
      "the cluster to work",
      () => /cluster_state:ok/.exec(cli("node-2", 17_002, "cluster", "info"))?.[0],
    );
    compose("start", "node-1");
    await until(
      "node-1 to follow",
      () => /role:slave/.exec(cli("node-1", 17_001, "info", "replication"))?.[0],
    );
  });

  it("Cluster: the init script fails loudly when a shard is all on one host", async () => {
    const script = await readFile(join(ROOT, "deploy/cluster/init.sh"), "utf8");
    const nodes = "a 127.0.0.1 1 1 host-1\nb 127.0.0.1 2 1 host-1";
    const image = testImage as string;
    const run = ["run", "--rm", "--network", "none", "-e", `NODES=${nodes}`, "--entrypoint", "sh", image];
    expect(() => dockerText([...run, "-c", script, "init.sh", "form"])).toThrow(
      /all of shard 1 is on one host/,
    );
  });
});

/** Looks until there is something. A node that is just changing its role may not answer: that is not yet. */
async function until(what: string, find: () => string | undefined): Promise<string> {
  const look = (): Look<string> => {
    const found = find();
    return found === undefined ? { done: false, seen: "not yet" } : { done: true, value: found };
  };
  return await waitFor(look, { what, timeoutMs: 40_000, intervalMs: 100 });
}
