import { SENT_TO_PROMOTE } from "../base/sent-to-promote.ts";
import { pause } from "../base/wait.ts";
import type { TopologyEvent } from "../model/event.ts";
import type { NodeSettingData, ObservationName, Observed } from "../model/observed.ts";
import type { Plan } from "../model/plan.ts";
import type { AdminPool } from "../valkey/admin-pool.ts";
import { parseCounters } from "../valkey/replies.ts";
import type { Look } from "./look.ts";

/** How often each Sentinel is asked. */
const ASK_EVERY_MS = 500;
/** One that does not answer within this time is not reachable. */
const ASK_MS = 400;

type Tell = <Name extends ObservationName>(name: Name, data: Observed[Name]) => void;

/** Writes down what later tells why nobody was promoted. */
export interface DiagnosisWatch {
  /** Takes a look at a node. */
  seen(node: string, look: Look): void;
  /** Takes an event that was recorded. */
  heard(event: Pick<TopologyEvent, "event" | "detail">): void;
  /** Asks every Sentinel again and again, until the signal aborts. */
  askSentinels(signal: AbortSignal): Promise<void>;
}

/**
 * - `node-setting`: the priority of each replica, and in a cluster who must not fail over, by the nodes' own account
 * - `process-began`: a node is another process than before
 * - `commands-missing`: commands of Sentinel that a node does not know, since they were renamed
 * - `sentinel-quorum`: what each Sentinel says of its quorum, and whether it answers
 * - `refusals`: the errors that the nodes have answered with, when a Sentinel gave up a promotion
 */
export async function watchForDiagnosis(
  plan: Plan,
  admins: AdminPool,
  now: () => number,
  tell: Tell,
): Promise<DiagnosisWatch> {
  const [servers, sentinels] = (["server", "sentinel"] as const).map((program) =>
    plan.nodes.filter((node) => node.program === program).map(({ name }) => name),
  ) as [string[], string[]];
  const known = new Map<string, string>();
  const pending = new Set<Promise<unknown>>();
  const isNews = (key: string, value: string) => {
    if (known.get(key) === value) return false;
    known.set(key, value);
    return true;
  };
  const sets = (node: string, setting: NodeSettingData["setting"], value: string | undefined) => {
    if (value !== undefined && isNews(`${node} ${setting}`, value))
      tell("node-setting", { at: now(), node, setting, value });
  };

  async function missing(node: string): Promise<void> {
    const reply = await admins.of(node).call(["COMMAND", "INFO", ...SENT_TO_PROMOTE], ASK_MS);
    if (!Array.isArray(reply)) return;
    const commands = SENT_TO_PROMOTE.filter((_, index) => reply[index] === null);
    if (commands.length > 0) tell("commands-missing", { at: now(), node, commands });
  }

  async function refusals(node: string): Promise<void> {
    const counted = parseCounters(await admins.of(node).call(["INFO", "errorstats"], ASK_MS));
    const errors = Object.fromEntries(
      Object.entries(counted).map(([name, count]) => [name.replace("errorstat_", ""), count]),
    );
    tell("refusals", { at: now(), node, errors });
  }

  async function quorum(sentinel: string): Promise<void> {
    const ask = ["SENTINEL", "CKQUORUM", plan.sentinelGroup ?? ""];
    const [said] = await admins
      .of(sentinel)
      .replies([ask], ASK_MS)
      .catch(() => []); // it does not answer: that is what is told
    const words = said instanceof Error ? said.message : said === undefined ? undefined : String(said);
    if (!isNews(`${sentinel} quorum`, words ?? "")) return;
    tell("sentinel-quorum", { at: now(), sentinel, reachable: words !== undefined, said: words });
  }

  /** Who cannot be asked tells nothing, and nothing is concluded from it. */
  const askAll = (ask: (node: string) => Promise<void>) =>
    Promise.all(servers.map((node) => ask(node).catch(() => {})));

  if (sentinels.length > 0) await askAll(missing);
  return {
    seen: (node, { written, priority, cluster }) => {
      const before = known.get(`${node} process`);
      if (written && isNews(`${node} process`, written.runId) && before !== undefined)
        tell("process-began", { at: now(), node });
      sets(node, "replica-priority", priority);
      const own = cluster.find(({ myself }) => myself);
      sets(node, "cluster-replica-no-failover", own && (own.noFailover ? "yes" : "no"));
    },
    heard: ({ event, detail = "" }) => {
      if (event !== "sentinel" || !detail.startsWith("-failover-abort-slave-timeout ")) return;
      const asked: Promise<unknown> = askAll(refusals).finally(() => pending.delete(asked));
      pending.add(asked);
    },
    askSentinels: async (signal) => {
      while (!signal.aborted && sentinels.length > 0) {
        await Promise.all(sentinels.map(quorum));
        await pause(ASK_EVERY_MS, signal).catch(() => {}); // stopping: the loop's own condition ends it
      }
      await Promise.all(pending);
    },
  };
}
