import type { Facts } from "./facts.ts";

/** The value of a server's setting at a time (ns): as it was started, or as a `set` step changed it since. */
export function settingAt(facts: Facts, name: string, at: number): string | undefined {
  let value = facts.header.topology.settings[name];
  for (const change of facts.settingChanges) {
    if (change.at <= at) value = change.settings[name] ?? value;
  }
  return value;
}

/** The setting by which the servers decide that a node is down. */
export function detectionSetting(facts: Facts): string {
  return facts.header.topology.kind === "ha" ? "down-after-milliseconds" : "cluster-node-timeout";
}

/** What follows upon the time of detection may take so long: votes, looks once a second, clients that connect again. */
const AFTER_DETECTION_MS = 2000;

/**
 * For how long an outage must have been watched before it may be said that it never ended. Of a drill that was cut short nobody waited for
 * the end: what cut it short may have come at any step of a failover.
 */
export function watchedEnoughMs(facts: Facts, at: number): number {
  return failoverTimeMs(facts, at) * (facts.complete ? 1 : CUT_SHORT);
}

const CUT_SHORT = 2;

/** How long a failover may take in all, by the settings at that time (ns). */
export function failoverTimeMs(facts: Facts, at: number): number {
  return Number(settingAt(facts, detectionSetting(facts), at) ?? 0) + AFTER_DETECTION_MS;
}
