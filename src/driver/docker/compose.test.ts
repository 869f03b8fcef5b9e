import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { seededRandom } from "../../base/random.ts";
import { makePlan } from "../../topology/registry.ts";
import { topologySpecSchema } from "../../topology/spec.ts";
import { committedFiles } from "./committed.ts";
import { composeFile } from "./compose.ts";

const ROOT = resolve(import.meta.dirname, "../../..");

describe("the files for Compose alone", () => {
  it.each(Object.entries(committedFiles()))(
    "%s is what the generator gives for the default",
    async (path, text) => {
      expect(await readFile(join(ROOT, path), "utf8"), "npm run compose-files").toBe(text);
    },
  );

  it("hold what the backlog asks for", () => {
    const [ha, cluster] = ["docker-compose.ha.yml", "docker-compose.cluster.yml"].map((name) =>
      parse(committedFiles()[name] ?? "", { merge: true }),
    );
    const names = ["primary", "replica-1", "replica-2", "sentinel-1", "sentinel-2", "sentinel-3"];
    expect(Object.keys(ha.services)).toEqual(names);
    const nodes = Array.from({ length: 6 }, (_, index) => `node-${index + 1}`);
    expect(Object.keys(cluster.services)).toEqual([...nodes, "cluster-init", "cluster-health"]);
    for (const service of [...Object.values(ha.services), ...Object.values(cluster.services)]) {
      expect(service).toMatchObject({ restart: "no", read_only: true, user: "999:999", mem_limit: "256m" });
      const { ports = [] } = service as { ports?: string[] };
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });
});

describe("a Compose file of other counts", () => {
  const fileOf = (spec: object) => {
    const parsed = topologySpecSchema.parse(spec);
    const places = Array.from({ length: 20 }, (_, n) => ({ host: "127.0.0.1", port: n + 1, busPort: n + 1 }));
    const count = "sentinels" in spec ? 9 : 8;
    return parse(composeFile(makePlan(parsed, places.slice(0, count), seededRandom(1))), { merge: true });
  };

  it("has that many nodes, each with an address and a volume of its own", () => {
    const { services, volumes } = fileOf({ kind: "ha", replicas: 3, sentinels: 5 });
    expect(Object.keys(services)).toHaveLength(9);
    expect(Object.keys(volumes)).toEqual(Object.keys(services));
    expect(services["sentinel-5"].environment.NODE_CONF).toMatch(/sentinel monitor drill .* 3\n/);
    expect(services["replica-3"].depends_on).toEqual({ "replica-2": { condition: "service_healthy" } });
  });

  it("never has all of a shard on one host", () => {
    const { services } = fileOf({ kind: "cluster", shards: 2, replicas: 3 });
    const members = services["cluster-init"].environment.NODES.trim().split("\n");
    expect(members).toHaveLength(8);
    for (const shard of ["1", "2"]) {
      const hosts = members
        .filter((line: string) => line.split(" ")[3] === shard)
        .map((line: string) => line.split(" ")[4]);
      expect(new Set(hosts).size).toBe(hosts.length);
    }
  });
});
