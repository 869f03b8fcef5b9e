import { type Authority, hostsOf, type KeyPair } from "../base/certificates.ts";
import type { Credentials, Logins, PlanSecurity } from "../model/access.ts";
import type { NodePlan, Plan, TopologyKind } from "../model/plan.ts";
import { isOfAuth } from "./config-auth.ts";
import { configText, type Directives, quoted } from "./config-text.ts";
import type { TopologySpec } from "./spec.ts";

/** Names of a node's own files, in its folder: its configuration names them so. */
export const NODE_TLS_FILES = { ca: "ca.crt", cert: "node.crt", key: "node.key" } as const;
export const ACL_FILE = "users.acl";

/** Certificates for a plan: made by an authority of our own, or one that the user gave for all. */
export interface TlsPlan {
  readonly clientAuth: "required" | "optional" | "no";
  readonly ca: string;
  /** Of the authority, where it is ours: faults issue bad certificates with it. */
  readonly caKey?: string;
  readonly client: KeyPair;
  readonly nodeCertificate: (name: string, hosts: readonly string[]) => Promise<KeyPair>;
}

/** Who logs in where, with what, and which lines make it so. Passwords of users stand there as SHA-256. */
export interface AuthPlan {
  readonly data: Logins;
  readonly sentinel?: Logins;
  readonly replication: Credentials;
  /** By whom Sentinels call data nodes. */
  readonly sentinelCalls: Credentials;
  /** `user …` lines of data nodes; none: the default user has a password. */
  readonly users: readonly string[];
  /** They stand in a file of their own, which `ACL LOAD` reads again, as the user's own did. */
  readonly inAclFile: boolean;
  /** Of the default user at data nodes, and of that at Sentinels. */
  readonly requirepass?: string;
  readonly sentinelRequirepass?: string;
  readonly sentinelUsers: readonly string[];
}

/** What is asked of whoever connects to the nodes of a topology. */
export interface Security {
  readonly tls?: TlsPlan;
  readonly auth?: AuthPlan;
}

/** TLS as this environment has it. */
export async function tlsPlan(authority: Authority, clientAuth: TlsPlan["clientAuth"]): Promise<TlsPlan> {
  return {
    clientAuth,
    ca: authority.cert,
    caKey: authority.key,
    client: await authority.issue({ name: "application", hosts: ["localhost"] }),
    nodeCertificate: (name, hosts) => authority.issue({ name, hosts }),
  };
}

/** The same plan, with every node as the security wants it. */
export async function secured(plan: Plan, security: Security): Promise<Plan> {
  if (!security.tls && !security.auth) return plan;
  const nodes = await Promise.all(plan.nodes.map((node) => securedNode(node, plan, security)));
  return { ...plan, nodes, security: accessTo(security) };
}

/** The same plan as far as it is known before anything is made: what it will ask for, and no secret. */
export function sketched(plan: Plan, { tls, auth }: Pick<TopologySpec, "tls" | "auth">): Plan {
  const own = typeof tls === "object" && tls.certificates !== undefined;
  const clientAuth = typeof tls === "object" ? tls.clientAuth : ("optional" as const);
  const user = (name: string): Credentials => ({ user: name, password: "" });
  const users = auth && "users" in auth ? auth.users : undefined;
  return {
    ...plan,
    security: {
      ...(tls && { tls: { ca: "", clientAuth, ...(!own && { caKey: "" }) } }),
      ...(users && {
        data: { application: user(users.application.name ?? "application") },
        internal: {
          replication: user(users.replication.name ?? "replication"),
          ...(plan.kind === "ha" && { sentinel: user(users.sentinel.name ?? "sentinel") }),
        },
      }),
    },
  };
}

function accessTo({ tls, auth }: Security): PlanSecurity {
  return {
    ...(tls && { tls: { ca: tls.ca, caKey: tls.caKey, ...tls.client, clientAuth: tls.clientAuth } }),
    ...(auth && {
      data: auth.data,
      sentinel: auth.sentinel,
      internal: { replication: auth.replication, sentinel: auth.sentinelCalls },
    }),
  };
}

async function securedNode(node: NodePlan, plan: Plan, { tls, auth }: Security): Promise<NodePlan> {
  const files: Record<string, string> = { ...node.files };
  let text = files["node.conf"] ?? "";
  if (auth) {
    if (node.program === "server") {
      text = withoutAuthLines(text) + configText(dataDirectives(auth));
      Object.assign(files, aclFile(auth));
    } else text += configText(...sentinelDirectives(auth, plan.sentinelGroup as string));
  }
  if (tls) {
    const own = await tls.nodeCertificate(node.name, hostsOf(node.name, node.endpoint));
    text = text.replace(/^port (\d+)$/m, "port 0\ntls-port $1") + configText(tlsDirectives(tls, plan.kind));
    Object.assign(files, tlsFiles(tls, own));
  }
  return { ...node, files: { ...files, "node.conf": text }, secret: true };
}

/** What the directives of TLS name. */
export function tlsFiles({ ca }: TlsPlan, { cert, key }: KeyPair): Record<string, string> {
  return { [NODE_TLS_FILES.ca]: ca, [NODE_TLS_FILES.cert]: cert, [NODE_TLS_FILES.key]: key };
}

/** What `aclfile` names, where the users stand in one. */
export function aclFile({ users, inAclFile }: AuthPlan): Record<string, string> {
  return inAclFile ? { [ACL_FILE]: users.map((line) => `user ${line}\n`).join("") } : {};
}

function withoutAuthLines(text: string): string {
  const lines = text.split("\n").filter((line) => !isOfAuth(line.split(" ", 1)[0] as string));
  return lines.join("\n");
}

/** Of data nodes. `masterauth` is known to all versions, `primaryauth` to none before Valkey 8. */
export function dataDirectives(auth: AuthPlan): Directives {
  const { replication, requirepass, users, inAclFile } = auth;
  return {
    ...(requirepass !== undefined && { requirepass: quoted(requirepass) }),
    ...(replication.password !== "" && { masterauth: quoted(replication.password) }),
    ...(replication.user !== undefined && { masteruser: replication.user }),
    ...(users.length > 0 && (inAclFile ? { aclfile: ACL_FILE } : { user: users })),
  };
}

/** Of Sentinels. With `requirepass` they log in at each other with the same password. */
export function sentinelDirectives(auth: AuthPlan, group: string): Directives[] {
  const { sentinelCalls: calls, sentinelRequirepass, sentinelUsers } = auth;
  const lines = [
    ...(calls.user === undefined ? [] : [`auth-user ${group} ${calls.user}`]),
    ...(calls.password === "" ? [] : [`auth-pass ${group} ${quoted(calls.password)}`]),
  ];
  return [
    {
      ...(lines.length > 0 && { sentinel: lines }),
      ...(sentinelRequirepass !== undefined && { requirepass: quoted(sentinelRequirepass) }),
      ...(sentinelUsers.length > 0 && { user: sentinelUsers }),
    },
  ];
}

/** Of all nodes, besides the port. */
export function tlsDirectives(tls: TlsPlan, kind: TopologyKind): Directives {
  return {
    "tls-ca-cert-file": NODE_TLS_FILES.ca,
    "tls-cert-file": NODE_TLS_FILES.cert,
    "tls-key-file": NODE_TLS_FILES.key,
    "tls-auth-clients": { required: "yes", optional: "optional", no: "no" }[tls.clientAuth],
    "tls-replication": true,
    ...(kind === "cluster" && { "tls-cluster": true }),
  };
}
