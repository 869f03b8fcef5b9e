import type { ClientTarget } from "../../client/client.ts";
import {
  addressLines,
  addressText,
  fileImport,
  loginLines,
  natMapLines,
  tlsText,
  USE,
} from "../snippet-parts.ts";

/** A program that connects with `createSentinel` or `createCluster`. */
export function nodeRedisSnippet(target: ClientTarget): string {
  const nat = natMapLines("nodeAddressMap", target, "  ");
  const tls = tlsText(target, "    ")?.replace("{\n", "{\n      tls: true,\n");
  const socket = tls ? `    socket: ${tls},\n` : "";
  const own = (option: string, at: "data" | "sentinel") => {
    const lines = socket + loginLines(target, "    ", { at });
    return lines && `  ${option}: {\n${lines}  },\n`;
  };
  const settings =
    target.kind === "ha"
      ? `import { createSentinel } from "redis";

const client = createSentinel({
  name: "${target.group}",
  sentinelRootNodes: [
${addressLines(target.sentinels, "    ")}
  ],
${own("nodeClientOptions", "data")}${own("sentinelClientOptions", "sentinel")}${nat}});`
      : `import { createCluster } from "redis";

const client = createCluster({
  rootNodes: [
${target.nodes.map((node) => `    { socket: ${addressText(node)} },`).join("\n")}
  ],
${own("defaults", "data")}${nat}});`;
  return `// npm i redis
${fileImport(target)}${settings}
client.on("error", (error) => console.error(error.message));
await client.connect();
${USE}await client.close();
`;
}
