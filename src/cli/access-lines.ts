import { shellLine } from "../api/shell-line.ts";
import { clientAccessOf } from "../model/access.ts";
import { clientAddressOf } from "../model/addresses.ts";
import type { Plan } from "../model/plan.ts";

/** How to connect, besides addresses: names and paths, and no secret. */
export interface AccessShown {
  readonly tls?: "required" | "optional" | "no";
  readonly user?: string;
  readonly files: Readonly<Record<string, string>>;
}

/** `undefined` where everybody is taken, without TLS. */
export function accessShown(plan: Plan): AccessShown | undefined {
  const access = clientAccessOf(plan);
  if (!access) return undefined;
  const files = Object.fromEntries(
    Object.entries(access.files ?? {}).filter(([, path]) => path !== undefined),
  );
  return { tls: access.tls?.clientAuth, user: access.login?.user, files };
}

/** The lines below the nodes: where certificates and passwords stand. */
export function accessLines(plan: Plan): string {
  const access = accessShown(plan);
  if (!access) return "";
  const { tls, user, files } = access;
  const rows = [
    ...(tls ? [["TLS", `client certificates: ${tls}; the plain ports are off`]] : []),
    ...(user === undefined ? [] : [["user", user]]),
    ...Object.entries(files).map(([name, path]) => [LABELS[name] ?? name, path]),
  ];
  return `${rows.map(([label = "", text]) => `  ${label.padEnd(18)}  ${text}`).join("\n")}\n`;
}

const LABELS: Readonly<Record<string, string>> = {
  ca: "CA",
  cert: "certificate",
  key: "its key",
  password: "password in",
  sentinelPassword: "Sentinels' password",
};

/** `valkey-cli` for the first node. It takes the password from its environment: a command line is for all to see. */
export function cliLine(plan: Plan): string {
  const first = plan.nodes[0] && clientAddressOf(plan.nodes[0].endpoint);
  const access = clientAccessOf(plan);
  const { ca, cert, key, password } = access?.files ?? {};
  const words = [
    ...(plan.kind === "cluster" ? ["-c"] : []),
    ...["-h", String(first?.host), "-p", String(first?.port)],
    ...(access?.tls && ca ? ["--tls", "--cacert", ca] : []),
    ...(access?.tls && access.tls.clientAuth !== "no" && cert && key ? ["--cert", cert, "--key", key] : []),
    ...(access?.login?.user === undefined ? [] : ["--user", access.login.user]),
  ];
  const line = shellLine(words).replace(/^valkey-drill /, "valkey-cli ");
  return access?.login && password ? `REDISCLI_AUTH="$(cat ${password})" ${line}` : line;
}
