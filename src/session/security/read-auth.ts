import { readFile } from "node:fs/promises";
import type { Credentials } from "../../model/access.ts";
import { DrillError, messageOf } from "../../model/errors.ts";
import { newPassword, passwordOf, sha256 } from "../../scenario/security/secrets.ts";
import { type ConfigAuth, configAuth, placeOf, placesOf, wordOf } from "../../topology/config-auth.ts";
import { splitWords } from "../../topology/config-file.ts";
import type { Directives } from "../../topology/config-text.ts";
import type { AuthPlan } from "../../topology/security.ts";
import type { UserSpec } from "../../topology/security-spec.ts";
import { replicaCounts, type TopologySpec } from "../../topology/spec.ts";
import {
  ADMIN_RULES,
  ADMIN_USER,
  AT_SENTINELS_RULES,
  rulesOf,
  type UserJob,
  userLine,
} from "../../topology/users.ts";
import { type GivenUser, givenUsers, passwordIn, type UserLine } from "./given-users.ts";

const AUTH = "topology.auth";
/** Nobody is asked: what `Credentials` say where the default user needs no password. */
const NOBODY: Credentials = { password: "" };

const asked = (login: Credentials) => (login.user === undefined && login.password === "" ? undefined : login);

/** What a spec says of passwords and users, passwords read; `undefined`: everybody may do everything. */
export async function readAuth(spec: TopologySpec, syncSlots = false): Promise<AuthPlan | undefined> {
  const config = configAuth(spec.config);
  if (config && (config.users.length > 0 || config.aclfile !== undefined))
    return await withOwnUsers(spec, config, syncSlots);
  if (spec.auth && "users" in spec.auth) return await withUsers(spec, [], { inAclFile: false, syncSlots });
  if (config) {
    refuseBoth(spec);
    return await onePassword(spec, config.requirepass ?? "", checkedReplication(spec, config));
  }
  if (spec.auth) {
    const password = await passwordOf(spec.auth.password, `${AUTH}.password`);
    return await onePassword(spec, password, { password });
  }
  return (await sentinelOf(spec)) === undefined ? undefined : await onePassword(spec, "", NOBODY);
}

async function onePassword(
  spec: TopologySpec,
  password: string,
  replication: Credentials,
): Promise<AuthPlan> {
  const login = asked({ password });
  const sentinelPassword = await sentinelOf(spec);
  const sentinel = sentinelPassword === undefined ? undefined : { password: sentinelPassword };
  return {
    data: { admin: login, application: login },
    ...(sentinel && { sentinel: { admin: sentinel, application: sentinel } }),
    replication,
    sentinelCalls: callsOf(spec) ?? { password },
    users: [],
    inAclFile: false,
    ...(password !== "" && { requirepass: password }),
    sentinelRequirepass: sentinelPassword,
    sentinelUsers: [],
  };
}

/** What the Sentinels themselves ask for. */
async function sentinelOf(spec: TopologySpec): Promise<string | undefined> {
  const { auth } = spec;
  if (auth?.sentinelPassword === undefined) return configAuth(ofSentinel(spec))?.requirepass;
  return await passwordOf(auth.sentinelPassword, `${AUTH}.sentinelPassword`);
}

/** By whom `sentinelConfig` has them call data nodes, if it says so. */
function callsOf(spec: TopologySpec): Credentials | undefined {
  const { "auth-user": user, "auth-pass": password } = ofSentinel(spec);
  return password === undefined ? undefined : { user: wordOf(user), password: wordOf(password) ?? "" };
}

const ofSentinel = (spec: TopologySpec): Directives => (spec.kind === "ha" && spec.sentinelConfig) || {};

/** `requirepass` alone leaves the replicas outside: their links would never come up. */
function checkedReplication(
  spec: TopologySpec,
  { requirepass = "", primaryauth = "", primaryuser }: ConfigAuth,
) {
  const alone = spec.kind === "ha" ? spec.replicas === 0 : replicaCounts(spec).every((count) => count === 0);
  if (primaryauth !== requirepass && !alone) {
    const place = placeOf(spec, primaryauth === "" ? "requirepass" : "primaryauth");
    const what =
      primaryauth === ""
        ? "the nodes ask for a password, and nothing tells it to the replicas"
        : "the replicas would log in with another password than requirepass asks for";
    throw new DrillError("BAD_SCENARIO", `${place}: ${what}: their links would never come up`, {
      hint: "Set masterauth to the same password, or write auth: { password: … } in place of both.",
    });
  }
  return { user: primaryuser, password: primaryauth };
}

function refuseBoth(spec: TopologySpec): void {
  if (spec.auth === undefined || configAuth(spec.config)?.requirepass === undefined) return;
  const place = placeOf(spec, "requirepass");
  throw new DrillError("BAD_SCENARIO", `${place}: auth.password says it as well`, {
    hint: "Write one of them.",
  });
}

/** The user's own lines, and whoever of ours is not among them. */
async function withOwnUsers(spec: TopologySpec, config: ConfigAuth, syncSlots: boolean): Promise<AuthPlan> {
  if (config.aclfile !== undefined && config.users.length > 0)
    throw new DrillError("BAD_SCENARIO", `${placeOf(spec, "aclfile")}: Valkey takes either user or aclfile`, {
      hint: "Move the lines of user into the file.",
    });
  const lines =
    config.aclfile === undefined ? linesIn(spec, config.users) : await aclLines(spec, config.aclfile);
  return await withUsers(spec, givenUsers(lines), { inAclFile: config.aclfile !== undefined, syncSlots });
}

