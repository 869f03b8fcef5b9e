import { duration } from "../checker.ts";
import type { Facts } from "../facts.ts";
import { sentinelSubject } from "../sentinel-words.ts";
import { settingAt } from "../settings.ts";
import { listed } from "./cause.ts";
import { answersAt } from "./spans.ts";

/** Why a Sentinel does not promote a replica (src/sentinel.c, `sentinelSelectReplica`). */
export interface NotGood {
  readonly replica: string;
  readonly why: "priority" | "no-answer" | "down" | "link-too-old";
  readonly text: string;
  readonly setting?: { readonly name: string; readonly value: string };
}

/**
 * A link to the primary may be down for so many times down-after-milliseconds, and for as long as the primary is down.
 */
const LINK_DOWN_TIMES = 10;

/** What is known against promoting that replica at that time; `undefined`: nothing. */
export function notGood(
  facts: Facts,
  replica: string,
  at: number,
  primaryDownSince: number,
): NotGood | undefined {
  const priority = priorityAt(facts, replica, at);
  if (priority === "0") {
    const setting = { name: "replica-priority", value: "0" };
    return { replica, why: "priority", text: "has replica-priority 0", setting };
  }
  if (!answersAt(facts, replica, at)) return { replica, why: "no-answer", text: "did not answer" };
  if (heldDown(facts, replica, at)) {
    return { replica, why: "down", text: "was held to be down by a Sentinel" };
  }
  const downAfterMs = Number(settingAt(facts, "down-after-milliseconds", at) ?? Infinity);
  const linkDownSince = linkDownSinceAt(facts, replica, at);
  const allowedNs = LINK_DOWN_TIMES * downAfterMs * 1e6 + Math.max(0, at - primaryDownSince);
  if (linkDownSince !== undefined && at - linkDownSince > allowedNs) {
    const been = duration((at - linkDownSince) / 1e6);
    return {
      replica,
      why: "link-too-old",
      text: `had had no link to the primary for ${been}, and ${duration(allowedNs / 1e6)} are allowed`,
      setting: { name: "down-after-milliseconds", value: `${downAfterMs} ms` },
    };
  }
  return undefined;
}

/** `replica-1 and replica-2 have replica-priority 0; replica-3 did not answer`. */
export function notGoodWords(all: readonly NotGood[]): string {
  const texts = [...new Set(all.map(({ text }) => text))];
  return texts
    .map((text) => {
      const names = all.filter((one) => one.text === text).map(({ replica }) => replica);
      const plural = names.length > 1;
      return `${listed(names)} ${plural ? text.replace(/^has\b/, "have").replace(/^was\b/, "were") : text}`;
    })
    .join("; ");
}

/** By its own account; where it gave none, as all were started. */
function priorityAt(facts: Facts, node: string, at: number): string | undefined {
  const told = facts
    .observations("node-setting")
    .filter((one) => one.node === node && one.setting === "replica-priority");
  return (told.findLast((one) => one.at <= at) ?? told[0])?.value ?? settingAt(facts, "replica-priority", at);
}

function heldDown(facts: Facts, replica: string, at: number): boolean {
  const held = new Map<string, boolean>();
  for (const { event, source, detail = "", at: then } of facts.topology) {
    if (event !== "sentinel" || then > at || !/^[+-]sdown slave /.test(detail)) continue;
    if (sentinelSubject(facts, detail) === replica) held.set(source, detail.startsWith("+"));
  }
  return [...held.values()].includes(true);
}

function linkDownSinceAt(facts: Facts, replica: string, at: number): number | undefined {
  const last = facts.topology.findLast(
    (event) => event.event === "link" && event.subject === replica && event.at <= at,
  );
  return last?.to === "down" ? last.at : undefined;
}
