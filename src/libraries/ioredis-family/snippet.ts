import type { ClientTarget } from "../../client/client.ts";
import { addressLines, fileImport, loginLines, natMapLines, tlsText, USE } from "../snippet-parts.ts";

/** The same program for all of the family, with other names. */
export function familySnippet(target: ClientTarget, library: string, single: string): string {
  const nat = natMapLines("natMap", target, "  ");
  const [tls, inner] = [tlsText(target, "  "), tlsText(target, "      ")];
  const tlsLines = tls ? `  tls: ${tls},\n  sentinelTLS: ${tls},\n  enableTLSForSentinelMode: true,\n` : "";
  const logins =
    loginLines(target, "  ") +
    loginLines(target, "  ", { at: "sentinel", user: "sentinelUsername", password: "sentinelPassword" });
  const nodes = (inner ? `      tls: ${inner},\n` : "") + loginLines(target, "      ");
  const settings =
    target.kind === "ha"
      ? `import { ${single} } from "${library}";

const client = new ${single}({
  sentinels: [
${addressLines(target.sentinels, "    ")}
  ],
  name: "${target.group}",
  role: "master",
${tlsLines}${logins}${nat}});`
      : `import { Cluster } from "${library}";

const client = new Cluster(
  [
${addressLines(target.nodes, "    ")}
  ],
${clusterOptions(nat, nodes)}
);`;
  return `// npm i ${library}
${fileImport(target)}${settings}
client.on("error", (error) => console.error(error.message));
${USE}await client.quit();
`;
}

function clusterOptions(nat: string, nodes: string): string {
  if (!nat && !nodes) return "  { slotsRefreshInterval: 1000 },";
  const redisOptions = nodes && `    redisOptions: {\n${nodes}    },\n`;
  return `  {\n    slotsRefreshInterval: 1000,\n${redisOptions}${nat.replace(/^(?=.)/gm, "  ")}  },`;
}
