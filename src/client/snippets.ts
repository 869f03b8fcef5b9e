import type { Address } from "../model/plan.ts";
import type { ClientTarget } from "./client.ts";

/** Programs that connect to the target, write and read a key: ready to paste into a file `try.mjs`. By library. */
export const SNIPPETS = {
  iovalkey: (target) => ioredisLike(target, "iovalkey", "Valkey"),
  ioredis: (target) => ioredisLike(target, "ioredis", "Redis"),
  "node-redis": nodeRedis,
  glide,
} as const satisfies Record<string, (target: ClientTarget) => string>;

/** iovalkey is a fork of ioredis: the same program, with other names. */
function ioredisLike(target: ClientTarget, library: string, single: string): string {
  const nat = natMapLines("natMap", target, "  ");
  const settings =
    target.kind === "ha"
      ? `import { ${single} } from "${library}";

const client = new ${single}({
  sentinels: [
${addressLines(target.sentinels, "    ")}
  ],
  name: "${target.group}",
  role: "master",
${nat}});`
      : `import { Cluster } from "${library}";

const client = new Cluster(
  [
${addressLines(target.nodes, "    ")}
  ],
  { slotsRefreshInterval: 1000${nat && `,\n${nat}`}${nat ? "  " : " "}},
);`;
  return `// npm i ${library}
${settings}
client.on("error", (error) => console.error(error.message));
${USE}await client.quit();
`;
}

function nodeRedis(target: ClientTarget): string {
  const nat = natMapLines("nodeAddressMap", target, "  ");
  const settings =
    target.kind === "ha"
      ? `import { createSentinel } from "redis";

const client = createSentinel({
  name: "${target.group}",
  sentinelRootNodes: [
${addressLines(target.sentinels, "    ")}
  ],
${nat}});`
      : `import { createCluster } from "redis";

const client = createCluster({
  rootNodes: [
${target.nodes.map((node) => `    { socket: ${addressText(node)} },`).join("\n")}
  ],
${nat}});`;
  return `// npm i redis
${settings}
client.on("error", (error) => console.error(error.message));
await client.connect();
${USE}await client.close();
`;
}

/** GLIDE knows no Sentinel (valkey-glide#2761). Where a cluster's nodes are reached it is told since 2.5, by a function. */
function glide(target: ClientTarget): string {
  const kind = target.kind === "ha" ? "GlideClient" : "GlideClusterClient";
  const mapped = target.kind === "cluster" ? target.natMap : undefined;
  const addresses = target.kind === "ha" ? target.data : target.nodes;
  const without =
    target.kind === "ha" ? "\n// It knows no Sentinel: after a failover it must be made anew." : "";
  return `// npm i @valkey/valkey-glide${without}
import { ${kind} } from "@valkey/valkey-glide";

const client = await ${kind}.createClient({
  addresses: [
${addressLines(addresses, "    ")}
  ],
  requestTimeout: 1000,
${resolverLines(mapped)}});
${USE}client.close();
`;
}

function resolverLines(natMap: ClientTarget["natMap"]): string {
  if (!natMap) return "";
  const lines = Object.entries(natMap).map(([at, to]) => `      "${at}": ["${to.host}", ${to.port}],\n`);
  return `  // What the nodes announce, and where it is reached from here.
  addressResolver: (host, port) =>
    ({
${lines.join("")}    })[\`\${host}:\${port}\`] ?? [host, port],
`;
}

function natMapLines(option: string, { natMap }: ClientTarget, indent: string): string {
  if (!natMap) return "";
  const lines = Object.entries(natMap).map(([at, to]) => `${indent}  "${at}": ${addressText(to)},\n`);
  return `${indent}// What the nodes announce, and where it is reached from here.\n${indent}${option}: {\n${lines.join("")}${indent}},\n`;
}

const addressLines = (addresses: readonly Address[], indent: string) =>
  addresses.map((address) => `${indent}${addressText(address)},`).join("\n");

const addressText = ({ host, port }: Address) => `{ host: "${host}", port: ${port} }`;

const USE = `console.log(await client.set("greeting", "hello"), await client.get("greeting"));
`;
