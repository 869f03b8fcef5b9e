import type { ClientTarget } from "../client/client.ts";
import type { Address } from "../model/plan.ts";

/* What the programs of all libraries have in common: each is ready to paste into a file `try.mjs`. */

/** The option that says where nodes are reached, where they announce other addresses; else nothing. */
export function natMapLines(option: string, { natMap }: ClientTarget, indent: string): string {
  if (!natMap) return "";
  const lines = Object.entries(natMap).map(([at, to]) => `${indent}  "${at}": ${addressText(to)},\n`);
  return `${indent}// What the nodes announce, and where it is reached from here.\n${indent}${option}: {\n${lines.join("")}${indent}},\n`;
}

/** An address on each line. */
export const addressLines = (addresses: readonly Address[], indent: string) =>
  addresses.map((address) => `${indent}${addressText(address)},`).join("\n");

/** An address as an object in JavaScript. */
export const addressText = ({ host, port }: Address) => `{ host: "${host}", port: ${port} }`;

/** Writes a key and reads it. */
export const USE = `console.log(await client.set("greeting", "hello"), await client.get("greeting"));
`;
