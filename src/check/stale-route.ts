import { type Checker, plural } from "./checker.ts";
import { sumOf } from "./redirects.ts";
import { measured, ran, UNMEASURED } from "./workloads.ts";

/** Did a client with a stale slot map follow `MOVED`, by its own count and by the servers'? */
export const staleRoute: Checker = {
  name: "stale-route",
  summary:
    "a client with a stale slot map followed MOVED: counted at the client and on the servers, values arrived",
  applies: (facts) => ran(facts, "stale-route") || facts.observations("stale-route").length > 0,
  requires: (facts) => {
    const seen = facts.observations("stale-route").at(-1);
    return [measured("stale-route", seen?.writes ?? 0, "write")];
  },
  figures(facts) {
    const all = facts.observations("stale-route");
    return {
      redirects: {
        moved: sumOf(all.map(({ clientMoved }) => clientMoved)),
        ask: sumOf(all.map(({ clientAsk }) => clientAsk)),
      },
    };
  },
  check(facts) {
    const seen = facts.observations("stale-route").at(-1);
    if (!seen) return UNMEASURED;
    const onServers = Object.values(seen.serverMoved).reduce((a, b) => a + b, 0);
    const counts = `${seen.clientMoved} counted by the client, ${onServers} by the servers`;
    const fail = (reason: string, summary: string) =>
      ({ verdict: "fail", summary, evidence: { reason, ...seen } }) as const;
    if (seen.arrived < seen.writes) {
      return fail(
        "values-missing",
        `${seen.arrived} of ${plural(seen.writes, "value")} arrived at ${seen.to}, the slot's new owner`,
      );
    }
    if (onServers === 0)
      return fail("no-redirect", "no server answered MOVED: the client's map was not stale");
    if (seen.clientMoved === null) {
      const summary =
        `the client's library does not tell its redirects; ${onServers} counted by the servers, all ` +
        `values arrived`;
      return { verdict: "unknown", summary, evidence: { reason: "not-told", ...seen } };
    }
    if (seen.clientMoved !== onServers) return fail("counts-differ", `redirects do not agree: ${counts}`);
    return {
      verdict: "pass",
      summary:
        `slot ${seen.slot} moved from ${seen.from} to ${seen.to} behind the client's back: ${onServers} ` +
        `MOVED followed (${counts}), all ${plural(seen.writes, "value")} arrived`,
      evidence: { ...seen },
    };
  },
};
