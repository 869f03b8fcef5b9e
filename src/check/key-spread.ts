import { formatRanges, slotsIn } from "../base/ranges.ts";
import { inRanges, keySlot, SLOT_COUNT } from "../base/slots.ts";
import type { Observed } from "../model/observed.ts";
import { type Checker, plural } from "./checker.ts";
import { measured, ran, UNMEASURED } from "./workloads.ts";

/** Is every key on the shard that its slot says, by the servers' own arithmetic and by ours? */
export const keySpread: Checker = {
  name: "key-spread",
  summary:
    "every key is on the shard that its slot says, by the servers' own arithmetic; hash tags share a slot",
  applies: (facts) => ran(facts, "key-spread") || facts.observations("key-spread").length > 0,
  requires: (facts) => {
    const seen = facts.observations("key-spread").at(-1);
    return [measured("key-spread", seen?.written ?? 0, "key")];
  },
  check(facts) {
    const seen = facts.observations("key-spread").at(-1);
    if (!seen) return UNMEASURED;
    const operations = facts.operations.filter((operation) => operation.workload === "key-spread");
    const failed = operations.filter(({ outcome }) => outcome !== "ok");
    const misread = operations.filter(
      ({ f, outcome, value, result }) => f === "mget" && outcome === "ok" && value !== result,
    );
    const placed = seen.nodes.flatMap(({ node, ranges, keys }) =>
      keys.map(([key, slot]) => ({ node, ranges, key, slot })),
    );
    const slotOf = new Map(placed.map(({ key, slot }) => [key, slot]));
    const misplaced = placed.filter(({ ranges, slot }) => !inRanges(slot, ranges));
    const disputed = placed.filter(({ key, slot }) => keySlot(key) !== slot);
    const torn = seen.groups.filter((group) => new Set(group.map((key) => slotOf.get(key))).size > 1);
    const empty = seen.nodes.filter(({ keys }) => keys.length === 0).map(({ node }) => node);
    const evidence = { tables: [tableOf(seen)] };
    const fail = (reason: string, summary: string, more: object) =>
      ({ verdict: "fail", summary, evidence: { reason, ...more, ...evidence } }) as const;

    if (failed.length > 0) {
      const errors = [...new Set(failed.map(({ f, error }) => `${f}: ${error?.message}`))];
      return fail("operations-failed", `${plural(failed.length, "operation")} failed`, { errors });
    }
    if (misread.length > 0) {
      const keys = misread.map(({ key }) => key);
      return fail(
        "wrong-reply",
        `${plural(keys.length, "hash tag")} read together gave other values than were written`,
        { keys },
      );
    }
    if (placed.length !== seen.written) {
      return fail(
        "keys-missing",
        `${seen.written} keys were written, the primaries hold ${placed.length}`,
        {},
      );
    }
    if (misplaced.length > 0) {
      const keys = misplaced.map(({ key }) => key);
      return fail("keys-misplaced", `${plural(keys.length, "key")} on a shard that does not own the slot`, {
        keys,
      });
    }
    if (disputed.length > 0) {
      const keys = disputed.map(({ key }) => key);
      return fail(
        "slots-disputed",
        `client and server disagree on the slot of ${plural(keys.length, "key")}`,
        { keys },
      );
    }
    if (torn.length > 0)
      return fail("tags-torn", `${torn.length} hash tags are spread over several slots`, { groups: torn });
    if (empty.length > 0) return fail("shard-empty", `${empty.join(", ")} got no key at all`, {});
    return {
      verdict: "pass",
      summary:
        `${plural(placed.length, "key")} on the right shard; ${plural(seen.groups.length, "hash tag")} kept ` +
        `together`,
      evidence,
    };
  },
};

function tableOf(seen: Observed["key-spread"]) {
  const total = seen.nodes.reduce((sum, { keys }) => sum + keys.length, 0);
  const percent = (part: number, whole: number) => `${((part * 100) / Math.max(1, whole)).toFixed(1)} %`;
  return {
    title: "Keys by shard",
    columns: ["primary", "slots", "keys", "share of keys", "share of slots"],
    rows: seen.nodes.map(({ node, ranges, keys }) => [
      node,
      formatRanges(ranges),
      keys.length,
      percent(keys.length, total),
      percent(slotsIn(ranges), SLOT_COUNT),
    ]),
  };
}
