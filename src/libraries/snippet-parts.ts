import type { ClientTarget } from "../client/client.ts";
import type { Address } from "../model/plan.ts";

/* What the programs of all libraries have in common: each is ready to paste into a file `try.mjs`. */

/** The option that says where nodes are reached, where they announce other addresses; else nothing. */
export function natMapLines(option: string, { natMap }: ClientTarget, indent: string): string {
  if (!natMap) return "";
  const lines = Object.entries(natMap).map(([at, to]) => `${indent}  "${at}": ${addressText(to)},\n`);
  return (
    `${indent}// What the nodes announce, and where it is reached ` +
    `from here.\n${indent}${option}: {\n${lines.join("")}${indent}},\n`
  );
}

/**
 * For what reads certificates and passwords, where the servers ask for them; else nothing. Nothing secret is in
 * a program.
 */
export function fileImport({ access }: ClientTarget): string {
  if (!access?.files || Object.keys(access.files).length === 0) return "";
  return `import { readFileSync } from "node:fs";\n`;
}

/** `{ ca: …, cert: …, key: … }`, each read from its file, the names of Node's own TLS; undefined: there is none. */
export function tlsText({ access }: ClientTarget, indent: string): string | undefined {
  const { tls, files } = access ?? {};
  if (!tls || !files) return undefined;
  const shown = (["ca", "cert", "key"] as const).filter((name) => name === "ca" || tls.clientAuth !== "no");
  const lines = shown.map((name) => `${indent}  ${name}: ${readText(files[name])},\n`);
  return `{\n${lines.join("")}${indent}}`;
}

/** `username: "application", password: …,` for data nodes, or for Sentinels; else nothing. */
export function loginLines(
  { access }: ClientTarget,
  indent: string,
  { at = "data", user = "username", password = "password" }: LoginNames = {},
): string {
  const login = at === "data" ? access?.login : access?.sentinelLogin;
  const file = at === "data" ? access?.files?.password : access?.files?.sentinelPassword;
  if (!login) return "";
  const name = login.user === undefined ? "" : `${indent}${user}: "${login.user}",\n`;
  return `${name}${indent}${password}: ${readText(file)},\n`;
}

/** A library's own names of it. */
interface LoginNames {
  readonly at?: "data" | "sentinel";
  readonly user?: string;
  readonly password?: string;
}

export const readText = (path: string | undefined) => `readFileSync(${JSON.stringify(path ?? "")}, "utf8")`;

/** An address on each line. */
export const addressLines = (addresses: readonly Address[], indent: string) =>
  addresses.map((address) => `${indent}${addressText(address)},`).join("\n");

/** An address as an object in JavaScript. */
export const addressText = ({ host, port }: Address) => `{ host: "${host}", port: ${port} }`;

/** Writes a key and reads it. */
export const USE = `console.log(await client.set("greeting", "hello"), await client.get("greeting"));
`;
