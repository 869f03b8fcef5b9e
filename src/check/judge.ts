import { formatRanges } from "../base/ranges.ts";
import type { History, HistoryStream } from "../history/reader.ts";
import type { AppWord } from "../model/app-result.ts";
import { worstVerdict } from "../model/outcome.ts";
import { type CheckResult, RESULT_SCHEMA_VERSION, type Result, resultSchema } from "../model/result.ts";
import { acceptedOf } from "./accepted.ts";
import { appResultOf } from "./app/result.ts";
import { beforeFaultOf } from "./before-fault.ts";
import { type Accepted, type Checker, crashed, type Figures } from "./checker.ts";
import { covered } from "./coverage.ts";
import { unjudged } from "./expectations.ts";
import { type Facts, FactsFold, factsOf, type Knowledge, toMs } from "./facts.ts";
import { failoversOf, worstOf } from "./failover.ts";
import { tallyOf } from "./fates.ts";
import { damageOf, guarded, historyOf, sound } from "./integrity.ts";
import { latencyOf } from "./latency.ts";
import { disruptiveFaults } from "./losses.ts";
import type { Kind } from "./observed-by.ts";
import { listedOutages } from "./outages-listed.ts";
import { outagesOf } from "./probes.ts";
import { needlessPromotions } from "./promotions.ts";
import { redirectsOf } from "./redirects.ts";
import { CHECKERS } from "./registry.ts";
import { lengthWithin } from "./stalled-outage.ts";
import { stallsOf } from "./stalls.ts";
import { unreadLogs } from "./unread-logs.ts";
import { unreplicatedOf } from "./unreplicated.ts";

/** The whole result of a run, from its history alone. Pure: the same history gives the same result. */
export function judge(history: History, knowledge?: Knowledge): Result {
  return judgeFacts(factsOf(history, knowledge));
}

/** The same, of a history that is judged while it is read (`streamHistory`) and never held as a whole. */
export async function judgeStream(stream: HistoryStream, knowledge?: Knowledge): Promise<Result> {
  const fold = new FactsFold(knowledge);
  for await (const events of stream) for (const event of events) fold.take(event);
  return judgeFacts(fold.facts(stream.integrity));
}

/**
 * The same, of the facts of a history. Of one that was damaged nothing is judged, and nothing measured.
 *
 * @throws DrillError `BAD_RUN` if a history that nobody can verify holds what breaks a checker
 */
export function judgeFacts(facts: Facts): Result {
  return guarded(sound(facts), resultOf);
}

function resultOf(facts: Facts): Result {
  const damage = damageOf(facts);
  const said = damage.length > 0 ? [] : CHECKERS.flatMap((checker) => runChecker(checker, facts));
  const figures = said.map((one) => one.figures);
  const judging = new Set(said.map(({ checker }) => checker));
  const checks = [
    ...damage,
    ...said.map(({ check }) => check),
    ...(damage.length > 0 ? [] : [...unjudged(facts, CHECKERS, judging), ...lackingCheckers(facts.header)]),
  ];
  const { header } = facts;
  const app = appResultOf(
    facts,
    said.flatMap(({ words }) => words),
  );
  const failovers = failoversOf(facts);
  return resultSchema.parse({
    schemaVersion: RESULT_SCHEMA_VERSION,
    scenario: header.scenario,
    verdict: worstVerdict(checks.map((check) => check.verdict)),
    seed: header.seed,
    replay: header.replay,
    topology: {
      kind: header.topology.kind,
      driver: header.topology.driver,
      valkey: header.topology.valkey,
      nodes: header.topology.nodes.map(({ name, role, endpoint }) => ({
        name,
        role,
        endpoint: `${endpoint.host}:${endpoint.port}`,
      })),
    },
    client: { name: header.client.name, version: header.client.version },
    operations: countOperations(facts),
    writes: countWrites(facts),
    outage: worstOutage(facts),
    outages: listedOutages(facts),
    failover: worstOf(failovers, facts),
    failovers,
    needlessFailovers: needlessPromotions(facts).length,
    beforeFault: beforeFaultOf(facts, figures),
    shards: shardsOf(facts),
    redirects: redirectsOf(facts, figures),
    latency: latencyOf(facts.operations, facts.stalls),
    ...(app && { app }),
    checks,
    stalls: stallsOf(facts),
    unreadLogs: unreadLogs(facts, failovers),
    startedAt: header.startedAt,
    durationMs: toMs(facts.endedAt),
    accepted: acceptedOf(
      facts,
      checks,
      said.flatMap(({ accepted }) => accepted),
    ),
    replication: unreplicatedOf(facts),
    history: historyOf(facts),
  } satisfies Result);
}

