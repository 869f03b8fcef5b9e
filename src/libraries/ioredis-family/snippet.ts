import type { ClientTarget } from "../../client/client.ts";
import { addressLines, natMapLines, USE } from "../snippet-parts.ts";

/** The same program for all of the family, with other names. */
export function familySnippet(target: ClientTarget, library: string, single: string): string {
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
