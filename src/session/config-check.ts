import type { Driver } from "../driver/driver.ts";
import { DrillError } from "../model/errors.ts";
import type { NodePlan } from "../model/plan.ts";
import { tellable } from "../topology/config-file.ts";
import { configLines } from "../topology/config-text.ts";
import { ownSentinelLines, sentinelLinesToTry } from "../topology/ha.ts";
import type { TopologySpec } from "../topology/spec.ts";
import type { ValkeyServer } from "../valkey/server.ts";
import type { Servers } from "./servers.ts";

/**
 * Do the servers take the directives that a user gave? They themselves are asked, before anything is started. A driver that cannot ask
 * leaves it to the start of the nodes.
 *
 * @throws DrillError `BAD_CONFIG` with the place and the server's own words
 */
export async function checkConfig(
  spec: TopologySpec,
  driver: Driver,
  servers: Servers = new Map(),
): Promise<void> {
  const isSentinel = (name: string) => name.startsWith("sentinel-");
  const others = (sentinel: boolean): (ValkeyServer | undefined)[] => [
    undefined,
    ...new Set([...servers].filter(([name]) => isSentinel(name) === sentinel).map(([, server]) => server)),
  ];
  const data = configLines(spec.config);
  for (const server of others(false)) await check(spec, driver, "server", data, [], server);
  if (spec.kind !== "ha" || ownSentinelLines(spec).length === 0) return;
  for (const server of others(true))
    await check(spec, driver, "sentinel", ownSentinelLines(spec), sentinelLinesToTry(spec), server);
}

async function check(
  { origin }: TopologySpec,
  driver: Driver,
  program: NodePlan["program"],
  lines: readonly string[],
  before: readonly string[],
  server: ValkeyServer | undefined,
): Promise<void> {
  if (lines.length === 0) return;
  const refusal = await driver.refusalOf?.(program, [...before, ...lines], server);
  if (!refusal) return;
  const line = lines[refusal.line - 1 - before.length] ?? before[refusal.line - 1] ?? "";
  const field = program === "sentinel" ? "topology.sentinelConfig" : "topology.config";
  const place = origin?.places.get(line) ?? field;
  throw new DrillError(
    "BAD_CONFIG",
    `${place}: the server (${refusal.version}) does not take "${tellable(line)}": ${refusal.words}`,
    { hint: "A directive of another version? --valkey chooses the server." },
  );
}
