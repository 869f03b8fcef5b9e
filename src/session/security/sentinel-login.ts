import type { Credentials } from "../../model/access.ts";
import { DrillError } from "../../model/errors.ts";
import { sha256 } from "../../scenario/security/secrets.ts";
import { wordOf } from "../../topology/config-auth.ts";
import type { TopologySpec } from "../../topology/spec.ts";
import type { GivenUser } from "./given-users.ts";

/*
 * What a sentinel.conf says of passwords: `sentinel auth-user` and `auth-pass`, with which Sentinels log in at data
 * nodes, and `requirepass`, which they ask for themselves.
 */

const PLACE = "topology.sentinelConfig";
const HINT = "A Sentinel that cannot log in takes every node for down, and promotes nobody.";

/** How Sentinels log in at data nodes; `undefined`: nothing is said. Without a password they do not log in at all. */
export function givenSentinelCalls(spec: TopologySpec): Credentials | undefined {
  const password = last(spec, "auth-pass");
  const user = last(spec, "auth-user");
  return password ? { ...(user && { user }), password } : undefined;
}

/** What Sentinels ask for; `undefined`: nothing. */
export function givenSentinelPassword(spec: TopologySpec): string | undefined {
  return last(spec, "requirepass") || undefined;
}

/**
 * The same where the nodes have one password.
 *
 * @throws DrillError `BAD_SCENARIO` if the Sentinels could not log in with it
 */
export function sentinelCallsByPassword(spec: TopologySpec, requirepass: string): Credentials {
  const calls = givenSentinelCalls(spec);
  if (!calls || requirepass === "") return { password: requirepass };
  if (calls.user !== undefined && calls.user !== "default") throw noUser(spec, calls.user);
  if (calls.password === requirepass) return calls;
  throw new DrillError(
    "BAD_SCENARIO",
    `${placeOf(spec, "auth-pass")}: the Sentinels would log in with another password than requirepass asks for`,
    { hint: HINT },
  );
}

/**
 * The same where there are users; `undefined`: nothing is said.
 *
 * @throws DrillError `BAD_SCENARIO` if the Sentinels could not log in with it
 */
export function sentinelCallsByUser(
  spec: TopologySpec,
  given: readonly GivenUser[],
): Credentials | undefined {
  const calls = givenSentinelCalls(spec);
  if (!calls) return undefined;
  const { user = "default", password } = calls;
  const found = given.find(({ name }) => name === user);
  if (!found && user === "default") return calls; // it is there without a line, too
  if (!found) throw noUser(spec, user);
  const { rules } = found;
  if (["nopass", `>${password}`, `#${sha256(password)}`].some((rule) => rules.includes(rule))) return calls;
  throw new DrillError(
    "BAD_SCENARIO",
    `${placeOf(spec, "auth-pass")}: the Sentinels would log in as ${user} with another password than its own`,
    { hint: HINT },
  );
}

function noUser(spec: TopologySpec, user: string): DrillError {
  return new DrillError(
    "BAD_SCENARIO",
    `${placeOf(spec, "auth-user")}: the Sentinels would log in as ${user}, and no node has a user of that name`,
    { hint: HINT },
  );
}

/** Where it stands: in a file, if it came from one. */
function placeOf({ origin }: TopologySpec, name: string): string {
  const isIt = (line: string) => line.startsWith(`sentinel ${name} `);
  const [, place] = [...(origin?.places ?? [])].findLast(([line]) => isIt(line)) ?? [];
  return place ?? `${PLACE}.${name}`;
}

/** Of a directive that is given twice the last counts. */
function last(spec: TopologySpec, name: string): string | undefined {
  if (spec.kind !== "ha") return undefined;
  return wordOf(spec.sentinelConfig?.[name]);
}
