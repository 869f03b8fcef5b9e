import type { Operation } from "../history/operations.ts";
import { dueAt, isBad } from "../service/operation.ts";
import type { Answers } from "./answer-span.ts";
import { type Facts, type FaultWindow, shardOfNode } from "./facts.ts";
import { sentinelsOf } from "./not-promoted/sentinel-reports.ts";
import { sentinelAnswersAt } from "./not-promoted/spans.ts";
import { type Kind, streamsOf } from "./observed-by.ts";
import { promotionsSeen } from "./promotions-seen.ts";
import { isOfHit } from "./shards-hit.ts";
import type { Span } from "./span.ts";
import { statedRefusals } from "./stated-refusals.ts";

/**
 * Errors with which a server, or the want of one, keeps a client from being served, whichever way the client goes about it. All
 * others are about the way from the client to a server.
 */
const BY_SERVERS: ReadonlySet<string> = new Set([
  "NOREPLICAS",
  "CLUSTERDOWN",
  "LOADING",
  "MASTERDOWN",
  "READONLY",
  "TRYAGAIN",
  "MISCONF",
  "OOM",
  "BUSY",
  "MAXCLIENTS",
]);

/** In place of an error of the client's own: there was no Sentinel that it could have asked. */
export const NO_SENTINEL = "NO-SENTINEL";

/** What was asked was done, but later than an outage allows: whoever was busy, the client had found the node. */
export const LATE = "late answer";

/** Of a client that was sent from node to node, what the last of them answered. */
const LAST_OF_MANY = /: (TRYAGAIN|LOADING|CLUSTERDOWN)\b/;

/** Answers of another kind between two alike do not part them if they lasted no longer. */
const BETWEEN_NS = 200e6;
/** A shorter time is no step of its own. */
const STEP_NS = 50e6;

/**
 * The times in which the servers refused what the probe sent to the shards that were hit, in order, or said of themselves that they
 * take nothing. An answer of theirs outweighs what
 * the client said in between, for a moment.
 *
 * @param span from the last that is known of the servers otherwise to the end of the outage
 */
export function serverAnswers(facts: Facts, fault: FaultWindow, kind: Kind, span: Span): Answers[] {
  const runs: { class: string | undefined; from: number; to: number; count: number; node?: string }[] = [];
  for (const operation of endedIn(facts, fault, kind, span)) {
    const at = operation.completedAt as number;
    const cause = classOf(facts, operation, at);
    const last = runs.at(-1);
    if (last && last.class === cause) {
      last.to = at;
      last.count += 1;
      last.node = operation.node ?? last.node;
    } else {
      // Who answered late had it from when it was sent.
      const from = cause === LATE ? Math.max(span.from, dueAt(operation)) : at;
      runs.push({ class: cause, from, to: at, count: 1, node: operation.node });
    }
  }
  const refused = runs.filter((run): run is Answers => run.class !== undefined);
  const stated = statedRefusals(facts, fault, span);
  return joined([...refused, ...stated].toSorted((a, b) => a.from - b.from)).filter(
    (answers) => answers.to - answers.from >= STEP_NS && !isStaleRoute(facts, answers),
  );
}

/** A replica refused writes while another node was a primary in its place: the client could have asked for that one. */
function isStaleRoute(facts: Facts, { class: code, node, from }: Answers): boolean {
  if (code !== "READONLY") return false;
  return promotionsSeen(facts).some(
    ({ to, shard, at }) => to !== node && at <= from && (!node || shard === shardOfNode(facts, node)),
  );
}

/** Those alike that follow upon each other are one, unless something else lasted in between. */
function joined(runs: readonly Answers[]): Answers[] {
  const found: Answers[] = [];
  for (const run of runs) {
    const last = found.at(-1);
    if (last?.class === run.class && run.from - last.to <= BETWEEN_NS) {
      const node = run.node ?? last.node;
      const to = Math.max(last.to, run.to);
      const count = last.count + run.count;
      const stated = count === 0 ? last.stated : undefined;
      found[found.length - 1] = { ...last, to, count, node, stated };
    } else if (!last || run.to > last.to) {
      found.push({ ...run, from: Math.max(run.from, last?.to ?? 0) }); // what two kept from being done counts once
    }
  }
  return found;
}

function endedIn(facts: Facts, fault: FaultWindow, kind: Kind, { from, to }: Span): Operation[] {
  const ofHit = isOfHit(facts, fault);
  return streamsOf(facts)
    [kind].operations.filter(
      (operation) =>
        isBad(operation) &&
        operation.completedAt !== undefined &&
        operation.completedAt > from &&
        operation.completedAt < to &&
        ofHit(operation),
    )
    .toSorted((a, b) => (a.completedAt as number) - (b.completedAt as number));
}

function classOf(facts: Facts, { outcome, error }: Operation, at: number): string | undefined {
  if (outcome === "ok") return LATE;
  if (error === undefined) return undefined;
  const told = error.class === "REDIRECTIONS" ? LAST_OF_MANY.exec(error.message)?.[1] : error.class;
  if (told !== undefined && (BY_SERVERS.has(told) || told === NO_SENTINEL)) return told;
  const sentinels = sentinelsOf(facts);
  const noneAnswers = sentinels.length > 0 && sentinels.every((name) => !sentinelAnswersAt(facts, name, at));
  return noneAnswers ? NO_SENTINEL : undefined;
}
