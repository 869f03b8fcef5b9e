/*
 *   spec ─▶ readSecurity: passwords, files, ACL lines ─▶ rehearse: would this server take it? ─▶ secureTopology: plan, files
 *                     (nothing is started before)
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { makeAuthority } from "../../base/certificates.ts";
import type { AccessFiles } from "../../model/access.ts";
import type { Plan } from "../../model/plan.ts";
import { NODE_TLS_FILES, type Security, secured, tlsPlan } from "../../topology/security.ts";
import type { TopologySpec } from "../../topology/spec.ts";
import { ownCertificates } from "./own-certificates.ts";
import { readAuth } from "./read-auth.ts";

/** Beside the nodes' folders: what a person's own client needs to connect. */
const ACCESS_FOLDER = "access";

/**
 * What the spec asks of whoever connects: its files and passwords are read, certificates are made.
 *
 * @param syncSlots the user of replication is needed for atomic slot migration as well (Valkey 9)
 * @returns `undefined` where everybody is taken, without TLS
 * @throws DrillError `BAD_SCENARIO`, `BAD_CERTIFICATE`
 */
export async function readSecurity(spec: TopologySpec, syncSlots = false): Promise<Security | undefined> {
  const [tls, auth] = [await readTls(spec.tls), await readAuth(spec, syncSlots)];
  return tls || auth ? { ...(tls && { tls }), ...(auth && { auth }) } : undefined;
}

async function readTls(given: TopologySpec["tls"]) {
  if (!given) return undefined;
  const { clientAuth, certificates } = given === true ? { clientAuth: "optional" as const } : given;
  if (certificates) return await ownCertificates(certificates, clientAuth);
  return await tlsPlan(await makeAuthority(), clientAuth);
}

/** The plan as the security wants it, and files for people's clients beside the nodes' folders in `dir`. */
export async function secureTopology(plan: Plan, security: Security | undefined, dir: string): Promise<Plan> {
  if (!security) return plan;
  const safe = await secured(plan, security);
  const files = await writeAccess(safe, join(dir, ACCESS_FOLDER));
  return { ...safe, security: { ...safe.security, files } };
}

async function writeAccess({ security }: Plan, folder: string): Promise<AccessFiles> {
  const texts: Record<keyof AccessFiles, readonly [name: string, text: string | undefined]> = {
    ca: ["ca.crt", security?.tls?.ca],
    cert: ["client.crt", security?.tls?.cert],
    key: ["client.key", security?.tls?.key],
    password: ["password", security?.data?.application?.password],
    sentinelPassword: ["sentinel-password", security?.sentinel?.application?.password],
  };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files: Record<string, string> = {};
  for (const [what, [name, text]] of Object.entries(texts)) {
    if (text === undefined) continue;
    files[what] = join(folder, name);
    await writeFile(join(folder, name), text, { mode: 0o600 });
  }
  return files;
}

/** Once an environment is gone: its keys and passwords go too, its configuration and logs stay. */
export async function removeSecrets(plan: Plan, dir: string): Promise<void> {
  if (!plan.security) return;
  await rm(join(dir, ACCESS_FOLDER), { recursive: true, force: true });
  await Promise.all(plan.nodes.map(({ name }) => rm(join(dir, name, NODE_TLS_FILES.key), { force: true })));
}