function linesIn(spec: TopologySpec, users: readonly string[]): UserLine[] {
  const places = placesOf(spec, "user");
  return users.map((line, index) => ({
    line,
    place: places[index] as string,
    words: splitWords(line)?.map(({ text }) => text) ?? [],
  }));
}

/** Of a file of its own, in which quotes mean nothing. */
async function aclLines(spec: TopologySpec, path: string): Promise<UserLine[]> {
  const file = placeOf(spec, "aclfile");
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new DrillError("BAD_SCENARIO", `${file}: ${messageOf(cause)}`, { cause });
  });
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ line: line.trim(), place: `${file}, line ${index + 1}` }))
    .filter(({ line }) => line !== "" && !line.startsWith("#"))
    .map(({ line, place }) => {
      const user = line.replace(/^user\s+/, "");
      return { line: user, place, words: user.split(/\s+/) };
    });
}

async function withUsers(
  spec: TopologySpec,
  given: readonly GivenUser[],
  { inAclFile, syncSlots }: { readonly inAclFile: boolean; readonly syncSlots: boolean },
): Promise<AuthPlan> {
  const users = spec.auth && "users" in spec.auth ? spec.auth.users : undefined;
  const admin: Credentials = { user: ADMIN_USER, password: newPassword() };
  const lines = given.map(({ line }) => line);
  const own = async (job: UserJob): Promise<Credentials> => {
    const wanted = users?.[job];
    if (!wanted) return unasked(job, given, spec);
    const { login, line } = await userOf(spec, job, wanted, given, syncSlots);
    if (line !== undefined) lines.push(line);
    return login;
  };
  const application = await own("application");
  const replication = await own("replication");
  const sentinelCalls = spec.kind === "ha" ? await own("sentinel") : NOBODY;
  if (given.length === 0) lines.unshift("default off nopass -@all resetkeys resetchannels");
  lines.push(userLine(admin.user as string, sha256(admin.password), ADMIN_RULES));
  const requirepass = configAuth(spec.config)?.requirepass;
  const sentinelPassword =
    (await sentinelOf(spec)) ?? (users && spec.kind === "ha" ? newPassword() : undefined);
  const atSentinels = application.user === undefined ? { password: sentinelPassword ?? "" } : application;
  const bySentinels = sentinelPassword !== undefined && application.user !== undefined;
  return {
    data: { admin, application: asked(application) },
    ...(sentinelPassword !== undefined && {
      sentinel: { admin: { password: sentinelPassword }, application: atSentinels },
    }),
    replication,
    sentinelCalls,
    users: lines,
    inAclFile,
    ...(requirepass !== undefined && { requirepass }),
    sentinelRequirepass: sentinelPassword,
    sentinelUsers: bySentinels
      ? [userLine(application.user as string, sha256(application.password), AT_SENTINELS_RULES)]
      : [],
  };
}

/** A user by its job: one of the given lines, or one that we make. */
async function userOf(
  spec: TopologySpec,
  job: UserJob,
  wanted: UserSpec,
  given: readonly GivenUser[],
  syncSlots: boolean,
): Promise<{ login: Credentials; line?: string }> {
  const place = `${AUTH}.users.${job}`;
  const name = wanted.name ?? job;
  const found = given.find((one) => one.name === name);
  if (found) {
    if (wanted.rules !== undefined)
      throw new DrillError("BAD_SCENARIO", `${place}.rules: ${found.place} has rules for ${name} already`);
    const known =
      wanted.password === undefined
        ? passwordIn(found)
        : await passwordOf(wanted.password, `${place}.password`);
    if (known !== undefined) return { login: { user: name, password: known } };
    throw new DrillError("BAD_SCENARIO", `${place}: nothing tells the password of ${name}`, {
      hint: `${found.place} has only its hash. Add password: … here.`,
    });
  }
  const password = await passwordOf(wanted.password, `${place}.password`);
  const rules = wanted.rules ?? rulesOf(job, spec.kind, { syncSlots });
  return { login: { user: name, password }, line: userLine(name, sha256(password), rules) };
}

/** Who it is where nothing says so: as the servers themselves take it. */
function unasked(job: UserJob, given: readonly GivenUser[], spec: TopologySpec): Credentials {
  const config = configAuth(spec.config);
  if (job === "replication" && config?.primaryauth !== undefined)
    return { user: config.primaryuser, password: config.primaryauth };
  const calls = job === "sentinel" ? callsOf(spec) : undefined;
  if (calls) return calls;
  const byDefault = given.find(({ name }) => name === "default");
  if (config?.requirepass !== undefined) return { password: config.requirepass };
  const password = byDefault ? passwordIn(byDefault) : "";
  if (password !== undefined && byDefault?.isOff !== true) return { password };
  throw new DrillError("BAD_SCENARIO", `${byDefault?.place}: nothing tells which user is for ${job}`, {
    hint: `The default user is off. Name one: auth: { users: { ${job}: { name: …, password: … } } }`,
  });
}
