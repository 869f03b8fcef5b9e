/*
 * Would the server take it? Asked of a server that is started for it alone, before anything of the environment
 * is: Valkey's own words on a rule or a certificate, and what a user may not do that the drill, a replica or a
 * Sentinel needs.
 */
import type { Driver, Rehearsed } from "../../driver/driver.ts";
import { REHEARSAL_SOCKET } from "../../driver/driver.ts";
import { DrillError } from "../../model/errors.ts";
import { configAuth, placeOf } from "../../topology/config-auth.ts";
import { configText } from "../../topology/config-text.ts";
import {
  type AuthPlan,
  aclFile,
  dataDirectives,
  type Security,
  tlsDirectives,
  tlsFiles,
} from "../../topology/security.ts";
import type { TopologySpec } from "../../topology/spec.ts";
import { type Servers, toldServers } from "../servers.ts";
import { needsOf } from "./needs.ts";

/** @throws DrillError `LACKS_CAPABILITY` (no TLS), `BAD_CERTIFICATE`, `BAD_ACL` */
export async function rehearse(
  spec: TopologySpec,
  { tls, auth }: Security,
  driver: Driver,
  servers: Servers,
): Promise<void> {
  if (!driver.rehearse) return;
  const own = tls && (await tls.nodeCertificate("localhost", ["localhost"]));
  const text = configText(
    {
      port: 0,
      unixsocket: REHEARSAL_SOCKET,
      unixsocketperm: 700,
      dir: "./",
      logfile: "",
      save: "",
      appendonly: false,
    },
    tls ? tlsDirectives(tls, spec.kind) : {},
    auth ? dataDirectives(auth) : {},
  );
  const files = {
    "node.conf": text,
    ...(tls && own && tlsFiles(tls, own)),
    ...(auth && aclFile(auth)),
  };
  const needs = auth ? needsOf(auth, spec.kind) : [];
  const commands = needs.map(({ user, command }) => ["ACL", "DRYRUN", user, ...command]);
  for (const server of [undefined, ...new Set(servers.values())]) {
    const said = await driver.rehearse(
      { program: "server", files, login: auth?.data.admin, commands },
      server,
    );
    const who = server ? toldServers(server.version, new Map()) : "the server";
    if (!said.replies) throw refused(said, spec, auth, who);
    needs.forEach((need, at) => {
      const reply = said.replies?.[at] ?? "no answer";
      if (reply !== "OK") throw mayNot(need, reply, spec);
    });
  }
}

/** It did not start: what of it is whose doing, by its last words. */
function refused(
  { log }: Rehearsed,
  spec: TopologySpec,
  auth: AuthPlan | undefined,
  who: string,
): DrillError {
  const text = withoutSecrets(log, auth);
  if (/'?tls-\S+.*'[\s\S]*Bad directive|Bad directive[\s\S]*tls-/.test(text))
    return new DrillError("LACKS_CAPABILITY", `topology.tls: ${who} was built without TLS`, {
      hint: "Debian's packages have it, and so do the official images. From sources: make BUILD_TLS=yes.",
    });
  const certificate = /Failed to (load|configure) .*(certificate|TLS|private key).*/i.exec(text);
  if (certificate)
    return new DrillError("BAD_CERTIFICATE", `topology.tls: the server says: ${certificate[0].trim()}`, {
      hint: lastLines(text),
    });
  const user =
    /(?:Error in user declaration|Error in applying operation|WARNING: .*ACL file|[Ee]rror.*user ).*/.exec(
      text,
    );
  const words = (user?.[0] ?? lastLines(text)).trim();
  return new DrillError("BAD_ACL", `${placeIn(text, spec, auth)}: the server refuses it: ${words}`, {
    hint: "https://valkey.io/topics/acl lists the rules. ACL CAT lists the categories and commands of a server.",
  });
}

/** Which user it stumbled over. */
function placeIn(text: string, spec: TopologySpec, auth: AuthPlan | undefined): string {
  const config = configAuth(spec.config);
  const [, line] = /users\.acl:(\d+)/.exec(text) ?? [];
  if (config?.aclfile !== undefined) return `${placeOf(spec, "aclfile")}${line ? `, line ${line}` : ""}`;
  const [, name] =
    /user named '([^']+)'|>>> 'user (\S+)/.exec(text)?.filter((one) => one !== undefined) ?? [];
  if (config?.users.some((one) => one.split(/\s+/)[0] === name)) return placeOf(spec, "user");
  const jobs = {
    application: auth?.data.application,
    replication: auth?.replication,
    sentinel: auth?.sentinelCalls,
  };
  const job = Object.entries(jobs).find(([, login]) => login?.user !== undefined && login.user === name)?.[0];
  return job ? `topology.auth.users.${job}.rules` : "topology.auth";
}

function mayNot(
  { job, user, command, rule }: ReturnType<typeof needsOf>[number],
  reply: string,
  spec: TopologySpec,
) {
  const place = spec.auth && "users" in spec.auth ? `topology.auth.users.${job}` : placeOf(spec, "user");
  return new DrillError(
    "BAD_ACL",
    `${place}: ${user} may not do ${command[0]}, which ${WHO[job]} needs: ${reply}`,
    {
      hint: `Mend it with ACL SETUSER ${user} ${rule}, or add ${rule} to its rules.`,
    },
  );
}

const WHO = { application: "the client", replication: "a replica", sentinel: "a Sentinel" } as const;

function withoutSecrets(log: string, auth: AuthPlan | undefined): string {
  const secrets = [auth?.requirepass, auth?.replication.password, auth?.data.application?.password].filter(
    (one): one is string => one !== undefined && one !== "",
  );
  const plain = secrets.reduce((text, secret) => text.replaceAll(secret, "***"), log);
  return plain.replaceAll(/([\s'">])[>#][^\s'"]+/g, "$1***");
}

const lastLines = (text: string) => text.trimEnd().split("\n").slice(-6).join("\n");
