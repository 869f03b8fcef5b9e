import { describe, expect, it } from "vitest";
import type { PlanSecurity } from "../../model/access.ts";
import type { Plan } from "../../model/plan.ts";
import { planOf } from "../../scenario/plans.test-data.ts";
import { appEnv, checkEnv, envNotes, withoutTopology } from "./env.ts";
import { PRESETS } from "./registry.ts";
import { fillTemplate } from "./template.ts";

const HA = planOf({ kind: "ha", replicas: 1 });
const CLUSTER = planOf({ kind: "cluster" });
const SECURITY: PlanSecurity = {
  tls: { ca: "CA", cert: "CERT", key: "KEY", clientAuth: "optional" },
  data: { application: { user: "app", password: "p@ss/word" } },
  sentinel: { application: { user: "watch", password: "s:cret" } },
  files: { ca: "/x/ca.crt", cert: "/x/c.crt", key: "/x/c.key" },
};
const secured = (plan: Plan): Plan => ({ ...plan, security: SECURITY });
const preset = (name: string, plan: Plan) => appEnv(plan, { presets: [name] });

describe("the environment of an application", () => {
  it("names the Sentinels, and by which name they know the primary", () => {
    const env = appEnv(HA);
    expect(env).toMatchObject({
      VALKEY_KIND: "ha",
      REDIS_SENTINELS: "127.0.0.1:3,127.0.0.1:4,127.0.0.1:5",
      REDIS_SENTINEL_MASTER_NAME: HA.sentinelGroup,
    });
    expect(env.REDIS_SENTINELS).toBe(env.VALKEY_SENTINELS);
    expect(env).not.toHaveProperty("REDIS_CLUSTER_NODES");
  });

  it("names the nodes of a cluster, and no Sentinels", () => {
    const env = appEnv(CLUSTER);
    expect(env.REDIS_CLUSTER_NODES?.split(",")).toHaveLength(6);
    expect(Object.keys(env).filter((name) => name.includes("SENTINEL"))).toEqual([]);
  });

  it("takes what was set over a preset, and a later preset over an earlier one", () => {
    const set = { REDIS_URL: "redis://{{ primary }}/7", PORT: "{{port}}", PLAIN: '{"a":{"b":1}}' };
    const env = appEnv(HA, { presets: ["redis-url"], set, more: { port: "81" } });
    expect(env).toMatchObject({ REDIS_URL: "redis://127.0.0.1:1/7", PORT: "81", PLAIN: '{"a":{"b":1}}' });
  });

  it("leaves nothing of what a shell says of other servers", () => {
    const outside = {
      PATH: "/bin",
      REDIS_CLUSTER_NODES: "prod:6379",
      VALKEY_SENTINELS: "x",
      VALKEY_DRILL_STATE: "s",
    };
    expect(withoutTopology(outside)).toEqual({ PATH: "/bin", VALKEY_DRILL_STATE: "s" });
  });
});

