import type { ClientTarget } from "../client.ts";

/** A program that connects to the target with iovalkey and writes and reads a key: ready to paste into a file `try.mjs`. */
export function snippet(target: ClientTarget): string {
  const list = (endpoints: readonly { host: string; port: number }[]) =>
    endpoints.map(({ host, port }) => `    { host: "${host}", port: ${port} },`).join("\n");
  if (target.kind === "ha") {
    return `// npm i iovalkey
import { Valkey } from "iovalkey";

const client = new Valkey({
  sentinels: [
${list(target.sentinels)}
  ],
  name: "${target.group}",
  role: "master",
});
${USE}`;
  }
  return `// npm i iovalkey
import { Cluster } from "iovalkey";

const client = new Cluster(
  [
${list(target.nodes)}
  ],
  { slotsRefreshInterval: 1000 },
);
${USE}`;
}

const USE = `client.on("error", (error) => console.error(error.message));
console.log(await client.set("greeting", "hello"), await client.get("greeting"));
await client.quit();
`;
