import type { CheckResult } from "../model/result.ts";
import { type Checker, duration, plural, type Requirement } from "./checker.ts";
import { type Detached, detachedPrimaries } from "./detached.ts";
import { asks } from "./expectations.ts";
import { type Facts, shardOfNode } from "./facts.ts";
import { type FinalState, finalState } from "./final-topology.ts";
import { needlessPromotions } from "./promotions.ts";
import { settingAt } from "./settings.ts";
import { changesData, type Superseded, supersededPrimaries } from "./split-brain.ts";
import { unlessFaultsLasted, unlessStalledAtEnd } from "./unless-stalled.ts";

const START = `Add "- start: unique-writes" before the first fault, and let it run until the fault is undone`;

/** Did ever two primaries of one shard take writes? And at the end: one primary each, and all agree on it? */
export const topology: Checker = {
  name: "topology",
  summary:
    "no superseded primary took writes; at the end each shard has one primary, all slots are served, and all nodes " +
    "agree, on epochs as well",
  judges: [{ path: "splitBrain", add: START }],
  requires: splitBrainRequirements,
  applies: (facts) =>
    facts.finalNodes.length > 0 ||
    supersededPrimaries(facts).length > 0 ||
    detachedPrimaries(facts).length > 0,
  stalled(facts, found) {
    if (!OF_FAULTS.includes(String(found.evidence.reason))) return unlessStalledAtEnd(facts, found);
    // On a machine that is too busy servers take living ones for dead: what came of that is not theirs.
    return { ...unlessFaultsLasted(facts, found), holds: needlessPromotions(facts).length === 0 };
  },
  check(facts) {
    const superseded = supersededPrimaries(facts);
    const detached = detachedPrimaries(facts);
    // What a look that was interrupted did not see may be there all the same.
    const end = facts.complete && facts.finalNodes.length > 0 ? finalState(facts) : undefined;
    const evidence = {
      ...end?.evidence,
      tables: tableOf(facts, superseded),
      ...(detached.length > 0 && { detached: detached.map(detachedTold) }),
      notes: [...superseded.flatMap((one) => notesOf(facts, one)), ...(end?.notes ?? [])],
    };
    const found = splitBrainFound(facts, superseded, detached) ?? endFound(end);
    if (found) {
      const { verdict, reason, summary, more } = found;
      return { verdict, summary, evidence: { reason, ...more, ...evidence } };
    }
    const told = [...superseded.flatMap(toldOf), ...idleToldOf(superseded), ...detached.map(detachedTold)];
    const sound = [...(end?.sound ?? []), ...told];
    return { verdict: "pass", summary: sound.join("; "), evidence };
  },
};

/** What rests on how long a fault lasted. All else is what was found at the end. */
const OF_FAULTS = ["split-brain", "no-split-brain"];

/**
 * Where the scenario asks about a split brain: writes that a superseded primary could have taken. By default the nodes'
 * own word will do.
 */
function splitBrainRequirements(facts: Facts): Requirement[] {
  if (!asks(facts, "splitBrain")) return [];
  const isExpected = facts.header.expect.splitBrain === "expected";
  const superseded = supersededPrimaries(facts);
  if (superseded.length === 0 && !isExpected) return [];
  const sent = facts.operations.filter(changesData);
  const from = Math.min(...superseded.map(({ promotedAt }) => promotedAt));
  const after = superseded.length === 0 ? sent : sent.filter(({ invokedAt }) => invokedAt > from);
  const when = superseded.length === 0 ? "in this run" : "after another primary had been promoted";
  return [
    {
      reason: "no-writes-to-see-it",
      needs: `writes that were sent ${when}`,
      met: after.length > 0,
      seen: `no write was sent ${when}: nobody could see whether two primaries took writes`,
      add: START,
      before: [NO_SPLIT_BRAIN],
    },
  ];
}

/** The drill was to show one, and there was none. */
const NO_SPLIT_BRAIN = "no-split-brain";

