import type { ClientTarget } from "../../client/client.ts";
import { addressLines, addressText, natMapLines, USE } from "../snippet-parts.ts";

/** A program that connects with `createSentinel` or `createCluster`. */
export function nodeRedisSnippet(target: ClientTarget): string {
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
