import type { ClientTarget } from "../../client/client.ts";
import { addressLines, fileImport, loginLines, readText, USE } from "../snippet-parts.ts";

/**
 * GLIDE knows no Sentinel (valkey-glide#2761). Where a cluster's nodes are reached it is told since 2.5, by a function.
 */
export function glideSnippet(target: ClientTarget): string {
  const kind = target.kind === "ha" ? "GlideClient" : "GlideClusterClient";
  const mapped = target.kind === "cluster" ? target.natMap : undefined;
  const addresses = target.kind === "ha" ? target.data : target.nodes;
  const without =
    target.kind === "ha" ? "\n// It knows no Sentinel: after a failover it must be made anew." : "";
  const login = loginLines(target, "    ");
  const credentials = login && `  credentials: {\n${login}  },\n`;
  return `// npm i @valkey/valkey-glide${without}
${fileImport(target)}import { ${kind} } from "@valkey/valkey-glide";

const client = await ${kind}.createClient({
  addresses: [
${addressLines(addresses, "    ")}
  ],
  requestTimeout: 1000,
${credentials}${tlsLines(target)}${resolverLines(mapped)}});
${USE}client.close();
`;
}

/** It shows no certificate of its own. */
function tlsLines({ access }: ClientTarget): string {
  if (!access?.tls || !access.files?.ca) return "";
  return `  useTLS: true,
  advancedConfiguration: {
    tlsAdvancedConfiguration: { rootCertificates: ${readText(access.files.ca)} },
  },
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
