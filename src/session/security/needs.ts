import type { TopologyKind } from "../../model/plan.ts";
import type { AuthPlan } from "../../topology/security.ts";
import type { UserJob } from "../../topology/users.ts";

/** What a user must be able to do, or a drill measures nothing but its ACL. */
export interface Need {
  readonly job: UserJob;
  readonly user: string;
  readonly command: readonly string[];
  /** The rule that mends it. */
  readonly rule: string;
}

/** Keys of drills begin with the names of workloads. */
const KEY = "unique:drill:1";

const APPLICATION: readonly (readonly string[])[] = [
  ["SET", KEY, "1"],
  ["GET", KEY],
];
const IN_A_CLUSTER: readonly (readonly string[])[] = [["CLUSTER", "SLOTS"]];
const REPLICATION: readonly (readonly string[])[] = [
  ["PING"],
  ["REPLCONF", "ACK", "0"],
  ["PSYNC", "?", "-1"],
];
/** https://valkey.io/topics/acl: "ACL rules for Sentinel and Replicas". */
const SENTINEL: readonly (readonly string[])[] = [
  ["PING"],
  ["INFO"],
  ["ROLE"],
  ["MULTI"],
  ["EXEC"],
  ["SLAVEOF", "NO", "ONE"],
  ["CONFIG", "REWRITE"],
  ["CLIENT", "SETNAME", "sentinel"],
  ["CLIENT", "KILL", "TYPE", "normal"],
  ["SCRIPT", "KILL"],
  ["SUBSCRIBE", "__sentinel__:hello"],
  ["PUBLISH", "__sentinel__:hello", "1"],
];

/** Of all users that are called by a name. */
export function needsOf(auth: AuthPlan, kind: TopologyKind): Need[] {
  const jobs = [
    [
      "application",
      auth.data.application,
      kind === "cluster" ? [...APPLICATION, ...IN_A_CLUSTER] : APPLICATION,
    ],
    ["replication", auth.replication, REPLICATION],
    ["sentinel", auth.sentinelCalls, kind === "ha" ? SENTINEL : []],
  ] as const;
  return jobs.flatMap(([job, login, commands]) =>
    commands.flatMap((command): Need[] => {
      const user = login?.user ?? (auth.users.length > 0 ? "default" : undefined);
      return user === undefined ? [] : [{ job, user, command, rule: ruleOf(command) }];
    }),
  );
}

function ruleOf([name = "", sub = ""]: readonly string[]): string {
  const container = ["CONFIG", "CLIENT", "SCRIPT", "CLUSTER"].includes(name);
  const command = `+${name.toLowerCase()}${container ? `|${sub.toLowerCase()}` : ""}`;
  if (name === "SET" || name === "GET") return `${command} ~*`;
  return name === "SUBSCRIBE" || name === "PUBLISH" ? `${command} &*` : command;
}