describe("presets", () => {
  it("each link their documentation, and work on a kind of topology at least", () => {
    for (const { name, docs, misfit } of PRESETS.values()) {
      expect(docs, name).toMatch(/^https:\/\//);
      expect(
        ["ha", "cluster"].filter((kind) => misfit?.(kind as "ha") === undefined),
        name,
      ).not.toEqual([]);
    }
  });

  it("hold login and TLS where the servers ask for them", () => {
    expect(preset("redis-url", secured(HA)).REDIS_URL).toBe("rediss://app:p%40ss%2Fword@127.0.0.1:1");
    expect(preset("valkey-url", HA).VALKEY_URL).toBe("valkey://127.0.0.1:1");
    expect(preset("valkey-url", secured(HA)).VALKEY_URL).toMatch(/^valkeys:/);
    expect(preset("rails", HA).REDIS_URL).toBe("redis://127.0.0.1:1");
    expect(preset("django", HA).CACHE_URL).toBe("redis://127.0.0.1:1");
    expect(preset("laravel", secured(CLUSTER))).toMatchObject({
      REDIS_HOST: "tls://127.0.0.1",
      REDIS_PASSWORD: "p@ss/word",
      REDIS_CLUSTER: "redis",
    });
    expect(preset("spring", secured(HA))).toMatchObject({
      SPRING_DATA_REDIS_SENTINEL_NODES: "127.0.0.1:3,127.0.0.1:4,127.0.0.1:5",
      SPRING_DATA_REDIS_SENTINEL_PASSWORD: "s:cret",
      SPRING_DATA_REDIS_USERNAME: "app",
      SPRING_DATA_REDIS_SSL_BUNDLE: "valkeydrill",
      SPRING_SSL_BUNDLE_PEM_VALKEYDRILL_KEYSTORE_PRIVATEKEY: "file:/x/c.key",
    });
    expect(Object.keys(preset("spring", CLUSTER)).filter((name) => name.startsWith("SPRING"))).toEqual([
      "SPRING_DATA_REDIS_CLUSTER_NODES",
    ]);
  });

  it("give libraries their own arguments as JSON", () => {
    const options = JSON.parse(preset("ioredis", secured(HA)).IOREDIS_OPTIONS ?? "");
    expect(options).toMatchObject({
      sentinels: [{ host: "127.0.0.1", port: 3 }, { port: 4 }, { port: 5 }],
      name: HA.sentinelGroup,
      username: "app",
      sentinelPassword: "s:cret",
      tls: { ca: "CA" },
      sentinelTLS: { ca: "CA" },
      enableTLSForSentinelMode: true,
    });
    expect(JSON.parse(preset("bullmq", secured(HA)).BULLMQ_CONNECTION ?? "")).toEqual(options);
    const cluster = preset("ioredis", CLUSTER);
    expect(JSON.parse(cluster.IOREDIS_NODES ?? "")).toHaveLength(6);
    expect(JSON.parse(cluster.IOREDIS_OPTIONS ?? "")).toEqual({ redisOptions: {} });
    expect(preset("celery", secured(HA)).CELERY_BROKER_URL?.split(";")[0]).toBe(
      "sentinel://app:p%40ss%2Fword@127.0.0.1:3",
    );
  });

  it("say where they do not work, and what they cannot do", () => {
    for (const name of ["celery", "rails", "bullmq", "django"])
      expect(() => checkEnv("cluster", { presets: [name] })).toThrow(`preset ${name} is not for cluster:`);
    expect(() => checkEnv("ha", { presets: ["sprng"] })).toThrow(
      'no preset is named "sprng". Did you mean "spring"?',
    );
    expect(envNotes("ha", { presets: ["redis-url", "spring"] })).toEqual([
      expect.stringContaining("does not follow a failover"),
    ]);
  });
});

describe("a template", () => {
  it.each([
    ["{{sentinel}}", 'there is no {{sentinel}} here. Did you mean "sentinels"?'],
    ["{{sentinels}", '"{{sentinels}" does not end'],
    ["{{ sentinels", '"{{ sentinels" does not end'],
    ["{{nodes}}-{{toString}}", "there is no {{toString}} here."],
    ["{{port}}", "there is no {{port}} here."],
  ])("is refused before anything starts: %s", (text, why) => {
    expect(() => checkEnv("ha", { set: { ORDERS: text } })).toThrow(`environment variable ORDERS: ${why}`);
  });

  it("has no Sentinels in a cluster, and names that others bring", () => {
    expect(() => checkEnv("cluster", { set: { A: "{{group}}" } })).toThrow("there is no {{group}} here");
    expect(() => checkEnv("ha", { set: { A: "{{port}}" } }, ["port"])).not.toThrow();
    expect(() => checkEnv("ha", { set: { "A-B": "x" } })).toThrow("cannot be the name");
  });

  it("leaves other braces as they are", () => {
    const text = "docker ps --format '{{.Names}}' {{a}} {b} {{}} {{1}}";
    expect(fillTemplate(text, { a: "$&" }, "here")).toBe("docker ps --format '{{.Names}}' $& {b} {{}} {{1}}");
  });
});