/** A shorter time in which nothing was taken is no risk that anybody could act on. */
const WORTH_A_NOTE_MS = 1000;

interface Found {
  readonly verdict: Exclude<CheckResult["verdict"], "pass">;
  readonly reason: string;
  readonly summary: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

/** What is certain comes first, then what nobody can know. */
function splitBrainFound(
  facts: Facts,
  superseded: readonly Superseded[],
  detached: readonly Detached[],
): Found | undefined {
  const { splitBrain = {} } = facts.header.expect;
  const writes = [...superseded, ...detached].reduce((sum, one) => sum + one.writes.length, 0);
  const longestMs = Math.max(0, ...superseded.map(({ splitMs }) => splitMs), ...detached.map(writingMs));
  const limits = splitBrain === "expected" ? { writes: Infinity } : { writes: 0, ...splitBrain };
  if (writes > limits.writes || longestMs > (limits.ms ?? Infinity)) {
    const most = [plural(limits.writes, "write"), ...(limits.ms === undefined ? [] : [duration(limits.ms)])];
    const wrote = detached.filter((one) => one.writes.length > 0).map(detachedTold);
    const told = [...superseded.flatMap(toldOf), ...wrote].join("; ");
    const summary = `two primaries took writes at once: ${told} (limit: ${most.join(", ")})`;
    return { verdict: "fail", reason: "split-brain", summary };
  }
  const contradicted = superseded.find(({ own, writes }) => own.contradicts(writes));
  if (contradicted) {
    const { node, own } = contradicted;
    const summary =
      `${node} acknowledged ${plural(contradicted.writes.length, "write")} after it was superseded, ` +
      `but counted ${own.most ?? own.least} itself`;
    return { verdict: "unknown", reason: "accounts-differ", summary };
  }
  const beside = [...superseded, ...detached].filter((one) => one.unattributed.length > 0);
  const unattributed = new Set(beside.flatMap((one) => one.unattributed)).size;
  const wanted = splitBrain === "expected" && writes === 0;
  if (unattributed > 0 && (wanted || writes + unattributed > limits.writes)) {
    const names = [...new Set(beside.map(({ node }) => node))].join(", ");
    const lost = superseded.some((one) => one.unattributed.length > 0);
    const why = lost ? "had been superseded and was alive" : "called itself primary in nobody's place";
    const summary = `nobody knows who acknowledged ${plural(unattributed, "write")} while ${names} ${why}`;
    return { verdict: "unknown", reason: "writes-not-attributed", summary };
  }
  if (!wanted) return undefined;
  const summary = "no superseded primary took a write, though the drill is there to show it";
  return { verdict: "fail", reason: NO_SPLIT_BRAIN, summary };
}

function endFound(end: FinalState | undefined): Found | undefined {
  if (!end) {
    const summary = "nobody looked at all nodes at the end";
    return { verdict: "unknown", reason: "not-inspected", summary };
  }
  const [first] = end.problems;
  if (!first) return undefined;
  const more = { ...first.evidence, problems: end.problems.map(({ text }) => text) };
  return { verdict: "fail", reason: first.reason, summary: first.text, more };
}

function toldOf({ node, by, splitMs, writes }: Superseded): string[] {
  if (writes.length === 0) return [];
  const taken = plural(writes.length, "write");
  const howLong = splitMs < 1 ? "all at once" : `in ${duration(splitMs)}`;
  return [`${node} took ${taken} ${howLong} after ${by} had been promoted in its place`];
}

function detachedTold({ node, from, asPrimaryMs, writes }: Detached): string {
  const left = from === undefined ? "" : ` after it had left ${from}`;
  const taken = writes.length === 0 ? "no write" : plural(writes.length, "write");
  return `${node} called itself primary for ${duration(asPrimaryMs)}${left}, in nobody's place, and took ${taken}`;
}

/** From the first write that it took to the last. */
function writingMs({ writes }: Detached): number {
  const at = writes.map(({ completedAt = 0 }) => completedAt);
  return at.length === 0 ? 0 : (Math.max(...at) - Math.min(...at)) / 1e6;
}

/** Of those that called themselves primary beside another and took nothing; one that was dead is not worth a word. */
function idleToldOf(superseded: readonly Superseded[]): string[] {
  const idle = superseded.filter(({ asPrimaryMs, writes }) => asPrimaryMs > 0 && writes.length === 0);
  const [first, ...more] = idle;
  if (!first) return [];
  const longest = duration(Math.max(...idle.map(({ asPrimaryMs }) => asPrimaryMs)));
  const counted = idle.every(({ own }) => own.least === 0) ? ", by their own count as well" : "";
  if (more.length === 0) {
    const itsOwn = counted.replace("their", "its");
    return [
      `${first.node} called itself primary beside ${first.by} for ${longest} and took no write${itsOwn}`,
    ];
  }
  const names = idle.map(({ node }) => node).join(", ");
  return [
    `${names} called themselves primary beside the new ones for up to ${longest} and took no write${counted}`,
  ];
}

function tableOf(facts: Facts, superseded: readonly Superseded[]) {
  const acted = superseded.filter(
    ({ writes, unattributed, own }) => writes.length + unattributed.length + (own.least ?? 0) > 0,
  );
  if (acted.length === 0) return [];
  const inCluster = facts.header.topology.kind === "cluster";
  return [
    {
      title: "Primaries that another was promoted in place of",
      columns: [
        ...(inCluster ? ["shard"] : []),
        "superseded",
        "promoted",
        "both primaries for",
        "took writes for",
        "acknowledged to clients",
        "by its own count",
      ],
      rows: acted.map(({ node, by, asPrimaryMs, splitMs, writes, unattributed, own }) => [
        ...(inCluster ? [shardOfNode(facts, node) ?? ""] : []),
        node,
        by,
        duration(asPrimaryMs),
        duration(splitMs),
        range(writes.length, writes.length + unattributed.length),
        ownCount(own),
      ]),
    },
  ];
}

function ownCount({ least, most, bytes }: Superseded["own"]): string {
  if (least === undefined) return "unknown";
  const calls = `${range(least, most ?? least)} call${least === 1 && (most ?? 1) === 1 ? "" : "s"}`;
  return bytes === undefined || (most ?? least) !== least ? calls : `${calls}, ${plural(bytes, "byte")}`;
}

function range(least: number, most: number): string {
  const [from, to] = [least, most].map((count) => count.toLocaleString("en-US"));
  return least === most ? `${from}` : `${from} to ${to}`;
}

function notesOf(facts: Facts, { node, asPrimaryMs, writes, doubtful, own }: Superseded): string[] {
  const ha = facts.header.topology.kind === "ha";
  const notes: string[] = [];
  if (writes.length > 0) {
    const least = settingAt(facts, "min-replicas-to-write", writes[0]?.invokedAt ?? 0);
    const advice =
      least === "0"
        ? "; min-replicas-to-write, now 0, makes a primary refuse writes once its replicas have left it"
        : "";
    notes.push(
      `what ${node} took is lost when it becomes a replica: it copies the data of the new primary${advice}`,
    );
  } else if (asPrimaryMs >= WORTH_A_NOTE_MS) {
    const until = ha ? ", until a Sentinel made it a replica" : "";
    notes.push(
      `${node} called itself primary for ${duration(asPrimaryMs)} after another had been promoted${until}: a client ` +
        `that does not ask ${ha ? "Sentinel" : "for the slot map"} could have written to it`,
    );
  }
  const unheard = (own.least ?? 0) - writes.length;
  if (unheard > 0) {
    notes.push(
      `${node} did ${plural(own.least ?? 0, "write")} by its own count: ${unheard} of them were acknowledged to no ` +
        `client of this drill in time`,
    );
  }
  if (doubtful.length > 0) {
    notes.push(
      `${node} acknowledged ${plural(doubtful.length, "write")} right after the promotion that had been sent before ` +
        `it: those are not counted`,
    );
  }
  return notes;
}
