import type { Observed } from "../model/observed.ts";
import { type Checker, plural } from "./checker.ts";
import { measured, ran } from "./workloads.ts";

/** Were the reads that were meant for replicas answered rightly, and by replicas, by the servers' own counts? */
export const replicaReads: Checker = {
  name: "replica-reads",
  summary: "reads meant for replicas were answered rightly, and by replicas, by the servers' own counts",
  applies: (facts) => ran(facts, "replica-reads") || facts.observations("replica-reads").length > 0,
  requires: (facts) => {
    const rounds = facts.observations("replica-reads");
    return [measured("replica-reads", sum(rounds.map(({ reads }) => reads)), "read")];
  },
  check(facts) {
    const rounds = facts.observations("replica-reads");
    const reads = sum(rounds.map((round) => round.reads));
    const matched = sum(rounds.map((round) => round.matched));
    const byReplicas = sum(rounds.flatMap((round) => gets(round, "replica")));
    const evidence = { rounds };
    if (matched < reads) {
      return {
        verdict: "fail",
        summary: `${reads - matched} of ${plural(reads, "replica read")} were not answered with the value written`,
        evidence: { reason: "wrong-reply", ...evidence },
      };
    }
    if (byReplicas < reads) {
      return {
        verdict: "fail",
        summary: `the replicas counted ${byReplicas} of ${plural(reads, "read")}: the others went elsewhere`,
        evidence: { reason: "not-served-by-replicas", ...evidence },
      };
    }
    return {
      verdict: "pass",
      summary: `${plural(reads, "read")} answered, all by replicas (their own count)`,
      evidence,
    };
  },
};

function gets(round: Observed["replica-reads"], role: string): number[] {
  return Object.values(round.servedBy).flatMap((node) => (node.role === role ? [node.gets] : []));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