/** Checkers of plugins that the run was judged by, and that are not here: what they would say is not known. */
function lackingCheckers({ plugins }: Facts["header"]): CheckResult[] {
  const here = CHECKERS.map(({ name }) => name);
  const lacking = (plugins?.checkers ?? []).filter((name) => !here.includes(name));
  const from = plugins?.paths.join(", ") || "a program";
  return lacking.map((name) => ({
    name,
    verdict: "unknown",
    summary: `this checker is not loaded: it came from ${from}; give --plugin PATH`,
    evidence: { reason: "plugin-not-loaded" },
  }));
}

/** All that a checker has to say. */
interface Said {
  readonly checker: Checker;
  readonly check: CheckResult;
  readonly figures: Figures;
  readonly accepted: readonly Accepted[];
  /** What became of the application. */
  readonly words: readonly AppWord[];
}

/** Nothing of one that does not apply. */
function runChecker(checker: Checker, facts: Facts): Said[] {
  try {
    if (!checker.applies(facts)) return [];
    const check = withoutEnd(covered(checker, facts), facts);
    const figures = checker.figures?.(facts) ?? {};
    const accepted = checker.accepted?.(facts, check.evidence) ?? [];
    return [{ checker, check, figures, accepted, words: checker.appWords?.(facts, check) ?? [] }];
  } catch (error) {
    return [{ checker, check: crashed(checker.name, error), figures: {}, accepted: [], words: [] }];
  }
}

/**
 * Of a history that breaks off (a crash, a full disk) nobody knows what came next: a promotion, the end of an outage.
 * So it fails nobody. One that was interrupted or broke has an end that says so, and is judged as it is.
 */
function withoutEnd(result: CheckResult, { complete, endReason }: Facts): CheckResult {
  if (complete || endReason !== undefined || result.verdict !== "fail") return result;
  const evidence = { ...result.evidence, reason: "history-breaks-off", otherwise: result.evidence.reason };
  return {
    ...result,
    verdict: "unknown",
    summary: `the history breaks off; until then: ${result.summary}`,
    evidence,
  };
}

function countOperations({ operations }: Facts): Result["operations"] {
  const count = { ok: 0, fail: 0, info: 0 };
  const first = operations[0]?.invokedAt ?? 0;
  let last = first;
  for (const { outcome, completedAt = 0 } of operations) {
    count[outcome] += 1;
    last = Math.max(last, completedAt);
  }
  const seconds = (last - first) / 1e9;
  const total = operations.length;
  return { total, ...count, perSecond: seconds > 0 ? Math.round(total / seconds) : 0 };
}

function countWrites(facts: Facts): Result["writes"] {
  const { acknowledged, indeterminate, fates } = tallyOf(facts);
  const { survived, lost, recovered } = fates;
  return { acknowledged, survived, lost, recovered, indeterminate };
}

function worstOutage(facts: Facts): Result["outage"] {
  const disruptive = disruptiveFaults(facts);
  const hit = outagesOf(facts, disruptive.length > 0 ? disruptive : facts.faults).filter(
    ({ group }) => group === "hit",
  );
  const worst = (kind: Kind): { ms: number | null; errorMs?: number } => {
    const measured = hit.filter((entry) => entry.measured[kind]);
    const lengths = measured.map((entry) => lengthWithin(facts, entry.fault, entry[kind]));
    if (lengths.length === 0 || lengths.some(({ stalled }) => stalled)) return { ms: null };
    return lengths.reduce((a, b) => (b.seenMs > a.seenMs ? b : a));
  };
  const [writes, reads] = [worst("writes"), worst("reads")];
  return {
    writeMs: writes.ms,
    readMs: reads.ms,
    ...(writes.errorMs && { writeErrorMs: writes.errorMs }),
    ...(reads.errorMs && { readErrorMs: reads.errorMs }),
  };
}

/** The shards as they are at the end, by the nodes' own account. */
function shardsOf(facts: Facts): Result["shards"] {
  return facts.header.topology.shards.map(({ shard, slots, primary }) => {
    const serving = facts.finalNodes.find(
      (node) => node.shard === shard && node.role === "primary" && node.slots.length > 0,
    );
    return {
      shard,
      slots: formatRanges(serving?.slots ?? slots),
      keys: serving?.keys ?? 0,
      primary: serving?.node ?? `nobody (was ${primary})`,
      replicas: facts.finalNodes
        .filter((node) => serving && node.follows === serving.node)
        .map((node) => node.node),
    };
  });
}
