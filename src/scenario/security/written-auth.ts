import { configAuth, withoutAuth } from "../../topology/config-auth.ts";
import type { PasswordSpec } from "../../topology/security-spec.ts";
import type { TopologySpec } from "../../topology/spec.ts";
import { sha256 } from "./secrets.ts";

/**
 * The same topology without plain passwords, for a file that stays: where the drill makes the user, a new password each time does
 * as well; where the user's own ACL has it, the environment must tell it again.
 */
export function withoutPasswords(spec: TopologySpec): TopologySpec {
  const config = configAuth(spec.config);
  if (!config && !spec.auth) return spec;
  const own = config !== undefined && (config.users.length > 0 || config.aclfile !== undefined);
  if (config && !own) {
    if (config.primaryuser !== undefined) return spec;
    return {
      ...spec,
      config: withoutAuth(spec.config),
      auth: { ...hidden(spec.auth, false), password: true },
    } as TopologySpec;
  }
  const auth = spec.auth && hidden(spec.auth, own);
  if (!own || !config || config.users.length === 0) return { ...spec, auth };
  const user = config.users.map((line) =>
    line.replaceAll(/(^|\s)>(\S+)/g, (_, gap, word) => `${gap}#${sha256(word)}`),
  );
  return {
    ...spec,
    auth,
    config: { ...spec.config, user: user.length === 1 ? (user[0] as string) : user },
  } as TopologySpec;
}

function hidden(auth: TopologySpec["auth"], own: boolean): TopologySpec["auth"] {
  if (!auth) return undefined;
  const sentinelPassword = auth.sentinelPassword === undefined ? undefined : masked(auth.sentinelPassword);
  if ("password" in auth) return { password: masked(auth.password), sentinelPassword };
  const users = Object.fromEntries(
    Object.entries(auth.users).map(([job, user]) => {
      if (user.password === undefined) return [job, user];
      const elsewhere = { env: `VALKEY_DRILL_${job.toUpperCase()}_PASSWORD` };
      return [job, { ...user, password: masked(user.password, own ? elsewhere : true) }];
    }),
  );
  return { users: users as typeof auth.users, sentinelPassword };
}

function masked(given: PasswordSpec, instead: PasswordSpec = true): PasswordSpec {
  return typeof given === "string" ? instead : given;
}
