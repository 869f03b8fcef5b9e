import type { Patience } from "../library.ts";

type Options = Readonly<Record<string, unknown>>;

/** Defaults of the family, by the README of each. */
const RETRIES = 20;
const REDIRECTIONS = 16;
const REDIRECTION_DELAY_MS = 100;
const retryDelay = (times: number) => Math.min(times * 50, 2000);

/** How long a call is tried while the primary is away: the first of these that ends it. */
export function familyPatience(kind: "ha" | "cluster", options: Options): Patience {
  const given = kind === "ha" ? options : { ...(options.redisOptions as Options | undefined), ...options };
  const { commandTimeout } = given;
  const tries = kind === "ha" ? sentinelPatience(given) : clusterPatience(given);
  return typeof commandTimeout === "number" && commandTimeout < tries.ms
    ? { ms: commandTimeout, setting: "commandTimeout", value: String(commandTimeout) }
    : tries;
}

function sentinelPatience({ maxRetriesPerRequest = RETRIES, retryStrategy = retryDelay }: Options): Patience {
  const setting = "maxRetriesPerRequest";
  if (typeof maxRetriesPerRequest !== "number") return { ms: Infinity, setting, value: "null" };
  const delay = retryStrategy as (times: number) => unknown;
  let ms = 0;
  for (let times = 1; times <= maxRetriesPerRequest; times += 1) {
    const next = typeof delay === "function" ? delay(times) : undefined;
    if (typeof next !== "number") break; // it gives up
    ms += next;
  }
  return { ms, setting, value: String(maxRetriesPerRequest) };
}

function clusterPatience({
  maxRedirections = REDIRECTIONS,
  retryDelayOnFailover = REDIRECTION_DELAY_MS,
}: Options): Patience {
  const ms = Number(maxRedirections) * Number(retryDelayOnFailover);
  return {
    ms,
    setting: "maxRedirections × retryDelayOnFailover",
    value: `${maxRedirections} × ${retryDelayOnFailover}`,
  };
}
