/*
 * What a user may do, by its ACL rules alone: https://valkey.io/topics/acl. A server that runs is asked with `ACL
 * DRYRUN`; here nothing runs.
 */

/** A command that Sentinel sends to a data node. */
export interface SentinelCommand {
  readonly name: string;
  readonly sub?: string;
  readonly categories: readonly string[];
  /** A channel that it must be allowed to use. */
  readonly channel?: string;
}

const HELLO = "__sentinel__:hello";

/** Those without which Sentinels find nobody, or promote nobody. A test holds the categories against a real server. */
export const NEEDED_BY_SENTINEL: readonly SentinelCommand[] = [
  { name: "PING", categories: ["fast", "connection"] },
  { name: "INFO", categories: ["slow", "dangerous"] },
  { name: "PUBLISH", categories: ["pubsub", "fast"], channel: HELLO },
  { name: "SUBSCRIBE", categories: ["pubsub", "slow"], channel: HELLO },
  { name: "MULTI", categories: ["fast", "transaction"] },
  { name: "SLAVEOF", categories: ["admin", "slow", "dangerous"] },
  { name: "CONFIG", sub: "REWRITE", categories: ["admin", "slow", "dangerous"] },
  { name: "CLIENT", sub: "KILL", categories: ["admin", "slow", "dangerous", "connection"] },
  { name: "EXEC", categories: ["slow", "transaction"] },
];

/** As rules name it: `config|rewrite`. */
export function ruleName({ name, sub }: SentinelCommand): string {
  return (sub === undefined ? name : `${name}|${sub}`).toLowerCase();
}

/** The commands that those rules deny, of those that are asked for. */
export function deniedBy(rules: string, asked: readonly SentinelCommand[]): SentinelCommand[] {
  const selectors = [...rules.matchAll(/\(([^)]*)\)/g)].map(([, inner = ""]) => inner);
  const all = [rules.replaceAll(/\([^)]*\)/g, " "), ...selectors].map((text) =>
    text.split(/\s+/).filter(Boolean),
  );
  const isOff = all[0]?.findLast((rule) => /^(on|off|reset)$/i.test(rule))?.toLowerCase() !== "on";
  return asked.filter((command) => isOff || !all.some((words) => allows(words, command)));
}

/** The last rule that speaks of it counts. */
function allows(words: readonly string[], command: SentinelCommand): boolean {
  let mayDo = false;
  let mayUse = command.channel === undefined;
  for (const word of words) {
    const rule = word.toLowerCase();
    if (rule === "reset") mayDo = false;
    mayDo = saidOf(rule, command) ?? mayDo;
    if (command.channel === undefined) continue;
    if (rule === "reset" || rule === "resetchannels") mayUse = false;
    else if (rule === "allchannels" || (word.startsWith("&") && matches(word.slice(1), command.channel)))
      mayUse = true;
  }
  return mayDo && mayUse;
}

/** Is it allowed or denied by that rule? `undefined`: it does not speak of it. */
function saidOf(rule: string, command: SentinelCommand): boolean | undefined {
  if (rule === "allcommands") return true;
  if (rule === "nocommands") return false;
  const [, sign, of = ""] = /^([+-])(.+)$/.exec(rule) ?? [];
  if (sign === undefined) return undefined;
  const categories = ["all", ...command.categories].map((category) => `@${category}`);
  const names = [command.name.toLowerCase(), ruleName(command), ...categories];
  return names.includes(of) ? sign === "+" : undefined;
}

/** As the server's glob: `*` and `?`. */
function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}
