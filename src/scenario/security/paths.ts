import { isAbsolute, resolve } from "node:path";
import type { PasswordSpec } from "../../topology/security-spec.ts";
import type { TopologySpec } from "../../topology/spec.ts";

/** The same topology, its files' paths taken from the folder of the scenario that names them. */
export function withPathsFrom<T extends TopologySpec>(spec: T, folder: string): T {
  const at = (path: string) => (isAbsolute(path) ? path : resolve(folder, path));
  const secret = <P extends PasswordSpec | undefined>(given: P): P =>
    typeof given === "object" && "file" in given ? ({ file: at(given.file) } as P) : given;
  const { tls, auth, config } = spec;
  const aclfile = config.aclfile;
  return {
    ...spec,
    ...(typeof tls === "object" && { tls: { ...tls, certificates: certificatesFrom(tls.certificates, at) } }),
    ...(auth && { auth: authFrom(auth, secret) }),
    ...(typeof aclfile === "string" && aclfile !== "" && { config: { ...config, aclfile: at(aclfile) } }),
  };
}

type Certificates = Extract<NonNullable<TopologySpec["tls"]>, object>["certificates"];

function certificatesFrom(given: Certificates, at: (path: string) => string): Certificates {
  return given && { ca: at(given.ca), cert: at(given.cert), key: at(given.key) };
}

function authFrom(
  auth: NonNullable<TopologySpec["auth"]>,
  secret: <P extends PasswordSpec | undefined>(given: P) => P,
): NonNullable<TopologySpec["auth"]> {
  const sentinelPassword = secret(auth.sentinelPassword);
  if ("password" in auth) return { password: secret(auth.password), sentinelPassword };
  const { application, replication, sentinel } = auth.users;
  const of = (user: typeof application) => ({ ...user, password: secret(user.password) });
  const users = { application: of(application), replication: of(replication), sentinel: of(sentinel) };
  return { users, sentinelPassword };
}
