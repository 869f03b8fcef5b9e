import { type Checker, duration, plural } from "./checker.ts";
import { measured, ran, UNMEASURED } from "./workloads.ts";

/** How many writes went through at most? A measure: no number of it is too small, but none at all shows nothing. */
export const throughput: Checker = {
  name: "throughput",
  summary: "how many writes went through with as many under way as the scenario says",
  applies: (facts) => ran(facts, "throughput") || facts.observations("throughput").length > 0,
  requires: (facts) => {
    const rounds = facts.observations("throughput");
    const fewest = Math.min(...rounds.map(({ perSecond }) => perSecond));
    return [measured("throughput", rounds.length === 0 ? 0 : fewest, "acknowledged write")];
  },
  figures(facts) {
    const [throughput] = facts.observations("throughput");
    return throughput ? { throughput } : {};
  },
  check(facts) {
    const rounds = facts.observations("throughput");
    if (rounds.length === 0) return UNMEASURED;
    const told = rounds.map(({ perSecond, connections, pipeline, p99Ms, errors }) => {
      const late = p99Ms === null ? "" : `, 99% within ${duration(p99Ms)}`;
      const failed = errors === 0 ? "" : `, ${plural(errors, "error")}`;
      return `${plural(perSecond, "write")} a second, ${connections * pipeline} under way${late}${failed}`;
    });
    return { verdict: "pass", summary: told.join("; "), evidence: { rounds } };
  },
};
