import { describe, expect, it } from "vitest";
import type { TopologyView } from "../observe/view.ts";
import { planOf, viewOf } from "../scenario/plans.test-data.ts";
import type { Drill } from "./drill.ts";
import { stepRun } from "./step-runs.ts";

describe("await", () => {
  const plan = planOf({ kind: "ha", replicas: 1, sentinels: 1 });
  const whole = viewOf(plan);
  const twoPrimaries = viewOf(plan, { "replica-1": { role: "primary" } });
  /** What it sees on its own is `view`; a look shows `then`. */
  const drillThatSees = (view: TopologyView, then: TopologyView) => {
    const session = {
      plan,
      view,
      faults: { all: [] },
      now: () => 0,
      signal: new AbortController().signal,
      look: async () => {
        session.view = then;
      },
    };
    return { session } as unknown as Drill;
  };
  const rejoined = { condition: "rejoined", within: 50 } as const;

  it("takes what it sees after it began, not what was seen before a fault took effect", async () => {
    const drill = drillThatSees(whole, twoPrimaries);
    await expect(stepRun("await")(drill, rejoined)).rejects.toThrow("2 of 1 primaries");
  });

  it("ends at once if it holds by then", async () => {
    const drill = drillThatSees(twoPrimaries, whole);
    await expect(stepRun("await")(drill, rejoined)).resolves.toBe("primary primary");
  });
});
